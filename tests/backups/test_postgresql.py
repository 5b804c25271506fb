"""The documented way of backing PostgreSQL up, line by line as the page tells it, gives a record that verifies."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core.clock import now
from app.core.crypto import open_keys
from app.core.database import Database, Reach
from app.core.ids import encode
from app.core.settings import Settings
from app.ledger.models import LedgerEvent
from app.ledger.service import Occasion, begin, events_in_commit_order, is_ahead_of_the_server, log_aggregate
from app.main import UnsafeError, check_safe
from tests.contract.world import World
from tests.databases import QUIET
from tests.postgres import Cluster, binaries, free_port

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "back-up-and-restore.md"
pytestmark = [pytest.mark.quiet, pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)]


def told(name: str) -> str:
    """The lines of the page under a name."""
    found = re.search(rf"^```sh {name}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found.group(1)


class Operator:
    """Somebody who follows the page on a server, as its superuser."""

    def __init__(self, cluster: Cluster, backups: Path, restored: str) -> None:
        where = {"PGHOST": "127.0.0.1", "PGPORT": str(cluster.port), "PGUSER": "postgres"}
        elsewhere = backups / "elsewhere"
        elsewhere.mkdir()
        what = {"BACKUPS": str(backups), "DATABASE": QUIET, "ELSEWHERE": str(elsewhere), "RESTORED": restored}
        self.environment = {**os.environ, **where, **what, "PATH": f"{binaries()}:{os.environ['PATH']}"}

    def follows(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs the lines under a name."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", told(name)],
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def succeeds(self, name: str) -> None:
        """Runs the lines under a name, which must go well."""
        run = self.follows(name)
        assert run.returncode == 0, run.stderr


@pytest.fixture
def restored(cluster: Cluster) -> Iterator[str]:
    """The name of a database that is not there yet, and is not there any more afterwards."""
    name = f"restored_{os.getpid()}"
    yield name
    with psycopg.connect(cluster.address("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


def in_database(address: str, name: str) -> str:
    """The same address with another database."""
    return f"{address.rpartition('/')[0]}/{name}"


def verified(settings: Settings, world: World, address: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    """`rekindle verify` on a database."""
    monkeypatch.setenv("REKINDLE_ENVIRONMENT", "demo")
    monkeypatch.setenv("REKINDLE_DATABASE_URL", address)
    monkeypatch.setenv("REKINDLE_KEY_FILE", str(settings.key_file))
    return CliRunner().invoke(cli, ["verify", "--clinic", encode("cln", world.clinic.id)])


def test_a_dump_restored_as_the_page_says_verifies_and_a_broken_one_does_not(  # noqa: PLR0917 - fixtures are arguments
    world: World, settings: Settings, cluster: Cluster, restored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = Operator(cluster, tmp_path, restored)
    operator.succeeds("dump")
    assert b"wrapped" not in (tmp_path / "record.dump").read_bytes()  # the column of the keys, which lie elsewhere
    operator.succeeds("restore the dump")
    address = settings.database_url.get_secret_value()
    there = verified(settings, world, in_database(address, restored), monkeypatch)
    assert there.exit_code == 0, there.stderr
    assert there.stdout == verified(settings, world, address, monkeypatch).stdout  # as many fields as in the first
    with psycopg.connect(in_database(cluster.address("postgres").replace("+psycopg", ""), restored)) as connection:
        connection.execute("ALTER TABLE session_note NO FORCE ROW LEVEL SECURITY")
        connection.execute("UPDATE partner SET person = person || '\\x00'::bytea")
    broken = verified(settings, world, in_database(address, restored), monkeypatch)
    assert broken.exit_code == 5
    assert "table session_note has no forced row-level security" in broken.stderr
    assert "sealed fields of partner do not open, or open though destroyed" in broken.stderr


def test_a_trail_restored_to_a_server_that_counts_anew_is_lifted_above_what_it_was(
    world: World, settings: Settings, cluster: Cluster, restored: str, tmp_path: Path
) -> None:
    operator = Operator(cluster, tmp_path, restored)
    operator.succeeds("dump")
    operator.succeeds("restore the dump")
    clinic_id = world.clinic.id
    with psycopg.connect(in_database(cluster.address("postgres").replace("+psycopg", ""), restored)) as connection:
        connection.execute("UPDATE ledger_event SET position = position + 1000000000")  # as if from a server that ran for years
    there = settings.model_copy(
        update={"database_url": SecretStr(in_database(settings.database_url.get_secret_value(), restored))}
    )
    with closing(Database(there)) as before:
        assert is_ahead_of_the_server(before)
        with closing(open_keys(settings)) as keys, pytest.raises(UnsafeError, match="lift it"):
            check_safe(before, keys, production=False)
        assert not _comes_last(before, clinic_id, "too early")  # the control
    operator.succeeds("lift the ledger")
    with closing(Database(there)) as lifted:
        assert not is_ahead_of_the_server(lifted)
        assert _comes_last(lifted, clinic_id, "in time")


def _comes_last(database: Database, clinic_id: UUID, name: str) -> bool:
    """Whether who follows the trail finds an event that is written now after all the others."""
    with database.transaction(Reach(clinic_id)) as session:
        begin(session, Occasion("operator", None, None, "test", "req_test", now()))
        log_aggregate(session, name)
    with database.transaction(Reach(clinic_id)) as session:
        told = [subject for _position, _id, _kind, subject, *_ in events_in_commit_order(session, None, 100_000)]
        number = session.execute(select(func.count(LedgerEvent.id))).scalar_one()
    return len(told) == number and told.index(name) == number - 1


def test_a_dump_as_the_owner_is_refused_and_never_empty(world: World, cluster: Cluster, tmp_path: Path) -> None:
    assert world.ids
    operator = Operator(cluster, tmp_path, "none")
    assert operator.follows("dump", PGUSER="rekindle_owner").returncode != 0
    owner = operator.environment | {"PGUSER": "rekindle_owner"}
    dumped = subprocess.run(["pg_dump", QUIET], env=owner, capture_output=True, text=True, check=False, timeout=60)
    assert dumped.returncode != 0
    assert "row-level security" in dumped.stderr


def test_a_server_started_on_a_base_backup_verifies(
    world: World, settings: Settings, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Operator(cluster, tmp_path, "none").succeeds("base backup")
    again = Cluster(tmp_path / "again")
    again.folder, again.port = tmp_path / "base", free_port()
    again.sockets.mkdir(mode=0o700)
    again.start()
    try:
        address = again.address("rekindle_service", QUIET)
        found = verified(settings, world, address, monkeypatch)
        assert (found.exit_code, SecretStr(address) == settings.database_url) == (0, False), found.stderr
    finally:
        again.__exit__(None, None, None)
