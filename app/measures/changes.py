"""Change and scoring on request: of what is stored about one partner, or of numbers that are sent and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.access.work import Work
from app.clinical.change import Approach, Change, change
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, Reliability
from app.clinical.reliable_index import Method
from app.clinical.score_errors import ScoreErrors
from app.clinical.scoring import score
from app.clinical.source import Source
from app.couples.service import get_couple, get_known
from app.errors import Fault, InvalidError, NotFoundError
from app.measures.change_schemas import ChangeAsked, ChangeFound, ChangeSinceIntake, OwnNorms, PointUsed
from app.measures.entries import read_answers
from app.measures.norm_sets import choose
from app.measures.rules import MeasureUnknownError, named
from app.measures.schemas import Answered, Scoring
from app.measures.scoring import Interpretation
from app.measures.series import Point, valid_points
from app.measures.service import shown_meaning


def get_measure(code: str) -> Measure:
    """A measure of the catalogue, named in a path. Raises NotFoundError."""
    if code not in MEASURES:
        raise NotFoundError
    return MEASURES[code]


def score_alone(code: str, body: Answered) -> Scoring:
    """Scores of answers that are not kept; their alerts go to whoever sent them. Raises InvalidError, NotFoundError."""
    measure = get_measure(code)
    sheet = score(measure, read_answers(body.answers), {int(number): reason for number, reason in body.reasons.items()})
    told = Interpretation(sheet.cutoffs, sheet.meanings, sheet.bands, sheet.alerts)
    return Scoring(
        measure=sheet.measure,
        measure_version=sheet.measure_version,
        scales=dict(sheet.scales),
        withheld=dict(sheet.withheld),
        validity=sheet.validity,
        prorated=sheet.prorated,
        scoring_version=sheet.scoring_version,
        **shown_meaning(told, alerts=True),
    )


def change_alone(work: Work, body: ChangeAsked) -> ChangeFound:
    """Change between two scores that are not kept. Raises MeasureUnknownError, InvalidError and what `choose` raises."""
    measure = _known(body.measure, "/measure")
    if body.norms is not None and body.norm_set is not None:
        raise InvalidError(faults=(Fault("/norm_set", "not_with_norms", "Send either `norms` or `norm_set`."),))
    chosen = choose(work, measure, body.scale, body.norm_set, "/norm_set")
    norms = _norm_set(body.scale, body.norms) if body.norms else chosen
    approach = Approach(body.method, norms, ScoreErrors(body.pre_error, body.post_error))
    return ChangeFound(**_told(change(measure, body.scale, body.pre, body.post, approach)))


@dataclass(frozen=True)
class ChangeQuery:
    """Which change a query asks for, as it was written."""

    measure: str
    scale: str
    method: Method
    norms: str | None


def read_change(work: Work, couple_id: UUID, partner_id: UUID, asked: ChangeQuery) -> ChangeSinceIntake:
    """One partner's latest score against the first, of one measure and scale. Raises what `understood` raises."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    measure, approach = understood(work, asked)
    valid = valid_points(work, couple_id, partner_id, measure.code, asked.scale)
    return shown_since_intake(since_intake(measure, asked.scale, valid, approach), valid)


def understood(work: Work, asked: ChangeQuery) -> tuple[Measure, Approach]:
    """The measure and the approach of a query. Raises MeasureUnknownError, InvalidError and what `choose` raises."""
    measure = _known(asked.measure, "/query/measure")
    if measure.scale(asked.scale) is None:
        raise InvalidError(faults=(Fault("/query/scale", "unknown_scale", "This measure has no scale of that code."),))
    return measure, Approach(asked.method, choose(work, measure, asked.scale, asked.norms, "/query/norms"))


def since_intake(measure: Measure, scale: str, valid: Sequence[Point], approach: Approach) -> Change:
    """Change from the first to the last of these points, which all have a score; with fewer than two there is no class."""
    intake, latest = _ends(valid)
    pre, post = (None if point is None else point.value for point in (intake, latest))
    errors = ScoreErrors(*(None if point is None else point.standard_error for point in (intake, latest)))
    return change(measure, scale, pre, post, replace(approach, errors=errors))


def shown_since_intake(found: Change, valid: Sequence[Point]) -> ChangeSinceIntake:
    """Such a change with the two scores it was computed from."""
    intake, latest = _ends(valid)
    told = _told(found)
    if told["reason"] == "score_withheld":  # the points are those that were not withheld: there are too few of them
        told["reason"] = "too_few_scores"
    return ChangeSinceIntake(**told, intake=_used(intake), latest=_used(latest))


def _ends(valid: Sequence[Point]) -> tuple[Point | None, Point | None]:
    return (valid[0] if valid else None), (valid[-1] if len(valid) > 1 else None)


def _known(code: str, pointer: str) -> Measure:
    if code not in MEASURES:
        raise MeasureUnknownError(faults=(named(MeasureUnknownError, pointer),))
    return MEASURES[code]


def _used(point: Point | None) -> PointUsed | None:
    return None if point is None else PointUsed.model_validate(point)


def _told(found: Change) -> dict[str, Any]:
    return dict(ChangeFound.model_validate(found))


def _norm_set(scale: str, own: OwnNorms) -> NormSet:
    source = Source(own.citation, "as_given")
    return NormSet(
        code="own",
        scale=scale,
        population=own.population,
        sd=own.sd,
        reliability=Reliability(scale, own.reliability_kind, own.reliability, source),
        source=source,
        n=own.n,
        clinical_mean=own.mean,
        functional_mean=own.functional_mean,
        functional_sd=own.functional_sd,
        post_sd=own.post_sd,
        post_reliability=own.post_reliability,
    )
