"""Weeks since a couple's first answer become occasions and waves, with gaps kept."""

from datetime import date, timedelta
from math import isnan
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.clinical.lags.minimum import FEWEST_UNITS
from app.direction.occasions import Answer, Weeks

BEGAN = date(2026, 1, 7)
DAYS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 200), st.integers(0, 10)), min_size=1, max_size=60
)


def weeks(*answers: tuple[Any, Any, int, float], couple: object = "c") -> Weeks:
    """One couple's answers: partner, series, days since the first, value."""
    found = Weeks()
    ordered = sorted(answers, key=lambda one: one[2])
    found.take(Answer(couple, partner, series, BEGAN + timedelta(days=day), value) for partner, series, day, value in ordered)
    return found


@given(DAYS, st.integers(1, 4))
def test_every_occasion_holds_the_last_answer_in_it(answers: list[tuple[Any, Any, int, int]], length: int) -> None:
    first = min(day for _, _, day, _ in answers)
    last: dict[tuple[str, int, str], int] = {}
    for partner, series, day, value in sorted(answers, key=lambda one: one[2]):
        last[partner, (day - first) // 7 // length, series] = value
    panel = weeks(*answers).occasions(length)
    found = {
        (row.partner, row.occasion, series): value
        for row in panel.rows
        for series, value in (("x", row.x), ("y", row.y))
        if not isnan(value)
    }
    assert found == last


def test_a_wave_is_the_mean_of_its_weeks_and_an_empty_one_is_a_gap() -> None:
    panel = weeks(("a", "x", 0, 2), ("a", "x", 8, 4), ("a", "y", 8, 1), ("a", "x", 57, 9)).waves(4)
    rows = {row.occasion: (row.x, row.y) for row in panel.rows}
    assert set(rows) == {0, 2}
    assert rows[0] == (3.0, 1.0)
    assert rows[2][0] == 9.0
    assert isnan(rows[2][1])


def test_there_are_as_many_waves_as_enough_couples_came_to() -> None:
    found = Weeks()
    for couple in range(FEWEST_UNITS):
        told = 7 * 4 * (4 if couple else 5)
        found.take(Answer(couple, "a", "x", BEGAN + timedelta(days=day), 1.0) for day in range(0, told, 7))
    assert max(found.waves(4).occasions) == 3
    assert max(found.waves(2).occasions) == 5  # more than six are never taken
