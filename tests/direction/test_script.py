"""The integrators' script sends a panel as CSV and prints what came of it."""

import runpy
from pathlib import Path

import pytest

from app.access.permissions import Role
from app.direction.job import analyse_waiting
from tests.conftest import Clinic
from tests.direction.records import as_csv, panel

SCRIPT = Path(__file__).parents[2] / "docs" / "integrators" / "which_came_first.py"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_script_prints_paths_fit_and_reading(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    analyst, waited = clinic.member("ana", Role.ANALYST), []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        analyse_waiting(clinic.app.state.runtime, clinic.id)

    script = runpy.run_path(str(SCRIPT))
    capsys.readouterr()
    script["run"](analyst, {"csv": as_csv(panel(120, 8)), "equal_lags": True}, wait)
    printed = capsys.readouterr().out
    assert waited == [1.0]
    assert "done: panel, as of 2026-11-22" in printed
    assert "within_lagged: 120 units, x_leads. This way: x first." in printed
    assert "ri_clpm: 120 units, x_leads." in printed
    assert "  chi2(" in printed
    assert "  x -> y, actor: 0." in printed
    script["run"](analyst, {"csv": as_csv(panel(3, 3)), "models": ["within_lagged"]}, wait)
    assert "within_lagged: no answer (too_few_couples)." in capsys.readouterr().out
