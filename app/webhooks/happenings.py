"""What of the ledger software outside is told: a change of which kind, of which id, and by which scope one may know of it.

Only what is listed here is ever told. Nothing in the compartment `safety` is, nor what another row of a couple betrays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.permissions import Permission
from app.core.commit_order import place_in_commit_order, rows_in_commit_order
from app.core.database import Compartment, RecordSession
from app.core.ids import encode
from app.couples.models import ConcernRating
from app.homework.models import Assignment, PlanTransition
from app.ledger.models import LedgerEvent

CHANGED: Final = "changed"
DELETED: Final = "deleted"
COLUMNS: Final = (
    *(LedgerEvent.id, LedgerEvent.kind, LedgerEvent.subject, LedgerEvent.subject_id, LedgerEvent.couple_id),
    *(LedgerEvent.compartment, LedgerEvent.at),
)
EVENTS: Final = 5_000  # read at a time


@dataclass(frozen=True)
class Kind:
    """A kind of thing that software is told of: how its ids begin, and the scope that reads it."""

    prefix: str
    scope: Permission


KINDS: Final = {
    "couple": Kind("cpl", Permission.COUPLES_READ),
    "partner": Kind("prt", Permission.COUPLES_READ),
    "episode": Kind("epi", Permission.COUPLES_READ),
    "concern": Kind("con", Permission.COUPLES_READ),
    "plan": Kind("pln", Permission.HOMEWORK_READ),
    "assignment": Kind("asg", Permission.HOMEWORK_READ),
    "check_in": Kind("chk", Permission.HOMEWORK_READ),
    "administration": Kind("adm", Permission.ADMINISTRATIONS_READ),
}
TYPES: Final = {f"{name}.{what}": kind for name, kind in KINDS.items() for what in (CHANGED, DELETED)}
# Tables whose rows are what is told of, and those whose rows belong to one: a plan never changes, its transitions do.
SUBJECTS: Final = {name: name for name in KINDS} | {"homework_plan": "plan"}
PARTS: Final = {
    "plan_transition": ("plan", PlanTransition.id, PlanTransition.plan_id),
    "concern_rating": ("concern", ConcernRating.id, ConcernRating.concern_id),
}


@dataclass(frozen=True)
class Happening:
    """A change that software may be told of."""

    event_type: str
    changed_id: str
    happened_at: datetime


@dataclass(frozen=True)
class Page:
    """What happened up to an event of the ledger, how many events were passed, and whether that was all there are."""

    happenings: Sequence[Happening]
    event_id: UUID | None
    events: int
    is_all: bool


def happened_since(session: RecordSession, event_id: UUID | None, limit: int = EVENTS) -> Page:
    """The next page of what happened; several changes of one thing are told once."""
    after = None if event_id is None else place_in_commit_order(session, LedgerEvent, event_id)
    rows = rows_in_commit_order(session, LedgerEvent, COLUMNS, after, limit)
    told = [
        (kind, subject, subject_id, at)
        for _position, _id, kind, subject, subject_id, _couple_id, compartment, at in rows
        if kind in {"create", "update", "delete"} and compartment != Compartment.SAFETY and subject_id is not None
    ]
    found = list(_told(session, told))
    last = {(one.event_type, one.changed_id): one for one in found}
    return Page(list(last.values()), rows[-1][1] if rows else event_id, len(rows), len(rows) < limit)


def _told(session: RecordSession, events: Sequence[tuple[str, str, UUID, datetime]]) -> Iterable[Happening]:
    owners = _owners(session, events)
    shown = _shown(session, [subject_id for _kind, subject, subject_id, _at in events if subject == "assignment"])
    for kind, subject, subject_id, at in events:
        if subject in SUBJECTS:
            name, what = SUBJECTS[subject], DELETED if kind == "delete" else CHANGED
            # what is not shown yet happens, for everybody outside, when it shows
            yield Happening(f"{name}.{what}", encode(KINDS[name].prefix, subject_id), max(at, shown.get(subject_id, at)))
        elif subject_id in owners:
            name, owner_id = PARTS[subject][0], owners[subject_id]
            yield Happening(f"{name}.{CHANGED}", encode(KINDS[name].prefix, owner_id), at)


def _owners(session: RecordSession, events: Sequence[tuple[str, str, UUID, datetime]]) -> dict[UUID, UUID]:
    """What the rows that are a part of something are parts of."""
    found: dict[UUID, UUID] = {}
    for table, (_name, row_id, owner_id) in PARTS.items():
        ids = {subject_id for _kind, subject, subject_id, _at in events if subject == table}
        if ids:
            found.update((row[0], row[1]) for row in session.execute(select(row_id, owner_id).where(row_id.in_(ids))))
    return found


def _shown(session: RecordSession, assignment_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    if not assignment_ids:
        return {}
    query = select(Assignment.id, Assignment.shown_at).where(Assignment.id.in_(assignment_ids))
    return {row[0]: row[1] for row in session.execute(query)}
