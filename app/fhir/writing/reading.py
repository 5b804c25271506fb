"""A QuestionnaireResponse as it comes, read into what becomes an administration; each fault names its place as FHIRPath.

What R4 allows and nothing here rests on (`text`, `extension`, `author`, `encounter` and the like) is passed over. What would
change the meaning of the rest (`modifierExtension`, `implicitRules`) or hold what is not asked for (`contained`) is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.fhir.measured import SHOWN, external_id, identifier, measure_of
from app.fhir.rules import SearchValueError
from app.fhir.values import read_reference
from app.fhir.writing.items import Answered, read_items
from app.fhir.writing.places import MODIFIER, Faults, plain_text, unknown_elements
from app.fhir.writing.rules import refusal_of

TYPE: Final = "QuestionnaireResponse"
ELEMENTS: Final = frozenset(
    {
        *("resourceType", "id", "meta", "language", "text", "extension", "identifier", "basedOn", "partOf", "questionnaire"),
        *("status", "subject", "encounter", "authored", "author", "source", "item"),
    }
)
REFUSED: Final = MODIFIER | {
    "implicitRules": "Rules that are not R4's own are not followed here.",
    "contained": "Nothing contained is kept; refer to resources of this service.",
}
FINISHED: Final = frozenset({"completed", "amended"})
NOT_FINISHED: Final = {
    "in-progress": "Answers are kept once they are complete: send them with the status `completed`.",
    "stopped": "Answers that were broken off are kept if they are sent as `completed`, each missing one with its reason.",
    "entered-in-error": "What was recorded stays in the record; correct it by an update with the right answers.",
}
LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")
KEPT: Final = re.compile(r"[!-~]{1,128}")
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
UNKNOWN_LANGUAGE: Final = "und"


@dataclass(frozen=True)
class Given:
    """What a response says: whose it is, to what, when, and the answers."""

    measure: str
    patient: str
    """Id of the Patient it is of."""
    external_id: str | None
    answered_at: datetime
    language: str | None
    mode: str | None
    """`clinician`, where it says that one filled it in."""
    answered: Answered


def read_response(body: Any, base: str, at: str = TYPE) -> Given:
    """The response in a body; `base` is where `/fhir` is, `at` the FHIRPath of the body.

    Raises ResourceMalformedError, ResponseInvalidError, with every fault there is.
    """
    faults = Faults()
    if not isinstance(body, dict) or body.get("resourceType") != TYPE:
        faults.add(at, "wrong_type", "Must be a QuestionnaireResponse.")
        raise refusal_of(tuple(faults))
    unknown_elements(body, at, ELEMENTS, REFUSED, faults)
    _check_status(body, at, faults)
    measure = _measure(body, base, at, faults)
    patient = _patient(body, base, at, faults)
    found = Given(
        measure=measure,
        patient=patient,
        external_id=_external_id(body, base, at, faults),
        answered_at=_answered_at(body, at, faults),
        language=_language(body, at, faults),
        mode=_mode(body, base, at, patient, faults),
        answered=read_items(body.get("item"), f"{at}.item", faults),
    )
    if faults:
        raise refusal_of(tuple(faults))
    return found


def _check_status(body: Mapping[str, Any], at: str, faults: Faults) -> None:
    status = plain_text(body, "status", at, faults, required=True)
    if status and status not in FINISHED:
        known = NOT_FINISHED.get(status)
        faults.add(f"{at}.status", "status_not_taken" if known else "wrong_form", known or "Must be `completed` or `amended`.")


def _measure(body: Mapping[str, Any], base: str, at: str, faults: Faults) -> str:
    """The code of the measure that the canonical address names."""
    canonical = plain_text(body, "questionnaire", at, faults, required=True)
    if not canonical:
        return ""
    found = measure_of(base, canonical)
    if found is None:
        sentence = "There is no such questionnaire here; search Questionnaire for those there are, and send the `url` of one."
        faults.add(f"{at}.questionnaire", "questionnaire_unknown", sentence)
        return ""
    code, version = found
    if version is not None and version != SHOWN[code].version:
        sentence = "This questionnaire has another version here; leave the version out to answer the one there is."
        faults.add(f"{at}.questionnaire", "questionnaire_unknown", sentence)
    return code


def _patient(body: Mapping[str, Any], base: str, at: str, faults: Faults) -> str:
    reference = _reference(body.get("subject"))
    if reference is None:
        faults.add(f"{at}.subject", "required", "Say whose answers these are, as a reference: `Patient/` and the id.")
    elif reference.startswith("urn:"):
        sentence = "No entry of a Bundle is a Patient here: refer to a Patient of this service."
        faults.add(f"{at}.subject", "subject_unknown", sentence)
    else:
        try:
            found = read_reference(reference, base)
        except SearchValueError:
            found = None
        if found is not None and found.type == "Patient":
            return found.id
        faults.add(f"{at}.subject", "subject_unknown", SUBJECT_UNKNOWN)
    return ""


SUBJECT_UNKNOWN: Final = "There is no Patient in care here whom this could be of."


def _reference(value: Any) -> str | None:
    found = value.get("reference") if isinstance(value, dict) else None
    return found if isinstance(found, str) and found else None


def _external_id(body: Mapping[str, Any], base: str, at: str, faults: Faults) -> str | None:
    found = body.get("identifier")
    if found is None:
        return None
    at = f"{at}.identifier"
    if not isinstance(found, dict):
        faults.add(at, "wrong_type", "Must be one identifier with `system` and `value`; in R4 there is no list of them.")
        return None
    value = plain_text(found, "value", at, faults, required=True)
    kept = None if value is None else kept_id(base, plain_text(found, "system", at, faults), value)
    if value is not None and kept is None:
        faults.add(at, "not_an_identifier", IDENTIFIER)
    return kept


IDENTIFIER: Final = (
    "A system is a URI, and a value of visible ASCII without spaces and bars; both together have at most 127 characters."
)


def kept_id(base: str, system: str | None, value: str) -> str | None:
    """The external id of an identifier; None for one that could be taken for another, or that is too long to be kept."""
    found = external_id(base, system, value)
    told = identifier(base, found)
    is_told_again = told["value"] == value and (not system or told["system"] == system)
    return found if is_told_again and KEPT.fullmatch(found) else None


def _answered_at(body: Mapping[str, Any], at: str, faults: Faults) -> datetime:
    text = plain_text(body, "authored", at, faults, required=True)
    if text is None:
        return EARLIEST
    moment = _moment(text)
    if moment is None:
        sentence = "Must be a day and a time to the second with its offset, as in 2026-11-22T18:30:00+01:00."
        faults.add(f"{at}.authored", "wrong_form", sentence)
    return moment or EARLIEST


def _moment(text: str) -> datetime | None:
    """To the millisecond, as the record keeps it; None for what is no moment, or before any measure."""
    try:
        found = datetime.fromisoformat(text).astimezone(UTC) if INSTANT.fullmatch(text) else None
    except (ValueError, OverflowError):
        return None
    return None if found is None or found < EARLIEST else found.replace(microsecond=found.microsecond // 1000 * 1000)


def _language(body: Mapping[str, Any], at: str, faults: Faults) -> str | None:
    found = plain_text(body, "language", at, faults)
    if found and not LANGUAGE.fullmatch(found):
        faults.add(f"{at}.language", "wrong_form", "Must be a language tag (BCP 47), as in en-GB.")
    return found


def _mode(body: Mapping[str, Any], base: str, at: str, patient: str, faults: Faults) -> str | None:
    """Whether a clinician filled it in; else the partner did. Nobody answers for the other partner."""
    if body.get("source") is None:
        return None
    try:
        source = read_reference(_reference(body["source"]) or "", base)
    except SearchValueError:
        source = None
    if source is not None and source.type == "Practitioner":
        return "clinician"
    if source is None or source.type != "Patient" or source.id != patient:
        sentence = "The source is the Patient whose answers they are, or a Practitioner who asked for them."
        faults.add(f"{at}.source", "source_not_taken", sentence)
    return None
