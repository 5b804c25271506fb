"""Use cases of erasures: asked for, refused or locked, held, due, confirmed, and at last destroyed, with a signed proof."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.access.permissions import Role
from app.access.work import Work
from app.core.canonical import canonical
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.core.signing import Purpose, public_keys, sign
from app.couples.models import Couple, Slot
from app.couples.service import get_partner, visible_to
from app.disclosures.service import EVERYTHING, lock_couple
from app.errors import NotFoundError
from app.releases.deletion import delete_optional, destroy
from app.releases.holds import held_among, reach_couple
from app.releases.models import Erasure
from app.releases.retention import clocks
from app.releases.rules import (
    Clock,
    Erased,
    ErasureNotNowError,
    ErasureOpenError,
    OfErasure,
    Steps,
    check_erasure,
    check_whole,
    erasure_stands,
)
from app.releases.schemas import ErasureCreate, ErasureRead, ProofRead

OVER: Final = Clock(None, "")
ENDS: Final = frozenset({Erased.REFUSED, Erased.SHREDDED, Erased.WITHDRAWN})


def request(work: Work, body: ErasureCreate) -> ErasureRead:
    """Keeps the request. Raises ErasureNeedsBothError, ErasureOpenError, ErasureNotNowError, HeldError."""
    reach_couple(work, body.couple_id)
    lock_couple(work, body.couple_id)
    slot = None
    if body.partner_id is not None:
        with work.session.reaching(EVERYTHING):
            slot = Slot(get_partner(work, body.couple_id, body.partner_id).slot)
    check_whole(body.ground, body.asked_by, one_partner=slot)
    _check_none_open(work, body)
    if body.ground == "retention_over" and not clocks(work, [body.couple_id])[body.couple_id].is_over(work.now.date()):
        raise ErasureNotNowError("The time to keep this record is not over.")
    erasure = Erasure(
        couple_id=body.couple_id,
        partner_id=body.partner_id,
        compartment=None if slot is None else slot.compartment,
        ground=body.ground,
        asked_by=body.asked_by,
        requested_at=work.now,
        requested_by=work.actor.id,
    )
    work.session.add(erasure)
    work.session.flush()
    return _shown(work, erasure)


def _check_none_open(work: Work, body: ErasureCreate) -> None:
    query = select(Erasure).where(Erasure.couple_id == body.couple_id)
    for earlier in work.session.scalars(query):
        if earlier.partner_id == body.partner_id and _standing(work, earlier) not in ENDS:
            raise ErasureOpenError


def refuse(work: Work, erasure_id: UUID) -> ErasureRead:
    """Refuses on statutory retention, with the day it ends. Raises ErasureNotNowError."""
    erasure = _get_to_change(work, erasure_id)
    check_erasure(_standing(work, erasure), OfErasure.REFUSE)
    erasure.refused_at, erasure.refused_until = work.now, clocks(work, [erasure.couple_id])[erasure.couple_id].due_on
    work.session.flush()
    return _shown(work, erasure)


def restrict(work: Work, erasure_id: UUID) -> ErasureRead:
    """Deletes now what rests on consent alone; the rest is kept and waits for its day. Raises HeldError, ErasureNotNowError."""
    erasure = _get_to_change(work, erasure_id)
    work.actor.check_recently_proven(work.now)
    check_erasure(_standing(work, erasure), OfErasure.RESTRICT)
    if erasure.restricted_at is None:
        delete_optional(work, erasure)
        erasure.restricted_at = work.now
        if erasure.partner_id is None:
            _lock_record(work, erasure.couple_id)
    work.session.flush()
    return _shown(work, erasure)


def _lock_record(work: Work, couple_id: UUID) -> None:
    """An archived couple's record is read and not added to."""
    couple = work.session.scalars(select(Couple).where(Couple.id == couple_id)).one()
    couple.archived_at = couple.archived_at or work.now


def confirm(work: Work, erasure_id: UUID) -> ErasureRead:
    """The first of the two steps, once the record is due. Raises HeldError, ErasureNotNowError, StepUpRequiredError."""
    erasure = _get_to_change(work, erasure_id)
    work.actor.check_recently_proven(work.now)
    check_erasure(_standing(work, erasure), OfErasure.CONFIRM)
    erasure.confirmed_at, erasure.confirmed_by = work.now, work.actor.id
    work.session.flush()
    return _shown(work, erasure)


def shred(work: Work, erasure_id: UUID) -> ErasureRead:
    """The second: keys and rows are destroyed with the commit. Raises HeldError, ErasureNotNowError, StepUpRequiredError."""
    erasure = _get_to_change(work, erasure_id)
    work.actor.check_recently_proven(work.now)
    check_erasure(_standing(work, erasure), OfErasure.SHRED)
    if work.now < (from_when := _shreds_from(work, erasure) or work.now):
        raise ErasureNotNowError(f"The second step can be made from {from_when:%Y-%m-%dT%H:%M:%SZ}.")
    erasure.shredded_at, erasure.shredded_by = work.now, work.actor.id
    destroyed = destroy(work, erasure)
    erasure.proof = _tombstone(erasure, destroyed)
    signature = sign(work.session, work.vault, Purpose.TOMBSTONE, canonical(erasure.proof))
    erasure.proof_signature, erasure.proof_key_id = signature.value, signature.key_id
    work.session.flush()
    return _shown(work, erasure)


def _tombstone(erasure: Erasure, destroyed: dict[str, Any]) -> dict[str, Any]:
    """Ids, moments and counts: what is needed to show that it was done, and nothing of whom it was about."""
    return {
        "form": "rekindle-erasure-1",
        "clinic_id": str(erasure.clinic_id),
        "erasure_id": str(erasure.id),
        "couple_id": str(erasure.couple_id),
        "partner_id": None if erasure.partner_id is None else str(erasure.partner_id),
        "ground": erasure.ground,
        "requested_at": _moment(erasure.requested_at),
        "confirmed_at": _moment(erasure.confirmed_at),
        "shredded_at": _moment(erasure.shredded_at),
        **destroyed,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def withdraw(work: Work, erasure_id: UUID) -> ErasureRead:
    """Keeps that nobody asks for it any longer; what was deleted stays deleted. Raises ErasureNotNowError."""
    erasure = _get_to_change(work, erasure_id)
    check_erasure(_standing(work, erasure), OfErasure.WITHDRAW)
    erasure.withdrawn_at = work.now
    work.session.flush()
    return _shown(work, erasure)


def read_erasure(work: Work, erasure_id: UUID) -> ErasureRead:
    """One erasure, also after the end of what it erased. Raises NotFoundError."""
    return _shown(work, _get(work, erasure_id))


def read_proof(work: Work, erasure_id: UUID) -> ProofRead:
    """The signed tombstone. Raises NotFoundError before the end."""
    erasure = _get(work, erasure_id)
    if erasure.proof is None or erasure.proof_signature is None or erasure.proof_key_id is None:
        raise NotFoundError
    public = public_keys(work.session, Purpose.TOMBSTONE)[erasure.proof_key_id]
    return ProofRead(
        erasure_id=erasure.id,
        tombstone=erasure.proof,
        key_id=str(erasure.proof_key_id),
        public_key=public.hex(),
        signature=erasure.proof_signature.hex(),
    )


def list_erasures(work: Work, limit: int, cursor: str | None) -> Page[ErasureRead]:
    """A page of the erasures within reach, oldest first."""
    pager = Pager(work.vault, limit, cursor, "erasures", work.actor.id)
    query = select(Erasure).where(Erasure.clinic_id == work.actor.clinic_id)
    if work.actor.role is not Role.ADMINISTRATOR:
        mine = Erasure.couple_id.in_(select(Couple.id).where(visible_to(work)))
        query = query.where(mine | (Erasure.requested_by == work.actor.id))
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Erasure.id))))
    return Page(items=_all_shown(work, rows), next_cursor=next_cursor)


def _get(work: Work, erasure_id: UUID) -> Erasure:
    """An erasure of a couple within reach, or one the caller asked for whose couple is gone. Raises NotFoundError."""
    own = Erasure.clinic_id == work.actor.clinic_id
    erasure = existing(work.session, select(Erasure).where(Erasure.id == erasure_id, own))
    is_over = erasure.shredded_at is not None and erasure.partner_id is None
    if not (is_over and (work.actor.role is Role.ADMINISTRATOR or erasure.requested_by == work.actor.id)):
        reach_couple(work, erasure.couple_id)
    return erasure


def _get_to_change(work: Work, erasure_id: UUID) -> Erasure:
    """The same, while no hold, release or other step of this couple can run beside."""
    erasure = _get(work, erasure_id)
    if erasure.shredded_at is None:
        lock_couple(work, erasure.couple_id)
        work.session.refresh(erasure)
    return erasure


@dataclass(frozen=True)
class Around:
    """What stands around erasures: the retention clocks of their couples, and which couples are held."""

    clocks: Mapping[UUID, Clock]
    held: Collection[UUID]

    def clock(self, erasure: Erasure) -> Clock:
        """Its couple's; of one that is gone nothing is due."""
        return self.clocks.get(erasure.couple_id, OVER)


def _around(work: Work, rows: Sequence[Erasure]) -> Around:
    ids = {row.couple_id for row in rows}
    return Around(clocks(work, ids), held_among(work, ids))


def _standing(work: Work, erasure: Erasure, around: Around | None = None) -> Erased:
    around = around or _around(work, [erasure])
    steps = Steps(erasure.refused_at, erasure.restricted_at, erasure.confirmed_at, erasure.shredded_at, erasure.withdrawn_at)
    over = around.clock(erasure).is_over(work.now.date())
    return erasure_stands(steps, held=erasure.couple_id in around.held, over=over)


def _shreds_from(work: Work, erasure: Erasure) -> datetime | None:
    if erasure.confirmed_at is None or erasure.shredded_at is not None:
        return None
    return erasure.confirmed_at + timedelta(hours=work.settings.erasure_wait_hours)


def _kept_until(erasure: Erasure, standing: Erased, around: Around) -> date | None:
    if standing is Erased.REFUSED:
        return erasure.refused_until
    return None if standing in ENDS else around.clock(erasure).due_on


def _shown(work: Work, erasure: Erasure) -> ErasureRead:
    return _all_shown(work, [erasure])[0]


def _all_shown(work: Work, rows: Sequence[Erasure]) -> list[ErasureRead]:
    around = _around(work, rows)
    found = []
    for erasure in rows:
        standing = _standing(work, erasure, around)
        found.append(
            ErasureRead(
                id=erasure.id,
                couple_id=erasure.couple_id,
                partner_id=erasure.partner_id,
                ground=erasure.ground,
                asked_by=erasure.asked_by,
                status=standing,
                requested_at=erasure.requested_at,
                kept_until=_kept_until(erasure, standing, around),
                restricted_at=erasure.restricted_at,
                confirmed_at=erasure.confirmed_at,
                shreds_from=_shreds_from(work, erasure),
                shredded_at=erasure.shredded_at,
            )
        )
    return found
