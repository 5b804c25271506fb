"""Use cases of legal holds: while one stands, nothing of a couple is destroyed."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from app.access.permissions import Role
from app.access.work import Work
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.models import Couple
from app.couples.service import get_couple
from app.disclosures.service import lock_couple
from app.errors import NotFoundError
from app.ledger.service import log_reads
from app.releases.models import LegalHold
from app.releases.rules import HeldError
from app.releases.schemas import HoldCreate, HoldLifting, HoldRead


def reach_couple(work: Work, couple_id: UUID) -> None:
    """A couple whose keeping the caller may see to: the office any of the clinic, others those they care for.

    It leaves the same trace as any other read. Raises NotFoundError.
    """
    if work.actor.role is not Role.ADMINISTRATOR:
        if not work.sees_safety:  # in the view of one partner there is no hold, no clock and no erasure
            raise NotFoundError
        get_couple(work, couple_id)
        return
    own = Couple.clinic_id == work.actor.clinic_id  # said here too, so that this layer holds without the ones below it
    if work.session.scalars(select(Couple.id).where(Couple.id == couple_id, own)).one_or_none() is None:
        raise NotFoundError
    log_reads(work.session, "couple", [couple_id])


def set_hold(work: Work, couple_id: UUID, body: HoldCreate) -> HoldRead:
    """Sets a hold; whatever was to be destroyed waits from this moment on."""
    reach_couple(work, couple_id)
    lock_couple(work, couple_id)
    hold = LegalHold(clinic_id=work.actor.clinic_id, couple_id=couple_id, set_at=work.now, set_by=work.actor.id)
    hold.reason = work.vault.seal(hold, "reason", body.reason)
    work.session.add(hold)
    work.session.flush()
    return _shown(work, hold)


def lift_hold(work: Work, couple_id: UUID, hold_id: UUID, body: HoldLifting) -> HoldRead:
    """Lifts one hold; others of the couple stand. Lifting it twice changes nothing. Raises NotFoundError."""
    reach_couple(work, couple_id)
    lock_couple(work, couple_id)
    work.actor.check_recently_proven(work.now)
    hold = _get(work, couple_id, hold_id)
    if hold.lifted_at is None:
        hold.lifted_at, hold.lifted_by = work.now, work.actor.id
        hold.lifting_reason = work.vault.seal(hold, "lifting_reason", body.reason)
        work.session.flush()
    return _shown(work, hold)


def list_holds(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[HoldRead]:
    """A page of a couple's holds, oldest first."""
    reach_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "legal-holds", couple_id)
    query = select(LegalHold).where(LegalHold.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, LegalHold.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_hold(work: Work, couple_id: UUID, hold_id: UUID) -> HoldRead:
    """One hold. Raises NotFoundError."""
    reach_couple(work, couple_id)
    return _shown(work, _get(work, couple_id, hold_id))


def _get(work: Work, couple_id: UUID, hold_id: UUID) -> LegalHold:
    query = select(LegalHold).where(LegalHold.couple_id == couple_id, LegalHold.id == hold_id)
    return existing(work.session, query)


def held_among(work: Work, couple_ids: Collection[UUID]) -> set[UUID]:
    """Those of many couples of which a hold stands."""
    query = select(LegalHold.couple_id).where(LegalHold.couple_id.in_(couple_ids), LegalHold.lifted_at.is_(None))
    return set(work.session.scalars(query))


def check_not_held(work: Work, couple_id: UUID) -> None:
    """What every purge of a couple's rows asks first. Raises HeldError."""
    if held_among(work, [couple_id]):
        raise HeldError


def _shown(work: Work, row: LegalHold) -> HoldRead:
    return HoldRead(
        id=row.id,
        couple_id=row.couple_id,
        reason=work.vault.open(row, "reason", row.reason),
        set_at=row.set_at,
        set_by=row.set_by,
        lifted_at=row.lifted_at,
        lifting_reason=work.vault.open(row, "lifting_reason", row.lifting_reason),
    )
