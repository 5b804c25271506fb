"""Condition: what one person was diagnosed with, without the note beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.couples.models import Partner
from app.diagnoses.models import Diagnosis, DiagnosisStatus
from app.diagnoses.rules import ACTIVE
from app.fhir.labels import SEX
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.resources.practitioner import practitioners_among
from app.fhir.rows import Rows
from app.fhir.spans import holds_day
from app.fhir.tokens import always, coded_as
from app.fhir.values import Span, Token

CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/condition-category"
CLINICAL: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
# A diagnosis here is kept over time and has statuses of its own; it is not the finding of one encounter.
CATEGORY: Final = {"system": CATEGORIES, "code": "problem-list-item", "display": "Problem List Item"}
# DSM-5-TR files its disorders under codes of ICD-10-CM, and it is these that are kept.
SYSTEMS: Final[Mapping[str, str]] = {
    "icd10cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "dsm5tr": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd11": "http://id.who.int/icd/release/11/mms",
    "snomed": "http://snomed.info/sct",
}
CLINICALLY: Final = {"provisional": "active", "confirmed": "active", "refuted": "inactive", "resolved": "resolved"}
DISPLAYS: Final = {
    "active": "Active",
    "inactive": "Inactive",
    "resolved": "Resolved",
    "provisional": "Provisional",
    "confirmed": "Confirmed",
    "refuted": "Refuted",
}
SEVERITIES: Final = "CodeSystem/severity"
# Everything but the note, which is not even fetched.
SHOWN: Final = (
    Diagnosis.id,
    Diagnosis.partner_id,
    Diagnosis.system,
    Diagnosis.code,
    Diagnosis.concern,
    Diagnosis.status,
    Diagnosis.severity,
    Diagnosis.onset_on,
    Diagnosis.recorded_on,
    Diagnosis.recorded_by,
)


def _query(_work: Work) -> Query:
    theirs = (Partner.clinic_id == Diagnosis.clinic_id) & (Partner.id == Diagnosis.partner_id)
    return select(*SHOWN).join(Partner, theirs).where(Partner.erased_at.is_(None))


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    recorders = practitioners_among(drawing.work, {row.recorded_by for row in rows})
    history = _history(drawing.work, [row.id for row in rows if row.status == "resolved"])
    return [_content(drawing, row, history.get(row.id, []), is_practitioner=row.recorded_by in recorders) for row in rows]


def _history(work: Work, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The statuses that resolved diagnoses had, oldest first."""
    found: dict[UUID, list[Any]] = {}
    if ids:
        columns = (DiagnosisStatus.diagnosis_id, DiagnosisStatus.status, DiagnosisStatus.on)
        query = select(*columns).where(DiagnosisStatus.diagnosis_id.in_(ids)).order_by(DiagnosisStatus.id)
        for step in work.session.execute(query):
            found.setdefault(step.diagnosis_id, []).append(step)
    return found


def _content(drawing: Drawing, row: Any, history: Sequence[Any], *, is_practitioner: bool) -> Content:
    content: Content = {
        "clinicalStatus": _coded(CLINICAL, CLINICALLY[row.status]),
        "verificationStatus": _coded(VERIFICATION, _verified(row.status, history)),
        "category": [{"coding": [CATEGORY]}],
        "code": {"coding": [{"system": SYSTEMS[row.system], "code": row.code}], "text": _named(row)},
        "subject": drawing.reference("Patient", row.partner_id),
        "recordedDate": row.recorded_on.isoformat(),
    }
    if row.severity is not None:
        severity = {"system": drawing.system(SEVERITIES), "code": row.severity}
        content["severity"] = {"coding": [severity], "text": row.severity.capitalize()}
    if row.onset_on is not None:
        content["onsetDateTime"] = row.onset_on.isoformat()
    if history and history[-1].status == "resolved":
        content["abatementDateTime"] = history[-1].on.isoformat()
    if is_practitioner:
        content["recorder"] = drawing.reference("Practitioner", row.recorded_by)
    return content


def _coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": DISPLAYS[code]}]}


def _verified(status: str, history: Sequence[Any]) -> str:
    """How sure it is; of a resolved one, how sure it was at last."""
    if status != "resolved":
        return status
    return next((step.status for step in reversed(history) if step.status in ACTIVE), "confirmed")


def _named(row: Any) -> str:
    """What it is filed under, or its code where it is filed under nothing; which book it is from, where two have one code."""
    name = CONCERNS[row.concern].name if row.concern in CONCERNS else row.code
    return f"{name} (DSM-5-TR)" if row.system == "dsm5tr" else str(name)


def _has_code(_drawing: Drawing, value: Token) -> ColumnElement[bool]:
    of = [name for name, system in SYSTEMS.items() if value.system in {None, system}]
    return Diagnosis.system.in_(of) & (Diagnosis.code == value.code if value.code else true())


def _day(column: Any) -> Any:
    def where(drawing: Drawing, value: Span) -> ColumnElement[bool]:
        return and_(column.is_not(None), holds_day(value, column, drawing.work.now))

    return where


def _statuses(codes: Mapping[str, str]) -> dict[str, ColumnElement[bool]]:
    """Which diagnoses have a code of FHIR's."""
    return {
        code: or_(*(Diagnosis.status == status for status, told in codes.items() if told == code))
        for code in sorted(set(codes.values()))
    }


RESOURCE: Final = Resource(
    type="Condition",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Diagnosis.id,
        updated=func.coalesce(Diagnosis.changed_at, Diagnosis.recorded_at),
        couple_id=Diagnosis.couple_id,
        labels=lambda _row: (SEX,),
        labelled={SEX: true()},
    ),
    params=(
        Param("patient", "reference", of_patient(Diagnosis.partner_id), ("Patient",), "subject"),
        Param("category", "token", always(CATEGORIES, CATEGORY["code"])),
        Param("code", "token", _has_code),
        Param("clinical-status", "token", coded_as(CLINICAL, _statuses(CLINICALLY))),
        Param("onset-date", "date", _day(Diagnosis.onset_on)),
        Param("recorded-date", "date", _day(Diagnosis.recorded_on)),
    ),
    says=(
        "Diagnoses of one person, as `problem-list-item`, with the code that was recorded: what DSM-5-TR names has the code of"
        " ICD-10-CM under which it files it. Notes beside a diagnosis never leave, nor does what only the care team knows of."
    ),
)
