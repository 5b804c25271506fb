"""Whether answers to a measure can be scored at all, with one fault for each thing wrong."""

from collections.abc import Iterator, Mapping
from typing import get_args

from app.clinical.measure import Answers, Item, Measure, Reason, Reasons
from app.errors import Fault

REASONS: tuple[str, ...] = get_args(Reason)
SCORED_ELSEWHERE_ONLY = (
    "This measure is scored elsewhere only: its tables are licensed. Send finished scores in place of answers."
)


def check_answers(measure: Measure, answers: Answers, reasons: Reasons, base: str = "") -> tuple[Fault, ...]:
    """Everything wrong with these answers; pointers are `{base}/answers/{item}` or `{base}/reasons/{item}`."""
    if answers and measure.scored_elsewhere_only:
        return (Fault(f"{base}/answers", "scored_elsewhere_only", SCORED_ELSEWHERE_ONLY),)
    known = {item.number: item for item in measure.items}
    return (
        *_strangers(answers, known, f"{base}/answers"),
        *_strangers(reasons, known, f"{base}/reasons"),
        *(
            fault
            for item in measure.items
            for fault in _item_faults(measure, item, answers.get(item.number), reasons.get(item.number), base)
        ),
    )


def _strangers(given: Mapping[int, object], known: Mapping[int, Item], base: str) -> Iterator[Fault]:
    for number in given:
        if number not in known:
            yield Fault(f"{base}/{number}", "unknown_item", "This measure has no item of that number.")


def _item_faults(measure: Measure, item: Item, answer: float | None, reason: str | None, base: str) -> Iterator[Fault]:
    if reason is not None and reason not in REASONS:
        yield Fault(f"{base}/reasons/{item.number}", "unknown_reason", f"A reason is one of {', '.join(REASONS)}.")
    pointer = f"{base}/answers/{item.number}"
    if answer is None:
        if reason is None and not item.optional:
            yield Fault(pointer, "missing_without_reason", f"An item without an answer needs a reason: {', '.join(REASONS)}.")
        return
    if fault := _value_fault(item, answer, pointer):
        yield fault
    elif reason is not None and not _agrees(measure, item, answer, reason):
        yield Fault(f"{base}/reasons/{item.number}", "reason_contradicts_answer", "An answered item has no reason.")


def _value_fault(item: Item, answer: float, pointer: str) -> Fault | None:
    if isinstance(answer, bool):
        return Fault(pointer, "not_a_number", "An answer is a number.")
    # Written so that NaN is out of range too.
    if not item.low <= answer <= item.high:
        return Fault(pointer, "out_of_range", f"An answer to this item lies from {item.low:g} to {item.high:g}.")
    if item.step == 1 and not isinstance(answer, int):
        return Fault(pointer, "not_an_integer", "An answer to this item is a whole number.")
    if not on_step(item, answer):
        return Fault(pointer, "off_step", f"An answer to this item goes in steps of {item.step:g}.")
    return None


def on_step(item: Item, answer: float) -> bool:
    """Whether an answer is a whole number of steps above the item's low end."""
    steps = (answer - item.low) / item.step
    return abs(steps - round(steps)) < 1e-6


def _agrees(measure: Measure, item: Item, answer: float, reason: str) -> bool:
    # "No sexual activity" may stand beside the zero that a published form uses to say so; nothing else may.
    rule = measure.inactivity
    return reason == "no_activity" and rule is not None and item.number in rule.items and answer == rule.value
