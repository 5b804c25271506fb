"""Norm sets for tests of change."""

from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, Reliability, ReliabilityKind
from tests.clinical.toys import TEST


def norm_set(
    sd: float = 6.63,
    reliability: float = 0.88,
    *,
    kind: ReliabilityKind = "test_retest",
    scale: str = "total",
    clinical_mean: float | None = None,
    functional_mean: float | None = None,
    functional_sd: float | None = None,
    post_sd: float | None = None,
    post_reliability: float | None = None,
) -> NormSet:
    return NormSet(
        code="test",
        scale=scale,
        population="a test's",
        sd=sd,
        reliability=Reliability(scale, kind, reliability, TEST),
        source=TEST,
        clinical_mean=clinical_mean,
        functional_mean=functional_mean,
        functional_sd=functional_sd,
        post_sd=post_sd,
        post_reliability=post_reliability,
    )


(FSFI_NORMS,) = MEASURES["fsfi"].norm_sets
