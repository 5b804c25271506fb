"""The rank correlation is scipy's; its band is that of chance, the same for the same weeks, and holds what it should."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from app.clinical.lag_correlation import SHUFFLES, _orders, lag_correlation
from app.clinical.weeks import WEEK, Pair
from tests.clinical.weeks_drawn import MONDAY, RATING, chance_of, unrelated

PAIRS = st.lists(st.tuples(RATING, RATING), min_size=20, max_size=60).map(
    lambda told: [Pair(MONDAY + place * WEEK, x, y) for place, (x, y) in enumerate(told)]
)


@given(PAIRS)
def test_it_is_the_correlation_of_scipy(pairs: list[Pair]) -> None:
    found = lag_correlation(pairs, 4, 80)
    x, y = {pair.x for pair in pairs}, {pair.y for pair in pairs}
    if len(x) == 1 or len(y) == 1:
        assert found is None
    else:
        assert found is not None
        assert found.rho == pytest.approx(spearmanr([one.x for one in pairs], [one.y for one in pairs]).statistic)
        assert -1 <= found.low <= found.high <= 1


@given(PAIRS)
def test_the_same_weeks_always_give_the_same_band(pairs: list[Pair]) -> None:
    assert lag_correlation(pairs, 4, 80) == lag_correlation(list(pairs), 4, 80)


@given(PAIRS)
def test_turning_one_rating_round_turns_the_correlation_round(pairs: list[Pair]) -> None:
    found = lag_correlation(pairs, 4, 80)
    turned = lag_correlation([replace(one, y=10 - one.y) for one in pairs], 4, 80)
    assert (found is None) == (turned is None)
    if found and turned:
        assert turned.rho == pytest.approx(-found.rho)


@given(st.integers(20, 120), st.integers(2, 8), st.integers(0, 2**63))
def test_every_order_holds_every_week_once_and_neighbours_mostly_stay_neighbours(n: int, block: int, seed: int) -> None:
    orders = _orders(n, block, [seed])
    assert orders.shape == (SHUFFLES, n)
    for order in orders[:20]:
        assert sorted(order) == list(range(n))
        parted = sum((later - earlier) % n != 1 for earlier, later in pairwise(order))
        assert parted < -(-n // block)


def test_the_worked_example_of_the_docstring() -> None:
    told = zip([1, 2, 3, 4, 5], [1, 2, 3, 5, 4], strict=True)
    pairs = [Pair(MONDAY + place * WEEK, x, y) for place, (x, y) in enumerate(told)]
    found = lag_correlation(pairs, 2, 80)
    assert found is not None
    assert found.rho == pytest.approx(0.9)


@pytest.mark.parametrize(("n", "is_told"), [(79, False), (80, True)])
def test_there_is_no_p_below_the_occasions_it_takes(n: int, is_told: bool) -> None:
    found = lag_correlation(unrelated(chance_of(3), n, 0.3), 4, 80)
    assert found is not None
    assert (found.p is not None) == is_told
    assert found.p is None or 0.001 <= found.p <= 1


def test_the_strongest_relation_has_the_smallest_p_that_there_is() -> None:
    rising = [Pair(MONDAY + place * WEEK, float(place), float(place)) for place in range(80)]
    found = lag_correlation(rising, 4, 80)
    assert found is not None
    assert found.rho == pytest.approx(1)
    assert found.p in {0.001, 0.002}  # the order that was observed may be among those drawn
    assert found.high < 0.6


def test_the_band_holds_unrelated_ratings_in_about_95_of_100_couples() -> None:
    chance = chance_of(11)
    held = 0
    for _ in range(200):
        found = lag_correlation(unrelated(chance, 26, 0.3), 4, 80)
        held += found is not None and found.low <= found.rho <= found.high
    assert 182 <= held <= 198  # 95 of 100, three standard errors either way
