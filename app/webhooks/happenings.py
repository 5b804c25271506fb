"""What software outside is told of: what the change feed tells, as types that an integration's scopes read.

The feed decides what changed and whether it shows (`app/changes`), so nothing can be told here that is not told there, and
nothing of safety is in either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.access.work import Work
from app.changes.following import Change, Op, follow, settled_end
from app.changes.kinds import KINDS, Kind
from app.changes.tokens import StartAnewError
from app.core.chores import Holds
from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import encode
from app.ledger.models import LedgerEvent

NAMES: Final = {Op.UPSERT: "changed", Op.DELETE: "deleted"}
# No type for what no integration may read.
TYPES: Final[dict[str, Kind]] = {
    f"{name}.{what}": kind for name, kind in KINDS.items() if kind.permission in GRANTABLE for what in NAMES.values()
}
EVENTS: Final = 1_000  # read at a time
NOBODY: Final = UUID(int=0)


@dataclass(frozen=True)
class Happening:
    """A change that software may be told of."""

    event_type: str
    changed_id: str
    happened_at: datetime


@dataclass(frozen=True)
class Page:
    """What happened up to an event of the ledger, and whether that was all there is."""

    happenings: Sequence[Happening]
    event_id: UUID | None
    is_all: bool


def work_of_all(runtime: Holds, session: RecordSession, vault: Vault, now: datetime) -> Work:
    """Work in the name of all software of the clinic: what it may see by any scope, and never more."""
    actor = Actor(session.reach.clinic_id, NOBODY, NOBODY, None, GRANTABLE)
    return Work(session, actor, vault, now, runtime.settings)


def happened_since(work: Work, event_id: UUID | None, event_types: Iterable[str]) -> Page:
    """The next page of what happened of these types; several changes of one thing are told once.

    In a record that was restored to before an event, it goes on from the end: only a reader of the feed can catch up there.
    """
    try:
        found = follow(work, event_id, EVENTS, {TYPES[name].name for name in event_types})
    except StartAnewError:
        return Page((), settled_end(work), is_all=True)
    return Page(_told(work.session, found.changes), found.event_id, found.is_all)


def _told(session: RecordSession, changes: Sequence[Change]) -> list[Happening]:
    if not changes:
        return []
    query = select(LedgerEvent.id, LedgerEvent.at).where(LedgerEvent.id.in_({change.event_id for change in changes}))
    moments = {row[0]: row[1] for row in session.execute(query)}
    return [
        Happening(f"{change.kind.name}.{NAMES[change.op]}", encode(change.kind.prefix, change.id), moments[change.event_id])
        for change in changes
    ]
