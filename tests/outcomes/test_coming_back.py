"""A couple that comes back has a new intake: what was before the episode of care is shown and not judged by."""

from datetime import timedelta

import pytest

from tests.conftest import Caller, Wristwatch
from tests.homework.records import Course
from tests.notes.records import new_note
from tests.outcomes.records import Care, Json, begun, codes, practising, series
from tests.safety.records import done

CALM = "nothing_raised_unjudged"
AGAIN = {"primary_concern": {"code": "desire_discrepancy"}}


def come_back(care: Care, clock: Wristwatch) -> None:
    """Ends the episode, and opens another six weeks later; that was three weeks ago."""
    care.close()
    clock.turn(weeks=6)
    done(care.therapist.post(f"{care.pair.path}/episodes", json=AGAIN))
    clock.turn(weeks=3)
    care.today = clock.moment


def hours_today(care: Care, number: int) -> None:
    """Signed notes of as many conjoint hours."""
    began = care.today.replace(hour=7)
    times = {"started_at": began.isoformat(), "ended_at": (began + timedelta(minutes=50)).isoformat()}
    for _ in range(number):
        note = done(care.therapist.post(f"{care.pair.path}/notes", json=new_note(held_on=str(began.date()), **times)))
        done(care.therapist.post(f"{care.pair.path}/notes/{note['id']}/signatures", json={"version": 1}), 200)


@pytest.fixture
def care(therapist: Caller, clock: Wristwatch) -> Care:
    """A couple that was much better by the end of its first episode, six hours long, and is back after a while."""
    care = begun(therapist, clock.moment)
    care.measure("gmsex", a=[10, 28, 29], b=[12, 27, 27])
    care.measure("phq9", a=[3, 2])
    care.visits(6)
    come_back(care, clock)
    return care


def test_change_is_reckoned_from_the_new_intake_while_the_series_stays_whole(care: Care) -> None:
    found = care.read()
    assert (found["on_track"]["basis"]["series"], found["pairs"], found["on_track"]["rule"]) == ([], [], CALM)
    care.measure("gmsex", a=[24, 15, 14], b=[16])
    found = care.read()
    told = series(found, "a", "gmsex")
    assert [point["value"] for point in told["points"]] == [10, 28, 29, 24, 15, 14]
    change = told["change"]
    assert (change["intake"], change["latest"], change["gained"], change["class"]) == (24, 14, -10, "deteriorated")
    assert series(found, "b", "gmsex")["change"] is None  # one score since is an intake
    assert codes(found)[0] == "deteriorated_twice"  # against the first intake of all A was better
    assert [(one["slot"], one["measure"]) for one in found["on_track"]["basis"]["series"]] == [("a", "gmsex"), ("b", "gmsex")]
    asked = [f"/partners/{care.pair.a}/change?measure=gmsex", "/dyad?measure=gmsex"]
    change, dyad = (done(care.therapist.get(care.pair.path + path), 200) for path in asked)
    for told in (change, dyad["partners"][0]["change"]):
        assert (told["intake"]["value"], told["latest"]["value"], told["class"]) == (24, 14, "deteriorated")
    assert (dyad["partners"][1]["change"]["reason"], dyad["label"]) == ("too_few_scores", "any_deteriorated")
    row: Json = done(care.therapist.get("/v1/caseload"), 200)["items"][0]
    assert (row["rule"], row["visits"], row["last_visit_on"]) == ("deteriorated_twice", 0, None)


def test_an_improvement_of_the_first_time_does_not_stand_for_this_one_nor_do_its_hours(care: Care) -> None:
    care.measure("gmsex", a=[15, 16], b=[16, 16])
    hours_today(care, 5)
    found = care.read()
    assert (found["visits"], codes(found), found["first_improvement"]["either"]["sexual"]["reason"]) == (5, [], "not_yet")
    hours_today(care, 1)
    assert codes(care.read()) == ["no_reliable_improvement"]
    then = care.read(more=f"as_of={(care.today - timedelta(weeks=8)).date()}")
    change = series(then, "a", "gmsex")["change"]
    assert (change["intake"], change["latest"], change["class"], then["visits"]) == (10, 29, "improved", 6)


def test_an_episode_that_was_entered_late_is_not_the_last_one(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment)
    care.close()
    late = {"opened_on": "2025-01-10", "primary_concern": {"code": "routine_boredom"}}
    episode = done(therapist.post(f"{care.pair.path}/episodes", json=late))
    ended = {"closed_on": "2025-03-01", "reason": "lost_contact"}
    done(therapist.post(f"{care.pair.path}/episodes/{episode['id']}/closures", json=ended), 200)
    (row,) = done(therapist.get("/v1/caseload?in_care=false"), 200)["items"]
    assert row["concern"] == "desire_discrepancy"


def test_tasks_missed_and_stages_left_behind_the_first_time_raise_nothing_now(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    care.measure("gmsex", a=[20, 21])
    miss(course, given, clock)
    assert "tasks_missed" in codes(care.read())
    done(course.move("stops"), 200)
    come_back(care, clock)
    care.measure("gmsex", a=[20, 21])
    assert codes(care.read()) == []


def miss(course: Course, given: Json, clock: Wristwatch) -> None:
    """Two occasions that did not come about."""
    for hours in (1, 2):
        at = (clock.moment - timedelta(hours=hours)).isoformat()
        done(course.check_in(given, "a", done="not_done", log={}, occurred_at=at))
