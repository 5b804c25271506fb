"""Free text lies nowhere in the clear: not in the database's files, its log, the backup, nor in what the service logs.

A marker of its own goes into every text field of every body that an operation takes. Where a marker is found tells which
field it came from, so that the identifiers that are meant to be looked up can be told from what must be sealed.
"""

import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.backups.taking import back_up_keys, back_up_record
from app.core.clock import now
from app.core.kms import LocalKeyFile
from app.core.migrate import migrate
from app.core.settings import Settings
from app.main import create_app
from tests.conftest import Clinic, Wristwatch
from tests.contract.calls import call
from tests.contract.test_canary import logs
from tests.contract.test_openapi import OPERATIONS
from tests.contract.world import World
from tests.postgres import Cluster
from tests.raw_files import bytes_of

MARKER = re.compile(rb"zq[0-9]{5}nary")
# Identifiers, by which clinic software and members find what they look for, and the law that a term of keeping stands in,
# are not free text about anybody and lie in the clear.
IN_THE_CLEAR = frozenset({"external_id", "record_number", "version", "text_version", "source"})
LOOKED_UP = frozenset({"protocol", "measure", "concern", "code", "login"})  # found or not, it stands in a query
UNIQUE = frozenset({"external_id", "record_number"})  # and so it is new in every request
EARLY = ("add_addendum", "create_assignment", "decide_stage", "add_protocol")  # while the record is as it was told
LATE = ("close", "stop", "end", "archive", "resolve", "reopen", "retire", "open_episode")  # what comes after finds less
# Some of what must have been taken with a marker in it, or the test would prove nothing.
MUST_BE_MARKED = frozenset(
    {
        ("write_note", "/sections/subjective"),
        ("add_addendum", "/text"),
        ("open_couple", "/partner_a/name"),
        ("open_couple", "/external_id"),
        ("change_partner", "/contact/rules"),
        ("create_assignment", "/note"),
    }
)


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every text in a body, by its pointer."""
    if isinstance(value, str):
        yield pointer, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in inside:
        yield from texts(inner, f"{pointer}/{step}")


def put(value: Any, pointer: str, text: str) -> Any:
    """The body with a text in this place."""
    if not pointer:
        return text
    step, _, rest = pointer[1:].partition("/")
    rest = f"/{rest}" if rest else ""
    if isinstance(value, list):
        return [put(inner, rest, text) if str(number) == step else inner for number, inner in enumerate(value)]
    return {key: put(inner, rest, text) if key == step else inner for key, inner in value.items()}


def field(pointer: str) -> str:
    """The name of the field a pointer leads to."""
    return pointer.rpartition("/")[2]


class Marked:
    """A record with a marker in every text that was taken, and where each of them went in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sent: dict[bytes, tuple[str, str]] = {}
        self.taken: set[tuple[str, str]] = set()
        for name in sorted(OPERATIONS, key=lambda name: (name not in EARLY, any(word in name for word in LATE))):
            self._mark(name)

    def _mark(self, name: str) -> None:
        with suppress(AssertionError):  # what an operation before this one did may be in the way
            self.world.prepare(name)
        for pointer, _text in texts(call(name, self.world.ids).json):
            one = call(name, self.world.ids)
            body = one.json
            for place in {pointer, *(known for known, _ in texts(body) if field(known) in UNIQUE)}:
                body = put(body, place, self._marker(name, place))
            headers = one.headers | {"Idempotency-Key": f"{name}{pointer}"}
            if "If-Match" in headers:
                headers["If-Match"] = self.world.therapist.get(one.path).headers.get("ETag", '"1"')
            found = self.world.therapist.request(one.method.upper(), one.path, json=body, headers=headers)
            assert found.status_code < 500, (name, pointer)
            if found.status_code < 300:
                self.taken.add((name, pointer))

    def _marker(self, name: str, pointer: str) -> str:
        marker = f"zq{len(self.sent):05d}nary"
        self.sent[marker.encode()] = (name, pointer)
        return marker

    def fields_in(self, *folders: Path) -> set[str]:
        """The fields whose marker lies in any file below these folders."""
        files = [file for folder in folders for file in ([folder] if folder.is_file() else folder.rglob("*")) if file.is_file()]
        found = set(MARKER.findall(bytes_of(files)))
        return {field(self.sent[marker][1]) for marker in found}


@pytest.fixture(scope="module")
def chatty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL that logs every statement with its parameters, as some servers do."""
    talk = {"logging_collector": "on", "log_statement": "all", "log_error_verbosity": "default"}
    with Cluster(tmp_path_factory.mktemp("chatty"), **talk, log_min_error_statement="error") as running:
        yield running


@pytest.fixture
def settings(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path, key_file: Path) -> Settings:
    """An empty record in a folder, or on a server, of this test's own."""
    if engine_name == "sqlite":
        address, owner = f"sqlite:///{tmp_path}/data/record.db", None
    else:
        cluster: Cluster = request.getfixturevalue("chatty")
        address, owner = cluster.address("rekindle_service"), cluster.address("rekindle_owner")
    made = Settings(environment="demo", database_url=address, owner_database_url=owner, key_file=key_file, threads=4)
    migrate(made)
    return made


@pytest.fixture
def app(settings: Settings, clock: Wristwatch) -> Iterator[Any]:
    """An application of this test's own."""
    made = create_app(settings, clock)
    yield made
    made.state.runtime.database.close()
    made.state.runtime.cache.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_stolen_sqlite_file_with_its_log_and_its_backup_holds_no_free_text(
    clinic: Clinic, settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with logs():
        marked = Marked(World(clinic, clinic.member("thea")))
    assert marked.taken >= MUST_BE_MARKED, MUST_BE_MARKED - marked.taken
    # a thief takes what lies there while the service runs; copied by another process, because opening it here drops its locks
    subprocess.run(["cp", "-r", str(tmp_path / "data"), str(tmp_path / "stolen")], check=True)
    assert {file.name for file in (tmp_path / "stolen").iterdir()} >= {"record.db", "record.db-wal", "record.db-shm"}
    assert marked.fields_in(tmp_path / "stolen") == IN_THE_CLEAR
    back_up_record(settings, tmp_path / "a.backup", LocalKeyFile(settings.key_file), now())
    back_up_keys(settings, tmp_path / "keys.backup", LocalKeyFile(settings.key_file), now())
    assert (settings.key_file.parent / "store" / "wrapped-keys.db").exists()
    assert marked.fields_in(tmp_path / "a.backup", tmp_path / "keys.backup", settings.key_file.parent) == set()
    told = capfd.readouterr()
    assert MARKER.findall((told.out + told.err).encode()) == []
    with clinic.at_desk() as (session, _vault):  # the control: a free text that somebody forgot to seal
        planted = next(marker for marker, (_name, pointer) in marked.sent.items() if pointer == "/sections/subjective")
        session.connection().exec_driver_sql("UPDATE clinic SET name = ?", (planted.decode(),))
    subprocess.run(["cp", "-r", str(tmp_path / "data"), str(tmp_path / "again")], check=True)
    assert marked.fields_in(tmp_path / "again") == IN_THE_CLEAR | {"subjective"}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_the_data_directory_and_the_log_of_postgresql_hold_no_free_text(
    clinic: Clinic, chatty: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    with logs():
        marked = Marked(World(clinic, clinic.member("thea")))
    assert marked.taken >= MUST_BE_MARKED, MUST_BE_MARKED - marked.taken
    with psycopg.connect(chatty.address("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    log = list((chatty.folder / "log").iterdir())
    assert sum(b"INSERT INTO session_note" in file.read_bytes() for file in log) >= 1  # the control: it does log them
    assert marked.fields_in(chatty.folder / "base", chatty.folder / "pg_wal") == IN_THE_CLEAR
    assert IN_THE_CLEAR <= marked.fields_in(chatty.folder / "log") <= IN_THE_CLEAR | LOOKED_UP
    told = capfd.readouterr()
    assert MARKER.findall((told.out + told.err).encode()) == []
