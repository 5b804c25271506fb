"""Reads a FHIR R4 Questionnaire as a form, with a pointer to everything that does not map.

What maps: `language` and `title`; texts before the first question (instructions); a group around every question (the stem);
groups within it (headings); questions of type `choice`, `integer` or `decimal`, whose `linkId` ends in the item's number.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from app.clinical.measure import Measure
from app.errors import Fault
from app.forms.questionnaire_parts import (
    LOWER,
    UPPER,
    behaviour_faults,
    bounds_of,
    control_of,
    extra_elements,
    list_of,
    read_options,
)
from app.forms.wording import (
    LONGEST_INSTRUCTIONS,
    LONGEST_LABEL,
    LONGEST_TEXT,
    MOST_QUESTIONS,
    Place,
    Placed,
    Question,
    Wording,
    check_questions,
    text_fault,
)

LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
QUESTION_TYPES: Final = {"choice", "integer", "decimal"}
ROOT: Final = "/questionnaire"


def item_number(link_id: str, measure: str) -> int | None:
    """The item of a `linkId`: its one run of digits, which ends it; the measure's code may stand before that.

    `3`, `/3`, `q3` and `phq9-3` name item 3; `44250-9` and `3a` name none, because a reader could take them for another.
    """
    rest = link_id.lower().removeprefix("/").removeprefix(measure)
    found = re.fullmatch(r"\D*0*([1-9][0-9]{0,2})", rest)
    return int(found.group(1)) if found else None


def read_questionnaire(document: Mapping[str, Any], measure: Measure) -> tuple[Wording, tuple[Fault, ...]]:
    """The wording of a Questionnaire with everything wrong with it; with faults the wording is of no use."""
    reader = _Reader(measure)
    reader.read(document)
    wording = Wording(
        language=str(document.get("language")),
        title=str(document.get("title")),
        instructions="\n\n".join(reader.instructions) or None,
        stem=reader.stem,
        questions=tuple(question for question, _ in reader.placed),
    )
    return wording, tuple(reader.faults)


class _Reader:
    """One walk through a Questionnaire: questions, texts and faults in the order they stand."""

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.placed: list[Placed] = []
        self.instructions: list[str] = []
        self.stem: str | None = None
        self.faults: list[Fault] = []

    def fault(self, pointer: str, code: str, detail: str) -> None:
        """Notes one thing wrong."""
        self.faults.append(Fault(pointer, code, detail))

    def read(self, document: Mapping[str, Any]) -> None:
        """Reads the whole."""
        if document.get("resourceType") != "Questionnaire":
            self.fault(f"{ROOT}/resourceType", "not_a_choice", "Must be Questionnaire.")
            return
        if document.get("status") != "active":
            self.fault(f"{ROOT}/status", "not_a_choice", "Only an active questionnaire is shown.")
        language = document.get("language")
        if not isinstance(language, str) or not LANGUAGE.fullmatch(language):
            self.fault(f"{ROOT}/language", "wrong_form", "Must be a language tag such as 'en-GB'.")
        self.text(document, ROOT, "title", LONGEST_LABEL)
        self.faults += behaviour_faults(document, ROOT)
        roots = list_of(document, "item", ROOT, self.faults)
        self.enter(roots, f"{ROOT}/item", None, outermost=True)
        if sum(map(len, self.instructions)) > LONGEST_INSTRUCTIONS:
            self.fault(f"{ROOT}/item", "too_long", f"Instructions have at most {LONGEST_INSTRUCTIONS} characters.")
        if len(self.placed) > MOST_QUESTIONS:
            self.fault(f"{ROOT}/item", "too_many", f"Too many questions: at most {MOST_QUESTIONS}.")
        elif not self.faults:  # else a question that could not be read would be called missing too
            self.faults += check_questions(self.measure, self.placed, f"{ROOT}/item")

    def enter(self, items: list[Any], pointer: str, heading: str | None, *, outermost: bool) -> None:
        """Reads the items of the root or of a group; a group around every question is the outermost one."""
        alone = outermost and [_type(item) for item in items if _type(item) != "display"] == ["group"]
        for index, item in enumerate(items):
            at = f"{pointer}/{index}"
            if not isinstance(item, dict):
                self.fault(at, "wrong_type", "Must be an object.")
                continue
            self.faults += [*extra_elements(item, at), *behaviour_faults(item, at)]
            match item.get("type"):
                case "group":
                    self.group(item, at, heading, alone=alone)
                case "display":
                    self.display(item, at)
                case kind if isinstance(kind, str) and kind in QUESTION_TYPES:
                    self.question(item, at, heading)
                case _:
                    self.fault(f"{at}/type", "not_mapped", "Must be group, display, choice, integer or decimal.")

    def group(self, item: dict[str, Any], at: str, heading: str | None, *, alone: bool) -> None:
        """A group: its text is the stem of the whole form, or the heading of its questions."""
        text = self.text(item, at, "text") if "text" in item else None
        inner = list_of(item, "item", at, self.faults)
        if text is not None and heading is not None:
            self.fault(f"{at}/text", "not_mapped", "A heading stands above questions, not above headings.")
        if text is not None and alone and self.stem is None:
            self.stem = text
            self.enter(inner, f"{at}/item", None, outermost=False)
        else:
            self.enter(inner, f"{at}/item", text or heading, outermost=alone and text is None)

    def display(self, item: dict[str, Any], at: str) -> None:
        """A text: instructions, which come before the first question."""
        text = self.text(item, at, "text", LONGEST_INSTRUCTIONS)
        if self.placed or "item" in item:
            self.fault(at, "not_mapped", "A text of its own stands before the first question.")
        self.instructions.append(text or "")

    def question(self, item: dict[str, Any], at: str, heading: str | None) -> None:
        """A question, which names its item by its `linkId`."""
        link_id = item.get("linkId")
        number = item_number(link_id, self.measure.code) if isinstance(link_id, str) else None
        text = self.text(item, at, "text")
        low, high = self.ends(item, at)
        options, faults = read_options(item, at)
        self.faults += faults
        if number is None:
            self.fault(f"{at}/linkId", "no_item_number", "Must end in the item's number and hold no other digits.")
        else:
            self.bounds(item, at, number)
            question = Question(number, text or "", heading, options, low, high)
            self.placed.append((question, Place(at, f"{at}/linkId", f"{at}/answerOption")))

    def bounds(self, item: dict[str, Any], at: str, number: int) -> None:
        """A scale that ends elsewhere than the item's would give answers the measure does not take, or miss some."""
        known = self.measure.item(number)
        for low_or_high, value in bounds_of(item).items():
            if known is not None and value != getattr(known, low_or_high):
                self.fault(f"{at}/extension", "range_differs", f"This item runs from {known.low:g} to {known.high:g}.")

    def ends(self, item: dict[str, Any], at: str) -> tuple[str | None, str | None]:
        """The words at both ends of a slider: texts within the question, told apart by their item control."""
        found: dict[str, str | None] = {}
        for index, inner in enumerate(list_of(item, "item", at, self.faults, required=False)):
            place = f"{at}/item/{index}"
            control = control_of(inner) if isinstance(inner, dict) and inner.get("type") == "display" else None
            self.faults += extra_elements(inner, place) if isinstance(inner, dict) else ()
            if control is None or control in found:
                self.fault(place, "not_mapped", "A question holds no more than the words of its lower and upper end.")
            else:
                found[control] = self.text(inner, place, "text", LONGEST_LABEL)
        return found.get(LOWER), found.get(UPPER)

    def text(self, item: Mapping[str, Any], at: str, name: str, longest: int = LONGEST_TEXT) -> str | None:
        """A text that can be shown, or None with its fault."""
        found = item.get(name)
        if not isinstance(found, str):
            self.fault(f"{at}/{name}", "required", "Words are needed here.")
            return None
        if fault := text_fault(found, f"{at}/{name}", longest):
            self.faults.append(fault)
        return found


def _type(item: Any) -> Any:
    return item.get("type") if isinstance(item, dict) else None
