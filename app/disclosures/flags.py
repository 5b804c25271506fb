"""Use cases of the flag that holds releases back because handing something over may endanger somebody."""

from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.service import get_couple, get_partner
from app.disclosures.models import ReleaseFlag
from app.disclosures.schemas import ReleaseFlagCreate, ReleaseFlagLifting, ReleaseFlagRead
from app.disclosures.service import lock_couple


def set_flag(work: Work, couple_id: UUID, body: ReleaseFlagCreate) -> ReleaseFlagRead:
    """Holds releases back from this moment on."""
    get_couple(work, couple_id)
    lock_couple(work, couple_id)
    partner = None if body.partner_id is None else get_partner(work, couple_id, body.partner_id)
    flag = ReleaseFlag(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        partner_id=None if partner is None else partner.id,
        compartment=Compartment.SAFETY,
        against=body.against,
        set_at=work.now,
        set_by=work.actor.id,
    )
    flag.reason = work.vault.seal(flag, "reason", body.reason)
    work.session.add(flag)
    work.session.flush()
    return _shown(work, flag)


def lift_flag(work: Work, couple_id: UUID, flag_id: UUID, body: ReleaseFlagLifting) -> ReleaseFlagRead:
    """Lets releases go again; lifting it twice changes nothing. Raises NotFoundError."""
    get_couple(work, couple_id)
    lock_couple(work, couple_id)
    flag = _get(work, couple_id, flag_id)
    if flag.lifted_at is None:
        flag.lifted_at, flag.lifted_by = work.now, work.actor.id
        flag.lifting_reason = work.vault.seal(flag, "lifting_reason", body.reason)
        work.session.flush()
    return _shown(work, flag)


def list_flags(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[ReleaseFlagRead]:
    """A page of a couple's flags, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "release-flags", couple_id)
    query = select(ReleaseFlag).where(ReleaseFlag.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, ReleaseFlag.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_flag(work: Work, couple_id: UUID, flag_id: UUID) -> ReleaseFlagRead:
    """One flag. Raises NotFoundError."""
    get_couple(work, couple_id)
    return _shown(work, _get(work, couple_id, flag_id))


def _get(work: Work, couple_id: UUID, flag_id: UUID) -> ReleaseFlag:
    query = select(ReleaseFlag).where(ReleaseFlag.couple_id == couple_id, ReleaseFlag.id == flag_id)
    return existing(work.session, query)


def _shown(work: Work, row: ReleaseFlag) -> ReleaseFlagRead:
    return ReleaseFlagRead(
        id=row.id,
        version=row.version,
        against=row.against,
        partner_id=row.partner_id,
        reason=work.vault.open(row, "reason", row.reason),
        set_at=row.set_at,
        lifted_at=row.lifted_at,
        lifting_reason=work.vault.open(row, "lifting_reason", row.lifting_reason),
    )
