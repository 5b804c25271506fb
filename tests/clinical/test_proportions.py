"""Wilson's interval against two libraries and printed figures; what partners of one couple do to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from app.clinical.proportions import Clustered, effective_number, share, wilson


def clustered(couples: list[tuple[int, int]]) -> Clustered:
    """Of each couple: how many partners were judged, and how many of those count."""
    judged, hits = np.array(couples).T
    sums = (judged.sum(), hits.sum(), (judged**2).sum(), (hits**2).sum(), (hits * judged).sum())
    return Clustered(len(couples), *(int(one) for one in sums))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_intervals_that_newcombe_printed_come_out(hits: int, of: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3."""
    found = wilson(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(st.integers(1, 5_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_two_libraries_agree(found: tuple[int, int]) -> None:
    hits, of = found
    ours = wilson(hits, of)
    scipys = binomtest(hits, of).proportion_ci(method="wilson")
    assert (ours.low, ours.high) == pytest.approx((scipys.low, scipys.high), abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx(proportion_confint(hits, of, method="wilson"), abs=1e-12)


@given(st.floats(1, 500).flatmap(lambda of: st.tuples(st.floats(0, 1), st.just(of))))
def test_a_library_agrees_where_the_effective_number_is_no_whole_one(found: tuple[float, float]) -> None:
    rate, of = found
    ours = wilson(rate * of, of)
    assert (ours.low, ours.high) == pytest.approx(proportion_confint(rate * of, of, method="wilson"), abs=1e-9)


couples = st.lists(st.integers(1, 2).flatmap(lambda judged: st.tuples(st.just(judged), st.integers(0, judged))), min_size=2)


@given(couples)
def test_partners_are_worth_at_least_their_couples_and_at_most_themselves(found: list[tuple[int, int]]) -> None:
    sums = clustered(found)
    assert sums.couples - 1e-9 <= effective_number(sums) <= sums.judged + 1e-9
    told = share(sums)
    assert told.interval.low - 1e-12 <= told.rate <= told.interval.high + 1e-12


def test_partners_who_always_agree_count_once_a_couple() -> None:
    assert effective_number(clustered([(2, 2), (2, 0)] * 20)) == pytest.approx(40, rel=0.03)
    assert effective_number(clustered([(2, 2)] * 20)) == 20
    assert effective_number(clustered([(2, 0)] * 20)) == 20


def test_partners_who_differ_as_strangers_do_count_as_two() -> None:
    assert effective_number(clustered([(2, 2), (2, 1), (2, 1), (2, 0)] * 10)) == pytest.approx(80, rel=0.03)
    assert effective_number(clustered([(2, 1)] * 20)) == 40


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_the_interval_holds_the_truth_as_often_as_it_says_however_alike_partners_are(alike: float) -> None:
    """1,000 clinics of 30 couples. Every partner taken alone would hold it in some 84 % where both always agree."""
    drawn = np.random.default_rng(6)
    first = drawn.random((1_000, 30)) < 0.4
    second = np.where(drawn.random((1_000, 30)) < alike, first, drawn.random((1_000, 30)) < 0.4)
    held = 0
    for hits in first.astype(int) + second:
        counted = (30, 60, int(hits.sum()), 120, int((hits**2).sum()), int(2 * hits.sum()))
        told = share(Clustered(*counted)).interval
        held += told.low <= 0.4 <= told.high
    assert held / 1_000 >= 0.93
