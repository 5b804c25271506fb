"""Break-glass: a member without a seat opens one couple for minutes, an alarm goes off, and others look at it afterwards.

Whoever opens must not be told whether there is such a couple: the answer is the same, and so are the alarm and the review.
It is told only by reading, after the alarm has been stored; a read that finds nothing undoes neither.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select

from app.access.members import get_member
from app.access.models import BreakGlass, BreakGlassReview
from app.access.permissions import Role
from app.access.work import Work
from app.core.crypto import Owner
from app.core.existing import existing
from app.core.ids import new_id
from app.core.key_models import DestroyedKey
from app.core.paging import Page, Pager
from app.couples.break_glass_schemas import BreakGlassCreate, BreakGlassRead, OperationCount, ReviewCreate, ReviewRead
from app.couples.models import Couple, Partner
from app.couples.schemas import CoupleRead
from app.couples.service import get_couple, read, visible_to
from app.errors import ConflictError, NotFoundError
from app.ledger.alarms import raise_alarm
from app.ledger.models import LedgerEvent

A_DAY: Final = timedelta(hours=24)
CARE: Final = "care"


class BreakGlassSpentError(ConflictError):
    """The member opened as many records as one may in a day."""

    code = "break_glass_spent"
    detail = "You have opened as many records in an emergency as one member may in 24 hours. Ask the administrator for a seat."


class BreakGlassReviewedError(ConflictError):
    """Somebody has looked at it."""

    code = "break_glass_reviewed"
    detail = "Somebody has looked at this opening already; what they found stays."


class OwnOpeningError(ConflictError):
    """Somebody was about to judge what they did themselves."""

    code = "own_opening"
    detail = "Somebody else has to look at what you opened."


def open_record(work: Work, body: BreakGlassCreate) -> BreakGlassRead:
    """Opens one couple to the caller, or stores that they tried. Raises StepUpRequiredError, BreakGlassSpentError."""
    work.actor.check_recently_proven(work.now)
    get_member(work, work.actor.id, to_change=True)  # openings of one member come one after the other, so that they count
    _check_not_spent(work)
    couple_id = _named(work, body)
    # The look-up of a key that is not there takes the time of one that is.
    work.vault.load_keys([(Owner.COUPLE, couple_id or new_id())])
    opening = BreakGlass(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        member_id=work.actor.id,
        reason=body.reason,
        opened_at=work.now,
        until=work.now + timedelta(minutes=body.minutes),
    )
    opening.words = work.vault.seal(opening, "words", body.words)
    work.session.add(opening)
    work.session.flush()
    raise_alarm(
        work.session, "break_glass" if couple_id else "break_glass_missed", couple_id=couple_id, member_id=work.actor.id
    )
    return _shown(work, [opening])[0]


def _check_not_spent(work: Work) -> None:
    lately = (BreakGlass.member_id == work.actor.id) & (BreakGlass.opened_at > work.now - A_DAY)
    if work.session.execute(select(func.count(BreakGlass.id)).where(lately)).scalar_one() >= work.settings.break_glass_a_day:
        raise BreakGlassSpentError


def _named(work: Work, body: BreakGlassCreate) -> UUID | None:
    """The couple that the caller named, whoever may see it; None for no couple of this clinic."""
    own = Couple.clinic_id == work.actor.clinic_id
    query: Select[Any] = select(Couple.id).where(own)
    if body.couple_id is not None:
        query = query.where(Couple.id == body.couple_id)
    elif body.external_id is not None:
        query = query.where(Couple.external_id == body.external_id)
    else:
        of_partner = select(Partner.couple_id).where(Partner.record_number == body.record_number)
        query = query.where(Couple.id.in_(of_partner))
    found: UUID | None = work.session.scalars(query).one_or_none()
    return None if found in _erased(work, {found or new_id()}) else found


def _erased(work: Work, couple_ids: set[UUID]) -> set[UUID]:
    """Those of some couples whose key was destroyed: nothing of them can be read or written any more."""
    gone = (DestroyedKey.owner == Owner.COUPLE) & DestroyedKey.owner_id.in_(couple_ids)
    return set(work.session.scalars(select(DestroyedKey.owner_id).where(gone)))


def told_to(work: Work) -> ColumnElement[bool]:
    """THE condition on openings: the administrator sees all, others their own and those of couples they care for."""
    own = BreakGlass.clinic_id == work.actor.clinic_id
    if work.actor.role is Role.ADMINISTRATOR:
        return own
    cared_for = BreakGlass.couple_id.in_(select(Couple.id).where(visible_to(work)))
    return own & ((BreakGlass.member_id == work.actor.id) | cared_for)


def list_openings(work: Work, limit: int, cursor: str | None, *, reviewed: bool) -> Page[BreakGlassRead]:
    """A page of the openings that nobody has looked at yet, or that somebody has, oldest first."""
    pager = Pager(work.vault, limit, cursor, "break glass", work.actor.id, reviewed)
    seen = select(BreakGlassReview.id).where(BreakGlassReview.break_glass_id == BreakGlass.id).exists()
    query: Select[Any] = select(BreakGlass).where(told_to(work), seen if reviewed else ~seen)
    openings, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, BreakGlass.id))))
    return Page(items=_shown(work, openings), next_cursor=next_cursor)


def read_opening(work: Work, opening_id: UUID) -> BreakGlassRead:
    """One opening. Raises NotFoundError."""
    return _shown(work, [_get_opening(work, opening_id)])[0]


def _get_opening(work: Work, opening_id: UUID) -> BreakGlass:
    return existing(work.session, select(BreakGlass).where(BreakGlass.id == opening_id, told_to(work)))


def read_opened_couple(work: Work, opening_id: UUID) -> CoupleRead:
    """The couple that the caller opened, while it is open. Raises NotFoundError, also where what they named is no couple."""
    opening = _get_opening(work, opening_id)
    if opening.member_id != work.actor.id or opening.couple_id is None or opening.until <= work.now:
        raise NotFoundError
    return read(work, [get_couple(work, opening.couple_id)])[0]


def review(work: Work, opening_id: UUID, body: ReviewCreate) -> BreakGlassRead:
    """Keeps what somebody else found. Raises OwnOpeningError, BreakGlassReviewedError, NotFoundError."""
    opening = _get_opening(work, opening_id)
    if opening.member_id == work.actor.id:
        raise OwnOpeningError
    if _reviews(work, [opening]):
        raise BreakGlassReviewedError
    by = {"reviewed_by": work.actor.id, "reviewed_at": work.now}
    work.session.add(BreakGlassReview(break_glass_id=opening.id, outcome=body.outcome, **by))
    work.session.flush()
    return _shown(work, [opening])[0]


def _shown(work: Work, openings: Sequence[BreakGlass]) -> list[BreakGlassRead]:
    """Openings as far as their reader may know; five queries for all."""
    couple_ids = {one.couple_id for one in openings if one.couple_id is not None}
    known, erased = _known(work, couple_ids), _erased(work, couple_ids)
    is_administrator = work.actor.role is Role.ADMINISTRATOR
    reviews, operations = _reviews(work, openings), _operations(work, openings)
    return [
        BreakGlassRead(
            id=one.id,
            member_id=one.member_id,
            couple_id=one.couple_id if is_administrator or one.couple_id in known else None,
            reason=one.reason,
            words=None if is_administrator or one.couple_id in erased else work.vault.open(one, "words", one.words),
            opened_at=one.opened_at,
            until=one.until,
            operations=[] if one.member_id == work.actor.id else operations[one.id],
            review=reviews.get(one.id),
        )
        for one in openings
    ]


def _known(work: Work, couple_ids: set[UUID]) -> set[UUID]:
    """The couples among them that the reader cares for."""
    return set(work.session.scalars(select(Couple.id).where(Couple.id.in_(couple_ids), visible_to(work))))


def _reviews(work: Work, openings: Sequence[BreakGlass]) -> dict[UUID, ReviewRead]:
    ids = [one.id for one in openings]
    query = select(BreakGlassReview).where(BreakGlassReview.break_glass_id.in_(ids))
    return {one.break_glass_id: ReviewRead.model_validate(one) for one in work.session.scalars(query)}


def _operations(work: Work, openings: Sequence[BreakGlass]) -> defaultdict[UUID | None, list[OperationCount]]:
    """What was read under each; an administrator is told how often and not what, which would tell of the couple.

    The couples lead to the events, which are many; a request's first has an aim. Ids of requests are their callers' to choose.
    """
    what: Any = literal(CARE) if work.actor.role is Role.ADMINISTRATOR else LedgerEvent.operation
    couples, ids = {one.couple_id for one in openings} - {None}, [one.id for one in openings]
    query = (
        select(LedgerEvent.break_glass_id, what.label("what"), func.count())
        .where(LedgerEvent.couple_id.in_(couples), LedgerEvent.break_glass_id.in_(ids), LedgerEvent.aim.is_not(None))
        .group_by(LedgerEvent.break_glass_id, "what")
    )
    found: defaultdict[UUID | None, list[OperationCount]] = defaultdict(list)
    for opening_id, operation, times in work.session.execute(query.order_by("what")):
        found[opening_id].append(OperationCount(operation=operation, times=times))
    return found
