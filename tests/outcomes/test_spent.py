"""What the hours went to, the rabbit hole and the time to the first improvement, as the therapist reads them over HTTP."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.notes.records import new_note
from tests.outcomes.records import Care, Json, codes, flag, practising
from tests.safety.records import done

TALK = {"communication": 30, "logistics": 5, "sexual_concern": 10}
WORK = {"sexual_concern": 30, "communication": 20}


def hour(care: Care, days_ago: int, minutes: Mapping[str, int], about: str = "couple") -> Json:
    """A signed note of an hour of fifty minutes."""
    began = (care.today - timedelta(days=days_ago)).replace(hour=7)
    times = {"started_at": began.isoformat(), "ended_at": (began + timedelta(minutes=50)).isoformat()}
    told = new_note(about, held_on=str(began.date()), minutes_by_topic=dict(minutes), **times)
    note: Json = done(care.therapist.post(f"{care.pair.path}/notes", json=told))
    signed = care.therapist.post(f"{care.pair.path}/notes/{note['id']}/signatures", json={"version": 1})
    return dict(done(signed, 200))


def talk(care: Care, weeks: int) -> None:
    """As many weekly hours past the concern, up to yesterday, entered the latest first."""
    for week in range(weeks):
        hour(care, 1 + 7 * week, TALK)


def test_four_visits_past_a_concern_that_stands_still_are_flagged_with_the_numbers_behind_it(care: Care) -> None:
    care.measure("gmsex", a=[20, 21], b=[22, 20])
    talk(care, 3)
    assert "rabbit_hole" not in codes(care.read())
    hour(care, 22, TALK)
    found = care.read()
    raised = flag(found, "rabbit_hole")
    gmsex = "Global Measure of Sexual Satisfaction"
    assert (raised["colour"], found["on_track"]["rule"]) == ("amber", "rabbit_hole")
    assert raised["sentence"] == (
        "The last 4 visits that say how they were spent, since 2026-10-31, went mostly to communication or logistics "
        f"(140 of 180 minutes), the primary concern shows no reliable change by {gmsex} (A and B), "
        "and there is no homework plan."
    )
    assert raised["numbers"] == {
        "visits": 4, "minutes_told": 180, "minutes_communication": 120, "minutes_logistics": 20, "series": 2
    }  # fmt: skip
    minutes = {"communication": 120, "logistics": 20, "sexual_concern": 40}
    four = {"visits": 4, "first_on": "2026-10-31", "last_on": "2026-11-21", "minutes_held": 200, "minutes_by_topic": minutes}
    spent = found["spent"]
    assert spent["total"] == spent["last"] == spent["in_a_row"] == four | {"share": pytest.approx(140 / 180)}
    assert (spent["untold"], spent["plan_is_active"], spent["concern"]["standing"]) == (0, False, "no_reliable_change")
    assert [(one["slot"], one["measure"], one["class"]) for one in spent["concern"]["series"]] == [
        ("a", "gmsex", "unchanged"), ("b", "gmsex", "unchanged")
    ]  # fmt: skip
    assert {name: spent["rule"][name] for name in ("visits", "share", "topics", "grade")} == {
        "visits": 4, "share": 0.5, "topics": ["communication", "logistics"], "grade": "proposal"
    }  # fmt: skip


def test_an_hour_on_the_concern_or_a_reliable_improvement_answers_the_flag(care: Care) -> None:
    care.measure("gmsex", a=[20, 21])
    talk(care, 4)
    assert "rabbit_hole" in codes(care.read())
    note = hour(care, 0, WORK)
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["in_a_row"]["visits"], found["spent"]["last"]["visits"]) == (
        False,
        0,
        4,
    )
    assert found["spent"]["total"]["minutes_by_topic"]["sexual_concern"] == 70
    retract = {"reason": "Of another couple."}
    done(care.therapist.post(f"{care.pair.path}/notes/{note['id']}/retractions", json=retract), 200)
    assert "rabbit_hole" in codes(care.read())
    care.measure("gmsex", b=[15, 24])
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["concern"]["standing"]) == (False, "reliably_better")


def test_a_concern_that_was_resolved_asks_for_nothing(care: Care) -> None:
    talk(care, 4)
    assert "rabbit_hole" in codes(care.read())
    done(care.therapist.post(f"{care.pair.path}/concerns/{care.pair.concern_id}/resolutions", json={}), 200)
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["concern"]) == (False, None)


def test_hours_with_one_partner_drafts_and_visits_without_minutes_do_not_count(care: Care) -> None:
    talk(care, 3)
    hour(care, 0, TALK, about="partner_a")
    done(care.therapist.post(f"{care.pair.path}/notes", json=new_note(minutes_by_topic=TALK)))
    hour(care, 0, {})
    found = care.read()
    assert "rabbit_hole" not in codes(found)
    assert (found["spent"]["in_a_row"]["visits"], found["spent"]["total"]["visits"], found["spent"]["untold"]) == (3, 4, 1)
    hour(care, 30, TALK)
    raised = flag(care.read(), "rabbit_hole")
    assert "no change of the primary concern can be judged, and there is no homework plan." in raised["sentence"]


def test_a_plan_under_way_answers_it_and_one_that_is_held_does_not(therapist: Caller, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    talk(care, 4)
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["plan_is_active"]) == (False, True)
    done(course.move("holds"), 200)
    assert flag(care.read(), "rabbit_hole")["sentence"].endswith("no homework plan is active: the latest is held.")


def test_a_pause_that_is_not_shown_to_machines_yet_raises_nothing_for_them(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    ehr = clinic.integration()
    talk(care, 4)
    before = care.read(caller=ehr)
    done(course.check_in(given, "b", ehr, pressure=8))
    after = care.read(caller=ehr)
    assert (after["flags"], after["spent"]) == (before["flags"], before["spent"])
    assert after["spent"]["plan_is_active"]
    assert flag(care.read(), "rabbit_hole")["sentence"].endswith("the latest is paused.")
    clock.turn(days=4)
    assert "rabbit_hole" in codes(care.read(caller=ehr))


def test_a_caseload_tells_of_it_as_the_outcomes_do_to_each_what_they_may_know(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    ehr = clinic.integration()
    talk(care, 4)
    done(course.check_in(given, "b", ehr, pressure=8))
    signal = therapist.get(care.pair.path + "/safety-signals").json()["items"][0]
    done(therapist.post(f"{care.pair.path}/safety-signals/{signal['id']}/reviews", json={}), 200)
    own, theirs = (done(caller.get("/v1/caseload"), 200)["items"][0] for caller in (therapist, ehr))
    assert (own["colour"], own["rule"], own["next_step"]["code"]) == ("amber", "rabbit_hole", "return_to_sexual_concern")
    assert own["sentence"] == flag(care.read(), "rabbit_hole")["sentence"]
    assert (theirs["colour"], theirs["rule"]) == ("green", "nothing_raised_unjudged")
    clock.turn(days=4)
    assert done(ehr.get("/v1/caseload"), 200)["items"][0]["rule"] == "rabbit_hole"


def test_no_partners_view_holds_how_hours_were_spent_or_who_was_better_first(care: Care, clinic: Clinic) -> None:
    care.measure("gmsex", a=[15, 24], b=[20, 20])
    talk(care, 4)
    ehr = clinic.integration()
    for view in ("partner_a", "partner_b"):
        for caller in (care.therapist, ehr):
            found = care.read(view, caller)
            assert (found["spent"], found["first_improvement"], found["flags"]) == (None, None, [])


def test_visits_of_an_episode_that_ended_do_not_count_in_the_next_one(care: Care, clock: Wristwatch) -> None:
    talk(care, 4)
    care.close()
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["concern"], found["spent"]["total"]["visits"]) == (False, None, 4)
    clock.turn(days=7)
    care.today = clock.moment
    done(care.therapist.post(f"{care.pair.path}/episodes", json={"primary_concern": {"code": "low_sex_relationship"}}))
    hour(care, 0, TALK)
    spent = care.read()["spent"]
    assert (spent["total"]["visits"], spent["in_a_row"]["visits"], spent["concern"]["standing"]) == (1, 1, "cannot_be_judged")
    before = care.today.date() - timedelta(days=7)  # the day on which the first one ended: it was not open any more
    then = done(care.therapist.get(f"{care.pair.path}/outcomes?as_of={before}"), 200)["spent"]
    assert (then["total"]["visits"], then["concern"]) == (4, None)


def test_a_past_day_is_judged_by_what_was_there_then(care: Care) -> None:
    care.measure("gmsex", a=[20, 21, 30])
    talk(care, 5)
    hour(care, 0, WORK)

    def on(days_ago: int) -> Any:
        day = care.today.date() - timedelta(days=days_ago)
        return done(care.therapist.get(f"{care.pair.path}/outcomes?as_of={day}"), 200)

    assert "rabbit_hole" not in codes(care.read())
    assert (on(5)["spent"]["in_a_row"]["visits"], codes(on(5))) == (4, [])  # the episode was opened today
    assert on(8)["first_improvement"]["either"]["sexual"]["reason"] == "too_few_scores"
    assert on(1)["first_improvement"]["either"]["sexual"]["reason"] == "not_yet"
    assert care.read()["first_improvement"]["either"]["sexual"]["weeks"] == 2


def test_a_rabbit_hole_that_they_left_is_told_of_the_day_on_which_they_were_in_it(care: Care, clock: Wristwatch) -> None:
    care.measure("gmsex", a=[20, 21])
    talk(care, 4)
    before, day = care.read(), care.today.date()
    clock.turn(days=7)
    care.today = clock.moment
    hour(care, 0, WORK)
    care.measure("gmsex", a=[30])
    assert "rabbit_hole" not in codes(care.read())
    then = done(care.therapist.get(f"{care.pair.path}/outcomes?as_of={day}"), 200)
    for part in ("flags", "on_track", "spent", "first_improvement"):
        assert then[part] == before[part]
    assert "rabbit_hole" in codes(then)


def test_a_clinic_sets_what_it_takes(care: Care, app: Any) -> None:
    runtime = app.state.runtime
    mine = {"rabbit_hole_visits": 2, "rabbit_hole_share": 0.8, "rabbit_hole_topics": ("relationship",)}
    runtime.settings = runtime.settings.model_copy(update=mine)
    for days_ago, minutes in ((3, {"relationship": 41, "homework": 9}), (2, {"relationship": 40, "homework": 10})):
        hour(care, days_ago, minutes)
    found = care.read()
    assert ("rabbit_hole" in codes(found), found["spent"]["in_a_row"]["visits"]) == (False, 0)
    hour(care, 1, {"relationship": 45, "homework": 5})
    hour(care, 0, {"relationship": 50})
    raised = flag(care.read(), "rabbit_hole")
    assert raised["sentence"].startswith(
        "The last 2 visits that say how they were spent, since 2026-11-21, went mostly to relationship"
    )
    assert raised["numbers"]["minutes_relationship"] == 95


def test_the_first_improvement_is_told_for_each_partner_for_either_and_for_both(care: Care) -> None:
    care.measure("gmsex", a=[15, 16, 24, 25, 26], b=[15, 15, 15, 15, 23])
    care.measure("csi16", a=[30, 40, 50, 60, 70])
    talk(care, 4)  # one, eight, fifteen and twenty-two days ago
    told = care.read()["first_improvement"]
    a, b = told["partners"]
    assert (a["slot"], a["sexual"]["weeks"], a["sexual"]["visits"], a["sexual"]["reason"]) == ("a", 2, 2, None)
    assert (a["sexual"]["slot"], a["sexual"]["measure"], a["sexual"]["scale"]) == ("a", "gmsex", "total")
    assert (b["sexual"]["weeks"], b["sexual"]["visits"], b["sexual"]["weeks_followed"]) == (4, 4, 4)
    assert (a["relational"]["reason"], a["relational"]["weeks"]) == ("cannot_be_judged", None)
    assert (a["order"], a["order_reason"]) == (None, "cannot_be_judged")
    assert (b["order"], b["order_reason"], b["relational"]["reason"]) == (None, "too_few_scores", "too_few_scores")
    assert (told["either"]["sexual"]["weeks"], told["either"]["sexual"]["slot"]) == (2, "a")
    assert (told["both"]["sexual"]["weeks"], told["both"]["sexual"]["slot"]) == (4, "b")
    assert told["both"]["relational"]["reason"] == "cannot_be_judged"


def test_which_side_was_first_is_told_where_the_other_was_asked(care: Care) -> None:
    care.measure("gmsex", a=[15, 15, 24, 24])
    path = care.pair.partner("a") + "/administrations"
    for days_ago, total in ((21, 30), (7, 31), (0, 45)):
        halves = {"consensus": 10, "satisfaction": total - 20 if total < 40 else 20, "cohesion": 10 if total < 40 else 15}
        body = {"measure": "rdas", "scores_elsewhere": halves | {"total": sum(halves.values())}}
        answered_at = (care.today - timedelta(days=days_ago, minutes=5)).isoformat()
        done(care.therapist.post(path, json=body | {"answered_at": answered_at}))
    told = care.read()["first_improvement"]["partners"][0]
    assert (told["sexual"]["weeks"], told["relational"]["weeks"], told["order"]) == (2, 3, "sexual_first")
