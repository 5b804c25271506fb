"""Jobs that make files survive the end of whatever process works on them, wherever it comes."""

import os
import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import func, select

from app.core.clock import now
from app.core.database import Reach
from app.core.settings import Settings
from app.core.snapshots import snapshot
from app.exports import files, keeping
from app.exports.job import make_waiting
from app.exports.models import Export
from app.ledger.models import LedgerEvent
from tests.conftest import ENGINES, Caller, Clinic, Wristwatch
from tests.exports.fuse import at_work
from tests.fhir.bulk.records import kicked_off, local
from tests.postgres import free_port
from tests.releases.records import ready
from tests.safety.records import new_pair
from tests.served import environment_of

LIVES: Final = int(os.environ.get("REKINDLE_KILLED_JOBS", "0"))
LONGEST_FUSE: Final = 150 if LIVES else 50  # what the three exports below touch, and some more
COUPLES: Final = 3
RECIPIENT: Final = {"kind": "health_professional", "name": "Dr. Example", "purpose": "A study."}
DATED: Final = {"manifest.json", "datapackage.json"}
pytestmark = pytest.mark.timeout(60 + 60 * LIVES)
Files = dict[str, bytes]


class RealWatch(Wristwatch):
    """The time it really is."""

    def __call__(self) -> datetime:
        """Now."""
        return now()


@pytest.fixture
def clock() -> Wristwatch:
    """Other processes look at the real clock."""
    return RealWatch()


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """Small parts, so that there are many files, in a folder of this test's own."""
    return settings.model_copy(update={"export_part_rows": 2, "exports_directory": tmp_path / "exports"})


@dataclass
class Life:
    """A clinic whose exports are made by processes that are killed; `killed` counts them."""

    clinic: Clinic
    therapist: Caller
    machine: Caller
    software: Caller
    tmp_path: Path
    chance: random.Random
    killed: Counter[str]

    def ask(self) -> tuple[str, str, str]:
        """The paths of a native export, of one that leaves the clinic, and of a bulk export."""
        few = {} if LIVES else {"tables": ["couples", "concerns"]}
        native = self.machine.post("/v1/exports", json={"formats": ["csv", "parquet"], **few})
        leaving = {"destination": "recipient", "recipient": RECIPIENT, "tables": ["couples", "concerns"]}
        released = self.therapist.post("/v1/exports", json=leaving)
        assert (native.status_code, released.status_code) == (202, 202), (native.text, released.text)
        bulk = kicked_off(self.clinic, self.software, "/fhir/$export" if LIVES else "/fhir/$export?_type=Patient,Condition")
        return native.headers["Location"], released.headers["Location"], bulk

    def under_way(self) -> int:
        """How many exports are not over."""
        with snapshot(self.clinic.app.state.runtime.database, Reach(self.clinic.id)) as session:
            waiting = select(func.count()).select_from(Export).where(Export.status.in_(("queued", "running")))
            return int(session.scalar(waiting) or 0)

    def work(self, command: str) -> None:
        """Lets a process work until it is killed, or nothing is left to do."""
        fuse = self.tmp_path / "fuse"
        fuse.write_text(str(self.chance.randrange(LONGEST_FUSE)))
        arguments = [command, "--port", str(free_port())] if command == "serve" else [command]
        process = at_work(arguments, environment_of(self.clinic.settings), self.tmp_path / "log", fuse)
        until = time.monotonic() + 60
        while process.is_alive() and self.under_way() and time.monotonic() < until:
            process.join(0.1)
        self.killed[command] += process.exitcode == -9
        process.kill()
        process.join()

    def native_whole(self, caller: Caller, path: str) -> Files:
        """Its files, each as long and with the SHA-256 that is told."""
        told = caller.get(path).json()
        assert told["status"] == "done", told
        found = {one["name"]: caller.get(f"{path}/files/{one['name']}").content for one in told["files"]}
        assert len(found) == len(told["files"])
        for one in told["files"]:
            assert (len(found[one["name"]]), sha256(found[one["name"]]).hexdigest()) == (one["bytes"], one["sha256"])
        return {name: content for name, content in found.items() if name not in DATED}

    def bulk_whole(self, path: str) -> Files:
        """Its files, each of as many lines as is told."""
        told: dict[str, Any] = self.software.get(path).json()
        counts = {local(self.clinic, one["url"]): one["count"] for one in told["output"]}
        assert len(counts) == len(told["output"])
        found = {name: self.software.get(name).content for name in counts}
        assert {name: content.count(b"\n") for name, content in found.items()} == counts
        return {name.rpartition("/")[2]: content for name, content in found.items()}

    def live(self, *commands: str) -> None:
        """Asks, lets one process after the other be killed, and looks at what whoever comes then makes of it."""
        native, released, bulk = self.ask()
        for command in commands:
            self.work(command)
        self.make_all()
        again, _, bulk_again = self.ask()
        self.make_all()
        assert self.native_whole(self.machine, native) == self.native_whole(self.machine, again)
        assert self.bulk_whole(bulk) == self.bulk_whole(bulk_again)
        self.native_whole(self.therapist, released)

    def make_all(self) -> None:
        """What is left is taken up, as soon as nobody can be at work on it any more."""
        until = time.monotonic() + 60
        while self.under_way() and time.monotonic() < until:
            make_waiting(self.clinic.app.state.runtime, self.clinic.id)
            time.sleep(0.05)

    def check_what_is_left(self) -> None:
        """Files of exports that are done and no others; of each attempt at most an event a couple."""
        keeping.end_exports(self.clinic.app.state.runtime, self.clinic.id)
        told = select(LedgerEvent.request_id).where(LedgerEvent.subject == "export", LedgerEvent.couple_id.is_not(None))
        with self.clinic.at_desk() as (session, _vault):
            rows, reads = list(session.scalars(select(Export))), Counter(session.scalars(told))
        assert {row.status for row in rows} == {"done"}
        kept = {files.folder_of(self.clinic.settings, self.clinic.id, row.id, row.attempt) for row in rows}
        assert {*files.clinics_folder(self.clinic.settings, self.clinic.id).iterdir()} == kept
        for row in rows:
            couples = 1 if row.question["destination"] == "recipient" else COUPLES
            assert couples <= reads[row.request_id] <= couples * row.attempt


@pytest.mark.parametrize("engine_name", ENGINES if LIVES else ENGINES[:1], indirect=True)
def test_jobs_end_whole_and_once_whichever_process_is_killed_wherever(clinic: Clinic, tmp_path: Path) -> None:
    therapist = clinic.signed_in("therapist")
    pairs = [new_pair(therapist, str(number)) for number in range(COUPLES)]
    ready(pairs[0], kinds=["concerns"])
    chance = random.Random(None if LIVES else 4)  # noqa: S311 - when the plug is pulled is no secret
    software = clinic.integration("ehr", {"system/*.rs"})
    life = Life(clinic, therapist, clinic.integration("native"), software, tmp_path, chance, Counter())
    for _ in range(LIVES or 1):
        life.therapist = clinic.sign_in_again(therapist.holder_id)
        life.live(*(["serve", "worker", "worker"] if LIVES else ["worker"]))
        life.check_what_is_left()
    account = life.therapist.get(f"{pairs[0].path}/disclosures").json()["items"]
    assert len(account) == 2 * (LIVES or 1), "what left is in the couple's account once"
    assert sum(life.killed.values()) > 0
    if LIVES:
        print(f"{LIVES} lives of six exports, killed {dict(life.killed)}: all whole, nothing twice")  # noqa: T201 - a long run tells
