"""Turns what is planted into answers: items that add up to a total, a week's ratings, and a protocol's log."""

from typing import Any

from app.clinical.measures import MEASURES
from app.clinical.protocol import LogField
from app.clinical.protocols import PROTOCOLS
from app.demo.clinic.courses import Asked

Answers = dict[str, float | None]


def answers_to(asked: Asked) -> dict[str, Any]:
    """Answers of one administration, and the reasons where there are none."""
    items = MEASURES[asked.measure].items
    numbers = [str(item.number) for item in items]
    if asked.reason == "no_activity":
        # The form's own zeros say it; what asks about wishes and satisfaction can be answered all the same.
        return {"answers": {str(item.number): item.low if item.low == 0 else 3 for item in items}}
    if asked.total is None:
        return {"answers": dict.fromkeys(numbers), "reasons": dict.fromkeys(numbers, asked.reason)}
    return {"answers": _spread(asked.measure, asked.total)}


def _spread(measure: str, total: int) -> Answers:
    """Answers as even as can be that add up to the total; items about safety stay at their lowest."""
    items = MEASURES[measure].items
    given: Answers = {str(item.number): float(item.low) for item in items}
    left = total - sum(int(item.low) for item in items)
    while left:
        open_items = [item for item in items if not item.safety and (given[str(item.number)] or 0) < item.high]
        if not open_items or left < 0:
            raise ValueError(f"{total} is out of reach of {measure}")
        for item in open_items[:left]:
            given[str(item.number)] = (given[str(item.number)] or 0) + item.step
        left -= min(left, len(open_items))
    return given


def pulse_of(ratings: list[float]) -> Answers:
    """Six ratings, and the hours where they were said."""
    return {str(number): float(rating) for number, rating in enumerate(ratings, start=1) if rating == rating}  # noqa: PLR0124 - NaN


def log_of(protocol: str) -> dict[str, Any]:
    """What the protocol asks for, in the middle of what it allows; pressure to go further stays at nothing."""
    return {field.code: _logged(field) for field in PROTOCOLS[protocol].log_fields if field.required}


def _logged(field: LogField) -> bool | int | str:
    match field.kind:
        case "boolean":
            return True
        case "choice":
            return field.choices[0]
        case "text":
            return "as agreed"
        case _ if field.privacy == "safety":
            return int(field.low or 0)
        case _:
            low, high = int(field.low or 0), int(field.high if field.high is not None else 10)
            return low + (high - low) // 2
