"""An export of one clinic, brought into an empty one and exported there, is the same export."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.exports.engine import write_file, write_tables
from app.exports.formats import formats
from app.exports.manifest import MANIFEST, About, manifest_of
from app.exports.sinks import Directory
from app.exports.tables import tables
from app.exports.tombstones import tombstones
from app.imports.reading import read_manifest
from app.imports.shape import LEFT, SHAPES
from tests.conftest import Clinic
from tests.exports.snapshots import reading
from tests.imports.conftest import Import

Imports = Callable[[Clinic], Import]
Rows = list[dict[str, str]]
OWN = {"score_id", "recorded_at"}  # made anew by each record
NAMED = {"couples": ("couple_id", "external_id"), "administrations": ("administration_id", "external_id")}


def export(clinic: Clinic, folder: Path, form: str, rows: int = 250_000) -> Path:
    """All tables of a clinic, as an integration exports them."""
    all_tables = [*tables().values(), tombstones({})]
    with reading(clinic) as found:
        parts = list(write_tables(found, all_tables, [formats()[form]], Directory(folder), rows))
        write_file(Directory(folder), MANIFEST, [manifest_of(found, all_tables, parts, About("own", None))])
    return folder


def read(folder: Path) -> dict[str, Rows]:
    """What came out, of the tables that come in."""
    found: dict[str, Rows] = {}
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            found.setdefault(file.name.split("-")[0], []).extend(csv.DictReader(text))
    return {table: found[table] for table in SHAPES}


def named(exported: dict[str, Rows]) -> dict[str, Rows]:
    """The same rows by names that survive: external ids and record numbers for ids, days and codes for what has neither."""
    names = {".not_applicable": ".not_applicable"}
    for table, (own, external) in NAMED.items():
        names |= {row[own]: row[own] if row[external].startswith(".") else row[external] for row in exported[table]}
    names |= {row["partner_id"]: row["record_number"] for row in exported["partners"]}
    names |= {row["episode_id"]: f"episode {row['opened_on']} {row['closed_on']}" for row in exported["episodes"]}
    names |= {row["concern_id"]: f"{row['concern']} {row['bearer']}" for row in exported["concerns"]}
    told = {}
    for table, rows in exported.items():
        kept = [{name: names.get(cell, cell) for name, cell in row.items() if name not in OWN} for row in rows]
        for row in kept:
            row.pop("external_id", None)  # stands in place of the id
        told[table] = sorted(kept, key=lambda row: list(row.items()))
    return told


def without_the_lost(exported: dict[str, Rows]) -> dict[str, Rows]:
    """The same without totals from elsewhere that were corrected: an export has no scores of them, so they do not come in."""
    rows = exported["administrations"]
    lost = {row["supersedes_id"] for row in rows} & {
        row["administration_id"] for row in rows if row["scored_elsewhere"] == "true"
    }
    assert lost
    kept = [row for row in rows if row["administration_id"] not in lost]
    told = [{**row, "supersedes_id": ".not_applicable"} if row["supersedes_id"] in lost else row for row in kept]
    return {**exported, "administrations": told}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_that_is_brought_into_an_empty_clinic_comes_out_the_same(
    history: Clinic, empty_clinic: Callable[[], Clinic], importing: Imports, tmp_path: Path, form: str
) -> None:
    before = read(export(history, tmp_path / "before", "csv"))
    files = export(history, tmp_path / form, form, rows=7)
    clinic = empty_clinic()
    bring = importing(clinic)
    done = bring(files, manifest=read_manifest(files))
    assert (done.couples, done.refused) == (len(before["couples"]), 0)
    assert {code for *_, code in bring.codes} == {"table_left", "scores_not_there"}
    after = read(export(clinic, tmp_path / "after", "csv"))
    assert all(len(rows) > 1 for rows in after.values())
    assert named(after) == named(without_the_lost(before))


def test_what_comes_in_are_tables_of_an_export_in_its_own_columns_and_types() -> None:
    exported: dict[str, Any] = {name: {column.name: column for column in tables()[name].columns} for name in SHAPES}
    for name, shape in SHAPES.items():
        for column in shape.columns:
            known = exported[name].get(column.name)
            assert known is not None or "no export holds" in column.description, (name, column.name)
            if known is not None and column.type != "id":
                assert {known.type, column.type} in ({column.type}, {"code", "text"}), (name, column.name)
    assert set(tables()) - set(SHAPES) <= set(LEFT)
