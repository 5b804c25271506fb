"""The dashboard's script draws what it is told: gaps as gaps, nothing withheld as a number, nothing without its reason."""

import runpy
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Clinic
from tests.contract.world import World
from tests.guides.pages import FOLDER

SCOPES = {"caseload:read", "couples:read", "outcomes:read", "clinic_outcomes:read", "changes:read"}
Drawn = Callable[[list[float | None]], str]


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    """What the script defines."""
    return runpy.run_path(str(FOLDER / "dashboard.py"))


@pytest.fixture
def drawn(script: dict[str, Any]) -> Drawn:
    """A series of a scale from 5 to 35, drawn."""

    def draw(shown: list[float | None]) -> str:
        points = [{"shown": value} for value in shown]
        line = {"slot": "a", "measure": "gmsex", "scale": "<total>", "low": 5, "high": 35, "points": points}
        picture: str = script["spark"](line)
        return picture

    return draw


def test_a_line_breaks_where_there_is_no_score(drawn: Drawn) -> None:
    assert drawn([5, 35, None, 20]).count("<polyline") == 2
    assert '"5,35.0 15,5.0 15,5.0"' in drawn([5, 35])
    assert "<polyline" not in drawn([None, None])
    assert "&lt;total&gt;" in drawn([5])


def test_withheld_is_told_and_is_no_zero(script: dict[str, Any]) -> None:
    assert script["share"](None) == "not told"
    assert script["share"]({"rate": 0, "low": 0, "high": 0.2, "of": 14}) == "0% (0% to 20%, n 14)"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_couple_stands_there_with_its_reason_and_no_figure_of_too_few(world: World, script: dict[str, Any]) -> None:
    clinic: Clinic = world.clinic
    dashboard = clinic.integration("dashboard", SCOPES)
    page = script["page"](dashboard)
    for couple in script["caseload"](dashboard):
        assert couple["sentence"].split(";")[0] in page
    assert "No scale has 10 couples of whom it may be told." in page


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_one_couple_has_each_scale_with_the_basis_of_its_change(world: World, script: dict[str, Any]) -> None:
    dashboard = world.clinic.integration("dashboard", SCOPES)
    tag = {"If-Match": world.therapist.get(world.couple).headers["ETag"]}
    assert world.therapist.patch(world.couple, json={"external_id": "EHR-C-9"}, headers=tag).status_code == 200
    outcomes = dashboard.get(world.couple + "/outcomes").json()
    page = script["one_couple"](dashboard, "EHR-C-9")
    series = [one for partner in outcomes["partners"] for one in partner["series"]]
    assert page.count("<svg") == len(series) > 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_it_is_drawn_anew_when_something_changed(world: World, script: dict[str, Any]) -> None:
    dashboard = world.clinic.integration("dashboard", SCOPES)
    times = script["changes"](dashboard)
    next(times)
    (partner,) = dashboard.get(world.couple).json()["partners"][:1]
    answers = {"measure": "gmsex", "answers": {str(item): 4 for item in range(1, 6)}}
    path = f"{world.couple}/partners/{partner['id']}/administrations"
    assert world.therapist.post(path, json=answers).status_code == 201
    next(times)
