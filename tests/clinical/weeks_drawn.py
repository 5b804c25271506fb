"""Weeks for these tests: drawn, and simulated with a known truth."""

import random
from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from app.clinical.weeks import WEEK, Pair

MONDAY = date(2026, 1, 5)
RATING = st.integers(0, 10).map(float)


def chance_of(seed: int) -> random.Random:
    """What a simulation draws from, the same every time."""
    return random.Random(seed)  # noqa: S311 - it guards nothing


def weeks_from(values: Sequence[float | None]) -> dict[date, float]:
    """Weeks in a row; None is a week in which nothing was said."""
    return {MONDAY + place * WEEK: value for place, value in enumerate(values) if value is not None}


WEEKS = st.lists(st.none() | RATING, max_size=40).map(weeks_from)
FULL_WEEKS = st.lists(RATING, min_size=9, max_size=20).map(weeks_from)


def inert(chance: random.Random, weeks: int, carried: float) -> list[float]:
    """A rating of 0-10 around 6 of which each week carries over a part of the week before."""
    state, found = 0.0, []
    for _ in range(weeks + 20):
        state = carried * state + (1 - carried**2) ** 0.5 * chance.gauss(0, 1)
        found.append(min(10.0, max(0.0, float(round(6 + 2 * state)))))
    return found[20:]


def unrelated(chance: random.Random, weeks: int, carried: float) -> list[Pair]:
    """Pairs of two such ratings that have nothing to do with each other."""
    x, y = inert(chance, weeks, carried), inert(chance, weeks, carried)
    return [Pair(MONDAY + place * WEEK, x[place], y[place]) for place in range(weeks)]


def led(chance: random.Random, weeks: int) -> tuple[dict[date, float], dict[date, float]]:
    """Two ratings of which the first leads the second by a week, and the second never the first."""
    first = [chance.gauss(0, 1) for _ in range(weeks)]
    second = [chance.gauss(0, 1), *(0.8 * first[place] + 0.6 * chance.gauss(0, 1) for place in range(weeks - 1))]
    one, other = ([min(10.0, max(0.0, round(6 + 2 * value, 0))) for value in told] for told in (first, second))
    return weeks_from([*one]), weeks_from([*other])
