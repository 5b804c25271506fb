"""What each link lets one partner do, and that it is the same as through the API."""

from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import CALM_LOG, running
from tests.homework.test_practising import LOG, practising
from tests.partner_pages.records import (
    GMSEX,
    STAGE_1,
    WELL,
    YES,
    administrations,
    ask,
    ask_check_in,
    ask_consent,
    ask_measure,
    consents,
    state,
)
from tests.safety.records import done, new_pair


def test_a_measure_is_answered_by_link_and_scored_like_any_other(therapist: Caller) -> None:
    pair = new_pair(therapist)
    held = ask_measure(pair)
    page = done(held.read(), 200)
    assert (page["purpose"], page["measure"]["code"], page["check_in"], page["consent"]) == ("measure", "gmsex", None, None)
    assert [item["number"] for item in page["measure"]["items"]] == [1, 2, 3, 4, 5]
    assert set(done(held.answer(measure=GMSEX), 200)) == {"received_at"}
    (kept,) = administrations(pair, "a")
    assert (kept["measure"], kept["mode"], kept["language"], kept["scales"]) == ("gmsex", "self", "en", {"total": 22})
    assert kept["recorded_by"] == pair.a


def test_words_of_a_measure_are_shown_only_where_a_form_may_be(therapist: Caller) -> None:
    pair = new_pair(therapist)
    assert done(ask_measure(pair).read(), 200)["measure"]["form"] is None
    shown = done(ask_measure(pair, code="rekindle_pulse").read(), 200)["measure"]
    assert [item["number"] for item in shown["form"]["items"]] == [item["number"] for item in shown["items"]]
    assert all(item["text"] for item in shown["form"]["items"])


def test_a_check_in_by_link_is_the_partners_own(therapist: Caller) -> None:
    course = running(therapist)
    held = ask_check_in(course)
    page = done(held.read(), 200)["check_in"]
    assert page["stage"]["number"] == 1
    assert {field["code"] for field in page["log_fields"]} >= set(CALM_LOG)
    done(held.answer(check_in=WELL), 200)
    asked = held.made["check_in"]
    path = f"{course.path}/assignments/{asked['assignment_id']}/check-ins"
    (kept,) = done(therapist.get(path), 200)["items"]
    assert (kept["partner_id"], kept["willingness"], kept["pressure"]) == (course.pair.a, 6, 0)


def test_pressure_told_by_link_pauses_at_once_and_the_receipt_does_not_tell(therapist: Caller) -> None:
    course = running(therapist)
    calm, pressed = ask_check_in(course), ask_check_in(course)
    first = done(calm.answer(check_in=WELL), 200)
    second = done(pressed.answer(check_in={**WELL, "pressure": 9, "felt_forced": True}), 200)
    assert set(first) == set(second) == {"received_at"}
    assert course.read()["status"] == "paused"


def test_a_consent_by_link_opens_the_gate_like_any_other(therapist: Caller) -> None:
    pair = new_pair(therapist)
    held = ask_consent(pair)
    page = done(held.read(), 200)["consent"]
    assert (page["protocol"], page["stage"], page["text_version"]) == ("sensate_focus", 1, "1")
    assert page["stage_asked"]["instructions"]
    done(held.answer(consent=YES), 200)
    (kept,) = consents(pair, "a")
    assert {name: kept[name] for name in STAGE_1} == STAGE_1
    assert consents(pair, "b") == []


def test_stop_takes_back_every_consent_but_sharing_and_pauses_at_once(therapist: Caller, clinic: Clinic) -> None:
    course = running(therapist)
    course.pair.consent("a", stage=None, kind="therapy", protocol=None)
    course.pair.consent("a", stage=None, kind="data_sharing", protocol=None)
    held = ask(course.pair, "a", "stop")
    assert done(held.read(), 200)["purpose"] == "stop"
    assert set(done(held.stop(), 200)) == {"received_at"}
    in_force = {consent["kind"] for consent in consents(course.pair, "a") if consent["withdrawn_at"] is None}
    assert in_force == {"data_sharing"}
    assert all(consent["withdrawn_at"] is None for consent in consents(course.pair, "b"))
    assert (course.read()["status"], course.read(clinic.integration())["status"]) == ("paused", "active")
    steps = done(therapist.get(course.path + "/transitions"), 200)["items"]
    assert (steps[-1]["reason"], steps[-1]["stopped_by"]) == ("consent_withdrawn", course.pair.a)


def test_stop_works_without_any_consent_and_as_often_as_one_likes(therapist: Caller) -> None:
    course = running(therapist)
    held = ask(course.pair, "a", "stop")
    for _ in range(2):
        done(held.stop(), 200)
        assert course.read()["status"] == "paused"
        course.pair.ready()
        done(course.move("resumptions"), 200)
    done(held.stop(), 200)
    assert course.read()["status"] == "paused"


def test_stop_works_in_the_record_of_an_archived_couple_and_nothing_else_does(therapist: Caller) -> None:
    pair = new_pair(therapist)
    pair.consent("a")
    stopping, asking = ask(pair, "a", "stop"), ask_measure(pair)
    assert therapist.delete(pair.path, headers={"If-Match": '"1"'}).status_code == 204
    done(stopping.stop(), 200)
    assert consents(pair, "a")[0]["withdrawn_at"] is not None
    assert asking.read().json()["code"] == asking.answer(measure=GMSEX).json()["code"] == "link_not_open"


@pytest.mark.parametrize("noun", ["pauses", "holds", "stops"])
def test_a_plan_that_stands_still_takes_the_answer_because_refusing_would_tell(therapist: Caller, noun: str) -> None:
    course = running(therapist)
    held = ask_check_in(course)
    before = done(held.read(), 200)
    done(course.move(noun), 200)
    assert done(held.read(), 200) == before
    done(held.answer(check_in=WELL), 200)


def test_after_care_has_ended_a_measure_cannot_be_answered(therapist: Caller, clock: Wristwatch) -> None:
    pair = new_pair(therapist)
    held = ask_measure(pair)
    done(therapist.post(f"{pair.path}/episodes/{pair.episode['id']}/closures", json={"reason": "completed"}), 200)
    clock.turn(hours=48)
    assert (held.answer(measure=GMSEX).status_code, held.answer(measure=GMSEX).json()["code"]) == (404, "link_not_open")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "/measure"),
    ({"measure": {"answers": {"1": 99}}}, "/measure/answers/1"),
    ({"measure": GMSEX, "consent": YES}, "/consent"),
    ({"consent": YES}, "/measure"),
    ({"measure": GMSEX, "partner_id": "prt_00000000000000000000000000"}, "/partner_id"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG)
def test_answers_that_do_not_fit_say_where_and_spend_nothing(therapist: Caller, body: dict[str, Any], pointer: str) -> None:
    pair = new_pair(therapist)
    held = ask_measure(pair)
    refused = held.answer(**body)
    assert refused.status_code == 422
    assert pointer.rpartition("/")[0] + "/" in {fault["pointer"].rpartition("/")[0] + "/" for fault in refused.json()["errors"]}
    done(held.answer(measure=GMSEX), 200)
    assert state(held, pair, "a") == "used"


def test_a_link_asks_its_partner_only_what_that_partner_is_asked(therapist: Caller) -> None:
    course = practising(therapist, "partner_a")
    a, b = ask_check_in(course, "a"), ask_check_in(course, "b")
    asked = [{field["code"] for field in done(held.read(), 200)["check_in"]["log_fields"]} for held in (a, b)]
    assert asked[0] - asked[1] >= {"control", "pauses", "distress"}
    assert asked[1] - asked[0] == {"partner_distress"}
    problem = done(b.answer(check_in=WELL | {"log": {"control": 5}}), 422)
    assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [("/check_in/log/control", "not_asked")]
    done(b.answer(check_in=WELL | {"log": {}}), 200)
    done(a.answer(check_in=WELL | {"log": LOG}), 200)
