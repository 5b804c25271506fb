"""One partner practises alone, then the other accompanies: who is waited for follows from who bears the concern."""

from typing import Any

import pytest

from tests.conftest import Caller
from tests.homework.records import Course, draft
from tests.safety.records import Pair, done, new_pair

LOG = {"minutes": 15, "pauses": 2, "control": 7, "over_before_pause": False, "distress": 1}


def practising(therapist: Caller, bearer: str, which: str | None = None) -> Course:
    """An active plan of stop-start, and three good sessions of the one who practises."""
    pair = new_pair(therapist, concern="early_ejaculation", bearer=bearer)
    for code in ("erectile_problem_screened", "prostate_and_thyroid_considered"):
        pair.found(code)
    named = {} if which is None else {"practising_partner_id": pair.a if which == "a" else pair.b}
    course = draft(pair, protocol="stop_start", **named)
    done(course.move("offers"), 200)
    done(course.move("activations"), 200)
    practise(course, "a" if course.read()["practising_partner_id"] == pair.a else "b", LOG)
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


@pytest.mark.parametrize(
    ("bearer", "named", "who"), [("relationship", "b", "b"), ("partner_a", "b", "b"), ("partner_b", None, "b")]
)
def test_the_one_who_is_named_practises_or_else_the_one_who_bears_the_concern(
    therapist: Caller, bearer: str, named: str | None, who: str
) -> None:
    course = practising(therapist, bearer, named)
    partner_id = course.pair.a if who == "a" else course.pair.b
    assert course.read()["practising_partner_id"] == partner_id
    assert (course.verdict()["verdict"], rules(course)) == ("advance", {partner_id: "steady"})


def refused(pair: Pair, **more: Any) -> list[tuple[str, str]]:
    """Where a plan is refused, and why."""
    body = {"concern_id": pair.concern_id, **more}
    problem = done(pair.therapist.post(pair.path + "/plans", json=body), 422)
    assert problem["code"] == "practising_partner_unclear"
    return [(fault["pointer"], fault["code"]) for fault in problem["errors"]]


def test_a_plan_of_the_relationships_concern_names_who_practises(therapist: Caller) -> None:
    pair = new_pair(therapist, concern="early_ejaculation")
    assert refused(pair, protocol="stop_start") == [("/practising_partner_id", "required")]
    assert draft(pair, protocol="stop_start", practising_partner_id=pair.b).read()["practising_partner_id"] == pair.b
    assert draft(pair, protocol="erotic_education_bibliotherapy").read()["practising_partner_id"] is None


def test_a_plan_that_asks_the_same_of_each_names_nobody(therapist: Caller) -> None:
    pair = new_pair(therapist, bearer="partner_a")
    named = {"practising_partner_id": pair.a}
    assert refused(pair, protocol="sensate_focus", **named) == [("/practising_partner_id", "not_asked")]
    assert draft(pair).read()["practising_partner_id"] is None


def test_a_stranger_cannot_be_named_and_a_new_bearer_changes_no_plan(therapist: Caller) -> None:
    pair = new_pair(therapist, concern="early_ejaculation", bearer="partner_a")
    course = draft(pair, protocol="stop_start")
    body = {"concern_id": pair.concern_id, "protocol": "stop_start", "practising_partner_id": new_pair(therapist, "2").a}
    assert therapist.post(pair.path + "/plans", json=body).status_code == 404
    concern = f"{pair.path}/concerns/{pair.concern_id}"
    headers = {"If-Match": therapist.get(concern).headers["ETag"]}
    done(therapist.patch(concern, json={"bearer": "partner_b"}, headers=headers), 200)
    assert course.read()["practising_partner_id"] == pair.a


@pytest.mark.parametrize(
    ("which", "log", "fault"),
    [
        ("a", {key: LOG[key] for key in LOG if key != "control"}, ("/log/control", "required")),
        ("a", LOG | {"partner_distress": 1}, ("/log/partner_distress", "not_asked")),
        ("b", {"control": 5}, ("/log/control", "not_asked")),
    ],
)
def test_each_partner_answers_what_they_are_asked_and_nothing_else(
    therapist: Caller, which: str, log: dict[str, Any], fault: tuple[str, str]
) -> None:
    course = practising(therapist, "partner_a")
    problem = done(course.check_in(done(course.assign()), which, log=log), 422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [fault]


def test_the_one_who_is_not_waited_for_need_not_answer_and_is_asked_from_the_partners_hand_on(therapist: Caller) -> None:
    course = practising(therapist, "partner_a")
    practise(course, "b", {})
    done(course.decide("advance"))
    practise(course, "a", LOG)
    pair = course.pair
    done(pair.screen("a")), done(pair.screen("b")), done(pair.clear())
    for which in "ab":
        pair.consent(which, 3, protocol="stop_start")
    assert done(course.decide("advance"))["next_stage"] == 3
    missing = done(course.check_in(done(course.assign()), "b", log={}), 422)
    assert [fault["pointer"] for fault in missing["errors"]] == ["/log/partner_distress"]
    practise(course, "b", {"partner_distress": 2})


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


@pytest.mark.parametrize(("bearer", "named"), [("partner_a", None), ("relationship", "a")])
def test_a_stage_without_touch_goes_on_only_once_who_practises_it_is_in_therapy_again(
    therapist: Caller, bearer: str, named: str | None
) -> None:
    course = practising(therapist, bearer, named)
    given_again = leave(course, "a")
    assert course.read()["reason"] == "consent_withdrawn"
    told = done(course.move("resumptions"), 409)
    assert (told["code"], [fault["code"] for fault in told["errors"]]) == ("plan_cannot_go_on_now", ["therapy_left_a"])
    course.pair.consent("a", **given_again)
    assert done(course.move("resumptions"), 200)["status"] == "active"


@pytest.mark.parametrize(("bearer", "named"), [("partner_a", None), ("relationship", "a")])
def test_who_does_not_practise_is_not_waited_for_after_leaving_therapy(
    therapist: Caller, bearer: str, named: str | None
) -> None:
    course = practising(therapist, bearer, named)
    leave(course, "b")
    done(course.move("resumptions"), 200)


def test_where_each_practises_both_have_to_be_in_therapy(therapist: Caller) -> None:
    course = draft(new_pair(therapist, concern="early_ejaculation"), protocol="erotic_education_bibliotherapy")
    for noun in ("offers", "activations"):
        done(course.move(noun), 200)
    leave(course, "b")
    assert [fault["code"] for fault in done(course.move("resumptions"), 409)["errors"]] == ["therapy_left_b"]


def test_a_protocol_says_who_is_asked_what_and_what_must_be_met_before(therapist: Caller) -> None:
    found = done(therapist.get("/v1/protocols/graded_dilator"), 200)
    assert [one["code"] for one in found["preconditions"]] == ["pelvic_examination"]
    assert {stage["company"] for stage in found["stages"]} == {"practising_alone", "together"}
    assert {rule["role"] for rule in found["rules"]} == {"each", "practising", "accompanying"}
    assert {field["asked_of"] for field in found["log_fields"]} == {"practising"}
