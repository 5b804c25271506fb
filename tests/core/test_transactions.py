"""Nothing is answered before it is committed, and a commit that is not certain is never called done."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from app.access.permissions import Role
from app.access.service import add_member, create_clinic, issue_key, new_clinic_id
from app.core.clock import now
from app.core.crypto import Vault
from app.core.database import CommitUnknownError, Database, Reach
from app.core.migrate import migrate
from app.core.settings import Settings
from app.couples.models import Couple
from app.ledger.service import Occasion, begin
from app.main import create_app
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple
from tests.postgres import Cluster


def plain(address: str) -> psycopg.Connection[Any]:
    """A connection to PostgreSQL past the service."""
    return psycopg.connect(address.replace("+psycopg", ""), autocommit=True)


def owner(clinic: Clinic) -> psycopg.Connection[Any]:
    """A connection as the role that owns the tables."""
    assert clinic.settings.owner_database_url is not None
    return plain(clinic.settings.owner_database_url.get_secret_value())


@contextmanager
def failing_commit(clinic: Clinic) -> Iterator[None]:
    """Lets every commit that adds a couple fail: by a deferred constraint on PostgreSQL, before COMMIT on SQLite."""
    database: Database = clinic.app.state.runtime.database
    if database.is_postgresql:
        with owner(clinic) as connection:
            connection.execute(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'refused at commit'; END$$"
            )
            connection.execute(
                "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON couple DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
            yield
            connection.execute("DROP FUNCTION refuse CASCADE")
        return

    def fail(_connection: object) -> None:
        raise OSError("the disk is gone")

    event.listen(database.engine, "commit", fail)
    yield
    event.remove(database.engine, "commit", fail)


def test_a_commit_that_fails_is_500_and_nothing_is_stored(clinic: Clinic, therapist: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    with failing_commit(clinic):
        for _ in range(2):
            refused = therapist.post("/v1/couples", json=new_couple(), headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (500, "internal")
            assert "Location" not in refused.headers
    assert therapist.get("/v1/couples").json()["items"] == []
    assert therapist.post("/v1/couples", json=new_couple(), headers=headers).status_code == 201  # the control


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_at_commit_is_503_and_never_says_that_nothing_was_stored(
    clinic: Clinic, therapist: Caller
) -> None:
    engine = clinic.app.state.runtime.database.engine

    def cut(connection: Any) -> None:
        backend = connection.connection.driver_connection.info.backend_pid
        with plain(clinic.settings.database_url.get_secret_value()) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])

    event.listen(engine, "commit", cut)
    refused = therapist.post("/v1/couples", json=new_couple())
    event.remove(engine, "commit", cut)
    assert (refused.status_code, refused.json()["code"]) == (503, "commit_unknown")
    assert "Retry-After" in refused.headers
    assert therapist.get("/v1/couples").json()["items"] == []
    assert therapist.post("/v1/couples", json=new_couple()).status_code == 201


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_before_the_commit_is_503_unavailable(clinic: Clinic, therapist: Caller) -> None:
    engine, cuts = clinic.app.state.runtime.database.engine, [1]

    def cut(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT INTO partner" in statement and cuts.pop():
            with plain(clinic.settings.database_url.get_secret_value()) as other:
                other.execute(
                    "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.driver_connection.info.backend_pid]
                )

    event.listen(engine, "before_cursor_execute", cut)
    refused = therapist.post("/v1/couples", json=new_couple())
    event.remove(engine, "before_cursor_execute", cut)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert therapist.get("/v1/couples").json()["items"] == []


@contextmanager
def ledger_closed(clinic: Clinic) -> Iterator[None]:
    """Lets no event be written."""
    if clinic.app.state.runtime.database.is_postgresql:
        with owner(clinic) as connection:
            connection.execute("REVOKE INSERT ON ledger_event FROM rekindle_service")
            yield
            connection.execute("GRANT INSERT ON ledger_event TO rekindle_service")
        return
    with clinic.at_desk() as (session, _vault):
        session.connection().exec_driver_sql(
            "CREATE TRIGGER closed BEFORE INSERT ON ledger_event BEGIN SELECT RAISE(ABORT, 'closed'); END"
        )
    yield
    with clinic.at_desk() as (session, _vault):
        session.connection().exec_driver_sql("DROP TRIGGER closed")


def test_what_cannot_be_written_into_the_ledger_is_neither_read_nor_changed(clinic: Clinic, therapist: Caller) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}"
    with ledger_closed(clinic):
        for refused in (
            therapist.get(path),
            therapist.get("/v1/couples"),
            therapist.patch(path, json={"time_zone": "UTC"}, headers={"If-Match": '"1"'}),
            therapist.delete(path, headers={"If-Match": '"1"'}),
        ):
            assert (refused.status_code, refused.json()["code"]) == (500, "internal")
            assert couple["partners"][0]["record_number"] not in refused.text
    assert therapist.get(path).json() == couple


@pytest.fixture(scope="module")
def lonely_primary(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Iterator[tuple[Cluster, Settings]]:
    """A migrated server of its own, whose synchronous standby is away."""
    with Cluster(tmp_path_factory.mktemp("primary"), synchronous_commit="on") as cluster:
        settings = Settings(
            database_url=cluster.address("rekindle_service"),
            owner_database_url=cluster.address("rekindle_owner"),
            key_file=key_file,
            key_store_url=f"sqlite:///{tmp_path_factory.mktemp('store') / 'keys.db'}",  # of its own: its commits are certain
            threads=2,
        )
        migrate(settings)
        wait_for_standby(cluster, "away")
        yield cluster, settings
        wait_for_standby(cluster, "")


def wait_for_standby(cluster: Cluster, name: str) -> None:
    """Lets commits wait for this standby; '' for none."""
    with plain(cluster.address("postgres")) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        while connection.execute("SHOW synchronous_standby_names").fetchone() != (name,):
            time.sleep(0.05)


def cancel_waiting(cluster: Cluster, over: threading.Event) -> None:
    """Cancels every commit that waits for the standby, as an impatient operator does."""
    with plain(cluster.address("postgres")) as connection:
        while not over.is_set():
            connection.execute(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND pid <> pg_backend_pid()"
            )
            time.sleep(0.05)


def test_a_cancelled_commit_while_the_standby_is_away_is_unknown_and_never_done(
    lonely_primary: tuple[Cluster, Settings],
) -> None:
    cluster, settings = lonely_primary
    database, over = Database(settings), threading.Event()
    impatient = threading.Thread(target=cancel_waiting, args=(cluster, over))
    impatient.start()

    def write(*, durable: bool) -> None:
        with database.transaction(Reach(new_clinic_id()), durable=durable) as session:
            begin(session, Occasion("operator", None, None, "test", "req_test", now()))
            session.add(Couple(time_zone="UTC", created_at=now()))

    with pytest.raises(CommitUnknownError):
        write(durable=True)
    write(durable=False)  # the control: a read's trace does not wait for the standby, and is not in doubt
    over.set()
    impatient.join()
    database.close()


def test_an_unknown_commit_stays_503_until_it_is_certain_and_then_has_one_effect(
    lonely_primary: tuple[Cluster, Settings],
) -> None:
    (cluster, settings), over = lonely_primary, threading.Event()
    impatient = threading.Thread(target=cancel_waiting, args=(cluster, over))
    app, clinic_id = create_app(settings), new_clinic_id()
    database: Database = app.state.runtime.database
    with database.transaction(Reach(clinic_id), durable=False) as session:
        begin(session, Occasion("operator", None, None, "test", "req_test", now()))
        create_clinic(session, Vault(session, app.state.runtime.cache), "A clinic", now())
        key = issue_key(session, add_member(session, "thea", Role.THERAPIST, "IT", now()), "live", now())
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "once"}
    impatient.start()
    with TestClient(app, headers=headers) as client:
        unknown = [client.post("/v1/couples", json=new_couple()) for _ in range(2)]
        wait_for_standby(cluster, "")
        again, read = client.post("/v1/couples", json=new_couple()), client.get("/v1/couples")
        wait_for_standby(cluster, "away")
    over.set()
    impatient.join()
    database.close()
    assert [(one.status_code, one.json()["code"]) for one in unknown] == [(503, "commit_unknown")] * 2
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
    assert [couple["id"] for couple in read.json()["items"]] == [again.json()["id"]]
