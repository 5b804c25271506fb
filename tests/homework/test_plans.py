"""What a plan may start from, and every gate, closed and open."""

from collections.abc import Callable
from typing import Any

from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course, draft, offered, running
from tests.safety.records import AFRAID, Pair, done, new_pair


def refused(answer: Any) -> tuple[int, str, list[str]]:
    """Status, code and the faults' codes."""
    problem = answer.json()
    return answer.status_code, problem["code"], [fault["code"] for fault in problem["errors"]]


def test_a_plan_aimed_at_a_relational_concern_is_refused_with_where_it_could_start(pair: Pair) -> None:
    relational = next(one["id"] for one in pair.episode["concerns"] if one["domain"] == "relational")
    answer = pair.therapist.post(pair.path + "/plans", json={"concern_id": relational, "protocol": "sensate_focus"})
    assert refused(answer)[:2] == (422, "plan_must_start_from_sexual_concern")
    assert "desire_discrepancy" in answer.json()["errors"][0]["detail"]


def test_sexual_communication_counts_as_sexual_so_that_only_the_protocol_may_not_fit(pair: Pair) -> None:
    concerns = f"{pair.path}/episodes/{pair.episode['id']}/concerns"
    made = done(pair.therapist.post(concerns, json={"code": "sexual_communication"}))
    answer = pair.therapist.post(pair.path + "/plans", json={"concern_id": made["id"], "protocol": "sensate_focus"})
    assert refused(answer) == (422, "protocol_does_not_fit", ["protocol_does_not_fit"])


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"protocol": "moonlight_walks"}, "protocol_unknown"),
    ({"therapist_id": "mem_01939d5e6c0070008000000000"}, "therapist_unknown"),
    ({"thresholds": {"sessions_needed": 99}}, "invalid"),
    ({"thresholds": {"secret_canary": 1}}, "invalid"),
    ({"frequency": 3}, "invalid"),
]


def test_a_plan_that_cannot_be_is_refused_without_repeating_what_was_sent(pair: Pair) -> None:
    for more, code in UNFIT:
        body = {"concern_id": pair.concern_id, "protocol": "sensate_focus", **more}
        answer = pair.therapist.post(pair.path + "/plans", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert "canary" not in answer.text
    assert pair.therapist.get(pair.path + "/plans").json()["items"] == []


def test_a_therapist_without_the_training_cannot_open_the_plan(clinic: Clinic, therapist: Caller, pair: Pair) -> None:
    novice = clinic.member("novice", competence="LI")
    done(therapist.post(pair.path + "/care-team", json={"member_id": novice.holder_id}))
    body = {"concern_id": pair.concern_id, "protocol": "sensate_focus"}
    assert refused(novice.post(pair.path + "/plans", json=body))[:2] == (409, "competence_not_attested")
    assert novice.post(pair.path + "/plans", json=body | {"protocol": "affection_ritual"}).status_code == 201


def test_a_machine_names_the_therapist_who_answers_for_the_plan(clinic: Clinic, therapist: Caller, pair: Pair) -> None:
    ehr = clinic.integration()
    body = {"concern_id": pair.concern_id, "protocol": "sensate_focus"}
    assert refused(ehr.post(pair.path + "/plans", json=body))[1] == "therapist_unknown"
    made = done(ehr.post(pair.path + "/plans", json=body | {"therapist_id": therapist.holder_id}))
    assert (made["status"], made["therapist_id"], made["stage"]) == ("draft", therapist.holder_id, 1)
    outsider = clinic.member("outsider")
    assert refused(ehr.post(pair.path + "/plans", json=body | {"therapist_id": outsider.holder_id}))[1] == "therapist_unknown"


def test_a_plan_pins_its_version_and_the_thresholds_in_force(pair: Pair) -> None:
    plan = draft(pair, thresholds={"sessions_needed": 3}).read()
    assert (plan["protocol_version"], plan["concern"], plan["version"]) == ("1", "desire_discrepancy", 1)
    assert (plan["thresholds"]["sessions_needed"], plan["thresholds"]["focus_advance"]) == (3, 50)


def test_a_plan_cannot_be_opened_in_a_closed_episode(pair: Pair) -> None:
    path = f"{pair.path}/episodes/{pair.episode['id']}/closures"
    done(pair.therapist.post(path, json={"reason": "completed"}), 200)
    body = {"concern_id": pair.concern_id, "protocol": "sensate_focus"}
    assert refused(pair.therapist.post(pair.path + "/plans", json=body))[:2] == (409, "episode_closed")


def settle(pair: Pair, noun: str) -> None:
    done(pair.therapist.post(f"{pair.path}/concerns/{pair.concern_id}/{noun}", json={} if noun == "resolutions" else None), 200)


def test_nothing_starts_or_resumes_from_a_concern_that_is_resolved_until_it_is_taken_up_again(therapist: Caller) -> None:
    course = running(therapist)
    waiting = offered(course.pair)
    done(course.move("holds"), 200)
    settle(course.pair, "resolutions")
    body = {"concern_id": course.pair.concern_id, "protocol": "sensate_focus"}
    answers = [therapist.post(course.pair.path + "/plans", json=body), waiting.move("activations"), course.move("resumptions")]
    assert [refused(answer)[:2] for answer in answers] == [(409, "concern_resolved")] * 3
    settle(course.pair, "reopenings")
    for again in (waiting.move("activations"), course.move("resumptions")):
        assert done(again, 200)["status"] == "active"


def test_a_partner_is_shown_a_plan_once_it_was_offered(pair: Pair) -> None:
    thought, asked = draft(pair), offered(pair)
    for view, expected in (("therapist", ["offered", "draft"]), ("partner_a", ["offered"]), ("partner_b", ["offered"])):
        found = done(pair.therapist.get(f"{pair.path}/outcomes?as={view}"), 200)["plans"]
        assert [plan["status"] for plan in found] == expected
    done(thought.move("stops"), 200)
    done(asked.move("stops"), 200)
    assert len(done(pair.therapist.get(pair.path + "/outcomes?as=partner_a"), 200)["plans"]) == 1


def test_silence_is_not_consent_and_everything_missing_is_named_to_the_therapist(pair: Pair) -> None:
    assert refused(offered(pair).move("activations")) == (
        409,
        "plan_cannot_go_on_now",
        ["screen_missing_a", "screen_missing_b", "clearance_missing", "consent_missing_a", "consent_missing_b"],
    )


def test_each_missing_condition_keeps_the_gate_closed_until_it_is_met(pair: Pair, clinic: Clinic) -> None:
    course, ehr = offered(pair), clinic.integration()
    steps: list[tuple[Callable[[], Any], str]] = [
        (lambda: pair.screen("a"), "screen_missing_b"),
        (lambda: pair.screen("b"), "clearance_missing"),
        (lambda: pair.clear(decision="blocked", blockers=["under_age"], reason="Age unclear."), "clearance_blocked"),
        (pair.clear, "consent_missing_a"),
        (lambda: pair.consent("a"), "consent_missing_b"),
        (lambda: pair.consent("b", 2), "consent_missing_b"),
    ]
    for step, waiting_for in steps:
        step()
        assert refused(course.move("activations"))[2][0] == waiting_for
        assert refused(course.move("activations", ehr)) == (409, "plan_cannot_go_on_now", [])
    pair.consent("b")
    assert done(course.move("activations", ehr), 200)["status"] == "active"


def test_a_negative_screen_alone_does_not_clear(pair: Pair) -> None:
    for which in "ab":
        assert done(pair.screen(which))["needs_review"] is False
        pair.consent(which)
    assert refused(offered(pair).move("activations"))[2] == ["clearance_missing"]


def test_a_clearance_expires_after_twelve_weeks(therapist: Caller, clock: Wristwatch) -> None:
    course = running(therapist)
    clock.turn(weeks=12, minutes=-1)
    done(course.assign())
    clock.turn(minutes=2)
    assert refused(course.assign())[:2] == (409, "plan_move_impossible")
    assert refused(course.move("resumptions")) == (409, "plan_cannot_go_on_now", ["clearance_expired"])


def test_a_positive_screen_pauses_and_needs_a_new_clearance_with_a_reason(therapist: Caller) -> None:
    course = running(therapist)
    done(course.pair.screen("b", AFRAID))
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "screen_needs_review")
    assert refused(course.move("resumptions"))[2] == ["clearance_overtaken"]
    assert refused(course.pair.clear())[1] == "clearance_incomplete"
    done(course.pair.clear(reason="Seen alone twice; old matter, no fear now."))
    assert done(course.move("resumptions"), 200)["status"] == "active"


def test_a_block_pauses_what_runs(therapist: Caller) -> None:
    course = running(therapist)
    done(course.pair.clear(decision="blocked", blockers=["untreated_infection"], reason="Treat it first."))
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "clearance_blocked")


def test_an_impossible_change_is_refused_with_what_is_possible(pair: Pair) -> None:
    answer = draft(pair).move("pauses")
    assert refused(answer)[:2] == (409, "plan_move_impossible")
    assert answer.json()["detail"] == "The plan is draft. From here these are possible: offers, stops."


def test_a_plan_walks_through_its_states_and_every_step_is_kept(therapist: Caller) -> None:
    course = running(therapist)
    for noun, status in (("holds", "held"), ("resumptions", "active"), ("pauses", "paused"), ("resumptions", "active")):
        assert done(course.move(noun), 200)["status"] == status
    assert done(course.move("completions"), 200)["status"] == "completed"
    assert course.move("stops").status_code == 409
    walked = ["opened", "offered", "activated", "held_by_therapist", "resumed", "paused_by_therapist", "resumed", "completed"]
    assert course.reasons() == walked
    assert course.read()["version"] == len(walked)


def test_the_list_shows_plans_as_they_stand_and_a_strangers_plan_does_not_exist(therapist: Caller, clinic: Clinic) -> None:
    course = running(therapist)
    listed = therapist.get(course.pair.path + "/plans").json()["items"]
    assert listed == [course.read()]
    stranger = clinic.member("stranger")
    assert stranger.get(course.path).status_code == 404
    other: Course = draft(new_pair(therapist, "2"))
    mixed = course.pair.path + "/plans/" + other.path.rpartition("/")[2]
    assert therapist.get(mixed).status_code == 404


def test_the_catalogue_of_protocols_is_read_with_its_rules_in_words(therapist: Caller) -> None:
    listed = therapist.get("/v1/protocols").json()["items"]
    assert {"sensate_focus", "scheduled_intimacy", "affection_ritual"} <= {one["code"] for one in listed}
    for one in listed:
        read = done(therapist.get(f"/v1/protocols/{one['code']}"), 200)
        assert read["stages"][0]["number"] == 1
        assert all(rule["condition"] for rule in read["rules"])
    assert therapist.get("/v1/protocols/moonlight").status_code == 404
