"""The operator's commands for keys, and what a renewed key-encryption key leaves as it was."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core.crypto import KeyCache, open_keys
from app.core.database import Database
from app.core.ids import decode, encode
from app.core.key_names import Owner
from app.core.kms import KeyUnavailableError, LocalKeyFile
from app.core.rotation import move_clinic_keys
from app.core.settings import Settings
from app.core.sqlite_file import copy_consistently
from tests.conftest import Caller, Clinic
from tests.core.test_shredding import destroy, partner_of
from tests.couples.test_couples import new_couple

Run = Callable[..., Result]
pytestmark = pytest.mark.quiet


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A record with a key file of its own, and on SQLite a key store of its own."""
    own = tmp_path / "keys" / "rekindle.key"
    own.parent.mkdir()
    shutil.copy(settings.key_file, own)
    if settings.sqlite_file is not None:
        store = own.parent / "store" / "wrapped-keys.db"
        store.parent.mkdir()
        copy_consistently(Path(settings.key_store_address().partition(":///")[2]), store)
        with closing(sqlite3.connect(store)) as connection, connection:  # without the clinics of other tests
            connection.execute("DELETE FROM data_key")
            connection.execute("DELETE FROM known_clinic")
    return settings.model_copy(update={"key_file": own})


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command against the test's record."""
    monkeypatch.setenv("REKINDLE_ENVIRONMENT", "demo")
    monkeypatch.setenv("REKINDLE_DATABASE_URL", settings.database_url.get_secret_value())
    monkeypatch.setenv("REKINDLE_KEY_FILE", str(settings.key_file))
    if settings.owner_database_url is not None:
        monkeypatch.setenv("REKINDLE_OWNER_DATABASE_URL", settings.owner_database_url.get_secret_value())
    return lambda *words: CliRunner().invoke(cli, list(words))


def partner_path(caller: Caller) -> str:
    """A new couple's first partner, whose name is sealed."""
    return partner_of(caller.post("/v1/couples", json=new_couple()).json())[0]


def held_ids(settings: Settings) -> list[str]:
    """The ids of the keys in the key file."""
    return [entry["id"] for entry in json.loads(settings.key_file.read_text())["keys"]]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_after_a_new_key_encryption_key_the_old_one_can_go_and_everything_opens(
    clinic: Clinic, therapist: Caller, run: Run
) -> None:
    path, served = partner_path(therapist), clinic.app.state.runtime.cache
    before = {key.owner_id: key.wrapped for key in served.store.all(clinic.id) if key.owner is not Owner.CLINIC}
    done = run("keys", "rotate-kek")
    assert (done.exit_code, done.stdout.startswith("1 clinic keys")) == (0, True), done.output
    old, new = held_ids(clinic.settings)
    after = served.store.all(clinic.id)
    assert [key.wrapped_by for key in after if key.owner is Owner.CLINIC] == [f"file:{new}"]
    assert {key.owner_id: key.wrapped for key in after if key.owner is not Owner.CLINIC} == before  # nothing else was touched
    assert clinic.settings.key_file.stat().st_mode & 0o777 == 0o600
    kept = json.loads(clinic.settings.key_file.read_text())
    clinic.settings.key_file.write_text(json.dumps(kept | {"keys": kept["keys"][1:]}))
    assert old not in held_ids(clinic.settings)
    clinic.app.state.runtime.cache = KeyCache(served.key_service, served.store)  # it runs on, with the file it once read
    assert therapist.get(path).json()["name"] == "Alex"


def test_a_renewal_of_key_encryption_keys_that_stopped_halfway_is_repeated(new_clinic: Callable[[], Clinic]) -> None:
    clinics = [new_clinic()]
    if clinics[0].app.state.runtime.database.is_postgresql:
        clinics += [new_clinic(), new_clinic()]
    cache = clinics[0].app.state.runtime.cache
    service = cache.key_service
    assert isinstance(service, LocalKeyFile)
    service.add_key()
    ids = [clinic.id for clinic in clinics]
    assert move_clinic_keys(cache, clinics=ids[:1]) == 1
    assert move_clinic_keys(cache, clinics=ids) == len(ids) - 1
    assert move_clinic_keys(cache, clinics=ids) == 0
    assert {key.wrapped_by for id_ in ids for key in cache.store.all(id_) if key.owner is Owner.CLINIC} == {
        service.current_key_id()
    }


def test_the_commands_renew_tell_and_keep_destroyed_keys_destroyed(clinic: Clinic, therapist: Caller, run: Run) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    named = ["--clinic", encode("cln", clinic.id)]
    first = run("keys", "status", *named).stdout
    assert "keys: clinic 1, couple 1, fingerprint 1, partner 2" in first
    assert "renewal: none under way" in first
    one = run("keys", "rotate", "--couple", couple["id"], *named)
    assert (one.exit_code, one.stdout) == (0, "3 keys renewed, 2 rows sealed anew.\n"), one.output
    all_of_them = run("keys", "rotate", "--drop-old", *named)
    assert (all_of_them.exit_code, all_of_them.stdout.startswith("4 keys renewed")) == (0, True), all_of_them.output
    assert "earlier generations kept for older backups: 0" in run("keys", "status", *named).stdout
    path, name = partner_of(couple)
    assert therapist.get(path).json()["name"] == "Alex"
    destroy(clinic, name)
    assert "destroyed keys of this clinic: 1" in run("keys", "status", *named).stdout
    assert "wrapped keys removed.\n" in run("keys", "replay").stdout


def test_a_destroyed_key_is_not_renewed_nor_in_the_way_of_a_renewal(clinic: Clinic, therapist: Caller, run: Run) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    (gone, name), (kept, _other) = partner_of(couple), partner_of(couple, 1)
    destroy(clinic, name)
    for scope in (["--couple", couple["id"]], []):
        done = run("keys", "rotate", *scope, "--clinic", encode("cln", clinic.id))
        assert done.exit_code == 0, done.output
    assert therapist.get(gone).json()["code"] == "internal"
    assert therapist.get(kept).status_code == 200
    assert [key for key in clinic.app.state.runtime.cache.store.all(clinic.id) if (key.owner, key.owner_id) == name] == []


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_postgresql_only_the_owner_of_the_tables_renews(clinic: Clinic, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REKINDLE_OWNER_DATABASE_URL")
    refused = run("keys", "rotate", "--clinic", encode("cln", clinic.id))
    assert (refused.exit_code, "REKINDLE_OWNER_DATABASE_URL" in refused.stderr) == (1, True)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_key_file_that_became_readable_to_others_is_refused_while_running(clinic: Clinic) -> None:
    service = open_keys(clinic.settings)
    clinic.settings.key_file.chmod(0o644)
    clinic.settings.key_file.touch()
    with pytest.raises(KeyUnavailableError, match="read by others"):
        service.key_service.current_key_id()
    service.close()
    assert decode("cln", encode("cln", clinic.id)) == clinic.id
    Database(clinic.settings).close()
