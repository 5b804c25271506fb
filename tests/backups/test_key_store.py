"""Keys are backed up apart from what they open, and what was destroyed stays destroyed whichever backups come together."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from app.backups.restoring import KEYS, RECORD
from app.cli import cli
from app.core.crypto import Owner
from app.core.ids import decode
from app.core.kms import LocalKeyFile
from app.core.settings import Settings
from app.core.shredding import destroy_keys
from app.core.sqlite_file import copy_consistently
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.notes.records import new_note, notes_of

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
Run = Callable[..., Result]
NOTHING_DESTROYED = "0 stay destroyed"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A record whose key store and shred ledger are its own."""
    store = tmp_path / "store" / "keys.db"
    store.parent.mkdir()
    copy_consistently(Path(settings.key_store_address().partition(":///")[2]), store)
    with closing(sqlite3.connect(store)) as connection, connection:  # without the clinics of other tests, whole or not
        connection.execute("DELETE FROM data_key")
        connection.execute("DELETE FROM known_clinic")
    own = {"key_store_url": SecretStr(f"sqlite:///{store}"), "shred_ledger": tmp_path / "ledger" / "shredded.jsonl"}
    return settings.model_copy(update=own)


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the test's record, or with other settings."""

    def invoke(*words: object, **more: object) -> Result:
        told = {
            "ENVIRONMENT": "demo",
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "KEY_FILE": settings.key_file,
            "KEY_STORE_URL": settings.key_store_address(),
            "SHRED_LEDGER": settings.shred_ledger_file,
        }
        for name, value in (told | more).items():
            monkeypatch.setenv(f"REKINDLE_{name}", str(value))
        return CliRunner().invoke(cli, [str(word) for word in words])

    return invoke


@pytest.fixture
def backups(therapist: Caller, run: Run, tmp_path: Path) -> tuple[Path, Path]:
    """Backups of a record with one couple and a note, and of its keys."""
    couple = therapist.post("/v1/couples", json=new_couple(external_id="known")).json()
    assert therapist.post(notes_of(couple), json=new_note()).status_code == 201
    assert run("backup", "--out", tmp_path / "record.backup").exit_code == 0
    kept = run("backup", "--key-store", "--out", tmp_path / "keys.backup")
    assert kept.exit_code == 0, kept.stderr
    assert "Destroy it on" in kept.stdout
    return tmp_path / "record.backup", tmp_path / "keys.backup"


def erase(clinic: Clinic, therapist: Caller) -> None:
    """Destroys the keys of the couple and both partners."""
    couple = therapist.get("/v1/couples?external_id=known").json()["items"][0]
    names = [(Owner.COUPLE, decode("cpl", couple["id"]))]
    names += [(Owner.PARTNER, decode("prt", partner["id"])) for partner in couple["partners"]]
    with clinic.at_desk() as (session, vault):
        destroy_keys(session, vault, names, "erasure", clinic.clock())


def test_a_new_machine_with_the_key_file_alone_gets_keys_and_record_back(
    backups: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    record, keys = backups
    new = tmp_path / "new"
    empty = {"DATABASE_URL": f"sqlite:///{new}/data/{RECORD}", "SHRED_LEDGER": new / "ledger" / "shredded.jsonl"}
    empty["KEY_STORE_URL"] = f"sqlite:///{new}/keys/{KEYS}"
    restored = run("restore", keys, "--key-store", "--to", new / "keys", **empty)
    assert restored.exit_code == 0, restored.stderr
    assert not (new / "data").exists()
    restored = run("restore", record, "--to", new / "data", **empty)
    assert (restored.exit_code, NOTHING_DESTROYED in restored.stdout) == (0, True), restored.stderr
    assert run("verify", **empty).stdout == run("verify").stdout


def test_the_record_alone_reads_nothing_without_the_key_store(backups: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    record, _keys = backups
    without = {"KEY_STORE_URL": f"sqlite:///{tmp_path}/none/{KEYS}"}
    assert run("migrate", DATABASE_URL=f"sqlite:///{tmp_path}/other/x.db", **without).exit_code == 0
    refused = run("restore", record, "--to", tmp_path / "again", **without)
    assert (refused.exit_code, "sealed fields of session_note" in refused.stderr) == (5, True)
    assert not (tmp_path / "again").exists()


def opened(told: str) -> int:
    """How many sealed fields a restored record opened."""
    return int(told.partition(" sealed fields opened")[0].rpartition(" ")[2])


def test_a_backup_from_before_an_erasure_reads_nothing_of_the_erased(
    clinic: Clinic, therapist: Caller, backups: tuple[Path, Path], run: Run, tmp_path: Path
) -> None:
    record, keys = backups
    before = run("restore", record, "--to", tmp_path / "before")
    assert NOTHING_DESTROYED in before.stdout, before.stderr  # the control
    erase(clinic, therapist)
    after = run("restore", record, "--to", tmp_path / "after")
    assert after.exit_code == 0, after.stderr
    assert opened(after.stdout) < opened(before.stdout)  # what the keys sealed was deleted with them
    # both backups from before it: the shred ledger, which is restored by nobody, empties the key store again
    both = {"KEY_STORE_URL": f"sqlite:///{tmp_path}/old-keys/{KEYS}"}
    assert run("restore", keys, "--key-store", "--to", tmp_path / "old-keys").exit_code == 0
    again = run("restore", record, "--to", tmp_path / "both", **both)
    assert again.stdout.partition(";")[2] == after.stdout.partition(";")[2]
    # the control: without the shred ledger the two together would have brought back what was erased
    forgotten = {"SHRED_LEDGER": tmp_path / "elsewhere" / "shredded.jsonl", "DATABASE_URL": f"sqlite:///{tmp_path}/no/x.db"}
    old = {"KEY_STORE_URL": f"sqlite:///{tmp_path}/older-keys/{KEYS}"} | forgotten
    assert run("restore", keys, "--key-store", "--to", tmp_path / "older-keys", **forgotten).exit_code == 0
    assert opened(run("restore", record, "--to", tmp_path / "undone", **old).stdout) == opened(before.stdout)


def test_a_backup_of_keys_is_no_record_and_the_other_way_round(backups: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    record, keys = backups
    for words in ((keys,), (record, "--key-store")):
        refused = run("restore", *words, "--to", tmp_path / "again")
        assert (refused.exit_code, "--key-store tells them apart" in refused.stderr) == (3, True)
        assert not (tmp_path / "again").exists()


def test_keys_of_another_key_service_are_not_restored(backups: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    LocalKeyFile.create(tmp_path / "strange" / "other.key")
    refused = run("restore", backups[1], "--key-store", "--to", tmp_path / "again", KEY_FILE=tmp_path / "strange" / "other.key")
    assert (refused.exit_code, "was not made with a key" in refused.stderr) == (3, True)
    assert not (tmp_path / "again").exists()
