"""What one export reads: a snapshot, the couples it holds, and which rows of theirs it may."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.access.actor import Actor
from app.access.permissions import MACHINE
from app.access.work import Runtime, Work
from app.core.crypto import Vault
from app.core.database import Reach
from app.core.snapshots import snapshot
from app.couples.models import Couple
from app.couples.service import visible_to

A_PAGE: Final = 500  # couples that are read together
ROWS_AT_ONCE: Final = 5_000  # rows in memory of a table that is read as it stands
Places = Mapping[str, Collection[UUID]]
"""Couples by the place (`conjoint`, `individual_a`, `individual_b`) whose rows of them may be read."""


@dataclass(frozen=True)
class Reading:
    """One export's read-only snapshot.

    `work` has the compartments of a machine, and nothing read through it leaves a trace: who reads what was told before.
    `since` are the couples of an incremental export. `released` says by kind which places of which couples may leave;
    without it everything within reach may.
    """

    work: Work
    since: frozenset[UUID] | None = None
    released: Mapping[str, Places] | None = None

    def couples(self) -> Iterator[Sequence[UUID]]:
        """The couples of this export in order of their ids, a page at a time."""
        last: UUID | None = None
        while page := self._page(last):
            yield page
            last = page[-1]

    def _page(self, last: UUID | None) -> list[UUID]:
        query = select(Couple.id).where(visible_to(self.work)).order_by(Couple.id).limit(A_PAGE)
        if last is not None:
            query = query.where(Couple.id > last)
        if self.since is not None:
            later = sorted(couple_id for couple_id in self.since if last is None or couple_id > last)[:A_PAGE]
            query = query.where(Couple.id.in_(later))
            found = list(self.work.session.scalars(query))
            return found if found or not later else self._page(later[-1])
        return list(self.work.session.scalars(query))

    def covers(self, kind: str, place: str, couple_id: UUID) -> bool:
        """Whether rows of a kind, in a place of a couple of this export, may leave."""
        return self.released is None or couple_id in self.released.get(kind, {}).get(place, ())

    def may_leave(
        self, kind: str, couple_id: ColumnElement[UUID], place: ColumnElement[str], of: Sequence[UUID]
    ) -> ColumnElement[bool]:
        """The same as a condition on rows of a page of couples."""
        own = couple_id.in_(of)
        if self.released is None:
            return own
        places = self.released.get(kind, {})
        return own & or_(
            False, *(and_(place == name, couple_id.in_([one for one in of if one in ids])) for name, ids in places.items())
        )

    def pages_of(self, query: Select[Any]) -> Iterator[Sequence[Any]]:
        """The rows of one query, a few thousand at a time."""
        yield from self.work.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)).partitions()


@contextmanager
def reading(
    runtime: Runtime,
    actor: Actor,
    now: datetime,
    *,
    since: frozenset[UUID] | None = None,
    released: Mapping[str, Places] | None = None,
) -> Iterator[Reading]:
    """A snapshot of the record as it stands now, for whoever exports; it reaches what a machine's reads do, and no more."""
    with snapshot(runtime.database, Reach(actor.clinic_id, MACHINE)) as session:
        work = Work(session, actor, Vault(session, runtime.cache), now, runtime.settings, writes=False)
        yield Reading(work, since, released)
