"""What is read of one couple within one view: a fixed number of queries, whatever the couple's history."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.access.work import Work
from app.clinical.track import Track
from app.couples.care import NO_CARE, Care, read_care, read_care_of_each
from app.couples.service import Known, both_of, both_of_each
from app.homework.summary import HomeworkSummary, read_homework, read_homework_of_each
from app.measures.series import Point, Series, read_series, read_series_of_each
from app.notes.visits import Visit, read_visits, read_visits_of_each
from app.outcomes.colour import track_of
from app.safety.signals import count_open_signals

Of = tuple[UUID, str, str]


@dataclass(frozen=True)
class Gathered:
    """What was read of one couple within one view; `hours` are the conjoint ones that signed notes tell of.

    Series, hours and homework are those of the whole record, to be shown. Change, colours and times are reckoned from what
    belongs to `care`, the episode of care: a couple that comes back has a new intake.
    """

    partners: list[Known]
    series: list[Series]
    homework: HomeworkSummary
    hours: tuple[Visit, ...]
    open_signals: int
    care: Care = NO_CARE

    @cached_property
    def own_hours(self) -> tuple[Visit, ...]:
        """The conjoint hours of this episode of care."""
        return tuple(hour for hour in self.hours if self.care.holds_day(hour.held_on))

    @property
    def visits(self) -> int:
        """How many conjoint hours there were in this episode of care."""
        return len(self.own_hours)

    @cached_property
    def slots(self) -> dict[UUID, str]:
        """Which partner is which."""
        return {partner.id: partner.slot.value for partner in self.partners}

    @cached_property
    def tracks(self) -> dict[Of, Track]:
        """Every series of which this episode of care has a look, read against its intake, by partner, measure and scale."""
        read = {(one.partner_id, one.measure, one.scale): track_of(one, self.care) for one in self.series}
        return {place: track for place, track in read.items() if track.looks}

    def track(self, series: Series) -> Track:
        """One series read against its intake."""
        known = self.tracks.get((series.partner_id, series.measure, series.scale))
        return track_of(series, self.care) if known is None else known

    def latest(self, series: Series) -> Point | None:
        """The last score of a series in this episode of care."""
        return next((point for point in reversed(series.valid) if self.care.holds(point.answered_at)), None)


def gather(work: Work, couple_id: UUID) -> Gathered:
    """Reads what the view reaches, as it stood at the moment the work looks at."""
    return Gathered(
        partners=both_of(work, couple_id),
        series=read_series(work, couple_id),
        homework=read_homework(work, couple_id),
        hours=_conjoint(read_visits(work, couple_id)),
        open_signals=count_open_signals(work, [couple_id])[couple_id],
        care=read_care(work, couple_id),
    )


def gather_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, Gathered]:
    """The same of many couples, in as many queries as of one; it only reads, and pauses nothing that should have paused."""
    partners, series = both_of_each(work, couple_ids), read_series_of_each(work, couple_ids)
    homework, visits = read_homework_of_each(work, couple_ids), read_visits_of_each(work, couple_ids)
    signals, cares = count_open_signals(work, couple_ids), read_care_of_each(work, couple_ids)
    return {
        couple_id: Gathered(
            partners=partners.get(couple_id, []),
            series=series.get(couple_id, []),
            homework=homework[couple_id],
            hours=_conjoint(visits.get(couple_id, [])),
            open_signals=signals[couple_id],
            care=cares.get(couple_id, NO_CARE),
        )
        for couple_id in homework
    }


def _conjoint(visits: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(visit for visit in visits if visit.about == "couple")
