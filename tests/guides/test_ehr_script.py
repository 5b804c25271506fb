"""The EHR's script sends once what it has, and keeps charts that hold one person each and nothing that went."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.guides.pages import FOLDER
from tests.releases.records import ask_to_erase, lived, shred
from tests.sharing.test_choices import choose

SCOPES = {"couples:read", "couples:write", "administrations:write", "outcomes:read", "changes:read"}


@pytest.fixture
def script() -> dict[str, Any]:
    """What the script defines."""
    return runpy.run_path(str(FOLDER / "ehr_sync.py"))


def outbox() -> Any:
    """What the page sends."""
    return json.loads((FOLDER / "ehr_outbox.json").read_text(encoding="utf-8"))


def charts_in(folder: Path) -> dict[str, Any]:
    """Each chart, by the number of the record it belongs to."""
    read = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("cpl_*/*.json")]
    return {chart["record_number"]: chart for chart in read}


def test_what_was_sent_comes_back_into_the_chart_of_whom_it_is_about(
    clinic: Clinic, script: dict[str, Any], tmp_path: Path
) -> None:
    ehr = clinic.integration("ehr", SCOPES)
    assert script["push"](ehr, outbox()) == []
    assert script["pull"](ehr, tmp_path / "charts") == 1
    charts = charts_in(tmp_path / "charts")
    last = {number: chart["outcomes"][0]["series"][0]["points"][-1]["value"] for number, chart in charts.items()}
    assert last == {"EHR-1": 22.0, "EHR-2": 12.5}
    assert [len(chart["outcomes"]) for chart in charts.values()] == [1, 1]


def test_sent_again_nothing_is_there_twice_and_what_is_refused_is_named(
    clinic: Clinic, script: dict[str, Any], tmp_path: Path
) -> None:
    ehr = clinic.integration("ehr", SCOPES)
    script["push"](ehr, outbox())
    script["pull"](ehr, tmp_path)
    assert script["push"](ehr, outbox()) == []
    assert script["pull"](ehr, tmp_path) == 0
    wrong = outbox()
    wrong["answers"].append(wrong["answers"][0] | {"external_id": "EHR-A-3", "answers": {"1": 99}})
    (line,) = script["push"](ehr, wrong)
    assert line.startswith("EHR-A-3: ")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_chart_says_nothing_of_the_other_even_while_they_share_and_goes_when_it_is_erased(
    clinic: Clinic, therapist: Caller, script: dict[str, Any], tmp_path: Path
) -> None:
    pair = lived(World(clinic, therapist))
    ehr = clinic.integration("first", SCOPES)
    for slot in "ab":
        choose(pair, slot, "scores", "full")
    assert script["pull"](ehr, tmp_path) == 1
    charts = charts_in(tmp_path)
    assert len(charts) == 2
    for chart in charts.values():
        (own,) = chart["outcomes"]
        theirs = {each for each in (pair.a, pair.b) if each != own["partner_id"]}
        assert not any(partner in json.dumps(chart) for partner in theirs)
    shred(clinic, pair, ask_to_erase(pair, "a"))
    again = clinic.integration("second", SCOPES)
    assert script["pull"](again, tmp_path) == 1
    assert len(charts_in(tmp_path)) == 1
