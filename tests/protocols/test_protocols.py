"""A clinic's own protocols and thresholds: checked like ours, pinned by plans, never changed behind them."""

from copy import deepcopy
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from app.access.permissions import Role
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocol_document import read_protocol
from app.clinical.protocols import PROTOCOLS, VERSIONS
from app.protocols import service
from app.protocols.example import EXAMPLE
from app.protocols.rules import OWN
from tests.conftest import Caller, Clinic
from tests.homework.records import Course, draft, offered, running
from tests.safety.records import Pair, done

CODE = EXAMPLE["code"]
PATH = f"/v1/protocols/{CODE}"


def written(**more: Any) -> dict[str, Any]:
    """A body with the example's document, changed where told."""
    return {"document": deepcopy(EXAMPLE) | more}


def faults(answer: Any) -> list[tuple[str, str]]:
    """Pointer and code of each fault."""
    return [(fault["pointer"], fault["code"]) for fault in done(answer, 422)["errors"]]


def test_no_protocol_of_ours_takes_a_code_that_is_a_clinics() -> None:
    assert not [code for code in PROTOCOLS if code.startswith(OWN)]
    assert check_protocol(read_protocol(EXAMPLE)) == ()
    assert set(VERSIONS) >= {(protocol.code, protocol.version) for protocol in PROTOCOLS.values()}


def test_a_document_becomes_a_protocol_that_is_read_like_ours(therapist: Caller) -> None:
    made = done(therapist.post("/v1/protocols", json=written()))
    assert (made["code"], made["version"], made["origin"], made["retired"]) == (CODE, "1", "clinic", False)
    assert done(therapist.get(PATH), 200) == made
    assert therapist.get(PATH + "/document").json()["document"] == EXAMPLE
    listed = {one["code"]: one["origin"] for one in therapist.get("/v1/protocols").json()["items"]}
    assert (listed[CODE], listed["sensate_focus"], len(listed)) == ("clinic", "catalogue", len(PROTOCOLS) + 1)


def test_our_own_document_is_taken_under_a_clinics_code(therapist: Caller) -> None:
    ours = therapist.get("/v1/protocols/graded_dilator/document").json()["document"]
    assert done(therapist.post("/v1/protocols", json={"document": ours | {"code": "own_dilator"}}))["code"] == "own_dilator"


UNFIT: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"code": "evening_walk"}, ("/document/code", "not_own")),
    ({"code": "sensate_focus"}, ("/document/code", "not_own")),
    ({"version": "V 1"}, ("/document/version", "not_a_version")),
    ({"targets": ["relationship_distress"]}, ("/document/targets/0", "plan_must_start_from_sexual_concern")),
    ({"hard_rules": ["Have intercourse three times a week."]}, ("/document/hard_rules/0", "intercourse_frequency_target")),
    ({"shared_touch": True}, ("/document/shared_touch", "shared_touch_unclear")),
    ({"zaunkoenig": 1}, ("/document/*", "unknown_key")),
    ({"stages": []}, ("/document/stages", "wrong_length")),
]


@pytest.mark.parametrize(("change", "fault"), UNFIT)
def test_what_fails_a_check_is_refused_at_its_place_and_nothing_is_kept(
    therapist: Caller, change: dict[str, Any], fault: tuple[str, str]
) -> None:
    answer = therapist.post("/v1/protocols", json=written(**change))
    assert answer.json()["code"] == "protocol_invalid"
    assert fault in faults(answer)
    assert "zaunkoenig" not in answer.text
    assert all(one["origin"] == "catalogue" for one in therapist.get("/v1/protocols").json()["items"])


def test_a_code_and_a_version_are_taken_once(therapist: Caller) -> None:
    done(therapist.post("/v1/protocols", json=written()))
    assert done(therapist.post("/v1/protocols", json=written(version="2")), 409)["code"] == "protocol_taken"
    assert done(therapist.post(PATH + "/versions", json=written()), 409)["code"] == "protocol_version_taken"
    assert faults(therapist.post(PATH + "/versions", json=written(code="own_other"))) == [
        ("/document/code", "another_protocol")
    ]
    assert therapist.post("/v1/protocols/own_nothing/versions", json=written()).status_code == 404
    assert therapist.post("/v1/protocols/sensate_focus/versions", json=written(code="sensate_focus")).status_code == 404


def walking(pair: Pair) -> Course:
    """A running plan of the clinic's own protocol."""
    pair.found("time_agreed")
    course = draft(pair, protocol=CODE)
    done(course.move("offers"), 200)
    done(course.move("activations"), 200)
    return course


def walk(course: Course, times: int = 2) -> None:
    """Both partners check in after each evening."""
    assignment = done(course.assign())
    for _ in range(times):
        for which in "ab":
            done(course.check_in(assignment, which, log={"closeness": 6}))


def test_a_plan_stays_with_its_version_while_new_ones_follow_the_newest(pair: Pair) -> None:
    done(pair.therapist.post("/v1/protocols", json=written()))
    course = walking(pair)
    longer = deepcopy(EXAMPLE["thresholds"])
    longer[0]["value"] = 4
    stages = [EXAMPLE["stages"][0] | {"title": "Time with a task"}]
    done(pair.therapist.post(PATH + "/versions", json=written(version="2", thresholds=longer, stages=stages)))
    walk(course)
    verdict = course.verdict()
    assert (verdict["protocol_version"], verdict["verdict"], verdict["completes"]) == ("1", "advance", True)
    assert verdict["thresholds"]["evenings_needed"] == 2
    later = draft(pair, protocol=CODE).read()
    assert (later["protocol_version"], later["stage_title"]) == ("2", "Time with a task")
    assert course.read()["stage_title"] == "Time without a task"


def test_every_version_stays_readable(therapist: Caller) -> None:
    first = done(therapist.post("/v1/protocols", json=written()))
    second = done(therapist.post(PATH + "/versions", json=written(version="2", name="Another evening")))
    assert done(therapist.get(PATH), 200) == second
    assert done(therapist.get(PATH + "?version=1"), 200) == first
    assert therapist.get(PATH + "?version=3").status_code == 404
    assert [one["version"] for one in therapist.get(PATH + "/versions").json()["items"]] == ["1", "2"]
    assert [one["version"] for one in therapist.get("/v1/protocols/sensate_focus/versions").json()["items"]] == ["1"]


def test_a_retired_protocol_begins_no_plan_and_ends_none(pair: Pair) -> None:
    done(pair.therapist.post("/v1/protocols", json=written()))
    course = walking(pair)
    gone = done(pair.therapist.post(PATH + "/retirements", json={"reason": "Replaced."}), 200)
    assert (gone["retired"], done(pair.therapist.post(PATH + "/retirements", json={"reason": "Again."}), 200)) == (True, gone)
    body = {"concern_id": pair.concern_id, "protocol": CODE}
    assert done(pair.therapist.post(pair.path + "/plans", json=body), 409)["code"] == "protocol_retired"
    assert done(pair.therapist.post(PATH + "/versions", json=written(version="2")), 409)["code"] == "protocol_retired"
    walk(course)
    assert done(course.decide("advance"))["verdict_then"]["completes"] is True
    assert pair.therapist.post("/v1/protocols/sensate_focus/retirements", json={"reason": "Ours."}).status_code == 404


def test_a_clinics_own_precondition_and_flag_close_its_gate(pair: Pair) -> None:
    own = {"code": "own_worry", "description": "A worry.", "kind": "relationship"}
    assert pair.therapist.post(pair.path + "/red-flags", json={"code": "own_worry"}).status_code == 422
    done(pair.therapist.post("/v1/protocols", json=written(contraindications=[own])))
    course = draft(pair, protocol=CODE)
    done(course.move("offers"), 200)
    assert done(course.move("activations"), 409)["errors"][0]["code"] == "precondition_missing"
    pair.found("time_agreed")
    done(course.move("activations"), 200)
    flag = pair.flag("own_worry", "b")
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "red_flag_opened")
    assert done(course.move("resumptions"), 409)["errors"][0]["code"] == "red_flag_open"
    pair.lower(flag)
    done(course.move("resumptions"), 200)


def test_who_may_add_protocols_and_set_thresholds(clinic: Clinic, therapist: Caller) -> None:
    for number, role in enumerate((Role.SUPERVISOR, Role.ADMINISTRATOR)):
        done(clinic.member(role, role).post("/v1/protocols", json=written(code=f"own_{number}")))
    for caller in (clinic.member("ann", Role.ANALYST), clinic.integration()):
        assert caller.post("/v1/protocols", json=written()).status_code == 403
        assert caller.get("/v1/protocols/own_0").status_code == 200
    assert therapist.post("/v1/protocols", json=written()).status_code == 201


@pytest.fixture
def second_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue whose sensate focus has come to a second version, which asks for more sessions and more attention."""
    first = PROTOCOLS["sensate_focus"]
    stages = (replace(first.stages[0], title="Touch, anew"), *first.stages[1:])
    stricter = tuple(replace(one, value=4, high=6) if one.name == "sessions_needed" else one for one in first.thresholds)
    second = replace(first, version="2", stages=stages, thresholds=stricter)
    monkeypatch.setattr(service, "PROTOCOLS", MappingProxyType({**PROTOCOLS, "sensate_focus": second}))
    monkeypatch.setattr(service, "VERSIONS", MappingProxyType({**VERSIONS, ("sensate_focus", "2"): second}))


@pytest.fixture
def course_of_first(therapist: Caller) -> Course:
    """A running plan of the first version."""
    return running(therapist)


@pytest.fixture
def after_release(course_of_first: Course, second_version: None) -> Course:  # noqa: ARG001 - the catalogue has moved on
    """The same plan after the catalogue moved on."""
    return course_of_first


def test_a_plan_of_ours_stays_with_its_version_too(after_release: Course) -> None:
    course = after_release
    course.practise(done(course.assign()))
    verdict = course.verdict()
    assert (verdict["protocol_version"], verdict["verdict"], verdict["thresholds"]["sessions_needed"]) == ("1", "advance", 2)
    assert course.read()["stage_title"] == "Touch without breasts and genitals"
    later = draft(course.pair).read()
    assert (later["protocol_version"], later["stage_title"], later["thresholds"]["sessions_needed"]) == ("2", "Touch, anew", 4)


def test_a_yes_to_a_stage_is_a_yes_to_it_in_that_version(after_release: Course) -> None:
    later = offered(after_release.pair)
    problem = done(later.move("activations"), 409)
    assert [fault["code"] for fault in problem["errors"]] == ["consent_missing_a", "consent_missing_b"]
    done(after_release.assign())
    for which in "ab":
        assert after_release.pair.consent(which)["protocol_version"] == "2"
    done(later.move("activations"), 200)
    assert after_release.pair.consent("a", protocol_version="1")["protocol_version"] == "1"


LIMITS = "/v1/protocols/sensate_focus/thresholds"


def values(told: dict[str, Any]) -> dict[str, tuple[float, bool]]:
    """Value, and whether the clinic set it, by name."""
    return {one["name"]: (one["value"], one["set_by_clinic"]) for one in told["thresholds"]}


def set_to(caller: Caller, version: int, **wanted: float | None) -> Any:
    """A change of the clinic's thresholds."""
    return caller.patch(LIMITS, json={"thresholds": wanted}, headers={"If-Match": f'"{version}"'})


def test_new_plans_begin_with_the_clinics_values_and_open_ones_keep_theirs(pair: Pair) -> None:
    before = draft(pair)
    assert values(done(pair.therapist.get(LIMITS), 200))["sessions_needed"] == (2, False)
    told = done(set_to(pair.therapist, 1, sessions_needed=3, pressure_pause=5), 200)
    assert (told["version"], values(told)["sessions_needed"], values(told)["pressure_pause"]) == (2, (3, True), (5, True))
    assert draft(pair).read()["thresholds"]["sessions_needed"] == 3
    assert draft(pair, thresholds={"sessions_needed": 4}).read()["thresholds"]["sessions_needed"] == 4
    assert before.read()["thresholds"]["sessions_needed"] == 2
    back = done(set_to(pair.therapist, 2, sessions_needed=None), 200)
    assert (back["version"], values(back)["sessions_needed"], values(back)["pressure_pause"]) == (3, (2, False), (5, True))


def test_the_verdict_and_the_decision_show_the_clinics_values_in_force(therapist: Caller) -> None:
    done(set_to(therapist, 1, sessions_needed=3, pressure_pause=5), 200)
    course = running(therapist)
    assignment = done(course.assign())
    course.practise(assignment)
    verdict = course.verdict()
    assert (verdict["verdict"], verdict["thresholds"]["sessions_needed"]) == ("hold", 3)
    assert done(course.decide("hold"))["verdict_then"]["thresholds"]["sessions_needed"] == 3
    done(course.check_in(assignment, "a", pressure=5))
    assert course.read()["status"] == "paused"


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        ({"pressure_pause": 8}, ("/thresholds/pressure_pause", "out_of_range")),
        ({"sessions_needed": 2.5}, ("/thresholds/sessions_needed", "not_an_integer")),
        ({"zaunkoenig": 1}, ("/thresholds/*", "unknown_threshold")),
    ],
)
def test_a_value_beyond_the_protocols_bounds_is_refused(
    therapist: Caller, wanted: dict[str, float], fault: tuple[str, str]
) -> None:
    answer = set_to(therapist, 1, **wanted)
    assert faults(answer) == [fault]
    assert "zaunkoenig" not in answer.text
    assert done(therapist.get(LIMITS), 200)["version"] == 1


def test_two_who_set_thresholds_at_once_do_not_overwrite_each_other(therapist: Caller) -> None:
    done(set_to(therapist, 1, sessions_needed=3), 200)
    assert done(set_to(therapist, 1, sessions_needed=4), 412)["code"] == "version_stale"
    assert therapist.patch(LIMITS, json={"thresholds": {}}).status_code == 428


def test_thresholds_are_of_one_version(therapist: Caller) -> None:
    done(therapist.post("/v1/protocols", json=written()))
    path = PATH + "/thresholds"
    body = {"thresholds": {"evenings_needed": 5}}
    done(therapist.patch(path, json=body, headers={"If-Match": '"1"'}), 200)
    narrower = [EXAMPLE["thresholds"][0] | {"high": 3}]
    done(therapist.post(PATH + "/versions", json=written(version="2", thresholds=narrower)))
    told = done(therapist.get(path), 200)
    assert (told["protocol_version"], told["version"], values(told)["evenings_needed"]) == ("2", 1, (2, False))
