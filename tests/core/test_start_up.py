"""What the service refuses to start on: one test a refusal, through `serve` itself, and a start that nothing stands against."""

import base64
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import uvicorn
from sqlalchemy import create_engine, event
from typer.testing import CliRunner, Result

from app.cli import cli
from app.core.key_store import SCHEMA
from app.core.safe_to_serve import losses
from app.core.settings import Settings
from tests.databases import QUIET
from tests.postgres import Cluster

pytestmark = pytest.mark.quiet
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
Serve = Callable[..., Result]


@pytest.fixture
def serve(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """`serve`, which says `served` where it would begin to."""

    def begin(*_given: Any, **_named: Any) -> None:
        print("served")  # noqa: T201 - read by the test

    monkeypatch.setattr(uvicorn, "run", begin)
    monkeypatch.setattr("app.cli.set_up_logs", lambda: None)

    def invoke(*words: str, **more: object) -> Result:
        told = {
            "ENVIRONMENT": "demo",
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "KEY_FILE": settings.key_file,
            "KEY_STORE_URL": settings.key_store_address(),
            "SHRED_LEDGER": settings.shred_ledger_file,
            "DATABASE_WITHOUT_TLS": "true",
        }
        for name, value in (told | more).items():
            monkeypatch.setenv(f"REKINDLE_{name}", str(value))
        return CliRunner().invoke(cli, ["serve", *words])

    return invoke


def refused(run: Result, sentence: str) -> None:
    """It did not serve, and said why in words."""
    assert run.exit_code in {1, 2}
    assert "served" not in run.stdout
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


def test_it_starts_when_nothing_stands_against_it(serve: Serve) -> None:
    started = serve()
    assert (started.exit_code, started.stdout) == (0, "served\n"), started.stderr  # the control of all below


@ON_SQLITE
@pytest.mark.parametrize("key", [bytes(32), b"k" * 32, b"changeme" * 4], ids=["zeros", "one letter", "a word"])
def test_a_key_that_anyone_could_guess(serve: Serve, tmp_path: Path, key: bytes) -> None:
    file = tmp_path / "default" / "k.key"
    file.parent.mkdir()
    file.write_text(json.dumps({"keys": [{"id": "00" * 8, "key": base64.b64encode(key).decode()}]}))
    file.chmod(0o600)
    refused(serve(KEY_FILE=file), "a key that anyone could guess")


@ON_SQLITE
def test_a_key_file_that_others_can_read(serve: Serve, settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "open" / "k.key"
    file.parent.mkdir()
    file.write_bytes(settings.key_file.read_bytes())
    file.chmod(0o640)
    refused(serve(KEY_FILE=file), "can be read by others")


@ON_SQLITE
def test_a_public_bind_without_tls_declared(serve: Serve) -> None:
    refused(serve("--host", "0.0.0.0"), "TLS")  # noqa: S104 - which is what is refused
    assert serve("--host", "0.0.0.0", TLS_TERMINATED="true").exit_code == 0  # noqa: S104 - declared


@ON_SQLITE
def test_a_remote_database_without_tls(serve: Serve) -> None:
    remote = "postgresql+psycopg://service:hunter2@db.example/rekindle"
    run = serve(DATABASE_URL=remote, DATABASE_WITHOUT_TLS="false")
    refused(run, "a remote database needs TLS")
    assert "hunter2" not in run.stderr
    refused(serve(KEY_STORE_URL=remote, DATABASE_WITHOUT_TLS="false"), "a remote database needs TLS")


@ON_POSTGRESQL
@pytest.mark.parametrize(("role", "why"), [("postgres", "superuser"), ("rekindle_owner", "may not own tables")])
def test_an_address_of_a_superuser_or_of_the_owner(serve: Serve, settings: Settings, role: str, why: str) -> None:
    address = settings.database_url.get_secret_value().replace("rekindle_service", role)
    refused(serve(DATABASE_URL=address), why)
    refused(serve(KEY_STORE_URL=address), why)


@ON_POSTGRESQL
@pytest.mark.parametrize("table", ["public.session_note", f"{SCHEMA}.data_key"])
def test_a_table_without_forced_row_level_security(serve: Serve, cluster: Cluster, table: str) -> None:
    with psycopg.connect(cluster.address("postgres", QUIET).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
        try:
            refused(serve(), f"table {table.rpartition('.')[2]} has no forced row-level security")
        finally:
            connection.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY".encode())


@ON_POSTGRESQL
def test_a_server_that_may_lose_what_it_acknowledged(serve: Serve) -> None:
    run = serve(ENVIRONMENT="production")  # the server of the tests is quick, and forgetful
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        refused(run, f"{setting} is off")


@ON_SQLITE
def test_sqlite_below_full_or_without_its_log(serve: Serve, tmp_path: Path) -> None:
    assert serve(ENVIRONMENT="production").exit_code == 0  # the control: as the service opens it, it is FULL
    for pragma, why in (("synchronous=NORMAL", "below FULL"), ("journal_mode=DELETE", "write-ahead log")):
        weak = create_engine(f"sqlite:///{tmp_path / why}.db")

        @event.listens_for(weak, "connect")
        def _weakened(connection: Any, _entry: Any, pragma: str = pragma) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA {pragma}")

        assert [why in sentence for sentence in losses(weak)] == [True]
        weak.dispose()


@ON_SQLITE
def test_another_versions_tables(serve: Serve, settings: Settings) -> None:
    with sqlite3.connect(str(settings.sqlite_file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.close()
    refused(serve(), "run `rekindle migrate`")
