"""Which episode of care a couple is in, and from when on what was recorded belongs to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from app.access.past import Past
from app.access.work import Work
from app.couples.models import Couple, Episode

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Care:
    """The episode that is looked at: the open one, or the last.

    Another that ended before it is another story, with an intake of its own: this one then begins on `first_day`, at `since`.
    Without one before both are None, and everything belongs to it: records are taken over with scores older than their
    episode.
    """

    episode_id: UUID | None = None
    first_day: date | None = None
    since: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether a moment belongs to it."""
        return self.since is None or at >= self.since

    def holds_day(self, day: date) -> bool:
        """Whether a day where the couple lives belongs to it."""
        return self.first_day is None or day >= self.first_day


NO_CARE: Final = Care()


def read_care(work: Work, couple_id: UUID) -> Care:
    """The care of one couple, by the end of the day that is looked back at."""
    return read_care_of_each(work, [couple_id]).get(couple_id, NO_CARE)


def read_care_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, Care]:
    """The same of many couples, in one query; where episodes overlap because one was entered late, the later one is meant."""
    rows = work.session.execute(
        select(Episode.couple_id, Episode.opened_on, Episode.id, Episode.closed_on, Couple.time_zone)
        .join(Couple, Couple.id == Episode.couple_id)
        .where(Episode.couple_id.in_(couple_ids), work.has_happened(Episode.opened_on))
        .order_by(Episode.couple_id)
    )
    return {couple_id: _care(list(own), work.past) for couple_id, own in groupby(rows, itemgetter(0))}


def _care(rows: Sequence[Row[*tuple[Any, ...]]], past: Past | None) -> Care:
    closed = {row.id: row.closed_on for row in rows if row.closed_on and not (past and row.closed_on > past.day)}
    latest = max(rows, key=lambda row: (row.id not in closed, row.opened_on, row.id))
    ended = max((day for id_, day in closed.items() if id_ != latest.id and day <= latest.opened_on), default=None)
    if ended is None:
        return Care(latest.id)
    first_day = min(ended + DAY, latest.opened_on)  # of a day that ends one and begins another, the later one
    return Care(latest.id, first_day, datetime.combine(first_day, time.min, ZoneInfo(latest.time_zone)).astimezone(UTC))
