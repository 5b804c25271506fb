"""What the record refuses of an administration, told of the response it came as: each fault at its place there."""

from collections.abc import Sequence
from typing import Final

from app.core.problems import ProblemFault
from app.errors import Fault, RekindleError, StaleVersionError
from app.fhir.writing.items import Answered
from app.fhir.writing.reading import SUBJECT_UNKNOWN
from app.fhir.writing.rules import ResponseInvalidError
from app.measures.rules import refusal

# By what the record calls a part of an administration, the element of the response.
ELEMENTS: Final = {
    "measure": "questionnaire",
    "external_id": "identifier",
    "answered_at": "authored",
    "recall_ends_on": "authored",
    "couple_id": "subject",
    "partner_id": "subject",
    "language": "language",
    "mode": "source",
}
# Where the record's own sentence speaks of what FHIR calls otherwise.
SENTENCES: Final = {
    "missing_without_reason": (
        "An item without an answer needs a reason: the extension data-absent-reason, with `asked-declined`, `not-asked`,"
        " `not-applicable` (no sexual activity) or `unknown` (skipped)."
    ),
    "administration_differs": (
        "Another response of this clinic has this identifier. Correct that one with PUT, or send this one with its own."
    ),
    "scored_elsewhere_only": "This measure is scored elsewhere only: its tables are licensed. It cannot be answered over FHIR.",
}


def told_of(faults: Sequence[ProblemFault], answered: Answered, at: str) -> RekindleError:
    """The refusal of one response; `at` is where it stands."""
    found = tuple(_fault(one, answered, at) for one in faults)
    if found[0].code == "superseded_already":
        return StaleVersionError()
    return ResponseInvalidError(faults=found) if found[0].code == "subject_unknown" else refusal(found)


def _fault(told: ProblemFault, answered: Answered, at: str) -> Fault:
    _, _items, _number, part, *rest = told.pointer.split("/")
    sentence = SENTENCES.get(told.code, told.detail)
    if part in {"answers", "reasons"} and rest:
        return Fault(_place(part, int(rest[0]), answered, at), told.code, f"Item {rest[0]}: {sentence}")
    if ELEMENTS.get(part) == "subject":
        return Fault(f"{at}.subject", "subject_unknown", SUBJECT_UNKNOWN)
    return Fault(f"{at}.{ELEMENTS.get(part, 'item')}", told.code, sentence)


def _place(part: str, number: int, answered: Answered, at: str) -> str:
    """Of an item that is not there, the list it is missing from."""
    place = answered.places.get(number)
    if place is None:
        return f"{at}.item"
    return f"{place}.answer[0]" if part == "answers" and number in answered.answers else place
