"""The cycle of one couple: what followed what, as its view may know it; a fixed number of queries, whatever its history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.past import end_of
from app.access.work import Work
from app.clinical.cycle import CycleRules, momentum, what_followed
from app.clinical.weeks import Rating, week_by_week, week_of
from app.core.database import Compartment
from app.core.settings import Settings
from app.couples.episodes import today_of
from app.couples.models import Episode
from app.couples.rules import check_not_in_future
from app.couples.service import Known, both_of, get_couple
from app.homework.states import Status
from app.homework.summary import HomeworkSummary, read_homework
from app.measures.series import read_ratings
from app.outcomes.cycle_schemas import BothMomenta, CycleRead, CycleThresholds, MomentumRead, PartnerCycle
from app.outcomes.cycle_words import AGAINST_HOURS, HOURS, LABEL, shown_since_intimacy, shown_what_followed
from app.outcomes.downstream import read_downstream
from app.outcomes.evenings import shown_evenings

PULSE: Final = "rekindle_pulse"
SEXUAL: Final = "sexual_satisfaction"
RELATIONAL: Final = "relationship_satisfaction"


@dataclass(frozen=True)
class Gathered:
    """What was read of one couple within one view: each partner's pulse by scale, and homework."""

    partners: list[Known]
    pulse: Mapping[Compartment, Mapping[str, Sequence[Rating]]]
    homework: HomeworkSummary
    episode_id: UUID | None
    zone: tzinfo

    @property
    def is_paused(self) -> bool:
        """Whether a plan of the latest episode stands paused; what was left paused in one before it is over."""
        return any(plan.status == Status.PAUSED for plan in self.homework.plans if plan.episode_id == self.episode_id)


def rules_of_cycle(settings: Settings) -> CycleRules:
    """The cycle's numbers as this service was set up."""
    return CycleRules(
        draw_from=settings.cycle_weeks_to_draw,
        correlate_from=settings.cycle_weeks_to_correlate,
        test_from=settings.cycle_weeks_to_test,
        block_weeks=settings.cycle_block_weeks,
        momentum_weeks=settings.cycle_momentum_weeks,
        momentum_fewest=settings.cycle_momentum_fewest,
        hours=settings.cycle_hours,
        bin_fewest=settings.cycle_bin_fewest,
    )


def read_cycle(work: Work, couple_id: UUID, as_of: date | None = None) -> CycleRead:
    """What followed what for each partner within the view, by the end of a past day or by now. Raises DayInFutureError.

    While a plan of the latest episode stands paused, and of a day on which one did, nothing is reckoned. A pause is read where
    plans are, so that it counts for a view once it is shown to it: until then the answer is what it would be without.
    """
    couple = get_couple(work, couple_id)
    zone, today = ZoneInfo(couple.time_zone), today_of(work, couple)
    day = as_of or today
    check_not_in_future(day, today, "/query/as_of")
    work = work.looking_back(None if day == today else end_of(day, zone))
    found = _gather(work, couple_id, zone)
    downstream = read_downstream(work, couple_id, found.partners, found.homework.plans)
    rules = rules_of_cycle(work.settings)
    shown = CycleRead(
        couple_id=couple_id,
        view=work.seen.view,
        day=day,
        as_of=work.moment,
        label=LABEL,
        withheld="paused",
        partners=[],
        downstream=None,
        thresholds=_thresholds(rules),
    )
    if found.is_paused or (work.past and _gather(work.looking_back(None), couple_id, zone).is_paused):
        return shown
    partners = [_partner(work, one, found, rules) for one in found.partners if _is_shown(work, one, found)]
    return shown.model_copy(update={"withheld": None, "partners": partners, "downstream": downstream})


def _thresholds(rules: CycleRules) -> CycleThresholds:
    return CycleThresholds(
        weeks_to_draw=rules.draw_from,
        weeks_to_correlate=rules.correlate_from,
        weeks_to_test=rules.test_from,
        block_weeks=rules.block_weeks,
        momentum_weeks=rules.momentum_weeks,
        momentum_fewest=rules.momentum_fewest,
        hours=list(rules.hours),
        bin_fewest=rules.bin_fewest,
        source=rules.source.text,
        grade=rules.source.grade,
    )


def _gather(work: Work, couple_id: UUID, zone: tzinfo) -> Gathered:
    episodes = select(Episode.id).where(Episode.couple_id == couple_id, work.has_happened(Episode.opened_on))
    latest = episodes.order_by(Episode.opened_on.desc(), Episode.id.desc()).limit(1)
    return Gathered(
        partners=both_of(work, couple_id),
        pulse=read_ratings(work, couple_id, PULSE, (SEXUAL, RELATIONAL, HOURS, *AGAINST_HOURS)),
        homework=read_homework(work, couple_id),
        episode_id=work.session.scalars(latest).one_or_none(),
        zone=zone,
    )


def _is_shown(work: Work, partner: Known, found: Gathered) -> bool:
    """The other partner appears in a view once there is something to see: nothing shared and nothing there look the same."""
    return partner.compartment in work.session.reach.compartments or partner.compartment in found.pulse


def _partner(work: Work, partner: Known, found: Gathered, rules: CycleRules) -> PartnerCycle:
    own = found.pulse.get(partner.compartment, {})
    sexual, relational = (week_by_week(own.get(scale, ()), found.zone) for scale in (SEXUAL, RELATIONAL))
    this_week = week_of(work.moment, found.zone)
    both = {"sexual": sexual, "relational": relational}
    return PartnerCycle(
        partner_id=partner.id,
        slot=partner.slot.value,
        what_followed=shown_what_followed(what_followed(sexual, relational, rules), rules, (SEXUAL, RELATIONAL)),
        momentum=BothMomenta(
            **{name: MomentumRead.model_validate(momentum(weeks, this_week, rules)) for name, weeks in both.items()}
        ),
        turn_around=shown_evenings(work, partner.id, found.homework) if work.sees_safety else None,
        since_intimacy=shown_since_intimacy(own, rules, with_points=not work.seen.is_partners),
    )
