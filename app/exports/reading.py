"""What one export reads: a snapshot, the couples it holds, and which rows of theirs it may."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
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
from app.homework.pauses import pause_what_ran_out

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

    @cached_property
    def only(self) -> list[UUID] | None:
        """The couples this export is about, in order; None where it is about all within reach."""
        if self.released is None:
            return None if self.since is None else sorted(self.since)
        open_to = {one for places in self.released.values() for ids in places.values() for one in ids}
        return sorted(open_to if self.since is None else open_to & self.since)

    def couples(self) -> Iterator[Sequence[UUID]]:
        """The couples of this export in order of their ids, a page at a time."""
        mine = select(Couple.id).where(visible_to(self.work)).order_by(Couple.id)
        if self.only is not None:
            for start in range(0, len(self.only), A_PAGE):
                if page := list(self.work.session.scalars(mine.where(Couple.id.in_(self.only[start : start + A_PAGE])))):
                    yield page
            return
        page = list(self.work.session.scalars(mine.limit(A_PAGE)))
        while page:
            yield page
            page = list(self.work.session.scalars(mine.where(Couple.id > page[-1]).limit(A_PAGE)))

    def covers(self, kind: str, place: str, couple_id: UUID) -> bool:
        """Whether rows of a kind, in a place of a couple of this export, may leave."""
        return self.released is None or couple_id in self.released.get(kind, {}).get(place, ())

    def may_leave(self, kind: str, couple_id: Any, place: Any, of: Sequence[UUID]) -> ColumnElement[bool]:
        """The same as a condition on rows of a page of couples, in order of their ids."""
        # Said as a stretch of the index, too: of many thousand rows a plan for 500 ids alone reads the whole table each time.
        own: ColumnElement[bool] = couple_id.in_(of) & couple_id.between(of[0], of[-1])
        if self.released is None:
            return own
        places = self.released.get(kind, {})
        return own & or_(
            False, *(and_(place == name, couple_id.in_([one for one in of if one in ids])) for name, ids in places.items())
        )

    def pages_of(self, query: Select[*tuple[Any, ...]]) -> Iterator[Sequence[Any]]:
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
    """A snapshot of the record as it stands now, for whoever exports; it reaches what a machine's reads do, and no more.

    What should have happened by now and was waiting for somebody to look happens first: in a snapshot nothing does.
    """
    pause_what_ran_out(runtime, actor.clinic_id)
    with snapshot(runtime.database, Reach(actor.clinic_id, MACHINE)) as session:
        work = Work(session, actor, Vault(session, runtime.cache), now, runtime.settings, writes=False)
        yield Reading(work, since, released)
