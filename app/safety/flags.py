"""Use cases of red flags: opened by a clinician, pausing what they forbid, cleared with a reason."""

from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.gates import RED_FLAGS
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.errors import Fault
from app.protocols.service import names_flag
from app.safety.flag_rules import RedFlagIsOpenError, RedFlagUnknownError
from app.safety.flag_schemas import RedFlagClearing, RedFlagCreate, RedFlagRead
from app.safety.models import OpenedFlag
from app.safety.states import FLAG, OfFlag, flag_stands
from app.safety.stops import Stop, announce


def open_flag(work: Work, couple_id: UUID, body: RedFlagCreate) -> RedFlagRead:
    """Opens a flag; every running plan that it forbids pauses. Raises RedFlagUnknownError, RedFlagIsOpenError."""
    get_couple_in_care(work, couple_id)
    partner_id = None if body.partner_id is None else get_partner(work, couple_id, body.partner_id).id
    if body.code not in RED_FLAGS and not names_flag(work, body.code):
        raise RedFlagUnknownError(faults=(Fault("/code", "red_flag_unknown", RedFlagUnknownError.detail),))
    _check_not_open(work, couple_id, partner_id, body.code)
    flag = OpenedFlag(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        partner_id=partner_id,
        compartment=Compartment.SAFETY,
        code=body.code,
        opened_at=work.now,
        opened_by=work.actor.id,
    )
    flag.note = None if body.note is None else work.vault.seal(flag, "note", body.note)
    work.session.add(flag)
    work.session.flush()
    announce(work, Stop(couple_id, partner_id, "red_flag_opened", about=body.code))
    return _shown(work, flag)


def _check_not_open(work: Work, couple_id: UUID, partner_id: UUID | None, code: str) -> None:
    same = select(OpenedFlag.partner_id).where(
        OpenedFlag.couple_id == couple_id, OpenedFlag.code == code, OpenedFlag.cleared_at.is_(None)
    )
    if partner_id in set(work.session.scalars(same)):
        raise RedFlagIsOpenError


def clear_flag(work: Work, couple_id: UUID, flag_id: UUID, body: RedFlagClearing) -> RedFlagRead:
    """Clears a flag; a second clearing changes nothing. Raises NotFoundError."""
    get_couple_in_care(work, couple_id)
    flag = _get(work, couple_id, flag_id)
    if OfFlag.CLEAR in FLAG[flag_stands(flag.cleared_at)]:
        flag.cleared_at, flag.cleared_by = work.now, work.actor.id
        flag.clearing_reason = work.vault.seal(flag, "clearing_reason", body.reason)
        work.session.flush()
    return _shown(work, flag)


def list_flags(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[RedFlagRead]:
    """A page of a couple's red flags, oldest first, cleared ones included."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "red-flags", couple_id)
    query = select(OpenedFlag).where(OpenedFlag.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, OpenedFlag.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_flag(work: Work, couple_id: UUID, flag_id: UUID) -> RedFlagRead:
    """One red flag. Raises NotFoundError."""
    get_couple(work, couple_id)
    return _shown(work, _get(work, couple_id, flag_id))


def _get(work: Work, couple_id: UUID, flag_id: UUID) -> OpenedFlag:
    query = select(OpenedFlag).where(OpenedFlag.couple_id == couple_id, OpenedFlag.id == flag_id)
    return existing(work.session, query)


def _shown(work: Work, row: OpenedFlag) -> RedFlagRead:
    return RedFlagRead(
        id=row.id,
        version=row.version,
        partner_id=row.partner_id,
        code=row.code,
        note=work.vault.open(row, "note", row.note),
        opened_at=row.opened_at,
        opened_by=row.opened_by,
        cleared_at=row.cleared_at,
        cleared_by=row.cleared_by,
        clearing_reason=work.vault.open(row, "clearing_reason", row.clearing_reason),
    )
