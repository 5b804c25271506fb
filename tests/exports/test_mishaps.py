"""What happens to jobs that make files when the disk, the folder or the database lets them down."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from app.access.models import Integration
from app.core.ids import decode
from app.core.settings import Settings
from app.exports import files
from app.exports.job import MOST_ATTEMPTS, PAUSE, _begin, make_waiting
from app.exports.keeping import end_exports
from app.exports.models import Export
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.core.test_full_disk import may_mount
from tests.exports.small_disk import on_a_small_disk
from tests.fhir.bulk.records import code, kicked_off
from tests.safety.records import new_pair

# Files lie on a disk whatever the record lies in; only what databases do differently is tried on the one that does it.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A folder of this test's own."""
    return settings.model_copy(update={"exports_directory": tmp_path / "exports"})


def asked(caller: Caller) -> str:
    """The path of an export that was asked for."""
    answer = caller.post("/v1/exports", json={"tables": ["couples", "partners"]})
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])


def whole(caller: Caller, path: str) -> None:
    """Every file is as long and has the SHA-256 that is told."""
    told = caller.get(path).json()
    assert told["status"] == "done", told
    for one in told["files"]:
        sent = caller.get(f"{path}/files/{one['name']}")
        assert (sent.status_code, len(sent.content)) == (200, one["bytes"]), one["name"]
        assert sha256(sent.content).hexdigest() == one["sha256"]


def lying_in(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path) for path in folder.rglob("*") if not path.is_dir())


@ON_SQLITE
def test_a_full_disk_ends_a_job_with_its_reason_leaves_nothing_and_room_is_all_it_takes(clinic: Clinic) -> None:
    therapist, native, fhir = clinic.member("thea"), clinic.integration("native"), clinic.integration("ehr", {"system/*.rs"})
    for number in "12":
        new_pair(therapist, number)
    runtime, folder = clinic.app.state.runtime, clinic.settings.exports_folder
    folder.mkdir()
    if not may_mount(folder):
        pytest.skip("giving a test a small disk takes root and the right to mount")
    paths = asked(native), kicked_off(clinic, fhir)

    def fill(resize: Callable[[int], None]) -> None:
        make_waiting(runtime, clinic.id)
        told, outcome = native.get(paths[0]), fhir.get(paths[1])
        assert (told.json()["status"], told.json()["failure"], told.json()["files"]) == ("failed", "storage_full", [])
        assert code(outcome) == (500, "fhir_bulk_failed")
        assert "no room" in outcome.text
        assert all(str(folder) not in answer.text for answer in (told, outcome))
        assert lying_in(folder) == []
        assert therapist.get("/v1/couples").status_code == 200
        resize(4_000)
        again = asked(native), kicked_off(clinic, fhir)
        make_waiting(runtime, clinic.id)
        assert native.get(again[0]).json()["status"] == "done"
        assert fhir.get(again[1]).status_code == 200
        assert len(lying_in(folder)) > len(native.get(again[0]).json()["files"])

    on_a_small_disk(folder, 12, fill)


@contextmanager
def without_a_folder(clinic: Clinic) -> Iterator[None]:
    """A file lies where the folder of exports should."""
    folder = clinic.settings.exports_folder
    folder.write_bytes(b"")
    yield
    folder.unlink()


@ON_SQLITE
def test_a_folder_that_is_away_for_a_while_is_waited_for(clinic: Clinic) -> None:
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    path = asked(machine)
    with without_a_folder(clinic):
        make_waiting(runtime, clinic.id)
    assert machine.get(path).json()["status"] == "queued"
    make_waiting(runtime, clinic.id)
    assert machine.get(path).json()["status"] == "queued", "the next attempt is not made at once"
    clinic.clock.turn(seconds=PAUSE.total_seconds() + 1)
    make_waiting(runtime, clinic.id)
    whole(machine, path)


@ON_SQLITE
def test_a_folder_that_does_not_come_back_is_given_up_with_a_reason_and_no_path(clinic: Clinic) -> None:
    native, fhir, runtime = clinic.integration(), clinic.integration("fhir", {"system/*.rs"}), clinic.app.state.runtime
    paths = asked(native), kicked_off(clinic, fhir)
    with without_a_folder(clinic):
        for _ in range(MOST_ATTEMPTS):
            assert native.get(paths[0]).json()["status"] == "queued"
            make_waiting(runtime, clinic.id)
            clinic.clock.turn(seconds=PAUSE.total_seconds() * 2**MOST_ATTEMPTS)
    found, outcome = native.get(paths[0]).json(), fhir.get(paths[1])
    assert (found["status"], found["failure"], found["files"]) == ("failed", "gave_up", [])
    assert native.get(f"{paths[0]}/files/manifest.json").json()["code"] == "export_not_done"
    assert code(outcome) == (500, "fhir_bulk_failed")
    assert code(fhir.get(paths[1] + "/Patient-0001.ndjson")) == (409, "export_not_done")
    assert str(clinic.settings.exports_folder) not in outcome.text


@contextmanager
def at_every_commit(clinic: Clinic, happens: Callable[[Any], None]) -> Iterator[None]:
    """Something happens on the connection just before each commit, until the block ends."""
    engine = clinic.app.state.runtime.database.engine
    event.listen(engine, "commit", happens)
    try:
        yield
    finally:
        event.remove(engine, "commit", happens)


@ON_POSTGRESQL
def test_an_export_of_which_it_is_not_certain_that_it_was_stored_keeps_its_files(clinic: Clinic) -> None:
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    path, warned = asked(machine), list[str]()

    def warn(connection: Any) -> None:
        if not warned and connection.exec_driver_sql("SELECT id FROM export WHERE status = 'done'").first():
            warned.append("once")
            connection.exec_driver_sql("DO $$ BEGIN RAISE WARNING 'the standby is away'; END $$")

    with at_every_commit(clinic, warn):
        make_waiting(runtime, clinic.id)
    assert warned
    end_exports(runtime, clinic.id)
    whole(machine, path)


@ON_POSTGRESQL
def test_a_commit_that_is_lost_on_the_way_is_tried_again(clinic: Clinic) -> None:
    new_pair(clinic.member("thea"))
    machine, runtime, cut = clinic.integration(), clinic.app.state.runtime, list[str]()
    path = asked(machine)

    def lose(connection: Any) -> None:
        read = "SELECT id FROM ledger_event WHERE subject = 'export' AND kind = 'read' AND couple_id IS NOT NULL"
        if not cut and connection.exec_driver_sql(read).first():
            cut.append("once")
            connection.connection.driver_connection.close()

    with at_every_commit(clinic, lose):
        make_waiting(runtime, clinic.id)
    assert cut
    assert machine.get(path).json()["failure"] is None
    clinic.clock.turn(minutes=3)
    make_waiting(runtime, clinic.id)
    whole(machine, path)


@ON_POSTGRESQL
def test_an_export_that_is_begun_while_others_are_swept_keeps_its_folder(clinic: Clinic) -> None:
    machine, runtime, begun = clinic.integration(), clinic.app.state.runtime, list[Path]()
    asked(machine)

    def begin(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not begun and statement.startswith("SELECT export.id, export.attempt"):
            begun.append(Path())
            other = _begin(runtime, clinic.id)
            assert other is not None
            folder = files.folder_of(runtime.settings, clinic.id, other.row.id, other.row.attempt)
            begun[0] = files.SealedFolder(folder, other.key).path

    event.listen(runtime.database.engine, "after_cursor_execute", begin)
    try:
        end_exports(runtime, clinic.id)
    finally:
        event.remove(runtime.database.engine, "after_cursor_execute", begin)
    assert begun[0].is_dir()


@ON_SQLITE
def test_keys_end_in_their_time_though_the_folder_cannot_be_looked_at(clinic: Clinic) -> None:
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    asked(machine)
    make_waiting(runtime, clinic.id)
    clinic.clock.turn(hours=25)
    before = runtime.settings
    runtime.settings = before.model_copy(update={"exports_directory": Path("/") / ("x" * 300)})  # longer than a name may be
    try:
        end_exports(runtime, clinic.id)
    finally:
        runtime.settings = before
    with clinic.at_desk() as (session, _vault):
        assert [(row.status, row.key) for row in session.scalars(select(Export))] == [("expired", None)]


@ON_SQLITE
def test_a_folder_may_be_a_link_and_what_is_nobodys_export_is_never_swept(clinic: Clinic, tmp_path: Path) -> None:
    machine, runtime, elsewhere = clinic.integration(), clinic.app.state.runtime, tmp_path / "elsewhere"
    (elsewhere / "letters").mkdir(parents=True)
    (elsewhere / "letters" / "one.txt").write_bytes(b"dear")
    clinic.settings.exports_folder.mkdir()
    files.clinics_folder(clinic.settings, clinic.id).symlink_to(elsewhere)
    path = asked(machine)
    make_waiting(runtime, clinic.id)
    whole(machine, path)
    clinic.clock.turn(hours=25)
    end_exports(runtime, clinic.id)
    assert lying_in(elsewhere) == [str(elsewhere / "letters" / "one.txt")]


@ON_SQLITE
def test_files_that_vanished_are_told_as_gone_and_the_export_can_be_asked_for_again(clinic: Clinic) -> None:
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    path = asked(machine)
    make_waiting(runtime, clinic.id)
    files.remove(clinic.settings.exports_folder)
    for _ in range(2):
        gone = machine.get(f"{path}/files/couples-0001.csv")
        assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
        clinic.settings.exports_folder.write_bytes(b"")
    clinic.settings.exports_folder.unlink()
    again = asked(machine)
    make_waiting(runtime, clinic.id)
    whole(machine, again)


@ON_SQLITE
def test_what_an_integration_asked_for_that_is_ended_meanwhile_is_not_made(clinic: Clinic) -> None:
    machine, fhir, runtime = clinic.integration(), clinic.integration("fhir", {"system/*.rs"}), clinic.app.state.runtime
    asked(machine)
    kicked_off(clinic, fhir)
    with clinic.at_desk() as (session, _vault):
        ids = [decode("int", one.holder_id) for one in (machine, fhir)]
        for one in session.scalars(select(Integration).where(Integration.id.in_(ids))):
            one.ended_at = clinic.clock()
    make_waiting(runtime, clinic.id)
    with clinic.at_desk() as (session, _vault):
        assert {(row.status, row.failure) for row in session.scalars(select(Export))} == {("failed", "not_allowed")}
    assert lying_in(clinic.settings.exports_folder) == []


@ON_POSTGRESQL
def test_two_at_work_at_once_never_make_the_same_export(clinic: Clinic) -> None:
    new_pair(clinic.member("thea"))
    machine, fhir, runtime = clinic.integration(), clinic.integration("fhir", {"system/*.rs"}), clinic.app.state.runtime
    paths = [asked(machine) for _ in range(3)]
    kicked_off(clinic, fhir, "/fhir/$export?_type=Patient")
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(make_waiting, runtime, clinic.id) for _ in range(2)]
    told = select(LedgerEvent.request_id).where(LedgerEvent.subject == "export", LedgerEvent.couple_id.is_not(None))
    with clinic.at_desk() as (session, _vault):
        rows, reads = list(session.scalars(select(Export))), Counter(session.scalars(told))
    assert sum(one.result() for one in made) == len(rows) == len(reads) == 4
    assert {(row.status, row.attempt, reads[row.request_id]) for row in rows} == {("done", 1, 1)}
    for path in paths:
        whole(machine, path)
