"""Licences and forms of these tests, made through the API; every wording here is invented."""

from typing import Any

from httpx2 import Response

from app.clinical.measure import Item
from app.clinical.measures import MEASURES
from app.forms.wording import answers_of, is_number
from tests.conftest import Caller, Clinic
from tests.raw_files import bytes_of

Json = dict[str, Any]
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"


def attest(caller: Caller, measure: str = "gmsex", **more: Any) -> Response:
    """Attests a licence; one without an end unless told otherwise."""
    body = {"licence_reference": "C-1", "holder": "A publisher", "expires_on": None, **more}
    return caller.post(f"/v1/measures/{measure}/licence-attestations", json=body)


def attested(caller: Caller, measure: str = "gmsex", **more: Any) -> Json:
    """An attestation that was taken."""
    made = attest(caller, measure, **more)
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def question(item: Item) -> Json:
    """Invented words for an item."""
    told: Json = {"number": item.number, "text": f"Question {item.number}"}
    if is_number(item):
        return told
    return told | {"options": [{"value": value, "text": f"Answer {value}"} for value in answers_of(item)]}


def form(measure: str = "gmsex", **more: Any) -> Json:
    """A form with invented words for every item."""
    items = [question(item) for item in MEASURES[measure].items]
    return {"language": "en", "title": "A form", "items": items, **more}


def upload(caller: Caller, measure: str = "gmsex", **more: Any) -> Response:
    """Uploads a form."""
    return caller.post(f"/v1/measures/{measure}/forms", json=form(measure, **more))


def read(caller: Caller, measure: str = "gmsex", language: str = "en") -> Response:
    """Reads a form."""
    return caller.get(f"/v1/measures/{measure}/forms/{language}")


def shelf(caller: Caller, measure: str = "gmsex") -> list[Json]:
    """A measure's forms, without their wording."""
    return list(caller.every(f"/v1/measures/{measure}/forms"))


def questionnaire(measure: str = "gmsex", **more: Any) -> Json:
    """A FHIR Questionnaire with invented words: options as codings with their ordinal value."""
    items = [coded(item) for item in MEASURES[measure].items]
    return {"resourceType": "Questionnaire", "status": "active", "language": "en", "title": "A form", "item": items, **more}


def coded(item: Item) -> Json:
    """An item as a question of FHIR."""
    options = [
        {"valueCoding": {"display": f"Answer {value}", "extension": [{"url": ORDINAL, "valueDecimal": value}]}}
        for value in answers_of(item)
    ]
    return {"linkId": f"q{item.number}", "type": "choice", "text": f"Question {item.number}", "answerOption": options}


def bring(caller: Caller, document: Json, measure: str = "gmsex") -> Response:
    """Uploads a form as a FHIR Questionnaire."""
    return caller.post(f"/v1/measures/{measure}/forms", json={"questionnaire": document})


def faults(answer: Response) -> set[tuple[str, str]]:
    """Where and why something was refused."""
    return {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}


def stored(clinic: Clinic, text: bytes) -> bool:
    """Whether the SQLite record holds these bytes as they are, its log included."""
    file = clinic.settings.sqlite_file
    assert file is not None
    return text in bytes_of(file.parent.glob(f"{file.name}*"))
