"""Responses of these tests, written and read back over HTTP."""

from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from sqlalchemy import func, select

from app.core.database import Compartment
from app.ledger.models import LedgerEvent
from app.measures.models import Administration, Score
from tests.conftest import Caller, Clinic
from tests.measures.records import GMSEX, Json, in_care

BASE = "http://127.0.0.1:8000/fhir"
RESPONSES = "/fhir/QuestionnaireResponse"
WRITES = {"system/QuestionnaireResponse.cu", "system/*.rs"}
EHR = "https://ehr.example.org/answers"


@dataclass
class Desk:
    """A couple in care and software that may write."""

    clinic: Clinic
    therapist: Caller
    software: Caller
    couple: Json
    patients: list[str]

    def create(self, body: Json, **headers: str) -> Response:
        """Sends a response."""
        return self.software.post(RESPONSES, json=body, headers={name.replace("_", "-"): one for name, one in headers.items()})

    def update(self, body: Json, version: int | str = 1, **headers: str) -> Response:
        """Sends a response as it should be."""
        sent = {"If-Match": f'W/"{version}"', **headers}
        return self.software.put(f"{RESPONSES}/{body['id']}", json=body, headers=sent)

    def bundle(self, kind: str, *entries: Json, **headers: str) -> Response:
        """Sends a Bundle."""
        body = {"resourceType": "Bundle", "type": kind, "entry": list(entries)}
        return self.software.post("/fhir", json=body, headers=headers)

    def response(self, slot: int = 0, answers: Json | None = None, **more: Any) -> Json:
        """A response of one of the two; of GMSEX unless told otherwise."""
        told: Json = {
            "resourceType": "QuestionnaireResponse",
            "questionnaire": f"{BASE}/Questionnaire/gmsex",
            "status": "completed",
            "subject": {"reference": f"Patient/{self.patients[slot]}"},
            "authored": "2026-11-20T18:30:00+01:00",
            "item": items(GMSEX if answers is None else answers),
        }
        return {name: value for name, value in (told | more).items() if value is not None}

    def counted(self) -> list[int]:
        """How many administrations, scores and events of the trail there are."""
        with self.clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
            return [
                session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (Administration, Score, LedgerEvent)
            ]


def desk(clinic: Clinic, scopes: set[str] | None = None, number: str = "1") -> Desk:
    """A couple in care since a month, and software with these scopes."""
    therapist = clinic.member("thea")
    couple = in_care(therapist, number)
    software = clinic.integration(scopes=scopes or WRITES)
    reader = clinic.integration("reader", scopes={"system/Patient.rs"})
    found = [reader.get(f"/fhir/Patient?identifier={slot}-{number}").json()["entry"][0]["resource"]["id"] for slot in "AB"]
    return Desk(clinic, therapist, software, couple, found)


def items(answers: Json) -> list[Json]:
    """Answers as items, in one flat list."""
    return [{"linkId": number, "answer": [{"valueInteger": answer}]} for number, answer in answers.items()]


def numbered(value: str, system: str = EHR) -> Json:
    """An identifier."""
    return {"system": system, "value": value}


def post(body: Json, **request: str) -> Json:
    """An entry that creates."""
    return {"resource": body, "request": {"method": "POST", "url": "QuestionnaireResponse", **request}}


def put(body: Json, version: int = 1) -> Json:
    """An entry that changes."""
    request = {"method": "PUT", "url": f"QuestionnaireResponse/{body['id']}", "ifMatch": f'W/"{version}"'}
    return {"resource": body, "request": request}


def places(answer: Response) -> list[str]:
    """Where an outcome says that something is wrong."""
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome", told
    return [place for issue in told["issue"] for place in issue.get("expression", ())]


def totals(of: Desk, slot: int = 0) -> list[float | None]:
    """The totals of one partner's standing scores, read natively."""
    path = f"/v1/couples/{of.couple['id']}/partners/{of.couple['partners'][slot]['id']}/scores?scale=total"
    return [one["value"] for one in of.therapist.get(path).json()["items"]]
