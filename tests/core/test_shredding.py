"""A destroyed key stays destroyed: for every process at once, after a crash, and whatever is restored."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, insert

from app.access.work import Runtime
from app.core.crypto import Owner
from app.core.database import Database
from app.core.ids import decode
from app.core.key_cache import KeyCache
from app.core.key_names import KeyName
from app.core.key_store import DATA_KEY, TOMBSTONE, KeyStore
from app.core.settings import Settings
from app.core.shred_ledger import ShredLedgerDamagedError
from app.core.shredding import ShredLedgerForgedError, destroy_keys, finish_burials, replay_shred_ledger
from app.core.sqlite_file import copy_consistently
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.raw_files import bytes_of
from tests.served import Served

pytestmark = pytest.mark.quiet


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A record whose shred ledger is its own, and on SQLite its key store too."""
    own: dict[str, Any] = {"shred_ledger": tmp_path / "ledger" / "shredded.jsonl"}
    if settings.sqlite_file is not None:
        store = tmp_path / "store" / "keys.db"
        store.parent.mkdir()
        copy_consistently(Path(settings.key_store_address().partition(":///")[2]), store)
        own["key_store_url"] = type(settings.database_url)(f"sqlite:///{store}")
    return settings.model_copy(update=own)


def partner_of(couple: dict[str, Any], slot: int = 0) -> tuple[str, KeyName]:
    """The path of one of the two, and the name of their key."""
    partner = couple["partners"][slot]["id"]
    return f"/v1/couples/{couple['id']}/partners/{partner}", (Owner.PARTNER, decode("prt", partner))


def destroy(clinic: Clinic, *names: KeyName) -> None:
    """Destroys keys at the operator's desk."""
    with clinic.at_desk() as (session, vault):
        destroy_keys(session, vault, names, "erasure", clinic.clock())


def stored(clinic: Clinic, name: KeyName) -> int:
    """How many wrapped keys of this name the key store holds."""
    return len(clinic.app.state.runtime.cache.store.read(clinic.id, [name]))


def another_process(clinic: Clinic) -> Runtime:
    """What a second worker holds: connections and a cache of its own."""
    cache = clinic.app.state.runtime.cache
    return Runtime(
        clinic.settings, Database(clinic.settings), KeyCache(cache.key_service, KeyStore(clinic.settings)), clinic.clock
    )


@contextmanager
def served_by(clinic: Clinic, runtime: Runtime) -> Iterator[None]:
    """Lets the application answer with what another worker holds."""
    ours, clinic.app.state.runtime = clinic.app.state.runtime, runtime
    try:
        yield
    finally:
        clinic.app.state.runtime = ours


def test_after_the_commit_no_worker_opens_what_the_key_sealed_however_warm_its_cache(clinic: Clinic, therapist: Caller) -> None:
    path, name = partner_of(couple := therapist.post("/v1/couples", json=new_couple()).json())
    other_path, other = partner_of(couple, 1)
    second = another_process(clinic)
    with served_by(clinic, second):
        assert therapist.get(path).json()["name"] == "Alex"  # the control: the second worker's cache is warm
    destroy(clinic, name)
    with served_by(clinic, second):
        assert therapist.get(path).json()["code"] == "internal"
        assert therapist.get(other_path).status_code == 200
    assert therapist.get(path).json()["code"] == "internal"
    assert (stored(clinic, name), stored(clinic, other)) == (0, 1)
    second.close()


def test_a_destruction_that_is_not_committed_destroys_nothing(clinic: Clinic, therapist: Caller) -> None:
    path, name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())

    def fail() -> None:
        with clinic.at_desk() as (session, vault):
            destroy_keys(session, vault, [name], "erasure", clinic.clock())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (therapist.get(path).status_code, stored(clinic, name)) == (200, 1)
    assert clinic.app.state.runtime.cache.store.shred_ledger.read() == []


def test_a_key_is_destroyed_once_and_its_tombstone_says_when_and_why(clinic: Clinic, therapist: Caller) -> None:
    name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())[1]
    destroy(clinic, name, name)
    destroy(clinic, name)
    (line,) = clinic.settings.shred_ledger_file.read_text().splitlines()
    said = json.loads(line)
    assert (said["owner"], said["owner_id"], said["reason"]) == ("partner", str(name[1]), "erasure")
    assert clinic.settings.shred_ledger_file.stat().st_mode & 0o777 == 0o600


def test_what_a_crash_left_undone_the_next_start_does(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())
    monkeypatch.setattr("app.core.shredding._bury_now", lambda *_told: None)  # the process ends right after the commit
    destroy(clinic, name)
    assert (therapist.get(path).json()["code"], stored(clinic, name)) == ("internal", 1)
    assert replay_shred_ledger(clinic.settings) >= 1  # on PostgreSQL other tests' clinics may be unfinished as well
    assert (stored(clinic, name), replay_shred_ledger(clinic.settings)) == (0, 0)
    assert name in {one.name for one in clinic.app.state.runtime.cache.store.shred_ledger.read()}


def copied(source: Path | str | None, target: Path | str) -> None:
    """SQLite's own way to copy a database."""
    with closing(sqlite3.connect(str(source))) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def test_what_the_key_store_was_away_for_is_finished_without_a_new_start(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())

    def away(*_told: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as gone:
        gone.setattr(KeyStore, "bury", away)
        destroy(clinic, name)  # it is committed, so its caller is not told otherwise
    assert (therapist.get(path).json()["code"], stored(clinic, name)) == ("internal", 1)
    finish_burials(clinic.app.state.runtime, clinic.id)
    assert stored(clinic, name) == 0


@pytest.mark.served
def test_two_served_processes_stop_opening_what_a_third_destroys_at_once(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    path, name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())
    bearer = {"Authorization": f"Bearer {therapist.key}"}
    with Served(clinic.settings, tmp_path / "one.log") as one, Served(clinic.settings, tmp_path / "two.log") as two:
        warm = [httpx.get(f"{worker.address}{path}", headers=bearer).status_code for worker in (one, two)]
        destroy(clinic, name)
        told = [httpx.get(f"{worker.address}{path}", headers=bearer).json()["code"] for worker in (one, two)]
    assert (warm, told) == ([200, 200], ["internal", "internal"])  # the first answer after the commit already


class Backup:
    """Record and key store as they were, put back as an operator would: the files, or the rows."""

    def __init__(self, clinic: Clinic, name: KeyName) -> None:
        self.clinic = clinic
        self.keys = clinic.app.state.runtime.cache.store.read(clinic.id, [name])
        self.store = clinic.settings.key_store_address().partition(":///")[2]
        for file in (clinic.settings.sqlite_file, self.store) if clinic.settings.sqlite_file else ():
            copied(file, f"{file}.backup")

    def restore_record(self) -> None:
        """The record does not know any more that a key was destroyed."""
        if file := self.clinic.settings.sqlite_file:
            self.clinic.app.state.runtime.database.close()
            copied(f"{file}.backup", file)
        else:
            database = Database(self.clinic.settings, owner=True)
            with database.engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL app.clinic_id = '{self.clinic.id}'")
                connection.exec_driver_sql("DELETE FROM destroyed_key")
                connection.exec_driver_sql("UPDATE key_epoch SET changes = 0")
            database.close()

    def restore_key_store(self) -> None:
        """The key store has the wrapped key again and does not know either."""
        if self.clinic.settings.sqlite_file:
            self.clinic.app.state.runtime.cache.close()
            copied(f"{self.store}.backup", self.store)
            return
        store = KeyStore(self.clinic.settings, owner=True)
        with store.within(self.clinic.id) as connection:
            connection.execute(delete(TOMBSTONE).where(TOMBSTONE.c.clinic_id == self.clinic.id))
            connection.execute(insert(DATA_KEY), [{"clinic_id": self.clinic.id, **vars(key)} for key in self.keys])
        store.close()


@pytest.mark.parametrize("both", [False, True])
def test_a_restored_backup_from_before_the_erasure_reads_nothing_once_it_was_started(
    clinic: Clinic, therapist: Caller, *, both: bool
) -> None:
    path, name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())
    backup = Backup(clinic, name)
    destroy(clinic, name)
    if both:
        backup.restore_record()
    backup.restore_key_store()
    restored = another_process(clinic)
    with served_by(clinic, restored):
        assert (therapist.get(path).status_code == 200) == both  # the control: without the replay the erased lives again
    assert replay_shred_ledger(clinic.settings) >= 1
    again = another_process(clinic)
    for runtime in (restored, again):
        with served_by(clinic, runtime):
            assert therapist.get(path).json()["code"] == "internal"
        runtime.close()
    assert stored(clinic, name) == 0


def test_a_lost_ledger_is_made_again_from_what_record_and_key_store_know(clinic: Clinic, therapist: Caller) -> None:
    name = partner_of(therapist.post("/v1/couples", json=new_couple()).json())[1]
    destroy(clinic, name)
    before = clinic.settings.shred_ledger_file.read_bytes()
    clinic.settings.shred_ledger_file.unlink()
    replay_shred_ledger(clinic.settings)
    assert before in clinic.settings.shred_ledger_file.read_bytes()


def test_a_forged_or_damaged_line_keeps_the_service_from_starting(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    destroy(clinic, partner_of(couple)[1])
    file = clinic.settings.shred_ledger_file
    whole = file.read_text()
    file.write_text(whole.replace(str(partner_of(couple)[1][1]), str(partner_of(couple, 1)[1][1])))
    with pytest.raises(ShredLedgerForgedError):
        replay_shred_ledger(clinic.settings)
    file.write_text(whole[20:] + whole)
    with pytest.raises(ShredLedgerDamagedError, match="line 1"):
        replay_shred_ledger(clinic.settings)
    file.write_text(whole + whole[:30])  # a crash while writing is no damage: that line was never promised
    replay_shred_ledger(clinic.settings)
    assert file.read_text().startswith(whole)
    assert stored(clinic, partner_of(couple, 1)[1]) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_destroyed_wrapped_key_is_in_no_file_of_the_key_store(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    (gone,), (kept,) = (clinic.app.state.runtime.cache.store.read(clinic.id, [partner_of(couple, slot)[1]]) for slot in (0, 1))
    destroy(clinic, partner_of(couple)[1])
    folder = Path(clinic.settings.key_store_address().partition(":///")[2]).parent
    files = bytes_of(folder.iterdir())
    assert kept.wrapped in files  # the control
    assert gone.wrapped not in files


def test_a_destroyed_clinic_key_takes_everything_with_it(clinic: Clinic, therapist: Caller) -> None:
    path = partner_of(therapist.post("/v1/couples", json=new_couple()).json())[0]
    assert therapist.get(path).status_code == 200
    destroy(clinic, (Owner.CLINIC, clinic.id))
    assert therapist.get(path).json()["code"] == "internal"
    assert stored(clinic, (Owner.CLINIC, clinic.id)) == 0


def test_a_destruction_that_others_overtake_is_still_looked_for_after_a_crash(
    clinic: Clinic, therapist: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    store = clinic.app.state.runtime.cache.store
    with monkeypatch.context() as crashed:
        crashed.setattr("app.core.shredding._bury_now", lambda *_told: None)
        destroy(clinic, partner_of(couple)[1])
    destroy(clinic, partner_of(couple, 1)[1])
    finish_burials(clinic.app.state.runtime, clinic.id)
    assert clinic.id in store.clinics(unsettled=True)  # it might be a transaction that has not ended yet
    monkeypatch.setattr("app.core.shredding.LONGEST_TRANSACTION", timedelta(seconds=-1))
    finish_burials(clinic.app.state.runtime, clinic.id)
    assert clinic.id not in store.clinics(unsettled=True)
    assert [stored(clinic, partner_of(couple, slot)[1]) for slot in (0, 1)] == [0, 0]
