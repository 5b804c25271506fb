"""What followed what: counts as a plain loop makes them, both ways alike, nothing from too few weeks, a planted lead seen."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.clinical.cycle import PROPOSED, OneWay, WhatFollowed, momentum, what_followed
from app.clinical.since_intimacy import Told, binned
from app.clinical.weeks import WEEK, Weeks, own_median
from tests.clinical.weeks_drawn import FULL_WEEKS, MONDAY, WEEKS, chance_of, led, weeks_from

HOURS = PROPOSED.hours
PAGE = Path(__file__).parents[2] / "docs/clinical/cycle.md"


def drawn(found: WhatFollowed) -> tuple[OneWay, OneWay]:
    """Both directions, which have to be there."""
    assert found.sexual_first is not None
    assert found.relational_first is not None
    return found.sexual_first, found.relational_first


def counted(x: Weeks, y: Weeks) -> tuple[int, int, int, int]:
    """The same by a plain loop: weeks above, after how many the next was; the others, and after how many."""
    above = above_next = others = others_next = 0
    for week in x:
        if week + WEEK in y:
            is_next = y[week + WEEK] > own_median(y)
            if x[week] > own_median(x):
                above, above_next = above + 1, above_next + is_next
            else:
                others, others_next = others + 1, others_next + is_next
    return above, above_next, others, others_next


@given(FULL_WEEKS, FULL_WEEKS)
def test_the_counts_are_those_of_a_plain_loop(sexual: Weeks, relational: Weeks) -> None:
    forth, back = drawn(what_followed(sexual, relational))
    for way, (x, y) in ((forth, (sexual, relational)), (back, (relational, sexual))):
        told = way.after_above.n, way.after_above.above, way.after_not_above.n, way.after_not_above.above
        assert told == counted(x, y)
        assert way.after_above.n + way.after_not_above.n == len(way.points)
        assert way.at_median_before == sum(x[pair.week] == own_median(x) for pair in way.points)
        assert way.at_median_after == sum(pair.y == own_median(y) for pair in way.points)


@given(WEEKS, WEEKS)
def test_which_of_the_two_is_called_sexual_turns_the_answer_round_and_changes_nothing_else(one: Weeks, other: Weeks) -> None:
    found, turned = what_followed(one, other), what_followed(other, one)
    assert (found.sexual_first, found.relational_first) == (turned.relational_first, turned.sexual_first)
    assert (found.sexual_median, found.relational_median) == (turned.relational_median, turned.sexual_median)
    assert (found.paired, found.reason) == (turned.paired, turned.reason)


@given(WEEKS, WEEKS)
def test_there_are_both_directions_or_none(sexual: Weeks, relational: Weeks) -> None:
    found = what_followed(sexual, relational)
    is_drawn = found.paired >= 8
    assert [way is not None for way in (found.sexual_first, found.relational_first)] == [is_drawn, is_drawn]
    assert [median is not None for median in (found.sexual_median, found.relational_median)] == [is_drawn, is_drawn]
    assert found.reason == (None if is_drawn else "too_few_weeks")


def test_the_worked_example_of_the_docstring() -> None:
    found = what_followed(weeks_from([4.0, 6.0, 8.0]), weeks_from([5, 7, 6]), replace(PROPOSED, draw_from=2))
    forth, back = drawn(found)
    assert (found.sexual_median, found.relational_median) == (6, 6)
    assert (vars(forth.after_above), vars(forth.after_not_above)) == ({"n": 0, "above": 0}, {"n": 2, "above": 1})
    assert (vars(back.after_above), vars(back.after_not_above)) == ({"n": 1, "above": 1}, {"n": 1, "above": 0})
    assert (forth.at_median_before, forth.at_median_after) == (1, 1)


def test_the_example_for_therapists_is_true() -> None:
    rows = [line.split("|") for line in PAGE.read_text().splitlines()]
    told = {row[1].strip(): [float(cell) for cell in row[2:-1]] for row in rows if len(row) == 13 and "satisfaction" in row[1]}
    (*sexual, sexual_median), (*relational, relational_median) = told["sexual satisfaction"], told["relationship satisfaction"]
    found = what_followed(weeks_from(sexual), weeks_from(relational))
    forth, back = drawn(found)
    assert (found.sexual_median, found.relational_median, found.paired) == (sexual_median, relational_median, 8)
    counts = [forth.after_above, forth.after_not_above, back.after_above, back.after_not_above]
    assert [(one.above, one.n) for one in counts] == [(3, 3), (1, 5), (2, 4), (0, 4)]
    sentences = (
        "after **3 of 3**",
        "it was after\n**1**",
        "after **2 of 4**",
        "others after **0**",
    )
    for sentence in sentences:
        assert sentence in PAGE.read_text()


@pytest.mark.parametrize(("weeks", "paired"), [(8, 7), (9, 8)])
def test_seven_pairs_of_weeks_show_nothing_and_eight_both_ways(weeks: int, paired: int) -> None:
    sexual = weeks_from([float(place % 5) for place in range(weeks)])
    found = what_followed(sexual, sexual)
    assert (found.paired, found.reason) == (paired, "too_few_weeks" if paired < 8 else None)


@pytest.mark.parametrize(("weeks", "reason"), [(20, "too_few_weeks"), (21, None)])
def test_nineteen_pairs_of_weeks_have_no_correlation_and_twenty_have_one(weeks: int, reason: str | None) -> None:
    sexual, relational = (weeks_from([float(place % by) for place in range(weeks)]) for by in (5, 7))
    for way in drawn(what_followed(sexual, relational)):
        assert (way.no_correlation, way.correlation is None) == (reason, reason is not None)
        assert way.correlation is None or way.correlation.p is None


@pytest.mark.parametrize(("weeks", "is_told"), [(80, False), (81, True)])
def test_seventy_nine_pairs_of_weeks_have_no_p_and_eighty_have_one(weeks: int, is_told: bool) -> None:
    sexual, relational = (weeks_from([float(place % by) for place in range(weeks)]) for by in (5, 7))
    for way in drawn(what_followed(sexual, relational)):
        assert way.correlation is not None
        assert (way.correlation.p is not None) == is_told


def test_a_rating_that_never_moved_has_no_correlation_and_says_why() -> None:
    for way in drawn(what_followed(weeks_from([5.0] * 30), weeks_from([float(place % 7) for place in range(30)]))):
        assert (way.correlation, way.no_correlation) == (None, "no_variation")


def test_a_planted_lead_is_seen_in_its_direction_and_not_in_the_other() -> None:
    chance, seen, unseen = chance_of(7), 0, 0
    for _ in range(30):
        forth, back = drawn(what_followed(*led(chance, 53)))
        assert forth.correlation is not None
        assert back.correlation is not None
        seen += forth.correlation.rho > forth.correlation.high
        unseen += back.correlation.low <= back.correlation.rho <= back.correlation.high
        assert forth.after_above.above / forth.after_above.n > forth.after_not_above.above / forth.after_not_above.n
    assert seen == 30
    assert unseen >= 26  # 95 of 100 of 30 is 28.5


@given(WEEKS)
def test_momentum_counts_the_last_weeks_that_were_told_of(weeks: Weeks) -> None:
    this_week = MONDAY + 39 * WEEK
    found = momentum(weeks, this_week)
    last = [weeks[this_week - ago * WEEK] for ago in range(8) if this_week - ago * WEEK in weeks]
    assert found.n == len(last)
    if len(weeks) < 8 or len(last) < 4:
        assert (found.above, found.share, found.median, found.reason) == (None, None, None, "too_few_weeks")
    else:
        above = sum(value > own_median(weeks) for value in last)
        assert (found.above, found.share, found.reason) == (above, above / len(last), None)


def test_a_missing_week_is_not_counted_as_below() -> None:
    gaps = [9.0, None, 9.0, None, 9.0, None, 9.0, None]
    found = momentum(weeks_from([*[1.0] * 10, *gaps]), MONDAY + 17 * WEEK)
    assert (found.n, found.above, found.share, found.median) == (4, 4, 1.0, 1.0)


def test_weeks_after_the_one_looked_at_do_not_count_as_the_last() -> None:
    found = momentum(weeks_from([float(week) for week in range(1, 13)]), MONDAY + 11 * WEEK)
    assert (found.n, found.above, found.share, found.median) == (8, 6, 0.75, 6.5)
    assert momentum(weeks_from([float(week) for week in range(1, 13)]), date(2026, 1, 26)).n == 4


@given(st.lists(st.builds(Told, st.integers(0, 8760).map(float), st.integers(0, 10).map(float)), max_size=40))
def test_every_rating_falls_into_one_bin(told: list[Told]) -> None:
    found = binned(told, HOURS, 3)
    assert sum(one.n for one in found) == len(told)
    assert [(one.over, one.to) for one in found] == [(0, 24), (24, 48), (48, 72), (72, 168), (168, None)]
    for one in found:
        has_figures = one.n >= 3
        assert [figure is not None for figure in (one.lower_quartile, one.median, one.upper_quartile)] == [has_figures] * 3


@given(st.lists(st.integers(0, 10).map(float), min_size=3, max_size=30))
def test_a_bins_figures_lie_within_its_ratings_and_in_order(values: list[float]) -> None:
    assume(values)
    only = binned([Told(5, value) for value in values], HOURS, 3)[0]
    assert only.median is not None
    assert only.lower_quartile is not None
    assert only.upper_quartile is not None
    assert min(values) <= only.lower_quartile <= only.median <= only.upper_quartile <= max(values)


@pytest.mark.parametrize(("hours", "place"), [(0, 0), (24, 0), (24.5, 1), (48, 1), (72, 2), (168, 3), (169, 4), (8760, 4)])
def test_an_end_belongs_to_the_bin_below_it(hours: float, place: int) -> None:
    assert [one.n for one in binned([Told(hours, 5)], HOURS, 3)] == [int(number == place) for number in range(5)]
