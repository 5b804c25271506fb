"""Looks out for new changes on behalf of all who wait for some: one short look a second and clinic, however many wait."""

import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy import or_

from app.core.commit_order import last_in_commit_order, place_in_commit_order, rows_in_commit_order
from app.core.database import Compartment, Database, Reach
from app.ledger.models import LedgerEvent

EVERY: Final = 1.0  # seconds between two looks
CHANGE: Final = (
    LedgerEvent.kind.in_(("create", "update", "delete"))
    & LedgerEvent.couple_id.is_not(None)
    & or_(LedgerEvent.compartment.is_(None), LedgerEvent.compartment != Compartment.SAFETY)
)


@dataclass
class Sight:
    """How far one clinic's trail was looked through, when, and how often there was something new."""

    event_id: UUID | None = None
    looked_at: float | None = None
    times: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Lookout:
    """What one process has seen of each clinic's trail. It tells that something changed, never what."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sights: dict[UUID, Sight] = {}

    def recent(self, clinic_id: UUID) -> int | None:
        """How often something had changed by the last look; None when that is too long ago. It waits for nothing."""
        sight = self._sights.get(clinic_id)
        if sight is None or sight.looked_at is None or monotonic() - sight.looked_at >= EVERY:
            return None
        return sight.times

    def look(self, clinic_id: UUID) -> int:
        """The same after a look; of several who come at once one looks."""
        sight = self._sights.setdefault(clinic_id, Sight())
        with sight.lock:
            seen = self.recent(clinic_id)
            if seen is not None:
                return seen
            self._look(clinic_id, sight)
            sight.looked_at = monotonic()
            return sight.times

    def _look(self, clinic_id: UUID, sight: Sight) -> None:
        with self._database.transaction(Reach(clinic_id), durable=False) as session:
            end = last_in_commit_order(session, LedgerEvent)
            if end is None or end == sight.event_id:
                return
            after = None if sight.event_id is None else place_in_commit_order(session, LedgerEvent, sight.event_id)
            upto = place_in_commit_order(session, LedgerEvent, end)
            is_new = after is None or rows_in_commit_order(
                session, LedgerEvent, (LedgerEvent.id,), after, 1, upto=upto, only=CHANGE
            )
            sight.event_id = end
            sight.times += bool(is_new)
