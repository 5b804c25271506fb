"""Weeks are calendar weeks where the couple lives, a gap stays a gap, and the order of what comes in changes nothing."""

import doctest
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from app.clinical import since_intimacy, weeks
from app.clinical.weeks import WEEK, Rating, Weeks, pairs, week_by_week, week_of
from tests.clinical.weeks_drawn import WEEKS

BERLIN = ZoneInfo("Europe/Berlin")
RATINGS = st.lists(
    st.builds(
        Rating,
        st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone comes with it
        st.integers(0, 2**128),
        st.integers(0, 10).map(float),
    ),
    max_size=30,
    unique_by=lambda rating: rating.of,
)


def test_the_examples_in_the_docstrings_are_true() -> None:
    for module in (weeks, since_intimacy):
        found = doctest.testmod(module)
        assert (found.failed, found.attempted > 0) == (0, True), module.__name__


@given(RATINGS, st.randoms(use_true_random=False))
def test_the_order_of_what_comes_in_changes_nothing(ratings: list[Rating], chance: object) -> None:
    shuffled = list(ratings)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says no more of it than object
    assert week_by_week(shuffled, BERLIN) == week_by_week(ratings, BERLIN)


@given(RATINGS)
def test_the_last_rating_of_a_week_counts(ratings: list[Rating]) -> None:
    found = week_by_week(ratings, BERLIN)
    assert set(found) == {week_of(one.at, BERLIN) for one in ratings}
    for week, value in found.items():
        assert week.weekday() == 0
        within = [one for one in ratings if week_of(one.at, BERLIN) == week]
        assert value == max(within).value


def test_of_two_ratings_at_one_moment_the_later_id_counts() -> None:
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert week_by_week([Rating(at, 2, 3), Rating(at, 1, 8)], BERLIN) == {date(2026, 11, 16): 3}


def test_a_week_ends_at_midnight_where_the_couple_lives() -> None:
    sunday_night = datetime(2026, 11, 22, 22, 59, tzinfo=UTC)
    assert week_of(sunday_night, BERLIN) == date(2026, 11, 16)
    assert week_of(sunday_night + timedelta(minutes=1), BERLIN) == date(2026, 11, 23)
    assert week_of(sunday_night + timedelta(minutes=1), ZoneInfo("America/New_York")) == date(2026, 11, 16)


def test_the_clock_going_back_makes_no_gap() -> None:
    every_sunday = [datetime(2026, 10, 4, 20, tzinfo=BERLIN) + timedelta(weeks=number) for number in range(9)]
    told = week_by_week([Rating(at, number, 5) for number, at in enumerate(every_sunday)], BERLIN)
    assert len(pairs(told, told)) == 8


@given(WEEKS, WEEKS)
def test_a_gap_never_makes_a_pair(x: Weeks, y: Weeks) -> None:
    found = pairs(x, y)
    assert [pair.week for pair in found] == sorted(week for week in x if week + WEEK in y)
    assert all(pair.x == x[pair.week] and pair.y == y[pair.week + timedelta(days=7)] for pair in found)


@given(WEEKS.filter(bool), WEEKS, st.data())
def test_a_week_left_out_takes_its_pairs_along_and_makes_no_other(x: Weeks, y: Weeks, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(sorted(x)))
    fewer = {week: value for week, value in x.items() if week != lost}
    assert set(pairs(fewer, y)) == {pair for pair in pairs(x, y) if pair.week != lost}
