"""A backup taken while others write is the record as it stood at one moment, with everything acknowledged before it began."""

import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from app.backups.restoring import RECORD, Wanted, restore_record
from app.backups.taking import back_up_record
from app.core.clock import now
from app.core.kms import LocalKeyFile
from app.core.settings import Settings
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.notes.records import new_note, notes_of

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
WRITERS, BACKUPS = 4, 4


class Writing:
    """Several writers that open couples and write notes about them until they are told to stop."""

    def __init__(self, therapist: Caller) -> None:
        self._therapist, self._over = therapist, threading.Event()
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, writer: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            made = self._therapist.post("/v1/couples", json=new_couple(f"{writer}-{number}"))
            written = self._therapist.post(notes_of(made.json()), json=new_note())
            (self.acknowledged if written.status_code == 201 else self.refused).append(written.text)

    def wait_for(self, more: int) -> int:
        """Waits until so many more pairs of couple and note were acknowledged; returns how many there are."""
        target = len(self.acknowledged) + more
        while len(self.acknowledged) < target and not self.refused:
            self._over.wait(0.005)
        return len(self.acknowledged)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """While writing."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()


def sums(file: Path) -> dict[str, int]:
    """How many rows there are of what is always written together."""
    counted = {
        "couples": "SELECT count(*) FROM couple",
        "partners": "SELECT count(*) FROM partner",
        "notes": "SELECT count(*) FROM session_note",
        "events of couples": "SELECT count(*) FROM ledger_event WHERE operation = 'open_couple' AND subject = 'couple'",
        "events of notes": "SELECT count(*) FROM ledger_event WHERE operation = 'write_note' AND subject = 'session_note'",
    }
    with closing(sqlite3.connect(file)) as connection:
        return {name: connection.execute(query).fetchone()[0] for name, query in counted.items()}


def test_every_backup_under_load_is_whole_and_misses_nothing_acknowledged(
    clinic: Clinic, therapist: Caller, settings: Settings, tmp_path: Path
) -> None:
    writing, keys, began = Writing(therapist), LocalKeyFile(settings.key_file), []
    with writing.going_on():
        for number in range(BACKUPS):
            began.append(writing.wait_for(5))
            back_up_record(settings, tmp_path / f"{number}.backup", keys, now())
        after = writing.wait_for(1)
    assert writing.refused == []
    assert after > began[-1] > began[0]  # the control: they wrote all the while
    for number in range(BACKUPS):
        folder = tmp_path / f"restored-{number}"
        restore_record(tmp_path / f"{number}.backup", folder, settings, Wanted())
        found = sums(folder / RECORD)
        assert found["notes"] >= began[number], number
        assert found["couples"] <= found["notes"] + WRITERS, found  # a couple whose note was under way
        assert found["partners"] == 2 * found["couples"] == 2 * found["events of couples"], found
        assert found["notes"] == found["events of notes"], found
    assert clinic.app.state.runtime.database.broken() == []


def test_a_plain_copy_under_load_misses_what_was_acknowledged(
    clinic: Clinic, therapist: Caller, settings: Settings, tmp_path: Path
) -> None:
    # The control: what a backup would be worth if it copied the file. The log beside it holds what was written last.
    writing, copy = Writing(therapist), tmp_path / "plain.db"
    with writing.going_on():
        began = writing.wait_for(5)
        subprocess.run(["cp", str(settings.sqlite_file), str(copy)], check=True)  # a process of its own: no lock is lost here
    assert writing.refused == []
    assert clinic.app.state.runtime.database.broken() == []
    with suppress(sqlite3.DatabaseError):  # half of a checkpoint, and no database at all
        assert sums(copy)["notes"] < began
