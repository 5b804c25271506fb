"""Use cases of preconditions: what a clinician found, kept for good; the latest record counts."""

from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.gates import PRECONDITIONS
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.rules import check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.errors import Fault
from app.protocols.service import names_precondition
from app.safety.flag_rules import PreconditionUnknownError, check_expiry
from app.safety.flag_schemas import PreconditionRecordCreate, PreconditionRecordRead
from app.safety.models import PreconditionRecord
from app.safety.stops import Stop, announce


def record_precondition(work: Work, couple_id: UUID, body: PreconditionRecordCreate) -> PreconditionRecordRead:
    """Keeps whether a precondition is met; one that is not pauses the running plans that need it.

    Raises PreconditionUnknownError, DayInFutureError, ExpiryInvalidError.
    """
    today = today_of(work, get_couple_in_care(work, couple_id))
    partner_id = None if body.partner_id is None else get_partner(work, couple_id, body.partner_id).id
    if body.code not in PRECONDITIONS and not names_precondition(work, body.code):
        raise PreconditionUnknownError(faults=(Fault("/code", "precondition_unknown", PreconditionUnknownError.detail),))
    found_on = body.found_on or today
    check_not_in_future(found_on, today, "/found_on")
    check_expiry(found_on, body.expires_on, met=body.met)
    record = PreconditionRecord(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        partner_id=partner_id,
        compartment=Compartment.SAFETY,
        code=body.code,
        met=body.met,
        found_on=found_on,
        expires_on=body.expires_on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    record.note = None if body.note is None else work.vault.seal(record, "note", body.note)
    work.session.add(record)
    work.session.flush()
    if not body.met:
        announce(work, Stop(couple_id, partner_id, "precondition_not_met", about=body.code))
    return _shown(work, record)


def list_records(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[PreconditionRecordRead]:
    """A page of a couple's precondition records, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "precondition-records", couple_id)
    query = select(PreconditionRecord).where(PreconditionRecord.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, PreconditionRecord.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_record(work: Work, couple_id: UUID, record_id: UUID) -> PreconditionRecordRead:
    """One precondition record. Raises NotFoundError."""
    get_couple(work, couple_id)
    query = select(PreconditionRecord).where(PreconditionRecord.couple_id == couple_id, PreconditionRecord.id == record_id)
    record = existing(work.session, query)
    return _shown(work, record)


def _shown(work: Work, row: PreconditionRecord) -> PreconditionRecordRead:
    return PreconditionRecordRead(
        id=row.id,
        partner_id=row.partner_id,
        code=row.code,
        met=row.met,
        found_on=row.found_on,
        expires_on=row.expires_on,
        note=work.vault.open(row, "note", row.note),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
    )
