"""A whole course of sensate focus as the integrators' script leads it, week by week."""

import runpy
from pathlib import Path

import pytest

from tests.conftest import Clinic, Wristwatch

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "sensate_focus_course.py"
TOLD = """\
week 1, stage 1: hold (settled, not_yet)
week 2, stage 1: advance (settled, settled)
week 3, stage 2: step_back (settled, anxious_twice)
week 4, stage 1: advance (settled, settled)
week 5, stage 2: advance (settled, settled)
week 6, stage 3: paused
week 7: the plan waits; the therapist speaks with each of them alone
week 8, stage 3: advance (settled, settled)
week 9, stage 4: hold (session_missed, session_missed)
week 10, stage 4: advance (settled, settled)
week 11, stage 5: hold (unsettled, settled)
week 12, stage 5: advance (settled, settled)
completed
"""
STAGES = ["activated", *["stage_set_by_therapist"] * 4, "paused_by_therapist", "resumed", *["stage_set_by_therapist"] * 2]


def test_the_script_leads_a_couple_through_twelve_weeks_to_the_end(
    clinic: Clinic, clock: Wristwatch, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, therapist = clock.moment, clinic.member("thea")
    capsys.readouterr()
    script = runpy.run_path(str(SCRIPT))
    course = script["run"](therapist, lambda days: clock.turn(days=days), lambda: clock.moment)
    printed = capsys.readouterr().out.splitlines(keepends=True)
    assert "".join(line for line in printed if line in TOLD.splitlines(keepends=True)) == TOLD
    assert (clock.moment - begun).days == 84
    steps = clinic.integration().get(course.plan + "/transitions").json()["items"]
    assert [step["reason"] for step in steps] == ["opened", "offered", *STAGES, "completed"]
    assert [step["stage"] for step in steps] == [1, 1, 1, 2, 1, 2, 3, 3, 3, 4, 5, 5]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_script_may_be_run_against_a_server_where_no_week_passes(
    clinic: Clinic, clock: Wristwatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = runpy.run_path(str(SCRIPT))
    course = script["run"](clinic.member("thea"), lambda _: None, lambda: clock.moment)
    assert capsys.readouterr().out.endswith("completed\n")
    assert course.stage() == 5
