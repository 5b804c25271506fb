"""One partner practises alone, then the other accompanies: who is waited for follows from who bears the concern."""

from typing import Any

import pytest

from tests.conftest import Caller
from tests.homework.records import Course, draft
from tests.safety.records import done, new_pair

LOG = {"minutes": 15, "pauses": 2, "control": 7, "over_before_pause": False, "distress": 1}


def practising(therapist: Caller, bearer: str) -> Course:
    """An active plan of stop-start, and three good sessions of A."""
    pair = new_pair(therapist, concern="early_ejaculation", bearer=bearer)
    for code in ("erectile_problem_screened", "prostate_and_thyroid_considered"):
        pair.found(code)
    course = draft(pair, protocol="stop_start")
    done(course.move("offers"), 200)
    done(course.move("activations"), 200)
    practise(course, "a", LOG)
    return course


def practise(course: Course, which: str, log: dict[str, Any], **more: Any) -> None:
    """Three sessions of one partner."""
    assignment = done(course.assign())
    for _ in range(3):
        done(course.check_in(assignment, which, log=log, **more))


def rules(course: Course) -> dict[str, str]:
    """The rule that fired, by partner."""
    return {found["partner_id"]: found["rule"] for found in course.verdict()["partners"]}


def test_a_stage_practised_alone_waits_for_nobody_else(therapist: Caller) -> None:
    course = practising(therapist, "partner_a")
    assert course.verdict()["verdict"] == "advance"
    assert rules(course) == {course.pair.a: "steady"}
    assert done(course.decide("advance"))["next_stage"] == 2


@pytest.mark.parametrize("bearer", ["partner_b", "relationship"])
def test_sessions_of_one_who_does_not_bear_the_concern_alone_do_not_lead_on(therapist: Caller, bearer: str) -> None:
    course = practising(therapist, bearer)
    assert course.verdict()["verdict"] == "hold"
    assert rules(course)[course.pair.b] == "not_yet"


def test_pressure_told_by_the_one_who_is_not_waited_for_is_reviewed(therapist: Caller) -> None:
    course = practising(therapist, "partner_a")
    practise(course, "b", {}, pressure=3)
    assert course.verdict()["verdict"] == "hold"
    assert rules(course)[course.pair.b] == "pressure_review"


def test_the_partners_hand_waits_for_both_and_for_the_gate(therapist: Caller) -> None:
    course = practising(therapist, "partner_a")
    done(course.decide("advance"))
    practise(course, "a", LOG)
    assert course.verdict()["requires"] == ["consent_of_each_partner_to_the_next_stage", "current_clearance"]
    refused = done(course.decide("advance"), 409)
    assert refused["code"] == "plan_cannot_go_on_now"


def leave(course: Course, which: str) -> dict[str, Any]:
    """A partner takes back the consent to therapy; the body that gives it again."""
    body: dict[str, Any] = {"stage": None, "kind": "therapy", "protocol": None}
    course.pair.withdraw(which, course.pair.consent(which, **body))
    return body


@pytest.mark.parametrize("bearer", ["partner_a", "relationship"])
def test_a_stage_without_touch_goes_on_only_once_who_practises_it_is_in_therapy_again(therapist: Caller, bearer: str) -> None:
    course = practising(therapist, bearer)
    given_again = leave(course, "a")
    assert course.read()["reason"] == "consent_withdrawn"
    told = done(course.move("resumptions"), 409)
    assert (told["code"], [fault["code"] for fault in told["errors"]]) == ("plan_cannot_go_on_now", ["therapy_left_a"])
    course.pair.consent("a", **given_again)
    assert done(course.move("resumptions"), 200)["status"] == "active"


@pytest.mark.parametrize(("bearer", "status"), [("partner_a", 200), ("relationship", 409)])
def test_who_does_not_practise_is_not_waited_for_after_leaving_therapy(therapist: Caller, bearer: str, status: int) -> None:
    course = practising(therapist, bearer)
    leave(course, "b")
    done(course.move("resumptions"), status)


def test_a_protocol_says_who_is_asked_what_and_what_must_be_met_before(therapist: Caller) -> None:
    found = done(therapist.get("/v1/protocols/graded_dilator"), 200)
    assert [one["code"] for one in found["preconditions"]] == ["pelvic_examination"]
    assert {stage["company"] for stage in found["stages"]} == {"practising_alone", "together"}
    assert {rule["role"] for rule in found["rules"]} == {"each", "practising", "accompanying"}
    assert {field["asked_of"] for field in found["log_fields"]} == {"practising"}
