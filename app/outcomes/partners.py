"""One partner's part of the outcomes: series with the latest change, homework kept, evenings that turned."""

from collections import Counter
from collections.abc import Sequence
from typing import cast
from uuid import UUID

from app.access.work import Work
from app.clinical.change import Change
from app.clinical.check_ins import CheckIn, Done, adherence
from app.clinical.gaps import Gap
from app.clinical.reliable_index import Method
from app.clinical.track import Track
from app.couples.service import Known
from app.homework.summary import HomeworkSummary
from app.measures.change_schemas import MinimalGainRead
from app.measures.series import Series
from app.outcomes.evenings import shown_turn_around
from app.outcomes.gathering import Gathered
from app.outcomes.schemas import (
    AdherenceRead,
    BasisRead,
    ChangeRead,
    CutoffRead,
    GapRead,
    LineRead,
    ObstacleRead,
    PartnerOutcomes,
    PointRead,
    SeriesRead,
)


def is_shown(work: Work, partner: Known, found: Gathered) -> bool:
    """The other partner appears in a view once there is something to see: nothing shared and nothing there look the same."""
    is_within_reach = partner.compartment in work.session.reach.compartments
    return is_within_reach or any(one.partner_id == partner.id for one in found.series)


def shown_partner(work: Work, partner: Known, found: Gathered, gaps: Sequence[Gap], method: Method) -> PartnerOutcomes:
    """One partner's series, judged by a method; homework for the therapist, and evenings for who reaches safety."""
    own = [one for one in found.series if one.partner_id == partner.id]
    homework, is_partners = found.homework, work.seen.is_partners
    return PartnerOutcomes(
        partner_id=partner.id,
        slot=partner.slot.value,
        series=[_series(one, found.track(one).judged_by(method)) for one in own],
        gaps=[GapRead(measure=gap.measure, code=gap.code, starts_on=gap.starts_on, ends_on=gap.ends_on) for gap in gaps],
        adherence=None if is_partners else shown_adherence(homework, partner.id),
        turn_around=shown_turn_around(work, partner.id, homework) if work.sees_safety else None,
        got_in_the_way=None if is_partners else _got_in_the_way(partner.id, homework),
    )


def _series(series: Series, track: Track) -> SeriesRead:
    measure = track.measure
    scale = measure.scale(series.scale)
    low, high = (scale.low, scale.high) if scale else (0.0, 0.0)
    flipped = measure.direction_of(series.scale) == -1
    line = track.line
    return SeriesRead(
        measure=series.measure,
        name=measure.name,
        scale=series.scale,
        low=low,
        high=high,
        flipped=flipped,
        line=line
        and LineRead(
            operator=line.operator,
            value=line.value,
            shown=low + high - line.value if flipped else line.value,
            source=line.source.text,
        ),
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
        change=_change(track, track.change) if track.change else None,
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


def shown_adherence(homework: HomeworkSummary, *partners: UUID) -> AdherenceRead:
    """Sessions within the rules out of those offered, of these partners together."""
    answers = [
        CheckIn(one.occurred_at.date(), cast("Done", one.done))
        for partner_id in partners
        for one in homework.check_ins.get(partner_id, ())
    ]
    found = adherence(answers, sum(homework.offered.get(partner_id, 0) for partner_id in partners))
    return AdherenceRead(within_rules=found.within_rules, offered=found.offered, declined=found.declined, rate=found.rate)


def _got_in_the_way(partner_id: UUID, homework: HomeworkSummary) -> list[ObstacleRead]:
    told = Counter(obstacle for one in homework.check_ins.get(partner_id, ()) for obstacle in one.obstacles)
    return [ObstacleRead(obstacle=obstacle, n=n) for obstacle, n in sorted(told.items(), key=lambda one: (-one[1], one[0]))]
