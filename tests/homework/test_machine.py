"""Plans can neither start nor go on against either partner, whatever both of them and their therapist do."""

import os

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from app.homework import plans, tracks
from app.safety import stops
from tests.conftest import Clinic, Wristwatch
from tests.homework.machine import CoupleMachine

# lives on each of the two engines; CONTRIBUTING.md tells how to try more
LIVES = int(os.environ.get("REKINDLE_LIVES", "0"))
FEW = {"sqlite": 3, "postgresql": 2}


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
        stateful_step_count=60 if LIVES else 25,
        derandomize=not LIVES,
        phases={Phase.generate, Phase.shrink},
    )
    run_state_machine_as_test(Life, settings=tried)


@pytest.fixture
def life(clinic: Clinic, clock: Wristwatch) -> CoupleMachine:
    """One life, led by hand, whose shared plan runs."""
    led = CoupleMachine(clinic, clinic.member("thea"), clinic.integration(), clock.moment)
    led.begin("running")
    led.everything_holds()
    return led


def test_a_gate_that_stood_open_would_be_noticed(life: CoupleMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    life.withdraw(0, "machine")
    monkeypatch.setattr(plans, "check_may_run", lambda *_: None)
    with pytest.raises(AssertionError, match="active"):
        life.move(0, "resumptions", "therapist")


def test_a_stop_that_nobody_heard_would_be_noticed(life: CoupleMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stops, "_listeners", [])
    life.withdraw(0, "machine")
    with pytest.raises(AssertionError):
        life.everything_holds()


def test_a_pause_that_showed_at_once_would_be_noticed(life: CoupleMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "pause_shows_at", lambda now, *_: now)
    life.withdraw(0, "machine")
    with pytest.raises(AssertionError):
        life.everything_holds()
