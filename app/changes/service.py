"""Use cases of changes: a page of the feed, a token of now, and which couples changed since a token."""

from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.changes.following import Change, Followed, Op, follow, settled_end
from app.changes.schemas import ChangeRead, ChangesRead
from app.changes.tokens import followed_kinds, read_token, write_token
from app.core.ids import encode
from app.couples.models import Couple
from app.couples.service import visible_to
from app.ledger.service import log_reads

LATEST: Final = "latest"
MOST_PAGES: Final = 20  # pages of events that say nothing to this caller, passed over within one answer
EVENTS_AT_ONCE: Final = 1_000


class Reason(StrEnum):
    """Why a couple's rows are to be deleted before those of an incremental export are added."""

    CHANGED = "changed"
    ERASED = "erased"
    OUT_OF_VIEW = "out_of_view"


def read_changes(work: Work, since: str | None, limit: int, wait: int) -> ChangesRead:
    """A page of what changed after a token. Raises CursorInvalidError, StartAnewError."""
    if since == LATEST:
        return ChangesRead(items=[], next=None, delta=token_now(work))
    found = _next_page(work, None if since is None else read_token(work, since), limit)
    couples = sorted({change.couple_id for change in found.changes if change.op is Op.UPSERT})
    log_reads(work.session, "change", couples)
    token = write_token(work, found.event_id)
    answer = ChangesRead(
        items=[shown(change) for change in found.changes],
        next=None if found.is_all else token,
        delta=token if found.is_all else None,
    )
    return answer.waiting_in(work.actor.clinic_id) if wait and found.is_all and not found.changes else answer


def shown(change: Change) -> ChangeRead:
    """A change as the wire shows it."""
    return ChangeRead(
        type=change.kind.name,
        id=encode(change.kind.prefix, change.id),
        couple_id=change.couple_id,
        op=change.op,
        version=change.version,
        whole=change.whole,
        href=change.href,
    )


def _next_page(work: Work, after: UUID | None, limit: int) -> Followed:
    kinds = followed_kinds(work)
    found = follow(work, after, limit, kinds)
    for _ in range(MOST_PAGES):
        if found.changes or found.is_all:
            break
        found = follow(work, found.event_id, limit, kinds)
    return found


def token_now(work: Work) -> str:
    """The token of this moment: everything it leaves out is in what this transaction reads from here on.

    In a snapshot it is the token of that snapshot, because what is settled there can be read there.
    """
    return write_token(work, settled_end(work))


def couples_changed_since(work: Work, token: str) -> dict[UUID, Reason]:
    """Couples of which anything changed after a token that this caller may follow, and why what was read of them is stale.

    Raises CursorInvalidError, StartAnewError. In a snapshot it tells of exactly what that snapshot holds and is settled.
    """
    after, kinds = read_token(work, token), followed_kinds(work)
    touched: set[UUID] = set()
    is_all = False
    while not is_all:
        found = follow(work, after, EVENTS_AT_ONCE, kinds)
        touched |= {change.couple_id for change in found.changes}
        after, is_all = found.event_id, found.is_all
    return _reasons(work, touched)


def _reasons(work: Work, couple_ids: set[UUID]) -> dict[UUID, Reason]:
    visible: set[UUID] = set()
    there: set[UUID] = set()
    ids = sorted(couple_ids)
    for start in range(0, len(ids), EVENTS_AT_ONCE):
        some = Couple.id.in_(ids[start : start + EVENTS_AT_ONCE])
        visible |= set(work.session.scalars(select(Couple.id).where(some, visible_to(work))))
        there |= set(work.session.scalars(select(Couple.id).where(some)))
    return {
        couple_id: Reason.CHANGED if couple_id in visible else Reason.OUT_OF_VIEW if couple_id in there else Reason.ERASED
        for couple_id in ids
    }
