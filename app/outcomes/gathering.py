"""What is read of one couple within one view: a fixed number of queries, whatever the couple's history."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.access.work import Work
from app.clinical.track import Track
from app.couples.service import Known, both_of, both_of_each
from app.homework.summary import HomeworkSummary, read_homework, read_homework_of_each
from app.measures.series import Series, read_series, read_series_of_each
from app.notes.visits import Visit, read_visits, read_visits_of_each
from app.outcomes.colour import track_of
from app.safety.signals import count_open_signals

Of = tuple[UUID, str, str]


@dataclass(frozen=True)
class Gathered:
    """What was read of one couple within one view; `hours` are the conjoint ones that signed notes tell of."""

    partners: list[Known]
    series: list[Series]
    homework: HomeworkSummary
    hours: tuple[Visit, ...]
    open_signals: int

    @property
    def visits(self) -> int:
        """How many conjoint hours there were."""
        return len(self.hours)

    @cached_property
    def slots(self) -> dict[UUID, str]:
        """Which partner is which."""
        return {partner.id: partner.slot.value for partner in self.partners}

    @cached_property
    def tracks(self) -> dict[Of, Track]:
        """Every series read against its intake, by partner, measure and scale."""
        return {(one.partner_id, one.measure, one.scale): track_of(one) for one in self.series}

    def track(self, series: Series) -> Track:
        """One series read against its intake."""
        return self.tracks[series.partner_id, series.measure, series.scale]


def gather(work: Work, couple_id: UUID) -> Gathered:
    """Reads what the view reaches, as it stood at the moment the work looks at."""
    return Gathered(
        partners=both_of(work, couple_id),
        series=read_series(work, couple_id),
        homework=read_homework(work, couple_id),
        hours=_conjoint(read_visits(work, couple_id)),
        open_signals=count_open_signals(work, [couple_id])[couple_id],
    )


def gather_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, Gathered]:
    """The same of many couples, in as many queries as of one; it only reads, and pauses nothing that should have paused."""
    partners, series = both_of_each(work, couple_ids), read_series_of_each(work, couple_ids)
    homework, visits = read_homework_of_each(work, couple_ids), read_visits_of_each(work, couple_ids)
    signals = count_open_signals(work, couple_ids)
    return {
        couple_id: Gathered(
            partners=partners.get(couple_id, []),
            series=series.get(couple_id, []),
            homework=homework[couple_id],
            hours=_conjoint(visits.get(couple_id, [])),
            open_signals=signals[couple_id],
        )
        for couple_id in homework
    }


def _conjoint(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(visit for visit in visits if visit.about == "couple")
