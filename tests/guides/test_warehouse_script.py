"""The warehouse's script keeps exactly what the record holds, loads each folder once, and never past one that is missing."""

import json
import runpy
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.exports.client.asked import Asked
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.exports.client.test_beside import run
from tests.guides.pages import FOLDER
from tests.measures.records import administer, couple
from tests.releases.records import ask_to_erase, lived, shred

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
NIGHTLY = Asked(formats=("jsonl",), since="auto")
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def script() -> dict[str, Any]:
    """What the script defines."""
    return runpy.run_path(str(FOLDER / "load_warehouse.py"))


@pytest.fixture
def warehouse() -> Iterator[sqlite3.Connection]:
    """An empty warehouse."""
    with closing(sqlite3.connect(":memory:")) as made:
        yield made


@pytest.fixture
def rows_in(script: dict[str, Any]) -> Callable[[sqlite3.Connection], Rows]:
    """What a warehouse holds, in no order."""

    def rows(warehouse: sqlite3.Connection) -> Rows:
        tables = script["tables_in"](warehouse)
        return {name: sorted(warehouse.execute(f'SELECT * FROM "{name}"'), key=repr) for name in tables}  # noqa: S608 - its own

    return rows


def test_night_after_night_it_is_what_a_whole_export_holds_and_what_was_erased_is_gone(  # noqa: PLR0917 - fixtures
    clinic: Clinic,
    therapist: Caller,
    script: dict[str, Any],
    warehouse: sqlite3.Connection,
    rows_in: Callable[[sqlite3.Connection], Rows],
    tmp_path: Path,
) -> None:
    pair = lived(World(clinic, therapist))
    other = couple(pair.therapist, "other")
    run(clinic, tmp_path / "nightly", NIGHTLY)
    assert script["catch_up"](warehouse, tmp_path / "nightly") == 1
    assert administer(pair.therapist, other).status_code == 201
    run(clinic, tmp_path / "nightly", NIGHTLY)
    shred(clinic, pair, ask_to_erase(pair, "a"))
    run(clinic, tmp_path / "nightly", NIGHTLY)
    assert script["catch_up"](warehouse, tmp_path / "nightly") == 2
    assert script["catch_up"](warehouse, tmp_path / "nightly") == 0
    run(clinic, tmp_path / "whole", NIGHTLY)
    with closing(sqlite3.connect(":memory:")) as anew:
        script["catch_up"](anew, tmp_path / "whole")
        kept, made_anew = rows_in(warehouse), rows_in(anew)
    # Outcomes are as of a day, which passed for the couples that did not change.
    assert {row[0] for row in kept.pop("outcomes")} == {row[0] for row in made_anew.pop("outcomes")}
    assert kept == made_anew
    partners = {row[0] for row in warehouse.execute("SELECT partner_id FROM administrations")}
    assert pair.a not in partners
    assert partners


def test_it_stops_at_a_folder_that_goes_on_from_one_it_never_had(
    clinic: Clinic, therapist: Caller, script: dict[str, Any], warehouse: sqlite3.Connection, tmp_path: Path
) -> None:
    one = couple(therapist, "one")
    for _night in range(3):
        assert administer(therapist, one).status_code == 201
        run(clinic, tmp_path, NIGHTLY)
    (tmp_path / "0002").rename(tmp_path / "lost")
    with pytest.raises(script["ChainBrokenError"]):
        script["catch_up"](warehouse, tmp_path)
    (tmp_path / "lost").rename(tmp_path / "0002")
    assert script["catch_up"](warehouse, tmp_path) == 2


def test_a_folder_is_loaded_whole_or_not_at_all(
    clinic: Clinic, therapist: Caller, script: dict[str, Any], warehouse: sqlite3.Connection, tmp_path: Path
) -> None:
    one = couple(therapist, "one")
    for _night in range(2):
        assert administer(therapist, one).status_code == 201
        run(clinic, tmp_path, NIGHTLY)
    visits = tmp_path / "0002" / "visits-0001.jsonl"
    visits.write_text('{"cut off', encoding="utf-8")
    with pytest.raises(json.JSONDecodeError):
        script["catch_up"](warehouse, tmp_path)
    assert warehouse.execute("SELECT count(*) FROM administrations").fetchone() == (1,)
