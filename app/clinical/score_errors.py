"""Reliable change of scores that carry their own standard errors, as T-scores from item response theory do."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, sqrt

from app.clinical.measure import Direction, Measure
from app.clinical.reliable_index import TWO_SIDED_95, Index
from app.errors import Fault


@dataclass(frozen=True)
class ScoreErrors:
    """The standard errors, in scale points, that came with the scores before and after."""

    pre: float | None = None
    post: float | None = None

    @property
    def of_difference(self) -> float | None:
        """`sqrt(SE1^2 + SE2^2)`; None unless both are known."""
        return None if self.pre is None or self.post is None else sqrt(self.pre**2 + self.post**2)


NO_ERRORS = ScoreErrors()


def index_from_errors(direction: Direction, pre: float, post: float, errors: ScoreErrors) -> Index | None:
    """`d * (post - pre) / sqrt(SE1^2 + SE2^2)`, reliable from 1.96; None unless both errors are known."""
    spread = errors.of_difference
    if spread is None:
        return None
    return Index(direction * (post - pre) / spread, TWO_SIDED_95, TWO_SIDED_95 * spread)


def check_errors(measure: Measure, scale: str, errors: ScoreErrors) -> tuple[Fault, ...]:
    """What makes errors unusable, at `/pre_error` or `/post_error`."""
    return tuple(_faults(errors, takes_errors=measure.takes_errors(scale)))


def _faults(errors: ScoreErrors, *, takes_errors: bool) -> Iterator[Fault]:
    for name, error in (("pre_error", errors.pre), ("post_error", errors.post)):
        if error is None:
            continue
        if not takes_errors:
            yield Fault(f"/{name}", "takes_no_standard_error", "Change on this scale does not rest on standard errors.")
        elif not (isfinite(error) and error > 0):
            yield Fault(f"/{name}", "not_positive", "A standard error is above 0.")
