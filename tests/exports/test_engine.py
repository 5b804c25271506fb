import csv
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from app.core.snapshots import SnapshotIsReadOnlyError
from app.couples.models import Couple
from app.exports.engine import Part, write_file, write_tables
from app.exports.formats import formats
from app.exports.manifest import MANIFEST, About, manifest_of
from app.exports.reading import Reading
from app.exports.sinks import Directory
from app.exports.tables import tables
from app.ledger.service import log_reads
from tests.conftest import Caller, Clinic
from tests.exports.snapshots import reading, rows_of, written
from tests.outcomes.records import Care
from tests.safety.records import Pair, new_pair

TABLES, FORMATS = tables(), formats()
PLAIN = ("couples", "partners", "episodes", "concerns", "concern_ratings", "administrations", "scores")
TEXT = ("csv", "jsonl")
NUMBERS = map(str, range(1, 1_000))


@pytest.fixture
def pair(clinic: Clinic, therapist: Caller) -> Pair:
    """A couple whose partners have answered some measures."""
    found = new_pair(therapist, next(NUMBERS))
    Care(found, clinic.clock()).measure("gmsex", [12, 15, None], [20, 22, 25])
    return found


def export(found: Reading, path: Path, rows: int = 250_000) -> list[Part]:
    named, sink = [TABLES[name] for name in PLAIN], Directory(path)
    parts = list(write_tables(found, named, [FORMATS[name] for name in TEXT], sink, rows))
    write_file(sink, MANIFEST, [manifest_of(found, named, parts, About("own", "token"))])
    return parts


def test_every_table_names_its_key_its_couple_and_what_can_be_missing() -> None:
    for name, table in TABLES.items():
        columns = [column.name for column in table.columns]
        assert table.name == name
        assert "couple_id" in columns
        assert set(table.key) <= set(columns)
        assert len(set(columns)) == len(columns)
        assert all(column.prefix for column in table.columns if column.type == "id")
        assert all(column.description.endswith(".") for column in table.columns)
        for column in table.columns:
            if column.refers is not None:
                assert column.refers[1] in {each.name for each in TABLES[column.refers[0]].columns}


def test_tables_say_what_the_api_says_to_the_same_reader(clinic: Clinic, pair: Pair) -> None:
    machine = clinic.integration()
    with reading(clinic) as found:
        tables = {name: list(csv.DictReader(io.StringIO(written(found, TABLES[name], FORMATS["csv"])))) for name in PLAIN}
    couple = machine.get(pair.path).json()
    assert [(one["couple_id"], one["time_zone"], one["archived_at"]) for one in tables["couples"]] == [
        (couple["id"], couple["time_zone"], ".not_applicable")
    ]
    assert [(one["partner_id"], one["slot"], one["record_number"]) for one in tables["partners"]] == [
        (one["id"], one["slot"], one["record_number"]) for one in couple["partners"]
    ]
    episodes = machine.get(f"{pair.path}/episodes").json()
    episodes = episodes if isinstance(episodes, list) else episodes["items"]
    assert [one["episode_id"] for one in tables["episodes"]] == [one["id"] for one in episodes]
    concerns = [concern for one in episodes for concern in one["concerns"]]
    assert {(one["concern_id"], one["concern"], one["place"], one["bearer"]) for one in tables["concerns"]} == {
        (one["id"], one["code"], one["place"], one["bearer"]) for one in concerns
    }
    given: list[dict[str, Any]] = []
    for partner in couple["partners"]:
        given += list(machine.every(f"{pair.path}/partners/{partner['id']}/administrations"))
    assert {one["administration_id"] for one in tables["administrations"]} == {one["id"] for one in given}
    values = {(one["administration_id"], one["scale"]): one["value"] for one in tables["scores"]}
    assert len(values) == 6
    assert sorted(values.values()) == [".skipped", "12", "15", "20", "22", "25"]


@pytest.mark.usefixtures("pair")
def test_a_missing_value_is_a_code_in_csv_and_null_beside_a_code_in_json_lines(clinic: Clinic) -> None:
    with reading(clinic) as found:
        cells = list(csv.DictReader(io.StringIO(written(found, TABLES["scores"], FORMATS["csv"]))))
        lines = [json.loads(line) for line in written(found, TABLES["scores"], FORMATS["jsonl"]).splitlines()]
    assert not any(cell == "" for row in cells for cell in row.values())
    assert len(cells) == len(lines)
    for row, line in zip(cells, lines, strict=True):
        for name, cell in row.items():
            if cell.startswith("."):
                assert line[name] is None
                assert line[f"{name}_missing"] == cell[1:]
            else:
                assert str(line[name]).lower() == cell.lower()
                assert line.get(f"{name}_missing") is None


def test_a_text_that_a_spreadsheet_would_run_is_harmless(clinic: Clinic, therapist: Caller) -> None:
    new_pair(therapist, next(NUMBERS))
    runs = therapist.post("/v1/couples", json=_couple("=1+1", "-2", "@x")).json()
    with reading(clinic) as found:
        cells = written(found, TABLES["partners"], FORMATS["csv"])
        lines = [json.loads(line) for line in written(found, TABLES["partners"], FORMATS["jsonl"]).splitlines()]
    assert "'=1+1" not in json.dumps(lines)
    mine = [one for one in csv.DictReader(io.StringIO(cells)) if one["couple_id"] == runs["id"]]
    assert {one["record_number"] for one in mine} == {"'-2", "'@x"}


def _couple(external_id: str, a: str, b: str) -> dict[str, Any]:
    person = {"name": "x", "pronouns": None}
    return {
        "external_id": external_id,
        "time_zone": "Europe/Berlin",
        "partner_a": person | {"record_number": a},
        "partner_b": person | {"record_number": b},
    }


@pytest.mark.usefixtures("pair")
def test_the_same_snapshot_gives_the_same_bytes_however_it_is_cut(clinic: Clinic, tmp_path: Path) -> None:
    with reading(clinic) as found:
        whole = export(found, tmp_path / "whole")
        again = export(found, tmp_path / "again")
        cut = export(found, tmp_path / "cut", rows=2)
    assert whole == again
    for name in PLAIN:
        lines = {
            form: b"".join(
                (tmp_path / "cut" / part.name).read_bytes() for part in cut if (part.table, part.format) == (name, form)
            )
            for form in TEXT
        }
        assert lines["jsonl"] == (tmp_path / "whole" / f"{name}-0001.jsonl").read_bytes()
    assert max(part.rows for part in cut) == 2
    assert sum(part.rows for part in cut) == sum(part.rows for part in whole)


@pytest.mark.usefixtures("pair")
def test_the_manifest_tells_every_file_with_its_rows_bytes_and_digest(clinic: Clinic, tmp_path: Path) -> None:
    tmp_path /= "out"
    with reading(clinic) as found:
        export(found, tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_bytes())
    told = {part["name"]: part for table in manifest["tables"] for part in table["parts"]}
    there = {path.name for path in tmp_path.iterdir()} - {"manifest.json"}
    assert there == set(told)
    for name, part in told.items():
        content = (tmp_path / name).read_bytes()
        assert part["bytes"] == len(content)
        assert part["sha256"] == sha256(content).hexdigest()
        lines = content.decode().splitlines()
        assert part["rows"] == len(lines) - (part["format"] == "csv")


def test_a_snapshot_stays_as_it_is_while_others_write(clinic: Clinic, therapist: Caller, pair: Pair) -> None:
    with reading(clinic) as found:
        before = rows_of(found, TABLES["scores"])
        Care(pair, clinic.clock()).measure("gmsex", [30], [30])
        new_pair(therapist, next(NUMBERS))
        assert rows_of(found, TABLES["scores"]) == before
        assert len(rows_of(found, TABLES["couples"])) == 1
    with reading(clinic) as found:
        assert len(rows_of(found, TABLES["scores"])) == len(before) + 2
        assert len(rows_of(found, TABLES["couples"])) == 2


@pytest.mark.usefixtures("pair")
def test_nothing_is_written_through_a_snapshot(clinic: Clinic) -> None:
    with reading(clinic) as found:
        session = found.work.session
        log_reads(session, "couple", [clinic.id])  # was told before, and is not told again
        session.add(Couple(clinic_id=clinic.id, time_zone="UTC", created_at=clinic.clock()))
        with pytest.raises(SnapshotIsReadOnlyError):
            session.flush()
    with reading(clinic) as found, pytest.raises(DatabaseError, match=r"(?i)read.?only"):
        found.work.session.connection().execute(text("UPDATE clinic SET name = 'x'"))
    assert clinic.member("otto").get("/v1/couples").status_code == 200


def test_a_file_that_could_not_be_written_whole_is_not_there(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write_file(Directory(tmp_path), "scores-0001.csv", pieces())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("pair")
def test_only_what_is_released_of_a_couple_is_read(clinic: Clinic, therapist: Caller) -> None:
    new_pair(therapist, next(NUMBERS))
    with reading(clinic) as found:
        everything = rows_of(found, TABLES["scores"])
        couple_id = everything[0]["couple_id"]
        a = {one["partner_id"] for one in rows_of(found, TABLES["partners"]) if one["slot"] == "a"}
    released = {"measures": {"individual_a": {couple_id}}}
    both = {"concerns": {"conjoint": {couple_id}}}
    with reading(clinic, released=both) as found:
        assert {str(one["external_id"]) for one in rows_of(found, TABLES["couples"])} == {"withheld_by_consent"}
    with reading(clinic, released=released) as found:
        assert {one["partner_id"] for one in rows_of(found, TABLES["scores"])} == a & {one["partner_id"] for one in everything}
        assert rows_of(found, TABLES["episodes"]) == []
        assert {one["couple_id"] for one in rows_of(found, TABLES["partners"])} == {couple_id}
        assert {str(one["record_number"]) for one in rows_of(found, TABLES["partners"])} == {"withheld_by_consent"}
    with reading(clinic, since=frozenset()) as found:
        assert rows_of(found, TABLES["couples"]) == []
