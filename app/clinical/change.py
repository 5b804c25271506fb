"""Whether one partner's score changed by more than noise, and across which line; never a class without its basis."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from app.clinical.activity import unread_below
from app.clinical.change_basis import Basis, CutoffUsed, Ground, cutoff_used, ground
from app.clinical.measure import Direction, Measure, Orientation
from app.clinical.minimal_change import MinimalGain, minimal_gain
from app.clinical.norms import CLASSIFIABLE, NormSet, check_norms
from app.clinical.reliable_index import METHODS, TWO_SIDED_95, Index, Method
from app.clinical.score_errors import NO_ERRORS, ScoreErrors, check_errors, index_from_errors
from app.errors import Fault, InvalidError

ChangeClass = Literal["recovered", "improved", "unchanged", "deteriorated", "not_classifiable"]
Flag = Literal["crossed_without_reliable_change", "fell_into_clinical_range"]
WhyNot = Literal[
    "insufficient_norms",
    "indicative_only",
    "not_an_outcome",
    "safety_screen_no_change_scores",
    "neither_end_is_better",
    "score_withheld",
    "no_activity",
    "standard_errors_missing",
]
# Scores are sums of decimals: a change of exactly the threshold must not fail by a binary fraction.
HAIR = 1e-9
# A score and the standard error that came with it, if one did.
Scored = tuple[float, float | None]


@dataclass(frozen=True)
class Approach:
    """How change is to be judged: the method, norms chosen explicitly in place of the measure's own basis, scores' errors."""

    method: Method = "jacobson_truax"
    norms: NormSet | None = None
    errors: ScoreErrors = NO_ERRORS


@dataclass(frozen=True)
class Change:
    """One partner's change on one scale; `gained` and `index` are positive for the better, whatever the direction.

    `threshold_points` is the smallest reliable change in scale points; `reason` is set when there is no class.
    `minimal_important` stands beside the class and never changes it.
    """

    measure: str
    scale: str
    basis: Basis
    gained: float | None = None
    index: float | None = None
    threshold_points: float | None = None
    cutoff: CutoffUsed | None = None
    change_class: ChangeClass = "not_classifiable"
    reason: WhyNot | None = None
    flags: tuple[Flag, ...] = ()
    minimal_important: MinimalGain | None = None


def change(measure: Measure, scale: str, pre: float | None, post: float | None, approach: Approach | None = None) -> Change:
    """The change from `pre` to `post`, in scale points.

    Without explicit norms a published threshold is preferred to a derived one, and a published cut-off to a computed
    one. Raises `InvalidError` when a score, the scale or the norms cannot be used.
    """
    approach = approach or Approach()
    faults = check_change(measure, scale, pre, post, approach.norms) + check_errors(measure, scale, approach.errors)
    if faults:
        raise InvalidError(faults=faults)
    rests_on = ground(measure, scale, approach.method, approach.norms, approach.errors)
    return _Judge(measure, scale, rests_on, approach.norms).between(pre, post)


def changes(measure: Measure, scale: str, pre: Scored, later: Sequence[Scored], method: Method) -> tuple[Change, ...]:
    """Each of many scores against the same first one, as `change` judges it; what they rest on is looked up but once.

    Raises `InvalidError` as `change` does.
    """
    intake, error = pre
    if measure.takes_errors(scale) or any(check_change(measure, scale, intake, post) for post, _ in later):
        approaches = (Approach(method, errors=ScoreErrors(error, after)) for _, after in later)
        return tuple(change(measure, scale, intake, post, how) for (post, _), how in zip(later, approaches, strict=True))
    judge = _Judge(measure, scale, ground(measure, scale, method, None), None)
    return tuple(judge.between(intake, post) for post, _ in later)


@dataclass(frozen=True)
class _Judge:
    """Judges changes on one scale by one ground."""

    measure: Measure
    scale: str
    rests_on: Ground
    chosen: NormSet | None

    @cached_property
    def direction(self) -> Orientation:
        return self.measure.direction_of(self.scale)

    @cached_property
    def unread_below(self) -> float:
        return unread_below(self.measure, self.scale)

    def between(self, pre: float | None, post: float | None) -> Change:
        """The change from one score to another."""
        status, direction = self.rests_on.basis.status, self.direction
        if status in {"not_an_outcome", "safety_screen_no_change_scores"}:
            return self._untold(status)
        if pre is None or post is None:
            return self._untold("score_withheld")
        if min(pre, post) < self.unread_below:
            return self._untold("no_activity")
        if direction == 0:
            return self._untold("neither_end_is_better")
        gained = direction * (post - pre)
        noticed = minimal_gain(self.measure, self.scale, pre, gained) if self.measure.minimal_important else None
        index = _index(self.rests_on, direction, pre, post)
        if index is None:
            by_errors = status == "from_score_errors"
            return self._untold("standard_errors_missing" if by_errors else "insufficient_norms", gained, noticed)
        if status not in CLASSIFIABLE:
            # The threshold is shown, the index is not: a number past 1.96 would be read as a class.
            return self._untold("indicative_only", gained, noticed, index.points)
        found, flags = _class(index, self._line, pre, post)
        return Change(
            self.measure.code,
            self.scale,
            self.rests_on.basis,
            gained=gained,
            index=index.value,
            threshold_points=index.points,
            cutoff=self._line,
            change_class=found,
            flags=flags,
            minimal_important=noticed,
        )

    @cached_property
    def _line(self) -> CutoffUsed | None:
        if self.direction == 0:
            return None
        norms = self.chosen or self.rests_on.norms
        return cutoff_used(self.measure, self.scale, self.direction, norms, explicit=self.chosen is not None)

    def _untold(
        self, why: WhyNot, gained: float | None = None, noticed: MinimalGain | None = None, points: float | None = None
    ) -> Change:
        return Change(
            self.measure.code,
            self.scale,
            self.rests_on.basis,
            gained=gained,
            threshold_points=points,
            reason=why,
            minimal_important=noticed,
        )


def check_change(
    measure: Measure, scale: str, pre: float | None, post: float | None, norms: NormSet | None = None
) -> tuple[Fault, ...]:
    """What makes a change impossible to compute, at `/scale`, `/pre`, `/post` or under `/norms`."""
    found = measure.scale(scale)
    if found is None:
        return (Fault("/scale", "unknown_scale", "This measure has no scale of that code."),)
    sentence = f"A score on this scale lies from {found.low:g} to {found.high:g}."
    scores = tuple(
        Fault(f"/{name}", "out_of_range", sentence)
        for name, score in (("pre", pre), ("post", post))
        if score is not None and not found.low <= score <= found.high
    )
    return (*scores, *norms_fit(measure, scale, norms, "/norms"))


def two_in_a_row(classes: Sequence[ChangeClass], alarming: ChangeClass = "deteriorated") -> bool:
    """Whether the last two looks both say so; a single look raises a false alarm in 16 % of courses of 12 looks."""
    return len(classes) >= 2 and all(found == alarming for found in classes[-2:])


def norms_fit(measure: Measure, scale: str, norms: NormSet | None, base: str) -> tuple[Fault, ...]:
    """What keeps norms from serving a scale: unusable numbers, another scale, groups the wrong way round; under `base`."""
    if norms is None:
        return ()
    faults = check_norms(norms, base)
    if norms.scale != scale:
        faults += (Fault(f"{base}/scale", "wrong_scale", "These norms are of another scale."),)
    if norms.clinical_mean is not None and norms.functional_mean is not None:
        apart = measure.direction_of(scale) * (norms.functional_mean - norms.clinical_mean)
        if apart <= 0:
            faults += (Fault(base, "groups_reversed", "The functional group must score better than the clinical."),)
    return faults


def _index(rests_on: Ground, direction: Direction, pre: float, post: float) -> Index | None:
    if rests_on.points is not None:
        # A published threshold has no index of its own: scaled so that the threshold itself is 1.96.
        scaled = TWO_SIDED_95 * direction * (post - pre) / rests_on.points
        return Index(scaled, TWO_SIDED_95, rests_on.points)
    if rests_on.norms is None:
        return index_from_errors(direction, pre, post, rests_on.errors)
    return METHODS[rests_on.basis.method](direction, pre, post, rests_on.norms)


def _class(index: Index, line: CutoffUsed | None, pre: float, post: float) -> tuple[ChangeClass, tuple[Flag, ...]]:
    before, after = (line.functional(pre), line.functional(post)) if line else (None, None)
    if index.value >= index.critical - HAIR:
        return ("recovered" if before is False and after else "improved"), ()
    if index.value <= HAIR - index.critical:
        return "deteriorated", (("fell_into_clinical_range",) if before and after is False else ())
    return "unchanged", (("crossed_without_reliable_change",) if before != after else ())
