"""One couple's outcomes within the view that was asked for; a fixed number of queries, whatever the couple's history."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access.past import end_of
from app.access.work import Work
from app.clinical.change_basis import norms_in_force
from app.clinical.measures import MEASURES
from app.clinical.on_track import flags
from app.clinical.reliable_index import Method
from app.core.ids import encode
from app.couples.episodes import today_of
from app.couples.rules import check_not_in_future
from app.couples.service import get_couple
from app.homework.summary import PlanSummary
from app.measures.series import Series
from app.outcomes.colour import rules_in_force, shown_colour
from app.outcomes.concerns import read_concerns
from app.outcomes.dyad import shown_desire
from app.outcomes.gaps import read_gaps
from app.outcomes.gathering import Gathered, gather
from app.outcomes.improvement import shown_improvement
from app.outcomes.pairs import pairs_in, shown_pairs
from app.outcomes.partners import is_shown, shown_adherence, shown_partner
from app.outcomes.schemas import ConcernOutcome, DesireOutcome, FlagRead, OnTrack, OutcomesRead, PlanOutcome
from app.outcomes.seeing import seen_in
from app.outcomes.spent import HowSpent, how_spent, rabbit_hole_rules, shown_spent


def read_outcomes(work: Work, couple_id: UUID, as_of: date | None = None, method: Method = "jacobson_truax") -> OutcomesRead:
    """Both partners' outcomes for the therapist, or what one partner may be shown; the reads themselves are narrowed.

    Of a past day the reads end with it; a view holds then what it held then, by what is shared now. Raises DayInFutureError.
    """
    couple = get_couple(work, couple_id)
    zone, today = ZoneInfo(couple.time_zone), today_of(work, couple)
    day = as_of or today
    check_not_in_future(day, today, "/query/as_of")
    work = work.looking_back(None if day == today else end_of(day, zone))
    found, is_partners = gather(work, couple_id), work.seen.is_partners
    plans = [plan for plan in found.homework.plans if plan.was_offered or not is_partners]
    concerns = read_concerns(work, couple_id, plans)
    gaps = read_gaps(work, couple_id, found.series, zone, in_care=bool(concerns))
    spent = None if is_partners else how_spent(found, _unresolved(concerns), rabbit_hole_rules(work.settings))
    raised, on_track = ([], None) if spent is None else _flags(work, found, concerns, spent)
    return OutcomesRead(
        couple_id=couple_id,
        view=work.seen.view,
        day=day,
        as_of=work.moment,
        method=method,
        visits=None if is_partners else found.visits,
        partners=[
            shown_partner(work, partner, found, gaps.get(partner.id, ()), method)
            for partner in found.partners
            if is_shown(work, partner, found)
        ],
        pairs=[] if is_partners else shown_pairs(pairs_in(found.tracks, method)),
        desire=[] if is_partners else list(_desire(found)),
        adherence=None if is_partners else shown_adherence(found.homework, *found.slots),
        concerns=concerns,
        plans=[_plan(plan) for plan in reversed(plans)],
        flags=raised,
        on_track=on_track,
        spent=spent and shown_spent(spent),
        first_improvement=None if is_partners else shown_improvement(found),
        cycle=f"/v1/couples/{encode('cpl', couple_id)}/outcomes/cycle",
    )


def _unresolved(concerns: list[ConcernOutcome]) -> str | None:
    """The primary concern, while it is one."""
    return next((one.code for one in concerns if one.place == "primary" and one.resolved_on is None), None)


def _flags(work: Work, found: Gathered, concerns: list[ConcernOutcome], spent: HowSpent) -> tuple[list[FlagRead], OnTrack]:
    seen = seen_in(found, [concern.code for concern in concerns if concern.place == "primary"], spent.lost)
    rules = rules_in_force(work.settings)
    raised = flags(seen, rules)
    shown = [
        FlagRead(
            code=flag.code,
            colour=flag.colour,
            sentence=flag.sentence,
            numbers=dict(flag.numbers),
            slot=flag.partner,
            measure=flag.measure,
            scale=flag.scale,
        )
        for flag in raised
    ]
    return shown, shown_colour(seen, raised, rules)


def _desire(found: Gathered) -> Iterator[DesireOutcome]:
    """Every scale that tells desire and that either partner answered."""
    told: dict[tuple[str, str], dict[str, Series]] = {}
    for one in found.series:
        told.setdefault((one.measure, one.scale), {})[one.slot.value] = one
    for (code, scale), series in sorted(told.items()):
        measure = MEASURES[code]
        a, b = (found.latest(series[slot]) if slot in series else None for slot in "ab")
        latest = (a, b)
        if shown := shown_desire(measure, scale, norms_in_force(measure, scale), latest):
            yield DesireOutcome(measure=code, scale=scale, **dict(shown))


def _plan(plan: PlanSummary) -> PlanOutcome:
    return PlanOutcome(
        plan_id=plan.id,
        protocol=plan.protocol,
        concern=plan.concern,
        status=plan.status,
        stage=plan.stage,
        stages=plan.stages,
        began_at=plan.began_at,
    )
