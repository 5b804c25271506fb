"""People whose true scores are known, answering with the measurement error that the norms tell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.clinical.change import Approach, Change, change
from app.clinical.measure import Measure, Scale
from app.clinical.norms import NormSet, Reliability
from app.clinical.reliable_index import sem
from app.clinical.source import Source
from tests.clinical.toys import measure

TEST = Source("facts 1.8.1, moved by 500 points so that no end of the scale cuts anything off", "computed")
CLINICAL_MEAN, FUNCTIONAL_MEAN = 519.2, 530.5
NORMS = NormSet(
    code="simulated",
    scale="total",
    population="simulated",
    sd=6.63,
    reliability=Reliability("total", "test_retest", 0.88, TEST),
    source=TEST,
    clinical_mean=CLINICAL_MEAN,
    functional_mean=FUNCTIONAL_MEAN,
    functional_sd=5.29,
)
WIDE: Measure = measure("wide", (), (Scale("total", 0, 1000),))


@dataclass(frozen=True)
class Course:
    """How many people are looked at how often after intake, and how far their true scores rise with each look."""

    people: int
    looks: int
    gain_per_look: float = 0.0
    seed: int = 2026


def observed(course: Course) -> NDArray[np.float64]:
    """Everyone's scores (rows) at intake and at each look (columns).

    Classical test theory: true variance is `r * S^2` around the clinical mean, error variance `(1 - r) * S^2`.
    """
    dice = np.random.default_rng(course.seed)
    r = NORMS.reliability.value
    true = dice.normal(CLINICAL_MEAN, NORMS.sd * np.sqrt(r), size=(course.people, 1))
    moved = true + course.gain_per_look * np.arange(course.looks + 1)
    found: NDArray[np.float64] = moved + dice.normal(0, sem(NORMS.sd, r), size=moved.shape)
    return found


def changes(scores: NDArray[np.float64]) -> list[list[Change]]:
    """What the service says of each person at each look after intake."""
    approach = Approach(norms=NORMS)
    return [[change(WIDE, "total", person[0], look, approach) for look in person[1:]] for person in scores.tolist()]
