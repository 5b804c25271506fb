"""Gaps: what was asked and not answered, and the rounds of what comes round; each day told once, and no answer overlooked."""

from datetime import date, timedelta
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from app.clinical.gaps import MISSING, Ask, Gap, gaps
from app.clinical.measures import MEASURES
from app.clinical.scoring import Withheld

FIRST = date(2026, 9, 1)
WEEKLY = {"rekindle_pulse": 7}
DAYS = st.lists(st.integers(0, 120), min_size=1, max_size=12).map(lambda found: [on(day) for day in sorted(found)])


def on(day: int) -> date:
    """So many days after the first."""
    return FIRST + timedelta(days=day)


def told(days: list[date], today: int, asks: tuple[Ask, ...] = ()) -> list[tuple[str, date, date]]:
    """Gaps of the pulse."""
    return [(gap.code, gap.starts_on, gap.ends_on) for gap in gaps(asks, {"rekindle_pulse": days}, WEEKLY, on(today))]


def pulse(code: str, first: int, last: int) -> tuple[str, date, date]:
    """A gap as it is told."""
    return code, on(first), on(last)


def test_what_is_answered_every_week_has_no_gap_but_the_next_one() -> None:
    assert told([on(0), on(7), on(14)], 15) == [pulse("not_yet_due", 15, 21)]


def test_a_day_late_or_six_is_no_gap_and_a_week_that_nobody_looks_back_on_is() -> None:
    assert told([on(0), on(13)], 13) == []
    assert told([on(0), on(14)], 14) == [pulse("not_asked", 1, 7)]
    assert told([on(0), on(28)], 28) == [pulse("not_asked", 1, 21)]


def test_what_is_overdue_was_not_asked_up_to_now() -> None:
    assert told([on(0)], 7) == [pulse("not_yet_due", 1, 7)]
    assert told([on(0)], 8) == [pulse("not_asked", 1, 8)]


def test_an_ask_that_ran_out_was_skipped_and_one_that_runs_is_not_yet_due() -> None:
    asks = (Ask("gmsex", on(1), on(4), is_over=True), Ask("gmsex", on(20), on(23), is_over=False))
    assert gaps(asks, {}, WEEKLY, on(21)) == [
        Gap("gmsex", "skipped", on(1), on(4)),
        Gap("gmsex", "not_yet_due", on(20), on(23)),
    ]


def test_an_ask_answered_in_another_way_leaves_no_gap_and_one_of_another_measure_does() -> None:
    ask = Ask("rekindle_pulse", on(6), on(9), is_over=True)
    assert told([on(0), on(7)], 7, (ask,)) == []
    other = gaps((Ask("gmsex", on(6), on(9), is_over=True),), {"rekindle_pulse": [on(0), on(7)]}, WEEKLY, on(7))
    assert [(gap.measure, gap.code) for gap in other] == [("gmsex", "skipped")]


def test_an_ask_tells_more_of_a_round_than_that_nobody_asked() -> None:
    ask = Ask("rekindle_pulse", on(7), on(10), is_over=True)
    assert told([on(0), on(21)], 21, (ask,)) == [pulse("skipped", 7, 10)]


def test_what_has_no_rhythm_has_gaps_only_where_it_was_asked() -> None:
    assert gaps((), {"fsfi": [on(0), on(112)]}, WEEKLY, on(200)) == []


@given(DAYS, st.integers(120, 200))
def test_a_gap_holds_no_answer_lasts_a_round_and_meets_no_other(days: list[date], today: int) -> None:
    found = told(days, today)
    for number, (code, starts_on, ends_on) in enumerate(found):
        assert code in MISSING
        assert not any(starts_on <= day <= ends_on for day in days)
        assert ends_on - starts_on >= timedelta(days=6)
        assert number == 0 or starts_on > found[number - 1][2]


@given(DAYS, st.integers(120, 200))
def test_every_day_is_looked_back_on_or_in_a_gap_or_short_of_a_round(days: list[date], today: int) -> None:
    gapped = {one + timedelta(days=n) for _, one, last in told(days, today) for n in range((last - one).days + 1)}
    looked_at = {day - timedelta(days=n) for day in days for n in range(7)}
    unseen = [day for day in (on(n) for n in range((days[0] - FIRST).days, today + 1)) if day not in gapped | looked_at]
    runs = [day for day in unseen if all(day + timedelta(days=n) in unseen for n in range(7))]
    assert not runs


def test_every_reason_a_score_can_be_missing_for_is_in_the_vocabulary_and_only_the_pulse_comes_round_by_itself() -> None:
    assert set(get_args(Withheld)) < set(MISSING)
    assert {code: measure.rhythm_days for code, measure in MEASURES.items() if measure.rhythm_days} == WEEKLY
