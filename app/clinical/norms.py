"""What reliable change rests on: norms of groups, reliabilities, and the sets of both that a threshold is made from."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from app.clinical.source import Confidence, Source
from app.errors import Fault

Group = Literal["clinical", "functional", "community"]
ReliabilityKind = Literal["test_retest", "icc", "alpha", "split_half"]
ChangeStatus = Literal[
    "published",
    "derived",
    "from_score_errors",
    "lower_bound_from_alpha",
    "insufficient_norms",
    "not_an_outcome",
    "safety_screen_no_change_scores",
]
CLASSIFIABLE: frozenset[ChangeStatus] = frozenset({"published", "derived", "from_score_errors"})
OVER_TIME: frozenset[ReliabilityKind] = frozenset({"test_retest", "icc"})


@dataclass(frozen=True)
class Norms:
    """How one group scores on a scale: mean and standard deviation in scale points."""

    scale: str
    group: Group
    population: str
    mean: float
    sd: float
    source: Source
    n: int | None = None


@dataclass(frozen=True)
class Reliability:
    """How much of a scale's variance is not noise (0-1); `gap` is the time between the two answers."""

    scale: str
    kind: ReliabilityKind
    value: float
    source: Source
    gap: str = ""

    @property
    def over_time(self) -> bool:
        """Whether it speaks of stability; internal consistency makes a change threshold too small."""
        return self.kind in OVER_TIME


@dataclass(frozen=True)
class NormSet:
    """One consistent basis for reliable change; `sd` is the clinical group's, or `sd_note` says whose it is.

    With `clinical_mean` (and the functional group) a cut-off between the ranges can be computed; `post_sd` and
    `post_reliability` serve methods that use both occasions. `local` norms are a clinic's own baselines.
    """

    code: str
    scale: str
    population: str
    sd: float
    reliability: Reliability
    source: Source
    n: int | None = None
    sd_note: str = ""
    clinical_mean: float | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    post_sd: float | None = None
    post_reliability: float | None = None
    confidence: Confidence = "medium"
    local: bool = False

    @property
    def status(self) -> ChangeStatus:
        """What may be said on this basis."""
        return "derived" if self.reliability.over_time else "lower_bound_from_alpha"


@dataclass(frozen=True)
class ReliableChange:
    """What is known about reliable change of a scale: a threshold in points, the norm set used by default, or neither."""

    scale: str
    status: ChangeStatus
    source: Source
    points: float | None = None
    norm_set: str | None = None
    note: str = ""


def check_norms(norms: NormSet, base: str = "/norms") -> tuple[Fault, ...]:
    """What makes a norm set unusable: SDs must be above 0, reliabilities from 0 to below 1, every number finite."""
    return tuple(_norm_faults(norms, base))


def _norm_faults(norms: NormSet, base: str) -> Iterator[Fault]:
    spreads = {"sd": norms.sd, "functional_sd": norms.functional_sd, "post_sd": norms.post_sd}
    for name, spread in spreads.items():
        if spread is not None and not (isfinite(spread) and spread > 0):
            yield Fault(f"{base}/{name}", "not_positive", "A standard deviation is above 0.")
    shares = {"reliability": norms.reliability.value, "post_reliability": norms.post_reliability}
    for name, share in shares.items():
        if share is not None and not 0 <= share < 1:
            yield Fault(f"{base}/{name}", "out_of_range", "A reliability lies from 0 to below 1.")
    means = {"clinical_mean": norms.clinical_mean, "functional_mean": norms.functional_mean}
    for name, mean in means.items():
        if mean is not None and not isfinite(mean):
            yield Fault(f"{base}/{name}", "not_a_number", "A mean is a finite number.")
