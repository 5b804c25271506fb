"""Effects from sums against metafor's printed figures, a textbook's t interval and cluster-robust regression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from statsmodels.api import OLS

from app.clinical.pre_post import Pairs, gain_variance, pre_post, standardized_gain

Scores = NDArray[np.float64]


def pairs(first: Scores, latest: Scores, couple: NDArray[np.int64]) -> Pairs:
    moved, partners = np.bincount(couple, latest - first), np.bincount(couple)
    moved, partners = moved[partners > 0], partners[partners > 0]
    return Pairs(
        couples=len(partners),
        partners=len(first),
        first=float(first.sum()),
        first_squared=float((first**2).sum()),
        latest=float(latest.sum()),
        latest_squared=float((latest**2).sum()),
        first_latest=float((first * latest).sum()),
        partners_squared=int((partners**2).sum()),
        moved_squared=float((moved**2).sum()),
        moved_partners=float((moved * partners).sum()),
    )


@pytest.mark.parametrize(
    ("gain", "sd", "n", "r", "d", "variance"),
    [
        (38.5 - 30.6, 15.0, 20, 0.47, 0.5056, 0.0594),
        (26.8 - 23.5, 3.1, 50, 0.64, 1.0481, 0.0254),
        (0.7 - 0.5, 0.1, 9, 0.77, 1.8054, 0.2322),
        (75.9 - 53.4, 14.5, 10, 0.89, 1.4181, 0.1225),
        (36.0 - 35.6, 4.7, 14, 0.44, 0.0801, 0.0802),
    ],
)
def test_the_five_training_studies_come_out_as_metafor_prints_them(  # noqa: PLR0917 - a line of the printed table
    gain: float, sd: float, n: int, r: float, d: float, variance: float
) -> None:
    """Morris 2008, treated groups, as reanalysed at metafor-project.org (analyses: morris2008), measure SMCR."""
    found, _ = standardized_gain(gain, sd, n, r, n)
    assert found == pytest.approx(d, abs=5e-5)
    assert gain_variance(found, r, n) == pytest.approx(variance, abs=5e-5)


def test_one_partner_a_couple_gives_students_paired_interval() -> None:
    drawn = np.random.default_rng(4)
    first = drawn.normal(20, 5, 25)
    latest = first + drawn.normal(3, 4, 25)
    found = pre_post(pairs(first, latest, np.arange(25)), 1)
    told = stats.ttest_rel(latest, first).confidence_interval(0.95)
    assert (found.gain_interval.low, found.gain_interval.high) == pytest.approx((told.low, told.high))
    assert found.sd_intake == pytest.approx(first.std(ddof=1))
    assert found.effective == pytest.approx(25)
    assert found.standardized == pytest.approx((1 - 3 / 95) * found.gain / first.std(ddof=1), rel=1e-3)


@hypothesis_settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from([1, -1]))
def test_both_partners_of_a_couple_give_the_interval_of_clustered_regression(seed: int, direction: int) -> None:
    drawn = np.random.default_rng(seed)
    couple = np.repeat(np.arange(30), 2)[: 60 - int(drawn.integers(0, 5))]
    first = drawn.normal(20, 5, len(couple))
    latest = first + 3 + drawn.normal(0, 4, 30)[couple] + drawn.normal(0, 1, len(couple))
    found = pre_post(pairs(first, latest, couple), direction)
    fitted = OLS(direction * (latest - first), np.ones(len(couple))).fit(
        cov_type="cluster", cov_kwds={"groups": couple, "use_correction": False}
    )
    # statsmodels' own small-sample factor counts observations too; ours is the textbook's K/(K - 1).
    couples = found.couples
    half = stats.t.ppf(0.975, couples - 1) * float(fitted.bse[0]) * np.sqrt(couples / (couples - 1))
    assert found.gain == pytest.approx(float(fitted.params[0]))
    assert found.gain_interval.high - found.gain == pytest.approx(half)
    assert couples <= found.effective < 40  # partners who move together are worth little more than one


def test_where_less_is_better_a_fall_is_a_gain() -> None:
    first, latest = np.array([9.0, 8, 7, 9]), np.array([5.0, 6, 4, 6])
    couple = np.array([0, 0, 1, 1])
    up, down = (pre_post(pairs(first, latest, couple), direction) for direction in (1, -1))
    assert (up.gain, down.gain) == (-3.0, 3.0)
    assert up.standardized == pytest.approx(-(down.standardized or 0))
    assert (up.gain_interval.low, up.gain_interval.high) == (-down.gain_interval.high, -down.gain_interval.low)


def test_without_a_spread_there_is_no_standardised_gain_and_nothing_breaks() -> None:
    same = np.full(6, 12.0)
    found = pre_post(pairs(same, same + 2, np.array([0, 0, 1, 1, 2, 2])), 1)
    assert (found.gain, found.gain_interval.low, found.gain_interval.high) == (2.0, 2.0, 2.0)
    assert (found.standardized, found.standardized_interval, found.effective) == (None, None, 3.0)
