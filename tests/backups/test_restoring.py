"""A backup holds the record of one moment, nobody reads it without the key service, and only a sound one comes back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from app.backups.archive import BackupRefusedError, unpack
from app.backups.checks import check, sealed_tables
from app.backups.restoring import RECORD
from app.backups.taking import back_up_record
from app.cli import cli
from app.core.clock import now
from app.core.crypto import open_keys
from app.core.database import Database
from app.core.kms import LocalKeyFile
from app.core.migrate import HEAD, config, known_revisions
from app.core.settings import Settings
from app.core.sqlite_file import copy_consistently, revision
from app.ledger.sealing import seal
from tests.contract.world import World

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the test's record."""
    monkeypatch.setenv("REKINDLE_ENVIRONMENT", "demo")
    monkeypatch.setenv("REKINDLE_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("REKINDLE_KEY_FILE", str(settings.key_file))
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def taken(settings: Settings, out: Path) -> Path:
    """A backup of the record as it stands."""
    back_up_record(settings, out, LocalKeyFile(settings.key_file), now())
    return out


def at(settings: Settings, folder: Path) -> Settings:
    """The same service on the record that was restored into a folder."""
    return settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{folder / RECORD}")})


def left(folder: Path) -> set[str]:
    """What lies in a folder, hidden files too."""
    return {path.name for path in folder.iterdir()}


def test_a_restored_record_answers_every_question_as_the_first_did(world: World, run: Run, tmp_path: Path) -> None:
    asked = [world.couple, f"{world.couple}/notes", f"{world.couple}/concerns", world.plan, f"{world.couple}/safety-signals"]
    before = [world.therapist.get(path).json() for path in asked]
    backed_up = run("backup", "--out", tmp_path / "a.backup")
    assert backed_up.exit_code == 0, backed_up.stderr
    world.post("/v1/couples", {"partner_a": {"record_number": "later-a"}, "partner_b": {"record_number": "later-b"}})
    restored = run("restore", tmp_path / "a.backup", "--to", tmp_path / "again", "--verify")
    assert restored.exit_code == 0, restored.stderr
    assert left(tmp_path / "again") == {RECORD}
    runtime = world.clinic.app.state.runtime
    live, runtime.database = runtime.database, Database(at(runtime.settings, tmp_path / "again"))
    try:
        assert [world.therapist.get(path).json() for path in asked] == before
        assert len(world.therapist.get("/v1/couples").json()["items"]) == 1  # as it stood then, without what came later
    finally:
        runtime.database.close()
        runtime.database = live


def test_every_column_of_bytes_opens_or_is_known_not_to_be_sealed(world: World, settings: Settings) -> None:
    database = world.clinic.app.state.runtime.database
    with closing(open_keys(settings)) as keys:
        found = check(database, keys, world.clinic.id)
        sampled = check(database, keys, world.clinic.id, sample=1)
    assert (found.faults, found.destroyed) == ([], 0)
    assert {"session_note", "partner", "check_in", "safety_screen"} <= {table.__tablename__ for table, _ in sealed_tables()}
    assert found.opened > sampled.opened > 10


def test_a_field_that_was_changed_or_moved_is_found(world: World, run: Run, settings: Settings) -> None:
    assert run("verify").exit_code == 0
    world.clinic.app.state.runtime.database.close()
    with closing(sqlite3.connect(str(settings.sqlite_file))) as connection:
        connection.execute("UPDATE partner SET person = (SELECT person FROM partner AS o WHERE o.id <> partner.id LIMIT 1)")
        connection.commit()
    found = run("verify")
    assert (found.exit_code, found.stderr.strip()) == (5, "1 sealed fields of partner do not open, or open though destroyed")


def test_a_backup_is_for_its_owner_alone_and_is_never_written_over(world: World, run: Run, tmp_path: Path) -> None:
    out = taken(world.clinic.settings, tmp_path / "backups" / "a.backup")
    assert (out.stat().st_mode & 0o777, out.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    before = out.read_bytes()
    again = run("backup", "--out", out)
    assert (again.exit_code, out.read_bytes()) == (3, before)
    assert "never overwritten" in again.stderr
    assert left(out.parent) == {"a.backup"}  # and no half of one beside it


def test_nothing_is_restored_over_what_is_there(world: World, run: Run, tmp_path: Path) -> None:
    out = taken(world.clinic.settings, tmp_path / "a.backup")
    there = tmp_path / "there"
    there.mkdir()
    assert run("restore", out, "--to", there).exit_code == 0  # an empty folder is not in the way
    before = (there / RECORD).read_bytes()
    for target in (there, there / RECORD):
        refused = run("restore", out, "--to", target)
        assert (refused.exit_code, "nothing is restored over it" in refused.stderr) == (3, True)
    assert (left(there), (there / RECORD).read_bytes()) == ({RECORD}, before)


def test_a_backup_reads_nothing_without_the_key_it_was_made_with(world: World, tmp_path: Path) -> None:
    out = taken(world.clinic.settings, tmp_path / "a.backup")
    stranger = tmp_path / "strange" / "other.key"
    LocalKeyFile.create(stranger)
    with pytest.raises(BackupRefusedError, match="not made with a key"):
        unpack(out, tmp_path / "opened", LocalKeyFile(stranger))
    assert not (tmp_path / "opened").exists()
    content = out.read_bytes()
    for told in (b"SQLite format 3", b"session_note", b"desire_discrepancy", b"world-a", b"CREATE TABLE"):
        assert told not in content
    plain = tmp_path / "plain.db"
    copy_consistently(Path(str(world.clinic.settings.sqlite_file)), plain)
    assert all(told in plain.read_bytes() for told in (b"SQLite format 3", b"session_note", b"world-a"))  # the control


def flipped(content: bytes, place: int) -> bytes:
    """The same with one bit turned."""
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "cut in the middle": lambda content: content[: len(content) // 2],
    "cut by one byte": lambda content: content[:-1],
    "longer by one byte": lambda content: content + b"\x00",
    "a bit flipped near the start": lambda content: flipped(content, 400),
    "a bit flipped in the middle": lambda content: flipped(content, len(content) // 2),
    "a bit flipped at the end": lambda content: flipped(content, len(content) - 1),
    "another format": lambda content: content.replace(b'"format":1', b'"format":2'),
    "said to hold keys": lambda content: content.replace(b'"holds":"record"', b'"holds":"sesame"'),
    "another file": lambda _content: b"SQLite format 3\x00" * 100,
    "nothing": lambda _content: b"",
}


def test_a_spoiled_backup_is_refused_in_a_sentence_and_leaves_nothing(world: World, run: Run, tmp_path: Path) -> None:
    content = taken(world.clinic.settings, tmp_path / "whole").read_bytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for what, spoil in SPOILED.items():
        spoiled = tmp_path / "in" / what
        spoiled.write_bytes(spoil(content))
        refused = run("restore", spoiled, "--to", tmp_path / "out" / "record")
        assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (3, "", 1), (what, refused.stderr)
        assert "Traceback" not in refused.stderr
        assert left(tmp_path / "out") == set(), what
    absent = run("restore", tmp_path / "absent", "--to", tmp_path / "out" / "record")
    assert (absent.exit_code, left(tmp_path / "out")) == (3, set())
    assert run("restore", tmp_path / "whole", "--to", tmp_path / "out" / "record").exit_code == 0  # the control


def edited(settings: Settings, statement: str) -> None:
    """Changes the record past the service, before it is backed up."""
    with closing(sqlite3.connect(str(settings.sqlite_file))) as connection:
        connection.execute(statement)
        connection.commit()


UNSOUND = {
    "a newer schema": ("UPDATE alembic_version SET version_num = '9999'", 4, "newer version"),
    "a sealed field of another row": (
        "UPDATE partner SET person = (SELECT person FROM partner AS o WHERE o.id <> partner.id LIMIT 1)",
        5,
        "1 sealed fields of partner",
    ),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_a_record_that_may_not_be_served_is_not_restored(world: World, run: Run, tmp_path: Path, what: str) -> None:
    statement, code, told = UNSOUND[what]
    world.clinic.app.state.runtime.database.close()
    edited(world.clinic.settings, statement)
    out = taken(world.clinic.settings, tmp_path / "a.backup")
    refused = run("restore", out, "--to", tmp_path / "again")
    assert refused.exit_code == code, refused.stderr
    assert told in refused.stderr
    assert not (tmp_path / "again").exists()


def test_a_record_whose_references_or_pages_are_broken_is_not_backed_up(world: World, run: Run, tmp_path: Path) -> None:
    settings = world.clinic.settings
    world.clinic.app.state.runtime.database.close()
    sound = Path(str(settings.sqlite_file)).read_bytes()
    edited(settings, "DELETE FROM couple")  # this connection enforces no foreign keys
    orphaned = run("backup", "--out", tmp_path / "a.backup")
    assert (orphaned.exit_code, "refers to a row of couple that is not there" in orphaned.stderr) == (3, True)
    with Path(str(settings.sqlite_file)).open("wb") as file:
        file.write(sound[: len(sound) // 2] + b"\xff" * 40_000 + sound[len(sound) // 2 + 40_000 :])
    torn = run("backup", "--out", tmp_path / "a.backup")
    assert torn.exit_code == 3
    assert any(told in torn.stderr for told in ("could not be copied (SQLITE_CORRUPT)", "not a SQLite database")), torn.stderr
    assert not (tmp_path / "a.backup").exists()
    assert {name for name in left(tmp_path) if name.endswith((".copy", ".unfinished"))} == set()


@pytest.mark.skipif(len(known_revisions()) < 2, reason="this version's schema is the first")
def test_a_backup_of_an_older_schema_is_brought_to_this_one_only_on_request(
    run: Run, settings: Settings, tmp_path: Path
) -> None:
    older = known_revisions()[1]
    Path(str(settings.sqlite_file)).unlink()
    command.upgrade(config(settings), older)
    out = taken(settings, tmp_path / "a.backup")
    refused = run("restore", out, "--to", tmp_path / "again")
    assert (refused.exit_code, "restore it with --migrate" in refused.stderr) == (4, True)
    assert not (tmp_path / "again").exists()
    assert run("restore", out, "--to", tmp_path / "again", "--migrate").exit_code == 0
    assert revision(tmp_path / "again" / RECORD) == HEAD


def test_without_verification_the_file_itself_is_still_checked(world: World, run: Run, tmp_path: Path) -> None:
    world.clinic.app.state.runtime.database.close()
    edited(world.clinic.settings, "UPDATE partner SET person = zeroblob(60)")
    out = taken(world.clinic.settings, tmp_path / "a.backup")
    assert run("restore", out, "--to", tmp_path / "again").exit_code == 5
    restored: Any = run("restore", out, "--to", tmp_path / "again", "--no-verify")
    assert (restored.exit_code, "; 0 sealed fields opened" in restored.stdout) == (0, True)


@pytest.fixture
def checkpoint(world: World, run: Run, tmp_path: Path) -> Callable[[str], Path]:
    """Seals the ledger and keeps its newest checkpoint elsewhere."""

    def keep(name: str) -> Path:
        assert world.therapist.get(world.couple).status_code == 200
        seal(world.clinic.app.state.runtime, world.clinic.id)
        printed = run("audit", "checkpoint")
        assert printed.exit_code == 0, printed.stderr
        (tmp_path / name).write_text(printed.stdout, encoding="utf-8")
        return tmp_path / name

    return keep


def test_a_restored_ledger_is_verified_against_what_was_kept_elsewhere(
    world: World, run: Run, tmp_path: Path, checkpoint: Callable[[str], Path]
) -> None:
    before = checkpoint("before")
    out = taken(world.clinic.settings, tmp_path / "a.backup")
    after = checkpoint("after")
    good = run("restore", out, "--to", tmp_path / "good", "--against", before)
    assert good.exit_code == 0, good.stderr
    assert ", 0 sealed events verified" not in good.stdout
    older = run("restore", out, "--to", tmp_path / "older", "--against", after)
    assert (older.exit_code, "the ledger is not whole" in older.stderr) == (5, True), older.stderr
    assert run("verify", "--against", after).exit_code == 0


def test_a_ledger_that_was_changed_before_the_backup_is_not_restored(
    world: World, run: Run, tmp_path: Path, checkpoint: Callable[[str], Path]
) -> None:
    checkpoint("before")
    world.clinic.app.state.runtime.database.close()
    edited(world.clinic.settings, "DROP TRIGGER ledger_event_no_update")
    edited(world.clinic.settings, "UPDATE ledger_event SET operation = 'read_me' WHERE operation = 'open_couple'")
    refused = run("restore", taken(world.clinic.settings, tmp_path / "a.backup"), "--to", tmp_path / "again")
    assert (refused.exit_code, "the ledger is not whole from leaf" in refused.stderr) == (5, True), refused.stderr
    assert not (tmp_path / "again").exists()
