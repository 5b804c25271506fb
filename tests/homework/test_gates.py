"""Every gate before homework, closed by each condition alone and opened by what satisfies it, at every door."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course, draft, offered, running
from tests.safety.records import AFRAID, Pair, done, new_pair

NEUTRAL: tuple[int, str, list[str]] = (409, "plan_cannot_go_on_now", [])
Step = Callable[["Scene"], Any]


@dataclass
class Scene:
    """A couple before a gate, and the time."""

    pair: Pair
    clock: Wristwatch

    def before(self, *but: str) -> "Scene":
        """Everything the gate asks for, but for this."""
        for which in "ab":
            if f"screen_{which}" not in but:
                done(self.pair.screen(which))
        if "clearance" not in but:
            done(self.pair.clear())
        for which in "ab":
            if f"consent_{which}" not in but:
                self.pair.consent(which)
        return self

    def withdraw(self, kind: str, **more: Any) -> None:
        """One partner takes back a consent."""
        scope: dict[str, Any] = {"kind": kind} if kind == "homework_stage" else {"kind": kind, "protocol": None, "stage": None}
        self.pair.withdraw("b", self.pair.consent("b", **scope | more))

    def despair(self) -> None:
        """A PHQ-9 whose ninth item is above zero."""
        answers = dict.fromkeys((str(number) for number in range(1, 9)), 0) | {"9": 1}
        path = self.pair.partner("a") + "/administrations"
        done(self.pair.therapist.post(path, json={"measure": "phq9", "answers": answers}))

    def review(self) -> None:
        """Every signal is looked at."""
        signals = self.pair.path + "/safety-signals"
        for signal in self.pair.therapist.get(signals).json()["items"]:
            done(self.pair.therapist.post(f"{signals}/{signal['id']}/reviews", json={}), 200)

    def anew(self) -> None:
        """Both are screened again, and cleared."""
        for which in "ab":
            done(self.pair.screen(which))
        done(self.pair.clear(reason="Seen alone, both."))

    def lower_all(self) -> None:
        """Every red flag is cleared."""
        for flag in self.pair.therapist.get(self.pair.path + "/red-flags").json()["items"]:
            self.pair.lower(flag)


# What closes the gate, the codes that the care team is told, and what opens it. A clearance rests on both screens, so a
# missing screen cannot be alone.
CONDITIONS: dict[str, tuple[Step, list[str], Step]] = {
    "a is not screened": (lambda s: s.before("screen_a", "clearance"), ["screen_missing_a", "clearance_missing"], Scene.anew),
    "b is not screened": (lambda s: s.before("screen_b", "clearance"), ["screen_missing_b", "clearance_missing"], Scene.anew),
    "nobody cleared": (lambda s: s.before("clearance"), ["clearance_missing"], lambda s: s.pair.clear()),
    "a block": (
        lambda s: s.before().pair.clear(decision="blocked", blockers=["under_age"], reason="Age unclear."),
        ["clearance_blocked"],
        lambda s: s.pair.clear(),
    ),
    "twelve weeks passed": (lambda s: s.before().clock.turn(weeks=12), ["clearance_expired"], Scene.anew),
    "a screen asks for review": (
        lambda s: s.before().pair.screen("a", AFRAID),
        ["clearance_overtaken"],
        lambda s: s.pair.clear(reason="An old matter."),
    ),
    "a is silent": (lambda s: s.before("consent_a"), ["consent_missing_a"], lambda s: s.pair.consent("a")),
    "b is silent": (lambda s: s.before("consent_b"), ["consent_missing_b"], lambda s: s.pair.consent("b")),
    "b agreed to another stage": (
        lambda s: s.before("consent_b").pair.consent("b", 2),
        ["consent_missing_b"],
        lambda s: s.pair.consent("b"),
    ),
    "b took it back": (
        lambda s: s.before().withdraw("homework_stage"),
        ["consent_missing_b"],
        lambda s: s.pair.consent("b"),
    ),
    "b left therapy": (
        lambda s: s.before().withdraw("therapy"),
        ["consent_missing_b"],
        lambda s: s.pair.consent("b", None, kind="therapy", protocol=None),
    ),
    "an answer waits for review": (lambda s: s.before().despair(), ["signal_open"], Scene.review),
    "a flag about one partner": (
        lambda s: s.before().pair.flag("unprocessed_trauma", "b"),
        ["red_flag_open"],
        Scene.lower_all,
    ),
    "a flag about the couple": (lambda s: s.before().pair.flag("open_hostility"), ["red_flag_open"], Scene.lower_all),
    "two flags": (
        lambda s: [s.before().pair.flag(code) for code in ("acute_suicidality", "open_hostility")],
        ["red_flag_open", "red_flag_open"],
        Scene.lower_all,
    ),
}


def refused(answer: Any) -> tuple[int, str, list[str]]:
    """Status, code and the faults' codes."""
    problem = answer.json()
    return answer.status_code, problem["code"], [fault["code"] for fault in problem["errors"]]


@pytest.fixture
def scene(therapist: Caller, clock: Wristwatch) -> Scene:
    return Scene(new_pair(therapist), clock)


@pytest.mark.parametrize("name", CONDITIONS)
def test_each_condition_alone_closes_the_gate_and_what_satisfies_it_opens_it(scene: Scene, clinic: Clinic, name: str) -> None:
    close, told, satisfy = CONDITIONS[name]
    close(scene)
    course, ehr = offered(scene.pair), clinic.integration()
    assert refused(course.move("activations")) == (409, "plan_cannot_go_on_now", told)
    assert refused(course.move("activations", ehr)) == NEUTRAL
    satisfy(scene)
    assert done(course.move("activations", ehr), 200)["status"] == "active"


@pytest.mark.parametrize("flag", [flag.code for flag in (*UNIVERSAL_BLOCKERS, *PROTOCOLS["sensate_focus"].contraindications)])
def test_each_blocker_and_contraindication_closes_it_and_says_which(scene: Scene, flag: str) -> None:
    scene.before()
    course, opened = offered(scene.pair), scene.pair.flag(flag)
    problem = done(course.move("activations"), 409)
    assert f"`{flag}`" in problem["errors"][0]["detail"]
    scene.pair.lower(opened)
    done(course.move("activations"), 200)


def test_a_flag_of_another_protocol_is_in_nobodys_way(scene: Scene) -> None:
    scene.before()
    scene.pair.flag("compulsive_behaviour", "a")
    done(offered(scene.pair).move("activations"), 200)


DOORS: dict[str, Callable[[Course], Any]] = {
    "resumptions": lambda course: course.move("resumptions"),
    "assignments": lambda course: course.assign(),
    "advancements": lambda course: course.decide("step_back", override_reason="They asked for it."),
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_asks_again(scene: Scene, door: str) -> None:
    course = running(scene.pair.therapist, pair=scene.pair)
    if door == "resumptions":
        done(course.move("holds"), 200)
    scene.despair()
    assert refused(DOORS[door](course)) == (409, "plan_cannot_go_on_now", ["signal_open"])
    scene.review()
    assert DOORS[door](course).status_code in {200, 201}


ALONE = {"early_ejaculation": "stop_start", "gpppd": "graded_dilator"}


def practised_alone(therapist: Caller, concern: str) -> Course:
    """An offered plan that A begins alone."""
    course = draft(new_pair(therapist, concern=concern, bearer="partner_a"), protocol=ALONE[concern])
    done(course.move("offers"), 200)
    return course


@pytest.mark.parametrize("concern", ALONE)
def test_each_precondition_must_be_recorded_as_met_also_where_nobody_touches(therapist: Caller, concern: str) -> None:
    course = practised_alone(therapist, concern)
    waiting = [one.code for one in PROTOCOLS[ALONE[concern]].preconditions]
    while waiting:
        problem = done(course.move("activations"), 409)
        assert [fault["code"] for fault in problem["errors"]] == ["precondition_missing"] * len(waiting)
        assert all(f"`{code}`" in problem["errors"][place]["detail"] for place, code in enumerate(waiting))
        course.pair.found(waiting.pop(0), "a")
    done(course.move("activations"), 200)


def test_what_is_met_of_the_other_partner_is_not_met_of_the_one_who_practises(therapist: Caller, clinic: Clinic) -> None:
    course = practised_alone(therapist, "gpppd")
    course.pair.found("pelvic_examination", "b")
    assert refused(course.move("activations"))[2] == ["precondition_missing"]
    assert refused(course.move("activations", clinic.integration())) == NEUTRAL
    course.pair.found("pelvic_examination")
    done(course.move("activations"), 200)


def test_a_precondition_holds_through_its_last_day_where_the_couple_lives(therapist: Caller, clock: Wristwatch) -> None:
    course = practised_alone(therapist, "gpppd")
    course.pair.found("pelvic_examination", "a", expires_on="2026-11-29")
    done(course.move("activations"), 200)
    clock.moment = clock.moment.replace(day=29, hour=22, minute=30)  # half past eleven in Berlin
    done(course.assign())
    clock.turn(hours=1)
    assert refused(course.assign())[2] == ["precondition_missing"]


def test_a_precondition_found_not_met_pauses_and_stands_until_found_met(therapist: Caller, clinic: Clinic) -> None:
    course = practised_alone(therapist, "gpppd")
    course.pair.found("pelvic_examination", "a")
    done(course.move("activations"), 200)
    course.pair.found("pelvic_examination", "a", met=False)
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "precondition_not_met")
    assert course.read(clinic.integration())["status"] == "active"
    assert refused(course.move("resumptions"))[2] == ["precondition_missing"]
    course.pair.found("pelvic_examination", "a")
    done(course.move("resumptions"), 200)


def test_a_universal_blocker_does_not_stop_what_one_does_alone_unless_the_protocol_names_it(therapist: Caller) -> None:
    course = practised_alone(therapist, "gpppd")
    course.pair.found("pelvic_examination", "a")
    done(course.move("activations"), 200)
    course.pair.flag("undisclosed_affair", "b")
    assert course.read()["status"] == "active"
    course.pair.flag("untreated_infection", "a")
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "red_flag_opened")


def test_coercion_stops_what_the_two_only_talk_about_as_well(therapist: Caller) -> None:
    course = draft(new_pair(therapist, concern="initiation_refusal_pattern"), protocol="initiation_protocol")
    done(course.move("offers"), 200)
    done(course.move("activations"), 200)  # words to invite with: no touch, and so neither screens nor consents
    course.pair.flag("untreated_infection", "a")
    assert course.read()["status"] == "active"
    flag = course.pair.flag("coercion_or_violence", "b")
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "red_flag_opened")
    assert refused(course.move("resumptions"))[2] == ["red_flag_open"]
    course.pair.lower(flag)
    assert done(course.move("resumptions"), 200)["status"] == "active"


@pytest.mark.parametrize("told", [{"felt_forced": True}, {"felt_afraid": True}, {"pressure": 7}])
def test_force_fear_or_strong_pressure_pauses_what_one_practises_alone_until_it_was_looked_at(
    therapist: Caller, clinic: Clinic, told: dict[str, Any]
) -> None:
    course, ehr = practised_alone(therapist, "gpppd"), clinic.integration()
    course.pair.found("pelvic_examination", "a")
    done(course.move("activations"), 200)
    given = done(course.assign())
    before = course.read(ehr)
    done(course.check_in(given, "a", ehr, done="not_done", log={}, **told))
    assert (course.read()["status"], course.read(ehr)) == ("paused", before)  # it shows later, as every pause
    assert refused(course.assign(ehr)) == NEUTRAL
    assert refused(course.move("resumptions"))[2] == ["signal_open"]
    signals = course.pair.path + "/safety-signals"
    for one in [one for one in done(therapist.get(signals), 200)["items"] if one["response"] == "pause"]:
        done(therapist.post(f"{signals}/{one['id']}/reviews", json={}), 200)
    assert done(course.move("resumptions"), 200)["status"] == "active"


@pytest.mark.parametrize("which", ["a", "b", None])
def test_a_flag_pauses_at_once_and_shows_later_as_every_pause_whoever_it_is_about(
    scene: Scene, clinic: Clinic, which: str | None
) -> None:
    course, ehr = running(scene.pair.therapist, pair=scene.pair), clinic.integration()
    before = course.read(ehr)
    scene.pair.flag("unprocessed_trauma", which)
    assert (course.read()["status"], course.reasons()[-1]) == ("paused", "red_flag_opened")
    assert course.read(ehr) == before
    assert refused(course.assign(ehr)) == NEUTRAL
    scene.clock.turn(hours=61)
    assert course.reasons(ehr)[-1] == "paused_by_therapist"
    assert "red_flag" not in ehr.get(course.path + "/transitions").text
