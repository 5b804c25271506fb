"""Diagnoses of one partner over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, DiagnosisId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import ConcernUnknownError, CoupleArchivedError, DayInFutureError, DaysOutOfOrderError
from app.diagnoses import service
from app.diagnoses.rules import (
    CodeNotBillableError,
    DiagnosisCodeInvalidError,
    DiagnosisRecordedError,
    ExcludesOneError,
    StatusUnreachableError,
)
from app.diagnoses.schemas import DiagnosisChange, DiagnosisCreate, DiagnosisRead, StatusChange

router = RecordRouter("Diagnoses")
PARTNER = "/couples/{couple_id}/partners/{partner_id}"
DIAGNOSIS = PARTNER + "/diagnoses/{diagnosis_id}"


@router.creates(
    PARTNER + "/diagnoses",
    Permission.DIAGNOSES_WRITE,
    DiagnosisCodeInvalidError,
    CodeNotBillableError,
    ConcernUnknownError,
    ExcludesOneError,
    DiagnosisRecordedError,
    CoupleArchivedError,
    DayInFutureError,
    DaysOutOfOrderError,
)
def record_diagnosis(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: DiagnosisCreate) -> DiagnosisRead:
    """Record a diagnosis of one partner; it belongs to that person, never to the couple."""
    return service.record_diagnosis(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/diagnoses", Permission.DIAGNOSES_READ, CursorInvalidError)
def list_diagnoses(  # noqa: PLR0913, PLR0917 - what the path and the query say
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    active: Annotated[bool | None, Query(description="Only active ones, or only refuted and resolved ones.")] = None,
) -> Page[DiagnosisRead]:
    """List one partner's diagnoses, oldest first."""
    return service.list_diagnoses(work, couple_id, partner_id, limit, cursor, active=active)


@router.reads(DIAGNOSIS, Permission.DIAGNOSES_READ)
def read_diagnosis(work: Work, couple_id: CoupleId, partner_id: PartnerId, diagnosis_id: DiagnosisId) -> DiagnosisRead:
    """Read a diagnosis."""
    return service.read_diagnosis(work, couple_id, partner_id, diagnosis_id)


@router.changes(
    DIAGNOSIS,
    Permission.DIAGNOSES_WRITE,
    ConcernUnknownError,
    DiagnosisCodeInvalidError,
    CoupleArchivedError,
    DaysOutOfOrderError,
)
def change_diagnosis(  # noqa: PLR0913, PLR0917 - what the path and the header say
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    diagnosis_id: DiagnosisId,
    if_match: IfMatch,
    body: DiagnosisChange,
) -> DiagnosisRead:
    """Change what is said of a diagnosis (JSON Merge Patch)."""
    return service.change_diagnosis(work, couple_id, partner_id, diagnosis_id, if_match, body)


@router.creates(
    DIAGNOSIS + "/status-changes",
    Permission.DIAGNOSES_WRITE,
    StatusUnreachableError,
    ExcludesOneError,
    DiagnosisRecordedError,
    CoupleArchivedError,
    DayInFutureError,
    DaysOutOfOrderError,
    status=200,
)
def change_diagnosis_status(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, diagnosis_id: DiagnosisId, body: StatusChange
) -> DiagnosisRead:
    """Confirm, refute or resolve a diagnosis, or take it up again."""
    return service.change_status(work, couple_id, partner_id, diagnosis_id, body)
