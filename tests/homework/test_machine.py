"""Plans can neither start nor go on against either partner, whatever both of them and their therapist do."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.access.work import Work
from app.homework import check_ins, plans, reveals, tracks
from app.partner_pages import answers
from app.partner_pages import rules as link_rules
from app.safety import service as safety
from app.safety import stops
from app.safety.flag_rules import Finding
from app.safety.signals import Signal, keep_signals
from tests.conftest import Clinic, Wristwatch
from tests.homework.machine import CoupleMachine

# lives on each of the two engines; CONTRIBUTING.md tells how to try more
LIVES = int(os.environ.get("REKINDLE_LIVES", "0"))
FEW = {"sqlite": 2, "postgresql": 1}
Step = Callable[[], None]
TOGETHER = ("homework_stage", "stop_start", 3)
UNFELT: dict[str, Any] = {"done": "not_done", "pressure": 0, "felt_forced": False, "felt_afraid": False}
CALM = UNFELT | {"done": "within_rules"}
AFRAID = UNFELT | {"felt_afraid": True}


@pytest.mark.timeout(0 if LIVES else 120)
def test_no_sequence_of_steps_lets_a_plan_run_against_either_partner_or_tells_who_stopped_it(
    clinic: Clinic, clock: Wristwatch, engine_name: str
) -> None:
    therapist, machine, start = clinic.member("thea"), clinic.integration(), clock.moment

    class Life(CoupleMachine):
        def __init__(self) -> None:
            super().__init__(clinic, therapist, machine, start)

    tried = settings(
        max_examples=LIVES or FEW[engine_name],
        stateful_step_count=60 if LIVES else 20,
        derandomize=not LIVES,
        phases={Phase.generate, Phase.shrink},
    )
    run_state_machine_as_test(Life, settings=tried)


@pytest.fixture
def life(clinic: Clinic, clock: Wristwatch) -> CoupleMachine:
    """One life, led by hand, whose plan of shared touch, begun alone, runs."""
    led = CoupleMachine(clinic, clinic.member("thea"), clinic.integration(), clock.moment)
    led.begin("together")
    led.everything_holds()
    return led


def went(life: CoupleMachine, *steps: Step) -> None:
    """Step by step, each compared with the truth."""
    for step in steps:
        step()
        life.everything_holds()


def closed_and_opened(life: CoupleMachine, closes: Step, *opens: Step) -> None:
    """What closes a gate pauses the plan, for a machine account silently; only what satisfies it lets it go on."""
    plan = life.truth.plans[2]
    went(life, closes)
    for step in opens:
        went(life, resumes(life), resumes(life, "machine"))
        assert plan.status == "paused"
        went(life, step)
    went(life, resumes(life))
    assert plan.status == "active"


def resumes(life: CoupleMachine, caller: str = "therapist") -> Step:
    """Somebody wants the plan to go on."""
    return lambda: life.move(2, "resumptions", caller)


def answers_and_agrees(life: CoupleMachine, which: str) -> Step:
    """A partner answers every second thing of the menu with yes."""
    return lambda: life.answer_menu(which, 2, agrees=True, caller="machine")


def makes(life: CoupleMachine, purpose: str) -> Step:
    """A link for A: about the first assignment, about the stage that runs."""
    place = 0 if purpose == "check_in" else life.scopes.index(TOGETHER)
    return lambda: life.make_link("a", purpose, place, 500, "machine")


def uses(life: CoupleMachine, number: int) -> Step:
    """A uses one."""
    return lambda: life.use_link(number, CALM, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_life_led_through_every_gate_is_as_the_truth_says(life: CoupleMachine) -> None:
    closed_and_opened(life, lambda: life.raise_flag("undisclosed_affair", "b"), lambda: life.lower_flag(0))
    closed_and_opened(life, lambda: life.find(0, None, met=False, days=None), lambda: life.find(0, None, met=True, days=3))
    went(life, lambda: life.let_time_pass(96), lambda: life.assign(2, "therapist"), lambda: life.assign(2, "machine"))
    assert "precondition_missing" in life.truth.unmet(life.truth.plans[2], life.truth.plans[2].stage, life.now)
    went(life, lambda: life.find(0, "a", met=True, days=60), lambda: life.assign(2, "machine"))
    closed_and_opened(
        life, lambda: life.check_in("b", 0, AFRAID, "machine"), lambda: life.review(0), lambda: life.clear("cleared")
    )
    closed_and_opened(life, lambda: life.clear("blocked"), lambda: life.clear("cleared"))


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_life_led_with_links_and_a_menu_is_as_the_truth_says(life: CoupleMachine) -> None:
    truth, plan = life.truth, life.truth.plans[2]
    went(life, lambda: life.open_menu("machine"), *(answers_and_agrees(life, which) for which in "ab"))
    assert truth.menus.revealed_at is not None
    went(life, *(makes(life, purpose) for purpose in ("check_in", "consent", "stop")), uses(life, 0), uses(life, 0))
    went(life, lambda: life.misuse_link(1), uses(life, 2), uses(life, 1), uses(life, 2), lambda: life.let_time_pass(61))
    assert (plan.status, truth.consents_to("a", TOGETHER)) == ("paused", False)
    went(life, makes(life, "consent"), uses(life, 3), resumes(life))
    assert plan.status == "active"
    went(life, lambda: life.revoke_link(3, "machine"), uses(life, 3), lambda: life.let_time_pass(24 * 84), uses(life, 2))


# What may be broken in the service, and what in a life finds it.
Breaks = Callable[[pytest.MonkeyPatch], None]
Lives = Callable[[CoupleMachine], list[Step]]


def _but_fear(work: Work, signals: Sequence[Signal]) -> None:
    keep_signals(work, [signal for signal in signals if signal.kind != "fear"])


BROKEN: dict[str, tuple[Breaks, Lives]] = {
    "a gate that stands open": (
        lambda patch: patch.setattr(plans, "check_may_run", lambda *_: None),
        lambda life: [lambda: life.withdraw(0, "machine"), lambda: life.withdraw(1, "machine"), resumes(life)],
    ),
    "a stop that nobody hears": (
        lambda patch: patch.setattr(stops, "_listeners", []),
        lambda life: [lambda: life.withdraw(0, "machine")],
    ),
    "a pause that shows at once": (
        lambda patch: patch.setattr(tracks, "pause_shows_at", lambda now, *_: now),
        lambda life: [lambda: life.withdraw(0, "machine")],
    ),
    "a flag that forbids nothing": (
        lambda patch: patch.setattr(safety, "flag_faults", lambda *_, **__: ()),
        lambda life: [lambda: life.raise_flag("acute_suicidality", None), resumes(life)],
    ),
    "a precondition that never runs out": (
        lambda patch: patch.setattr(Finding, "holds_on", lambda finding, _day: finding.met),
        lambda life: [
            *(lambda place=place: life.find(place, None, met=True, days=3) for place in range(2)),
            lambda: life.let_time_pass(96),
            lambda: life.assign(2, "therapist"),
        ],
    ),
    "fear that is not heard": (
        lambda patch: patch.setattr(check_ins, "keep_signals", _but_fear),
        lambda life: [lambda: life.check_in("a", 0, AFRAID, "therapist")],
    ),
    "a menu that shows what one of them would like": (
        lambda patch: patch.setattr(reveals, "overlaps", lambda one, _other: list(one)),
        lambda life: [
            lambda: life.open_menu("therapist"),
            lambda: life.answer_menu("a", 0, agrees=True, caller="machine"),
            lambda: life.answer_menu("b", 1, agrees=True, caller="machine"),
        ],
    ),
    "a link that always opens": (
        lambda patch: patch.setattr(link_rules, "state_of", lambda *_: "open"),
        lambda life: [
            lambda: life.make_link("b", "stop", 0, 9, "therapist"),
            lambda: life.let_time_pass(13),
            uses(life, 0),
        ],
    ),
    "a yes by a link that counts after a no": (
        lambda patch: patch.setattr(answers, "has_withdrawn_since", lambda *_: False),
        lambda life: [
            makes(life, "consent"),
            lambda: life.withdraw(0, "machine"),
            uses(life, 0),
            resumes(life),
        ],
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_broken_would_be_noticed(life: CoupleMachine, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    breaks, lives = BROKEN[broken]
    breaks(monkeypatch)
    with pytest.raises(AssertionError):
        went(life, *lives(life))
