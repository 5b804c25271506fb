import json
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package

from app.exports.columns import Missing
from app.exports.companions import companions
from app.exports.descriptor import MEANINGS, describe
from app.exports.engine import Part, write_file, write_tables
from app.exports.formats import formats
from app.exports.measured import exported_measures
from app.exports.sinks import Directory
from app.exports.tables import tables
from tests.conftest import Caller, Clinic
from tests.exports.described import AT, EMPTY, FULL, row, table_of, written
from tests.exports.snapshots import reading
from tests.outcomes.records import Care
from tests.safety.records import new_pair

FORMATS = formats()
CSV, JSONL, PARQUET = FORMATS["csv"], FORMATS["jsonl"], FORMATS["parquet"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export of seven rows in two parts, and of a table without rows."""
    rows = [FULL, EMPTY, *(row(number, *FULL[1:]) for number in range(3, 8))]
    written(tmp_path, [table_of(rows), table_of([], name="nothing")], [CSV])
    return tmp_path


def faults(folder: Path) -> list[list[Any]]:
    """What frictionless finds wrong with the package and its CSV."""
    return Package(str(folder / "datapackage.json")).validate().flatten(["type", "fieldName", "note"])  # type: ignore[no-any-return]


def test_a_standard_validator_finds_the_package_and_its_data_right(folder: Path) -> None:
    assert faults(folder) == []
    rows = Package(str(folder / "datapackage.json")).get_table_resource("things").read_rows()
    assert [row["count"] for row in rows] == [3, None, *[3] * 5]


@pytest.mark.parametrize(
    ("was", "becomes", "kind"),
    [
        (".not_asked", ".skipped", "type-error"),  # a code that this column does not have
        (",3,", ",11,", "constraint-error"),
        (",-3\n", ",\n", "type-error"),  # a blank, which is never a missing value
        ("2026-03-01,", "1.3.26,", "type-error"),
        ("cpl_00000000000000000000000002", "cpl_00000000000000000000000001", "primary-key"),
        ("cpl_00000000000000000000000002", "prt_00000000000000000000000002", "constraint-error"),
        (",a,", ",c,", "constraint-error"),
    ],
)
def test_it_finds_what_is_wrong(folder: Path, was: str, becomes: str, kind: str) -> None:
    part = folder / "things-0001.csv"
    part.write_text(part.read_text().replace(was, becomes, 1))
    assert kind in [fault[0] for fault in faults(folder)]


def test_a_whole_export_is_as_it_is_described(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    for name in ("1", "2"):
        Care(new_pair(therapist, name), clinic.clock()).measure("gmsex", [12, 15, None], [20, 22, 25])
    every, sink = list(tables().values()), Directory(tmp_path)
    with reading(clinic) as found:
        parts = list(write_tables(found, every, [CSV], sink, 3))
        for name, content in companions(every, [CSV], parts, found.work.now).items():
            write_file(sink, name, [content])
    assert len([part for part in parts if part.table == "scores"]) > 1
    assert faults(tmp_path) == []
    assert Package(str(tmp_path / "datapackage.json")).get_resource("scores").schema.foreign_keys


def test_each_format_has_resources_of_its_own_that_join_among_each_other() -> None:
    every = list(tables().values())
    forms = [CSV, JSONL, PARQUET]
    parts = [
        Part(table.name, form.code, 1, f"{table.name}-0001.{form.suffix}", 0, 0, "0" * 64) for table in every for form in forms
    ]
    told = json.loads(describe(every, forms, parts, AT))
    named = {one["name"]: one for one in told["resources"]}
    assert len(named) == 3 * len(every)
    assert not list(Package.metadata_validate(told))
    for name, resource in named.items():
        for key in resource["schema"].get("foreignKeys", ()):
            other = named[key["reference"]["resource"] or name]
            assert other["format"] == resource["format"]
            assert set(key["reference"]["fields"]) <= {field["name"] for field in other["schema"]["fields"]}
    beside = {field["name"]: field for field in named["scores.jsonl"]["schema"]["fields"]}["value_missing"]
    assert beside["constraints"]["enum"] == [code["value"] for code in beside["categories"]]


def test_where_partners_allow_one_kind_and_not_another_no_key_is_promised() -> None:
    told = json.loads(describe(list(tables().values()), [CSV], [], AT, joins=False))
    assert not [one for one in told["resources"] if "foreignKeys" in one["schema"]]


def test_a_key_into_a_table_that_was_not_asked_for_is_not_promised() -> None:
    told = json.loads(describe([tables()["scores"]], [CSV], [], AT))
    assert "foreignKeys" not in told["resources"][0]["schema"]


def test_every_code_has_a_meaning() -> None:
    assert set(Missing) == set(MEANINGS)


def test_measures_come_with_their_lines_and_who_drew_them_and_never_with_wordings_or_screens() -> None:
    told = json.loads(describe([tables()["scores"]], [CSV], [], AT))["rekindle:measures"]
    total = next(scale for scale in told["fsfi"]["scales"] if scale["code"] == "total")
    assert [(cut["operator"], cut["value"], cut["source"]["grade"]) for cut in total["cutoffs"]] == [
        ("<=", 26.55, "read_in_primary")
    ]
    assert not {"hits", "ehits", "wast"} & told.keys()
    wordings = [item.wording for measure in exported_measures() for item in measure.items if item.wording]
    assert wordings
    assert not [words for words in wordings if words in json.dumps(told, ensure_ascii=False)]
    assert json.loads(describe([tables()["couples"]], [CSV], [], AT))["rekindle:measures"] == {}
    assert len(told) == len(exported_measures())
