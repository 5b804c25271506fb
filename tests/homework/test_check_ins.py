"""Assignments, check-ins, verdicts and decisions over HTTP."""

from typing import Any

import pytest

from app.access.permissions import Permission
from app.access.work import Asked
from app.core.ids import decode
from app.homework.summary import read_homework
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import CALM_LOG, Course, running
from tests.safety.records import done


@pytest.fixture
def course(therapist: Caller) -> Course:
    return running(therapist)


@pytest.fixture
def assignment(course: Course) -> dict[str, Any]:
    made: dict[str, Any] = done(course.assign(note="Take turns."))
    return made


def test_an_assignment_carries_the_stage_its_depth_and_its_window(course: Course, assignment: dict[str, Any]) -> None:
    assert (assignment["stage"], assignment["plissit"], assignment["note"]) == (1, "SS", "Take turns.")
    assert course.therapist.get(f"{course.path}/assignments/{assignment['id']}").json() == assignment
    assert course.therapist.get(f"{course.path}/assignments").json()["items"] == [assignment]
    assert course.assign(ends_on="2026-11-01").json()["code"] == "window_invalid"


def test_a_check_in_is_read_back_as_given_by_the_care_team(course: Course, assignment: dict[str, Any]) -> None:
    log = CALM_LOG | {"stopped_early_by_me": True}
    answer = course.check_in(assignment, "a", pressure=2, log=log, obstacles=["tired"], note="We laughed.")
    made = done(answer)
    assert (made["pressure"], made["willingness"], made["felt_forced"], made["felt_afraid"], made["log"]) == (
        2,
        6,
        False,
        False,
        log,
    )
    assert (made["note"], made["obstacles"], made["late"], made["stage"]) == ("We laughed.", ["tired"], False, 1)
    assert course.therapist.get(answer.headers["Location"]).json() == made


def test_a_machine_sees_no_pressure_no_willingness_and_nothing_logged_as_safety(
    course: Course, assignment: dict[str, Any], clinic: Clinic
) -> None:
    log = CALM_LOG | {"stopped_early_by_me": True, "asks_to_go_back": True}
    made = done(course.check_in(assignment, "a", clinic.integration(), pressure=9, felt_forced=True, felt_afraid=True, log=log))
    assert (made["pressure"], made["willingness"], made["felt_forced"], made["felt_afraid"]) == (None, None, None, None)
    assert made["log"] == CALM_LOG
    assert not {"verdict", "status", "paused"} & set(made)


def test_a_check_in_counts_once_and_a_retry_is_told_so(course: Course, assignment: dict[str, Any]) -> None:
    moment = "2026-11-22T08:00:00Z"
    done(course.check_in(assignment, "a", occurred_at=moment))
    assert course.check_in(assignment, "a", occurred_at=moment).json()["code"] == "check_in_exists"
    done(course.check_in(assignment, "b", occurred_at=moment))


def test_a_check_in_lies_in_its_window_or_is_marked_late(course: Course, assignment: dict[str, Any], clock: Wristwatch) -> None:
    before = course.check_in(assignment, "a", occurred_at="2026-11-21T20:00:00Z")
    assert before.json()["code"] == "check_in_before_assignment"
    midnight = course.check_in(assignment, "a", occurred_at="2026-11-21T23:30:00Z")  # the 22nd where the couple lives
    assert midnight.status_code == 201
    assert course.check_in(assignment, "a", occurred_at="2026-11-30T20:00:00Z").json()["code"] == "moment_in_future"
    clock.turn(days=14)
    assert done(course.check_in(assignment, "b"))["late"] is True


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"log": {"ban_kept": True, "focus_pct": 60}}, "/log/anxiety_peak"),
    ({"log": CALM_LOG | {"focus_pct": 101}}, "/log/focus_pct"),
    ({"log": CALM_LOG | {"ban_kept": "yes"}}, "/log/ban_kept"),
    ({"log": CALM_LOG | {"canary_field": 1}}, "/log/*"),
    ({"pressure": 11}, "/pressure"),
    ({"done": "twice"}, "/done"),
]


def test_what_a_protocol_does_not_log_is_refused(course: Course, assignment: dict[str, Any]) -> None:
    for more, pointer in UNFIT:
        answer = course.check_in(assignment, "a", **more)
        assert answer.status_code == 422, answer.text
        assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
        assert "canary" not in answer.text
    assert course.therapist.get(f"{course.path}/assignments/{assignment['id']}/check-ins").json()["items"] == []


def test_a_declined_or_missed_occasion_needs_no_log(course: Course, assignment: dict[str, Any]) -> None:
    for way in ("declined", "not_done"):
        assert done(course.check_in(assignment, "a", done=way, log={}))["done"] == way


def test_the_verdict_says_which_rule_with_which_numbers(course: Course, assignment: dict[str, Any]) -> None:
    assert course.verdict()["verdict"] == "hold"
    course.practise(assignment)
    verdict = course.verdict()
    assert (verdict["verdict"], verdict["completes"], len(verdict["partners"])) == ("advance", False, 2)
    first = verdict["partners"][0]
    assert (first["rule"], first["partner_id"]) == ("settled", course.pair.a)
    assert "50" in first["condition"]
    assert {"name": "focus_pct", "value": 60, "occurred_on": "2026-11-22"} in first["numbers"]
    assert {"name": "focus_advance", "value": 50, "occurred_on": None} in first["numbers"]


def test_the_more_cautious_partner_decides(course: Course, assignment: dict[str, Any]) -> None:
    course.practise(assignment)
    done(course.check_in(assignment, "b", log=CALM_LOG | {"anxiety_peak": 5}))
    verdict = course.verdict()
    assert (verdict["verdict"], [one["verdict"] for one in verdict["partners"]]) == ("hold", ["advance", "hold"])


def test_moderate_pressure_asks_for_review_without_pausing(course: Course, assignment: dict[str, Any]) -> None:
    done(course.check_in(assignment, "b", pressure=4))
    assert course.read()["status"] == "active"
    signals = course.therapist.get(course.pair.path + "/safety-signals").json()["items"]
    assert [(one["kind"], one["value"], one["response"], one["partner_id"]) for one in signals] == [
        ("pressure", 4, "review", course.pair.b)
    ]
    assert "pressure_review" in course.verdict()["flags"]


def test_a_new_stage_needs_consents_of_its_own(course: Course, assignment: dict[str, Any]) -> None:
    course.practise(assignment)
    refused = course.decide("advance")
    assert refused.json()["code"] == "plan_cannot_go_on_now"
    assert [fault["code"] for fault in refused.json()["errors"]] == ["consent_missing_a", "consent_missing_b"]
    for which in "ab":
        course.pair.consent(which, 2)
    decision = done(course.decide("advance"))
    assert (decision["stage"], decision["next_stage"], decision["overridden"]) == (1, 2, False)
    assert (course.read()["stage"], course.read()["status"]) == (2, "active")
    assert done(course.assign())["plissit"] == "IT"
    assert course.verdict()["partners"][0]["rule"] == "not_yet"


def test_departing_from_the_verdict_needs_a_reason(course: Course) -> None:
    for which in "ab":
        course.pair.consent(which, 2)
    refused = course.decide("advance")
    assert (refused.status_code, refused.json()["code"]) == (422, "override_needs_reason")
    decision = done(course.decide("advance", override_reason="They practised on holiday."))
    assert (decision["overridden"], decision["verdict"]) == (True, "hold")
    kept = course.therapist.get(course.path + "/advancements").json()["items"]
    assert kept == [decision]
    assert kept[0]["override_reason"] == "They practised on holiday."


def test_a_hold_keeps_the_stage_and_a_step_back_leads_to_the_one_before(course: Course) -> None:
    done(course.decide("hold"))
    assert (course.read()["stage"], course.read()["status"]) == (1, "active")
    for which in "ab":
        course.pair.consent(which, 2)
    done(course.decide("advance", override_reason="Ready."))
    assignment = done(course.assign())
    done(course.check_in(assignment, "a", log=CALM_LOG | {"ban_kept": False}))
    assert course.verdict()["verdict"] == "step_back"
    assert done(course.decide("step_back"))["next_stage"] == 1
    assert course.read()["stage"] == 1


def test_the_summary_says_what_its_reader_may_know(
    course: Course, assignment: dict[str, Any], clinic: Clinic, clock: Wristwatch
) -> None:
    course.practise(assignment)
    done(course.check_in(assignment, "b", done="declined", log={}, pressure=None))
    clock.turn(days=20)
    couple_id = decode("cpl", course.pair.path.rpartition("/")[2])
    for caller, pressure in ((course.therapist, 0), (clinic.integration(), None)):
        with clinic.app.state.runtime.work(_asked(caller)) as work:
            found = read_homework(work, couple_id)
        a, b = (decode("prt", one) for one in (course.pair.a, course.pair.b))
        assert [len(found.check_ins[one]) for one in (a, b)] == [2, 3]
        assert (found.check_ins[a][0].pressure, found.check_ins[a][0].mood_after) == (pressure, 7)
        assert (found.offered, found.plans[0].concern) == ({a: 4, b: 4}, "desire_discrepancy")


def _asked(caller: Caller) -> Asked:
    return Asked("test", Permission.HOMEWORK_READ, caller.key, "req_test", writes=False)
