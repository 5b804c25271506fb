"""The formulas of reliable change: how far apart two scores must be before the difference is more than noise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType
from typing import Literal

from app.clinical.measure import Direction
from app.clinical.norms import NormSet

Method = Literal["jacobson_truax", "edwards_nunnally", "gulliksen_lord_novick", "maassen"]
TWO_SIDED_95 = 1.96
# Edwards & Nunnally's interval is two standard errors wide on either side (Speer 1992).
EDWARDS_NUNNALLY_WIDTH = 2.0


@dataclass(frozen=True)
class Index:
    """A reliable-change index, positive for the better; reliable from `critical` on; `points` is that in scale points."""

    value: float
    critical: float
    points: float


def sem(sd: float, reliability: float) -> float:
    """Standard error of measurement in scale points: `sd * sqrt(1 - reliability)`."""
    return sd * sqrt(1 - reliability)


def s_diff(sd: float, reliability: float) -> float:
    """Standard error of a difference: `sqrt(2) * SEM`; the root was added by Christensen & Mendoza 1986."""
    return sqrt(2) * sem(sd, reliability)


def jacobson_truax(direction: Direction, pre: float, post: float, norms: NormSet) -> Index:
    """`d * (post - pre) / S_diff`, reliable from 1.96 (Jacobson & Truax 1991)."""
    spread = s_diff(norms.sd, norms.reliability.value)
    return Index(direction * (post - pre) / spread, TWO_SIDED_95, TWO_SIDED_95 * spread)


def edwards_nunnally(direction: Direction, pre: float, post: float, norms: NormSet) -> Index | None:
    """Change from the pre-score's estimated true score, in SEM, reliable beyond 2 (Speer 1992); needs the clinical mean."""
    if norms.clinical_mean is None:
        return None
    error = sem(norms.sd, norms.reliability.value)
    true = norms.clinical_mean + norms.reliability.value * (pre - norms.clinical_mean)
    return Index(direction * (post - true) / error, EDWARDS_NUNNALLY_WIDTH, EDWARDS_NUNNALLY_WIDTH * error)


def gulliksen_lord_novick(direction: Direction, pre: float, post: float, norms: NormSet) -> Index | None:
    """`((post - M) - r(pre - M)) / (S sqrt(1 - r^2))`, reliable from 1.96 (Hsu 1989); needs the clinical mean."""
    if norms.clinical_mean is None:
        return None
    r = norms.reliability.value
    spread = norms.sd * sqrt(1 - r * r)
    gained = (post - norms.clinical_mean) - r * (pre - norms.clinical_mean)
    return Index(direction * gained / spread, TWO_SIDED_95, TWO_SIDED_95 * spread)


def maassen(direction: Direction, pre: float, post: float, norms: NormSet) -> Index | None:
    """With both occasions' errors: `S_diff = sqrt(S1^2 (1-r1) + S2^2 (1-r2))` (Maassen 2004); needs SD and r at the end."""
    if norms.post_sd is None or norms.post_reliability is None:
        return None
    spread = sqrt(sem(norms.sd, norms.reliability.value) ** 2 + sem(norms.post_sd, norms.post_reliability) ** 2)
    return Index(direction * (post - pre) / spread, TWO_SIDED_95, TWO_SIDED_95 * spread)


METHODS: Mapping[Method, Callable[[Direction, float, float, NormSet], Index | None]] = MappingProxyType(
    {
        "jacobson_truax": jacobson_truax,
        "edwards_nunnally": edwards_nunnally,
        "gulliksen_lord_novick": gulliksen_lord_novick,
        "maassen": maassen,
    }
)


def cut_a(direction: Direction, norms: NormSet) -> float | None:
    """Two clinical SDs away from the clinical mean, towards the functional range."""
    return None if norms.clinical_mean is None else norms.clinical_mean + direction * 2 * norms.sd


def cut_b(direction: Direction, norms: NormSet) -> float | None:
    """Within two functional SDs of the functional mean."""
    if norms.functional_mean is None or norms.functional_sd is None:
        return None
    return norms.functional_mean - direction * 2 * norms.functional_sd


def cut_c(norms: NormSet) -> float | None:
    """Where both groups are equally likely: `(S0 M1 + S1 M0) / (S0 + S1)`."""
    if norms.clinical_mean is None or norms.functional_mean is None or norms.functional_sd is None:
        return None
    weighted = norms.functional_sd * norms.clinical_mean + norms.sd * norms.functional_mean
    return weighted / (norms.functional_sd + norms.sd)
