"""Beside the record, the command makes the files that the service makes, whatever cuts it off."""

import json
import os
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import cli
from app.core.database import Reach
from app.core.ids import decode
from app.exports.client.asked import Asked, Recipient
from app.exports.client.beside import Record
from app.exports.client.ends import RefusedError, SchemaChangedError
from app.exports.client.folder import Folder
from app.exports.client.running import Run
from app.exports.client.telling import Telling
from app.exports.job import make_waiting
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.exports.client.conftest import lying_in
from tests.exports.client.power import stopped_at
from tests.measures.records import administer, couple
from tests.releases.records import ask_to_erase, couple_id, ended, shred
from tests.safety.records import new_pair
from tests.served import environment_of

SOME = Asked(formats=("csv", "jsonl"), tables=("couples", "partners", "scores"))
AUTO = Asked(tables=("couples", "scores"), since="auto")


class Noting(Telling):
    """Keeps what is worth a note."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        """Keeps it."""
        self.notes.append(sentence)


@pytest.fixture
def three(therapist: Caller) -> list[dict[str, Any]]:
    """Three couples with scores."""
    made = [couple(therapist, str(number)) for number in range(3)]
    for one in made:
        assert administer(therapist, one).status_code == 201
    return made


def record(clinic: Clinic) -> Record:
    """The record, in parts of two rows."""
    runtime = copy(clinic.app.state.runtime)
    runtime.settings = clinic.settings.model_copy(update={"export_part_rows": 2})
    return Record(runtime, clinic.id)


def run(clinic: Clinic, out: Path, asked: Asked | None = SOME, teller: Telling | None = None, *, resume: bool = False) -> Path:
    """One run."""
    return Run(record(clinic), Folder(out), teller or Telling(), asked, resume)()


def told_apart(files: dict[str, bytes]) -> dict[str, Any]:
    """What two exports of the same record have in common: all but their token, and the moment they were made at."""
    manifest, described = json.loads(files["manifest.json"]), json.loads(files["datapackage.json"])
    for file in manifest["files"]:
        file.pop("sha256")
    return {
        **{name: content for name, content in files.items() if name not in {"manifest.json", "datapackage.json"}},
        "manifest": {name: value for name, value in manifest.items() if name not in {"token", "snapshot_at"}},
        "datapackage": {name: value for name, value in described.items() if name != "created"},
    }


@pytest.mark.usefixtures("three")
def test_the_files_are_those_of_the_service(clinic: Clinic, tmp_path: Path) -> None:
    caller, runtime = clinic.integration(), copy(clinic.app.state.runtime)
    runtime.settings = clinic.settings.model_copy(update={"export_part_rows": 2})
    asked = caller.post("/v1/exports", json=SOME.body(None))
    make_waiting(runtime, clinic.id)
    address = asked.headers["Location"]
    names = [file["name"] for file in caller.get(address).json()["files"]]
    theirs = {name: caller.get(f"{address}/files/{name}").content for name in names}
    ours = lying_in(run(clinic, tmp_path / "out"))
    assert told_apart(ours) == told_apart(theirs)
    assert {"scores-0002.csv", "partners-0003.jsonl", "tombstones-0001.csv", "codebook.csv", "read.R"} <= ours.keys()


@pytest.mark.usefixtures("three")
def test_a_run_that_is_stopped_anywhere_and_resumed_leaves_the_same_bytes(clinic: Clinic, tmp_path: Path) -> None:
    whole, number = told_apart(lying_in(run(clinic, tmp_path / "whole"))), iter(range(1_000))

    @settings(max_examples=int(os.environ.get("REKINDLE_STOPPED_EXPORTS", "5")))
    @given(stops=st.lists(st.integers(5, 120), min_size=1, max_size=3))
    def stop_and_resume(stops: list[int]) -> None:
        out, teller = tmp_path / f"stopped-{next(number)}", Noting()
        moments = set()
        for stop in stops:
            with stopped_at(stop, out):
                run(clinic, out, teller=teller, resume=True)
            if (out / ".export.json").exists():
                moments.add(json.loads((out / ".export.json").read_text())["kept"].get("now"))
        run(clinic, out, teller=teller, resume=True)
        assert told_apart(lying_in(out)) == whole
        assert len(moments - {None}) <= 1, "it was not the same moment that was gone on with"
        assert "The record has changed since. A new export begins." not in teller.notes

    stop_and_resume()


@pytest.mark.usefixtures("three")
def test_tables_that_are_whole_are_not_written_again(clinic: Clinic, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with stopped_at(60, out):
        run(clinic, out)
    whole = {path: path.stat().st_mtime_ns for path in (out / ".incoming").glob("couples-*.csv")}
    assert whole
    assert not (out / "manifest.json").exists()
    run(clinic, out, resume=True)
    assert {out / path.name: path_time for path, path_time in whole.items()} == {
        out / path.name: (out / path.name).stat().st_mtime_ns for path in whole
    }


@pytest.mark.usefixtures("three")
def test_a_record_that_changed_since_is_exported_anew_and_that_is_said(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    out, teller = tmp_path / "out", Noting()
    with stopped_at(60, out):
        run(clinic, out)
    couple(therapist, "new")
    run(clinic, out, teller=teller, resume=True)
    assert teller.notes == ["The record has changed since. A new export begins."]
    assert told_apart(lying_in(out)) == told_apart(lying_in(run(clinic, tmp_path / "whole")))


def test_who_is_erased_while_it_is_written_is_not_in_it(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    pair = ended(clinic, new_pair(therapist, "1"))
    erasure, gone = ask_to_erase(pair), couple_id(pair)

    class Erasing(Noting):
        def step(self, of: str, done: int, total: int | None = None) -> None:
            """Erases the couple once its rows are on the disk."""
            super().step(of, done, total)
            if done == 2 and not self.notes:
                shred(clinic, pair, erasure)

    teller = Erasing()
    found = lying_in(run(clinic, tmp_path / "out", teller=teller))
    assert teller.notes == ["The record has changed since. A new export begins."]
    assert all(gone.encode() not in content for content in found.values())


def test_the_next_run_holds_the_couples_that_changed_and_says_which(
    clinic: Clinic, therapist: Caller, three: list[dict[str, Any]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(clinic, out, AUTO)
    assert administer(therapist, three[1]).status_code == 201
    second = lying_in(run(clinic, out, AUTO))
    assert second["tombstones-0001.csv"].decode().splitlines() == ["couple_id,reason", f"{three[1]['id']},changed"]
    assert {line.split(",")[0] for line in second["couples-0001.csv"].decode().splitlines()[1:]} == {three[1]["id"]}
    third = lying_in(run(clinic, out, AUTO))
    assert third["tombstones-0001.csv"].decode().splitlines() == ["couple_id,reason"]


def test_the_ledger_tells_of_every_couple_that_was_read_in_the_operators_name(
    clinic: Clinic, three: list[dict[str, Any]], tmp_path: Path
) -> None:
    run(clinic, tmp_path / "out")
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        told = select(LedgerEvent).where(LedgerEvent.operation == "export")
        events = session.scalars(told).all()
        assert {(one.kind, one.actor_kind, one.subject) for one in events} == {("read", "operator", "export")}
        assert sorted(one.couple_id for one in events if one.couple_id) == sorted(decode("cpl", one["id"]) for one in three)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Asked(tables=("couple",)), "couples"),
        (Asked(formats=("xlsx",)), "csv"),
        (Asked(recipient=Recipient("insurer", "A", "payment")), "--url"),
        (Asked(deidentified=True), "--url"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(clinic: Clinic, tmp_path: Path, asked: Asked, sentence: str) -> None:
    with pytest.raises(RefusedError, match=sentence):
        run(clinic, tmp_path / "out", asked)
    assert lying_in(tmp_path / "out") == {}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_token_that_is_none_asks_for_a_new_beginning(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(SchemaChangedError, match="without --since"):
        run(clinic, tmp_path / "out", Asked(since="nothing"))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("three")
def test_the_command_without_an_address_exports_the_record_of_its_settings(clinic: Clinic, tmp_path: Path) -> None:
    typed = ["export", "--out", str(tmp_path / "out"), "--tables", "couples"]
    result = CliRunner().invoke(cli, typed, env=environment_of(clinic.settings))
    assert result.exit_code == 0, result.output
    *parts, done = [json.loads(line) for line in result.stdout.splitlines()]
    assert {part["table"]: part["rows"] for part in parts} == {"couples": 3, "tombstones": 0, None: None}
    assert done["rows"] == 3


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--database", "postgresql+psycopg://me:hunter2@127.0.0.1/record"], "REKINDLE_DATABASE_URL"),
        (["--database", "nowhere.db"], "There is no record at nowhere.db"),
        (["--key-file", "key"], "--key-file goes with --url"),
        (["--clinic", "cln_1"], "an id of this kind"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_in_one_sentence(
    clinic: Clinic, tmp_path: Path, options: list[str], sentence: str
) -> None:
    result = CliRunner().invoke(cli, ["export", "--out", str(tmp_path / "out"), *options], env=environment_of(clinic.settings))
    assert result.exit_code == 3, result.output
    assert sentence in result.stderr
    assert "hunter2" not in result.output
    assert not (tmp_path / "out").exists()
