"""What a form says, checked against the measure it is for: pure, whatever form it came in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.clinical.answers import on_step
from app.clinical.measure import Item, Measure
from app.errors import Fault

MOST_QUESTIONS: Final = 200
MOST_OPTIONS: Final = 20
LONGEST_INSTRUCTIONS: Final = 4_000
LONGEST_TEXT: Final = 1_000
LONGEST_LABEL: Final = 200
# Line ends are text; other control characters, and those that turn the direction of what follows, are not.
UNREADABLE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Option:
    """One answer to choose, with its words."""

    value: float
    text: str


@dataclass(frozen=True)
class Question:
    """The words of one item: those of each answer, or those at both ends of a scale."""

    number: int
    text: str
    heading: str | None = None
    options: tuple[Option, ...] = ()
    low_text: str | None = None
    high_text: str | None = None


@dataclass(frozen=True)
class Wording:
    """A whole form in one language."""

    language: str
    title: str
    instructions: str | None
    stem: str | None
    questions: tuple[Question, ...]

    def settled(self) -> "Wording":
        """The same form: a heading above every question is its stem."""
        headings = {question.heading for question in self.questions}
        if self.stem is not None or len(headings) != 1 or headings == {None}:
            return self
        bare = tuple(replace(question, heading=None) for question in self.questions)
        return replace(self, stem=headings.pop(), questions=bare)


@dataclass(frozen=True)
class Place:
    """Where one question stood in what was sent: pointers to it, its number, its options, and from each to its value."""

    pointer: str
    number: str
    options: str
    value: str = ""


Placed = tuple[Question, Place]


def built_in(measure: Measure) -> Wording | None:
    """The English form of a measure whose words anyone may show; None where some of them are not ours to hold."""
    words = measure.form_words
    if words is None or not measure.items or not all(item.wording for item in measure.items):
        return None
    return Wording(
        language="en",
        title=measure.name,
        instructions=words.instructions or None,
        stem=words.stem or None,
        questions=tuple(
            Question(
                item.number,
                item.wording,
                None,
                tuple(Option(value, text) for value, text in zip(answers_of(item), words.answers, strict=False)),
                *words.ends.get(item.number, (None, None)),
            )
            for item in measure.items
        ),
    )


def answers_of(item: Item) -> Sequence[int]:
    """The answers an item in whole numbers takes, lowest first."""
    return range(int(item.low), int(item.high) + 1)


def is_number(item: Item) -> bool:
    """Whether an item asks for a number or a mark on a line, so that nobody could choose among its answers."""
    return item.step != 1 or item.high - item.low >= MOST_OPTIONS


def check_questions(measure: Measure, placed: Sequence[Placed], whole: str) -> Iterator[Fault]:
    """Every item once and no other, each with words for its answers; `whole` points to the list of questions."""
    seen: set[int] = set()
    for question, place in placed:
        item = measure.item(question.number)
        if item is None:
            yield Fault(place.number, "unknown_item", "This measure has no item of that number.")
            continue
        if question.number in seen:
            yield Fault(place.number, "item_twice", "This item is asked already.")
        seen.add(question.number)
        yield from _answer_faults(item, question, place)
    for item in measure.items:
        if item.number not in seen:
            yield Fault(whole, "missing_item", f"Item {item.number} of the measure is missing.")


def _answer_faults(item: Item, question: Question, place: Place) -> Iterator[Fault]:
    if (question.low_text is None) != (question.high_text is None):
        yield Fault(place.pointer, "one_end_missing", "Words belong to both ends of a scale, or to neither.")
    elif not question.options and question.low_text is None and not is_number(item):
        yield Fault(place.options, "options_missing", "Give every answer its words, or words to both ends of the scale.")
    if question.options:
        yield from _option_faults(item, question.options, place)


def _option_faults(item: Item, options: Sequence[Option], place: Place) -> Iterator[Fault]:
    seen: set[float] = set()
    for index, option in enumerate(options):
        pointer = f"{place.options}/{index}{place.value}"
        if not takes(item, option.value):
            yield Fault(pointer, "not_an_answer", f"This item takes answers from {item.low:g} to {item.high:g}.")
        elif option.value in seen:
            yield Fault(pointer, "value_twice", "Another option of this item has this value.")
        seen.add(option.value)
    if not is_number(item) and (lacking := set(answers_of(item)) - seen):
        told = ", ".join(str(value) for value in sorted(lacking))
        yield Fault(place.options, "option_missing", f"These answers of the item have no option: {told}.")


def takes(item: Item, value: float) -> bool:
    """Whether a value is an answer to an item."""
    return item.low <= value <= item.high and on_step(item, value)


def whole_if_whole(value: float) -> float:
    """3.0 is 3: answers to most items are whole numbers."""
    return int(value) if value == int(value) else value


def text_fault(text: str, pointer: str, longest: int = LONGEST_TEXT) -> Fault | None:
    """What makes a text unfit to be shown as plain text, if anything does."""
    if not text.strip():
        return Fault(pointer, "too_short", "Words are needed here.")
    if len(text) > longest:
        return Fault(pointer, "too_long", f"Too long: at most {longest} characters.")
    if UNREADABLE.search(text):
        return Fault(pointer, "not_plain_text", "Plain text has no control characters but line ends.")
    return None
