"""Keeps figures of couples current by following the trail: what it names is reckoned again, and nothing is added to a write.

The two audiences are followed apart. What stands outside the care team is reckoned when something happened that may be known
there, or when something hidden comes to show, so that not even the moment of a reckoning tells of anything else.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from time import monotonic, sleep
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select, update

from app.access.actor import Actor
from app.access.permissions import CARE_TEAM, MACHINE
from app.access.work import Work
from app.caseload.kept_rows import keep_rows
from app.caseload.models import CoupleStanding, Followed
from app.core.chores import Chore, Holds
from app.core.commit_order import last_in_commit_order, place_in_commit_order, rows_in_commit_order, rows_not_settled
from app.core.database import Compartment, lock_key
from app.core.health import VERSION
from app.core.migrate import HEAD
from app.core.settings import Settings
from app.couples.models import Couple
from app.ledger.models import LedgerEvent
from app.ledger.service import chore_at_work

EVERY: Final = timedelta(seconds=10)
RECKONED_BY: Final = ("on_track_", "rabbit_hole_", "caseload_")  # beginnings of the names of settings
COLUMNS: Final = (LedgerEvent.id, LedgerEvent.kind, LedgerEvent.subject, LedgerEvent.couple_id, LedgerEvent.compartment)
WAIT: Final = 0.1  # seconds until it is looked again whether another process has done its part
CHANGES: Final = frozenset({"create", "update", "delete"})
# What of the trail a row outside the care team is reckoned from, apart from what lies in safety.
TOLD_OUTSIDE: Final = frozenset(
    {
        *("couple", "partner", "episode", "concern", "erasure"),
        *("homework_plan", "plan_transition", "assignment", "check_in"),
        *("administration", "score"),
    }
)
HOUR: Final = ("session_note", Compartment.CONJOINT)  # figures are of the hours of both, never of one partner's alone
Mark = tuple[UUID | None, UUID | None, bool]
OF_COUPLE: Final = (Couple.clinic_id == CoupleStanding.clinic_id) & (Couple.id == CoupleStanding.couple_id)
FEW: Final = 200  # events that name nobody are passed over together, and not one read at a time


@dataclass(frozen=True)
class Bounds:
    """How much one transaction takes on."""

    events: int
    couples: int


OF_READ: Final = Bounds(events=5_000, couples=20)
OF_CHORE: Final = Bounds(events=5_000, couples=5)


@dataclass(frozen=True)
class Todo:
    """Which couples are to be reckoned, and how far that brings the trail and the first fill; `is_all` when nothing is left.

    `since` is the mark that it goes on from.
    """

    since: Mark | None
    couples: Sequence[UUID]
    events: int
    event_id: UUID | None
    filled_to: UUID | None
    is_filled: bool
    is_all: bool


def follow(work: Work, bounds: Bounds = OF_READ, mine: ColumnElement[bool] | None = None) -> bool | None:
    """Brings the rows of this work's audience up to the trail, within bounds; whether nothing is left.

    `mine` is a condition on couples: whose rows a reader wants that are missing, or that time has made stale; what the trail
    names is reckoned whoever's it is. Without it everything is brought up to date, older records included.
    None when there is something to do and somebody else is at it.
    """
    rules = rules_of(work.settings)
    mark = _mark(work)
    if mark is not None and mark.rules != rules:
        if not lock_key(work.session, lock_of(work.session.reach.clinic_id)):
            return None
        _age(work, rules)
    todo = _look(work, _of(mark), bounds, mine)
    if todo.is_all and not todo.couples and todo.events < FEW:
        return True
    if not lock_key(work.session, lock_of(work.session.reach.clinic_id)):
        return True if todo.is_all and not todo.couples else None
    mark = _mark(work)
    if _of(mark) != todo.since:  # somebody was faster
        todo = _look(work, _of(mark), bounds, mine)
    keep_rows(work, sorted(todo.couples))
    if mark is None:
        mark = Followed(clinic_id=work.session.reach.clinic_id, of_safety=work.sees_safety, rules=rules)
        work.session.add(mark)
    mark.event_id, mark.filled_to, mark.is_filled = todo.event_id, todo.filled_to, todo.is_filled
    work.session.flush()
    return todo.is_all


def rules_of(settings: Settings) -> str:
    """A fingerprint of all that rows are reckoned by beside the record: this version's rules, with the numbers in force."""
    numbers = {name: value for name, value in settings.model_dump(mode="json").items() if name.startswith(RECKONED_BY)}
    return sha256(json.dumps([VERSION, HEAD, numbers], sort_keys=True).encode()).hexdigest()


def _age(work: Work, rules: str) -> None:
    """Has every row of this audience reckoned anew: the rules are not those of when it was."""
    stale = update(CoupleStanding).where(CoupleStanding.fresh_until > work.now).values(fresh_until=work.now)
    work.session.execute(stale, execution_options={"synchronize_session": False})
    work.session.execute(update(Followed).where(Followed.of_safety == work.sees_safety).values(rules=rules))


def lock_of(clinic_id: UUID) -> int:
    """One for both audiences: what hides something from one of them has to find the other's row at rest."""
    return int.from_bytes(sha256(b"kept figures" + clinic_id.bytes).digest()[:7], "big")


def _mark(work: Work) -> Followed | None:
    query = select(Followed).where(Followed.of_safety == work.sees_safety)
    return work.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def _of(mark: Followed | None) -> Mark | None:
    """Where a mark stands: the last event, the last couple filled in, whether all are."""
    return None if mark is None else (mark.event_id, mark.filled_to, mark.is_filled)


def _look(work: Work, since: Mark | None, bounds: Bounds, mine: ColumnElement[bool] | None) -> Todo:
    # Without a mark, what is there already is filled in, and followed from here on.
    begun, filled_to, is_filled = since or (last_in_commit_order(work.session, LedgerEvent), None, False)
    named, events, event_id, is_all = _named(work, begun, bounds)
    named |= dict.fromkeys(_stale(work, mine, bounds.couples - len(named)))
    is_all = is_all and len(named) < bounds.couples
    room = bounds.couples - len(named)
    if not is_filled and room > 0:
        filled = _older(work, filled_to, room) if mine is None else _missing(work, mine, room)
        named |= dict.fromkeys(filled)
        is_all = is_all and len(filled) < room
        if mine is None:
            filled_to, is_filled = (filled[-1] if filled else filled_to), len(filled) < room
    return Todo(since, list(named), events, event_id, filled_to, is_filled, is_all)


def _named(work: Work, event_id: UUID | None, bounds: Bounds) -> tuple[dict[UUID, None], int, UUID | None, bool]:
    """Couples whose changes come after an event, how many events were seen and which was the last, and whether all were."""
    after = None if event_id is None else place_in_commit_order(work.session, LedgerEvent, event_id)
    rows = rows_in_commit_order(work.session, LedgerEvent, COLUMNS, after, bounds.events)
    named: dict[UUID, None] = {}
    for seen, (_position, event, *told) in enumerate(rows):
        couple_id = _changed(work, *told)
        if couple_id is not None and couple_id not in named:
            if len(named) == bounds.couples:
                return named, seen, event_id, False
            named[couple_id] = None
        event_id = event
    if len(rows) == bounds.events:
        return named, len(rows), event_id, False
    # What is committed and not settled is reckoned too, and met again: the next look must find it, and so must this reader.
    recent = [_changed(work, *told) for _event, *told in rows_not_settled(work.session, LedgerEvent, COLUMNS, bounds.events)]
    anew = [couple_id for couple_id in dict.fromkeys(recent) if couple_id is not None and couple_id not in named]
    room = bounds.couples - len(named)
    return named | dict.fromkeys(anew[:room]), len(rows), event_id, len(anew) <= room


def _changed(work: Work, kind: str, subject: str, couple_id: UUID | None, compartment: str | None) -> UUID | None:
    """The couple that an event changed, as far as this audience's rows are reckoned from what it was about."""
    is_outside = (subject in TOLD_OUTSIDE and compartment != Compartment.SAFETY) or (subject, compartment) == HOUR
    is_told = work.sees_safety or is_outside
    return couple_id if kind in CHANGES and is_told else None


def _stale(work: Work, mine: ColumnElement[bool] | None, limit: int) -> list[UUID]:
    """Couples whose rows time has made stale, the longest ago first."""
    if limit <= 0:
        return []
    query = select(CoupleStanding.couple_id).where(CoupleStanding.fresh_until <= work.now)
    if mine is not None:
        query = query.join(Couple, OF_COUPLE).where(mine)
    return list(work.session.scalars(query.order_by(CoupleStanding.fresh_until).limit(limit)))


def _older(work: Work, after: UUID | None, limit: int) -> list[UUID]:
    """The next couples of the first fill."""
    query = select(Couple.id).order_by(Couple.id).limit(limit)
    return list(work.session.scalars(query if after is None else query.where(Couple.id > after)))


def _missing(work: Work, mine: ColumnElement[bool], limit: int) -> list[UUID]:
    """A reader's own couples that the first fill has not come to."""
    reckoned = exists(CoupleStanding.id).where(OF_COUPLE, CoupleStanding.of_safety == work.sees_safety)
    return list(work.session.scalars(select(Couple.id).where(mine, ~reckoned).order_by(Couple.id).limit(limit)))


def keep_figures(runtime: Holds, clinic_id: UUID) -> None:
    """Follows the trail to its end for both audiences; what another process is at is left to it."""
    for compartments in (CARE_TEAM, MACHINE):
        _follow_all(runtime, clinic_id, compartments)


def _follow_all(runtime: Holds, clinic_id: UUID, compartments: frozenset[Compartment], wait: float | None = None) -> None:
    """A few couples a transaction; on SQLite with as long a rest after each, because nobody else writes while one lasts.

    `wait` is for how many seconds another process that is at it is waited for; without it there is nothing to wait for.
    """
    while True:
        begun = monotonic()
        is_done = _follow_some(runtime, clinic_id, compartments)
        if is_done or (is_done is None and wait is None):
            return
        if is_done is None and wait:
            sleep(wait)
        elif not runtime.database.is_postgresql:
            sleep(monotonic() - begun)


def _follow_some(runtime: Holds, clinic_id: UUID, compartments: frozenset[Compartment]) -> bool | None:
    with chore_at_work(runtime, clinic_id, "keep_figures", compartments) as (session, vault, now):
        nobody = UUID(int=0)
        actor = Actor(clinic_id, nobody, nobody, None, frozenset())
        return follow(Work(session, actor, vault, now, runtime.settings), OF_CHORE)


def rebuild_figures(runtime: Holds, clinic_id: UUID) -> int:
    """Has every couple's figures reckoned anew, whatever is kept; returns how many couples have some then."""
    with chore_at_work(runtime, clinic_id, "rebuild_figures") as (session, _vault, _now):
        for mark in session.scalars(select(Followed)):
            mark.filled_to, mark.is_filled = None, False
    for compartments in (CARE_TEAM, MACHINE):
        _follow_all(runtime, clinic_id, compartments, WAIT)
    with chore_at_work(runtime, clinic_id, "rebuild_figures", CARE_TEAM) as (session, _vault, _now):
        return session.execute(select(func.count(CoupleStanding.id))).scalar_one()


KEEPING: Final = Chore("keep_figures", EVERY, keep_figures)
