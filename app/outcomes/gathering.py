"""What is read of one couple within one view: a fixed number of queries, whatever the couple's history."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from app.access.work import Work
from app.clinical.track import Track
from app.couples.service import Known, both_of
from app.homework.summary import HomeworkSummary, read_homework
from app.measures.series import Series, read_series
from app.notes.visits import read_visits
from app.outcomes.colour import track_of
from app.safety.signals import count_open_signals


@dataclass(frozen=True)
class Gathered:
    """What was read of one couple within one view."""

    partners: list[Known]
    series: list[Series]
    homework: HomeworkSummary
    visits: int
    open_signals: int

    @cached_property
    def slots(self) -> dict[UUID, str]:
        """Which partner is which."""
        return {partner.id: partner.slot.value for partner in self.partners}

    @cached_property
    def tracks(self) -> dict[tuple[UUID, str, str], Track]:
        """Every series read against its intake."""
        return {(one.partner_id, one.measure, one.scale): track_of(one) for one in self.series}


def gather(work: Work, couple_id: UUID) -> Gathered:
    """Reads what the view reaches."""
    return Gathered(
        partners=both_of(work, couple_id),
        series=read_series(work, couple_id),
        homework=read_homework(work, couple_id),
        visits=len([visit for visit in read_visits(work, couple_id) if visit.about == "couple"]),
        open_signals=count_open_signals(work, couple_id),
    )
