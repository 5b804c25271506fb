"""One couple's outcomes within the view that was asked for; a fixed number of queries, whatever the couple's history."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.change import Change
from app.clinical.check_ins import CheckIn, Done, adherence
from app.clinical.concerns import CONCERNS
from app.clinical.dyads import Occasion, divergence, pair_label, turn_around
from app.clinical.measures import MEASURES
from app.clinical.on_track import Apart, Homework, Planned, Seen, flags
from app.clinical.track import Track
from app.couples.episodes import PLACES
from app.couples.models import Concern, ConcernRating, Episode
from app.couples.rules import place_of
from app.couples.service import Known, both_of, get_couple
from app.homework.summary import HomeworkSummary, PlanSummary, read_homework
from app.measures.change_schemas import MinimalGainRead
from app.measures.series import Series, read_series
from app.notes.visits import read_visits
from app.outcomes.colour import rules_in_force, shown_colour, track_of, turn_around_in_force
from app.outcomes.schemas import (
    AdherenceRead,
    BasisRead,
    ChangeRead,
    ConcernOutcome,
    CutoffRead,
    FlagRead,
    ObstacleRead,
    OutcomesRead,
    PairRead,
    PartnerOutcomes,
    PlanOutcome,
    PointRead,
    RatingOutcome,
    SeriesRead,
    TurnAroundRead,
)
from app.safety.signals import count_open_signals


@dataclass(frozen=True)
class Gathered:
    """What was read of one couple within one view."""

    partners: list[Known]
    series: list[Series]
    homework: HomeworkSummary
    visits: int
    open_signals: int

    @property
    def slots(self) -> dict[UUID, str]:
        """Which partner is which."""
        return {partner.id: partner.slot.value for partner in self.partners}

    @property
    def tracks(self) -> dict[tuple[UUID, str, str], Track]:
        """Every series read against its intake."""
        return {(one.partner_id, one.measure, one.scale): track_of(one) for one in self.series}


def read_outcomes(work: Work, couple_id: UUID) -> OutcomesRead:
    """Both partners' outcomes for the therapist, or what one partner may be shown; the reads themselves are narrowed."""
    get_couple(work, couple_id)
    view = work.seen.view
    found = gather(work, couple_id)
    shown = OutcomesRead(
        couple_id=couple_id,
        view=view,
        as_of=work.now,
        visits=None,
        partners=[_partner(partner, found) for partner in found.partners if _is_shown(work, partner, found)],
        pairs=[],
        concerns=_concerns(work, couple_id),
        plans=[
            PlanOutcome(plan_id=plan.id, protocol=plan.protocol, concern=plan.concern, status=plan.status, stage=plan.stage)
            for plan in reversed(found.homework.plans)
            if view == "therapist" or plan.was_offered  # until then it is the therapist's thinking
        ],
        flags=[],
        on_track=None,
    )
    return _for_therapist(work, shown, found) if view == "therapist" else shown


def gather(work: Work, couple_id: UUID) -> Gathered:
    """Reads what the view reaches."""
    return Gathered(
        partners=both_of(work, couple_id),
        series=read_series(work, couple_id),
        homework=read_homework(work, couple_id),
        visits=len([visit for visit in read_visits(work, couple_id) if visit.about == "couple"]),
        open_signals=count_open_signals(work, couple_id),
    )


def _for_therapist(work: Work, shown: OutcomesRead, found: Gathered) -> OutcomesRead:
    """Adds what no partner's view holds: both side by side, homework kept, flags; and what only the care team may see."""
    pairs = _pairs(found)
    seen = _seen(found, pairs, [concern.code for concern in shown.concerns if concern.place == "primary"])
    rules = rules_in_force(work.settings)
    raised = flags(seen, rules)
    partners = [
        partner.model_copy(
            update={
                "adherence": _adherence(partner.partner_id, found.homework),
                "turn_around": _turn_around(work, partner.partner_id, found.homework) if work.sees_safety else None,
                "got_in_the_way": _got_in_the_way(partner.partner_id, found.homework),
            }
        )
        for partner in shown.partners
    ]
    return shown.model_copy(
        update={
            "visits": found.visits,
            "partners": partners,
            "pairs": pairs,
            "flags": [
                FlagRead(code=flag.code, colour=flag.colour, sentence=flag.sentence, numbers=dict(flag.numbers))
                for flag in raised
            ],
            "on_track": shown_colour(seen, raised, rules),
        }
    )


def _is_shown(work: Work, partner: Known, found: Gathered) -> bool:
    """The other partner appears in a view once there is something to see: nothing shared and nothing there look the same."""
    is_within_reach = partner.compartment in work.session.reach.compartments
    return is_within_reach or any(one.partner_id == partner.id for one in found.series)


def _partner(partner: Known, found: Gathered) -> PartnerOutcomes:
    own = [one for one in found.series if one.partner_id == partner.id]
    return PartnerOutcomes(
        partner_id=partner.id,
        slot=partner.slot.value,
        series=[_series(one, track_of(one)) for one in own],
        adherence=None,
        turn_around=None,
        got_in_the_way=None,
    )


def _series(series: Series, track: Track) -> SeriesRead:
    measure = track.measure
    scale = measure.scale(series.scale)
    low, high = (scale.low, scale.high) if scale else (0.0, 0.0)
    flipped = measure.direction_of(series.scale) == -1
    changes = track.changes
    return SeriesRead(
        measure=series.measure,
        name=measure.name,
        scale=series.scale,
        low=low,
        high=high,
        flipped=flipped,
        points=[
            PointRead(
                administration_id=point.administration_id,
                answered_at=point.answered_at,
                value=point.value,
                shown=point.value if point.value is None or not flipped else low + high - point.value,
                missing=point.reason,
                standard_error=point.standard_error,
            )
            for point in series.points
        ],
        change=_change(track, changes[-1]) if changes else None,
    )


def _change(track: Track, found: Change) -> ChangeRead:
    cutoff, basis = found.cutoff, found.basis
    return ChangeRead(
        intake=track.intake.value if track.intake else None,
        latest=track.latest.value if track.latest else None,
        gained=found.gained,
        index=found.index,
        threshold_points=found.threshold_points,
        change_class=found.change_class,
        reason=found.reason,
        marks=list(found.flags),
        minimal_important=found.minimal_important and MinimalGainRead.model_validate(found.minimal_important),
        cutoff=cutoff and CutoffRead(operator=cutoff.operator, value=cutoff.value, kind=cutoff.kind, source=cutoff.source.text),
        basis=BasisRead(
            method=basis.method,
            status=basis.status,
            norm_set=basis.norm_set,
            population=basis.population,
            n=basis.n,
            norms_citation=basis.norms_source and basis.norms_source.text,
            local=basis.local,
            sd=basis.sd,
            reliability=basis.reliability,
            pre_error=basis.pre_error,
            post_error=basis.post_error,
            source=basis.source.text,
        ),
    )


def _adherence(partner_id: UUID, homework: HomeworkSummary) -> AdherenceRead:
    answers = [CheckIn(one.occurred_at.date(), cast("Done", one.done)) for one in homework.check_ins.get(partner_id, ())]
    found = adherence(answers, homework.offered.get(partner_id, 0))
    return AdherenceRead(within_rules=found.within_rules, offered=found.offered, declined=found.declined, rate=found.rate)


def _turn_around(work: Work, partner_id: UUID, homework: HomeworkSummary) -> TurnAroundRead:
    occasions = (
        Occasion(one.willingness, one.pressure, one.mood_before, one.mood_after, one.coerced)
        for one in homework.check_ins.get(partner_id, ())
    )
    found = turn_around(occasions, turn_around_in_force(work.settings))
    return TurnAroundRead(
        n=found.n,
        better=found.better,
        rate=found.rate,
        reason=found.reason,
        pressured_excluded=found.pressured_excluded,
        thresholds={name: value for name, value in asdict(found.rule).items() if name != "source"},
    )


def _got_in_the_way(partner_id: UUID, homework: HomeworkSummary) -> list[ObstacleRead]:
    told = Counter(obstacle for one in homework.check_ins.get(partner_id, ()) for obstacle in one.obstacles)
    return [ObstacleRead(obstacle=obstacle, n=n) for obstacle, n in sorted(told.items(), key=lambda one: (-one[1], one[0]))]


def _pairs(found: Gathered) -> list[PairRead]:
    latest: defaultdict[tuple[str, str], dict[str, Change]] = defaultdict(dict)
    for (partner_id, measure, scale), track in found.tracks.items():
        if changes := track.changes:
            latest[measure, scale][found.slots[partner_id]] = changes[-1]
    return [_pair(measure, scale, both["a"], both["b"]) for (measure, scale), both in sorted(latest.items()) if len(both) == 2]


def _pair(measure: str, scale: str, a: Change, b: Change) -> PairRead:
    apart = divergence(a, b)
    label = pair_label(a.change_class, b.change_class)
    told = {"divergence_z": apart.z, "diverging": apart.flagged, "divergence_reason": apart.reason}
    return PairRead(measure=measure, scale=scale, label=label, **told)


def _seen(found: Gathered, pairs: list[PairRead], concerns: list[str]) -> Seen:
    done = {
        slot: tuple(one.done for one in found.homework.check_ins.get(partner_id, ()))
        for partner_id, slot in found.slots.items()
    }
    return Seen(
        tracks=tuple(found.tracks.values()),
        homework=tuple(Homework(slot, answers) for slot, answers in done.items()),
        diverging=tuple(
            Apart(MEASURES[pair.measure], pair.scale, pair.divergence_z)
            for pair in pairs
            if pair.diverging and pair.divergence_z is not None
        ),
        plans=tuple(planned for plan in found.homework.plans if (planned := _planned(plan))),
        visits=found.visits,
        open_signals=found.open_signals,
        primary=tuple(code for concern in concerns for code in CONCERNS[concern].measures),
    )


def _planned(plan: PlanSummary) -> Planned | None:
    """How far a plan has come; one that has not begun has no way behind it, and one that was stopped promises nothing."""
    stages = plan.stages
    if plan.status == "completed":
        return Planned(stages, stages)
    return Planned(plan.stage - 1, stages) if plan.status in {"active", "held", "paused"} else None


def _concerns(work: Work, couple_id: UUID) -> list[ConcernOutcome]:
    concerns = work.session.scalars(
        select(Concern)
        .join(Episode, (Episode.id == Concern.episode_id) & Episode.closed_on.is_(None))
        .where(Concern.couple_id == couple_id)
        .order_by(Concern.id)
    ).all()
    rows = work.session.execute(
        select(ConcernRating.concern_id, ConcernRating.partner_id, ConcernRating.severity)
        .where(ConcernRating.couple_id == couple_id)
        .order_by(ConcernRating.rated_at, ConcernRating.id)
    )
    said: defaultdict[UUID, defaultdict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    for concern_id, partner_id, severity in rows:
        said[concern_id][partner_id].append(severity)
    shown = [
        ConcernOutcome(
            concern_id=concern.id,
            code=concern.code,
            place=place_of(CONCERNS[concern.code], is_primary=concern.is_primary),
            ratings=[
                RatingOutcome(partner_id=partner_id, first=ratings[0], latest=ratings[-1], ratings=len(ratings))
                for partner_id, ratings in said[concern.id].items()
            ],
        )
        for concern in concerns
    ]
    return sorted(shown, key=lambda concern: PLACES.index(concern.place))
