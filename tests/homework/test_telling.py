"""What is told of a plan only ever grows, has no gaps, and ends where the plan truly stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.homework.states import NOUNS, Move, Status, after
from app.homework.telling import Step, counted, given_shows_at, told, truly_after, way

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STATUSES = st.sampled_from([status for status in Status if status not in {Status.DRAFT, Status.OFFERED}])
PLACES = st.tuples(STATUSES, st.integers(1, 3))
OPENED = Step(1, 0, "draft", 1, "opened", "member", None, NOON)


def step(number: int, follows: int, hours: float, status: str = "active") -> Step:
    return replace(OPENED, number=number, follows=follows, status=status, shown_at=NOON + timedelta(hours=hours))


PENDING = [OPENED, step(2, 1, 0), step(3, 2, 30, "paused"), step(4, 3, 30)]


def test_what_is_not_shown_yet_is_not_told() -> None:
    assert [one.number for one in told(PENDING, NOON)] == [1, 2]
    assert [one.number for one in told(PENDING, NOON + timedelta(hours=31))] == [1, 2, 3, 4]


def test_what_was_overtaken_is_never_told_and_leaves_no_gap() -> None:
    overtaken = [*PENDING, step(5, 2, 1, "held")]
    for hours in (2, 31, 999):
        shown = told(overtaken, NOON + timedelta(hours=hours))
        assert [one.number for one in shown] == [1, 2, 5]
        assert [one.number for one in counted(shown)] == [1, 2, 3]


def test_what_overtakes_hides_the_rest_even_before_it_shows_itself() -> None:
    again = [*PENDING, step(5, 2, 50, "paused")]
    assert [one.number for one in told(again, NOON + timedelta(hours=40))] == [1, 2]


def test_the_opening_is_shown_whatever_the_clock() -> None:
    assert told([OPENED], NOON - timedelta(hours=1)) == [OPENED]
    assert told([], NOON) == []


@given(start=PLACES, goal=PLACES)
def test_the_way_leads_where_it_should_by_the_table_wherever_there_is_one(
    start: tuple[Status, int], goal: tuple[Status, int]
) -> None:
    status, stage = start
    for made in way(start, goal):
        status, stage = after(status, made), goal[1] if made is Move.SET_STAGE else stage
    ended = start[0] in {Status.COMPLETED, Status.STOPPED}
    assert (status, stage) == (start if ended else goal)


def test_nobody_who_cannot_see_a_pause_sets_a_plan_going_again_and_everybody_can_end_it() -> None:
    moved = {NOUNS[made]: truly_after(Status.PAUSED, made) for made in (Move.HOLD, Move.PAUSE, Move.COMPLETE, Move.STOP)}
    assert moved == {"holds": "paused", "pauses": "paused", "completions": "completed", "stops": "stopped"}
    assert truly_after(Status.STOPPED, Move.COMPLETE) is Status.STOPPED
    assert truly_after(Status.ACTIVE, Move.HOLD) is Status.HELD


@pytest.mark.parametrize(("stage", "hours"), [(1, 1), (2, 30)])
def test_an_assignment_shows_at_once_unless_it_tells_of_what_is_hidden(stage: int, hours: int) -> None:
    truth = replace(PENDING[-1], stage=stage)
    assert given_shows_at(truth, PENDING, NOON + timedelta(hours=1)) == NOON + timedelta(hours=hours)
