"""Renewed keys: every sealed value comes under the new ones, nothing is lost, and nothing else becomes changeable."""

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import JSON, Boolean, Date, Float, Integer, LargeBinary, String, Uuid, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.core.crypto import Owner, Vault, generation_of, key_name, sealed_columns
from app.core.database import Base, Compartment, Database, Moment, RecordSession
from app.core.ids import decode, new_id
from app.core.key_cache import KeyCache
from app.core.key_models import PLAIN, KeyRotation
from app.core.rotation import Renewal, sealed_tables
from app.core.signing import Purpose, SigningKey
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.core.renewing import left_under_old_keys, opening, renew, renew_in_a_process, told
from tests.couples.test_couples import new_couple
from tests.served import CONTEXT

KILLS = int(os.environ.get("REKINDLE_KILLED_RENEWALS", "3"))
WHEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def everything_opens(clinic: Clinic) -> int:
    """Opens every sealed value of the clinic; gives their number."""
    runtime, opened = clinic.app.state.runtime, 0
    with opening(runtime.database, clinic.id)() as session:
        vault = Vault(session, KeyCache(runtime.cache.key_service, runtime.cache.store))
        for table in sealed_tables():
            for row in session.scalars(select(table)):
                for column in sealed_columns(table.__tablename__):
                    opened += vault.open(row, column, getattr(row, column)) is not None
    return opened


def filler(column: Any, couple_id: UUID) -> Any:
    """Something that may stand in a column, whatever it means."""
    match column.type:
        case Uuid():
            return couple_id if column.name == "couple_id" else new_id()
        case String() if column.name == "compartment":
            return Compartment.CONJOINT
        case Moment():
            return WHEN
        case Date():
            return date(2026, 11, 22)
        case Boolean():
            return False
        case Integer() | Float():
            return 1
        case JSON():
            return {}
        case String():
            return new_id().hex[::-1][: column.type.length]  # random at its start
        case LargeBinary():
            return b"public"
        case kind:
            raise TypeError(f"{column}: {kind}")


def row_of(table: type[Any], clinic_id: UUID, couple_id: UUID) -> Any:
    """A row of a table with sealed columns, all of which are to be filled."""
    columns = Base.metadata.tables[table.__tablename__].c
    plain = {c.name: filler(c, couple_id) for c in columns if c.name not in sealed_columns(table.__tablename__)}
    return table(**plain | {"clinic_id": clinic_id})


def fill(clinic: Clinic, rows: list[Any]) -> None:
    """Puts rows with every sealed column filled into the database, whatever they refer to."""
    with clinic.at_desk() as (_session, vault):
        for name in {key_name(row) for row in rows} - {(Owner.CLINIC, clinic.id)}:
            vault.create_key(*name)
        values = []
        for row in rows:
            plain = {column.name: vars(row).get(column.name) for column in row.__table__.c}
            values.append(plain | {name: vault.seal(row, name, name) for name in sealed_columns(row.__tablename__)})
    with clinic.app.state.runtime.database.engine.connect() as connection:
        for switched in ("foreign_keys = OFF", "ignore_check_constraints = ON"):
            connection.connection.execute(f"PRAGMA {switched}")
        for row, held in zip(rows, values, strict=True):
            connection.execute(insert(row.__table__), [held])
        connection.commit()
        for switched in ("foreign_keys = ON", "ignore_check_constraints = OFF"):
            connection.connection.execute(f"PRAGMA {switched}")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_every_sealed_column_of_every_table_is_found_by_itself(clinic: Clinic) -> None:
    mine, theirs = new_id(), new_id()
    rows = [row_of(table, clinic.id, couple_id) for table in sealed_tables() for couple_id in (mine, theirs)]
    fill(clinic, rows)
    with clinic.app.state.runtime.database.engine.connect() as connection:
        binary = {
            (table, column["name"])
            for table in inspect(connection).get_table_names()
            for column in inspect(connection).get_columns(table)
            if isinstance(column["type"], LargeBinary)
        }
    public = {(table.name, c.name) for table in Base.metadata.sorted_tables for c in table.c if c.info == PLAIN}
    known = {(table.__tablename__, name) for table in sealed_tables() for name in sealed_columns(table.__tablename__)}
    assert binary - public == known
    of_couple = {row.__tablename__ for row in rows if key_name(row)[0] is not Owner.CLINIC}
    renew(clinic.settings, clinic.id, mine, page=1)
    with opening(clinic.app.state.runtime.database, clinic.id)() as session:
        for table in sealed_tables():
            for row in session.scalars(select(table)):
                expected = 2 if getattr(row, "couple_id", None) == mine else 1
                found = {generation_of(getattr(row, name)) for name in sealed_columns(table.__tablename__)}
                assert found == {expected}, table
    assert set(left_under_old_keys(clinic)) <= of_couple
    renew(clinic.settings, clinic.id, page=1)
    assert left_under_old_keys(clinic) == {}
    assert everything_opens(clinic) == 2 * len(known) + len(Purpose)


def test_what_is_no_sealed_column_takes_no_sealed_value(clinic: Clinic) -> None:
    with clinic.at_desk() as (session, vault):
        key = session.scalars(select(SigningKey)).first()
        for column in ("public", "purpose", "nothing"):
            with pytest.raises(TypeError, match="does not hold sealed values"):
                vault.seal(key, column, "words")
        assert vault.seal(key, "private", "words")  # the control


class Interrupted(Exception):  # noqa: N818 - it stands for a crash, not for an error
    """The process ended here."""


def test_a_renewal_that_ends_anywhere_goes_on_and_leaves_nothing_under_an_old_key(clinic: Clinic, therapist: Caller) -> None:
    world = World(clinic, therapist)
    before, count = therapist.get(f"{world.couple}/notes").json(), everything_opens(clinic)
    database, cache = Database(clinic.settings, owner=True), clinic.app.state.runtime.cache
    interruptions = 0
    for survives in [*range(1, 12), 10_000]:
        with pytest.raises(Interrupted) if survives < 10_000 else nullcontext():
            Renewal(crashing(database, clinic.id, survives), cache, None, page=2).run()
        interruptions += survives < 10_000
        assert everything_opens(clinic) == count
    database.close()
    assert interruptions == 11
    assert left_under_old_keys(clinic) == {}
    assert therapist.get(f"{world.couple}/notes").json() == before
    with clinic.at_desk() as (session, _vault):
        (run,) = session.scalars(select(KeyRotation)).all()
        assert (run.rows_done > 10, run.finished_at is not None) == (True, True)


def crashing(database: Database, clinic_id: UUID, survives: int) -> Any:
    """Opens transactions until one ends before its commit."""
    begin, opened = opening(database, clinic_id), 0

    @contextmanager
    def doomed() -> Iterator[RecordSession]:
        nonlocal opened
        opened += 1
        with begin() as session:
            yield session
            if opened > survives:
                raise Interrupted

    return doomed


def test_backups_open_until_the_old_keys_are_dropped(clinic: Clinic, therapist: Caller) -> None:
    world = World(clinic, therapist)
    couple_id, runtime = decode("cpl", world.ids["couple_id"]), clinic.app.state.runtime
    renew(clinic.settings, clinic.id, couple_id)
    held = [key.generation for key in runtime.cache.store.all(clinic.id) if key.owner_id == couple_id]
    assert held == [1, 2]
    renew(clinic.settings, clinic.id, drop_old=True)
    generations = {key.owner: key.generation for key in runtime.cache.store.all(clinic.id)}
    mine = {Owner.COUPLE: 3, Owner.PARTNER: 3, Owner.PSYCHOTHERAPY: 3}
    assert generations == mine | {Owner.CLINIC: 2, Owner.FINGERPRINT: 1}
    assert len(runtime.cache.store.all(clinic.id)) == 6
    assert therapist.get(f"{world.couple}/notes").status_code == 200
    everything_opens(clinic)


def test_links_and_cursors_outlive_a_renewal(clinic: Clinic, therapist: Caller) -> None:
    world = World(clinic, therapist)
    for number in "12":
        therapist.post("/v1/couples", json=new_couple(number, external_id=number))
    page = therapist.get("/v1/couples?limit=2").json()
    asked = {"Authorization": f"Bearer {world.ids['link']}"}
    before = clinic.anonymous().get("/p/v1/link", headers=asked).status_code
    renew(clinic.settings, clinic.id)
    assert therapist.get("/v1/couples", params={"limit": 2, "cursor": page["next_cursor"]}).status_code == 200
    assert clinic.anonymous().get("/p/v1/link", headers=asked).status_code == before


def test_renewing_opens_no_door_to_changing_what_is_append_only(clinic: Clinic, therapist: Caller) -> None:
    world = World(clinic, therapist)
    database = clinic.app.state.runtime.database
    with pytest.raises(Interrupted):
        Renewal(
            crashing(database_of_the_owner := Database(clinic.settings, owner=True), clinic.id, 6),
            clinic.app.state.runtime.cache,
            None,
            page=1,
        ).run()
    database_of_the_owner.close()
    for _ in range(2):
        for change in ("UPDATE administration SET answers = answers", "DELETE FROM administration"):
            with pytest.raises(DBAPIError, match=r"append-only|permission denied"), clinic.at_desk() as (session, _vault):
                session.connection().execute(text(change))
        renew(clinic.settings, clinic.id)
    if database.is_postgresql:  # the service's role cannot renew: only the owner of the tables can
        again = Renewal(opening(database, clinic.id), clinic.app.state.runtime.cache, None)
        with pytest.raises(DBAPIError, match="permission denied"):
            again.run()
    assert therapist.get(world.couple).status_code == 200


class Writer(threading.Thread):
    """Writes partners' names and new couples for as long as it is let, and remembers what was acknowledged."""

    def __init__(self, caller: Caller, number: int) -> None:
        super().__init__(daemon=True)
        self.caller, self.number, self.over = caller, number, threading.Event()
        self.names: dict[str, str] = {}
        self.unexpected: list[Any] = []

    def run(self) -> None:
        """Until it is told to stop."""
        turn = 0
        while not self.over.is_set():
            turn += 1
            time.sleep(0.2)
            name = f"{self.number}-{turn}"
            answer = self.caller.post("/v1/couples", json=new_couple(name, external_id=name))
            if answer.status_code != 201:
                self.unexpected.append(answer.json()["code"])
                continue
            couple = answer.json()
            path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}"
            renamed = self.caller.patch(path, json={"name": name}, headers={"If-Match": '"1"'})
            if renamed.status_code == 200:
                self.names[path] = name
            else:
                self.unexpected.append(renamed.json()["code"])


def progress(clinic: Clinic) -> tuple[Any, ...]:
    """How far the unfinished renewal is; read beside all transactions, so that it keeps none waiting."""
    asked = "SELECT renewed_at, at_table, after_id FROM key_rotation WHERE finished_at IS NULL"
    with closing(clinic.app.state.runtime.database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        if clinic.app.state.runtime.database.is_postgresql:
            cursor.execute(f"SET LOCAL app.clinic_id = '{clinic.id}'")
        found = cursor.execute(asked).fetchone()
        cursor.close()
        connection.rollback()
    return tuple(found or ())


@pytest.mark.timeout(600)
def test_killed_renewals_under_concurrent_writing_lose_nothing_and_leave_nothing_under_an_old_key(
    clinic: Clinic, therapist: Caller
) -> None:
    for number in range(12):
        therapist.post("/v1/couples", json=new_couple(f"x{number}", external_id=f"x{number}"))
    before, chance, killed = everything_opens(clinic), random.Random(5), 0  # noqa: S311 - when it is killed is no secret
    writers = [Writer(therapist, number) for number in range(2)]
    for writer in writers:
        writer.start()
    while True:
        reached = progress(clinic)
        process = CONTEXT.Process(
            target=renew_in_a_process, args=(told(clinic.settings), clinic.id, 1 if killed < KILLS else 100), daemon=True
        )
        process.start()
        while killed < KILLS and process.is_alive() and progress(clinic) == reached:
            time.sleep(0.001)
        process.join(chance.random() * 0.01 if killed < KILLS else None)
        if process.is_alive():
            process.kill()
            killed += 1
        process.join()
        if not progress(clinic):
            break
    for writer in writers:
        writer.over.set()
        writer.join()
    assert killed >= KILLS / 2  # the control: that many were under way when they were killed
    told_otherwise = {code for writer in writers for code in writer.unexpected}
    assert told_otherwise <= {"unavailable"}  # on a busy machine SQLite may tell a writer to come again; it stored nothing then
    named = {path: name for writer in writers for path, name in writer.names.items()}
    assert named  # something was acknowledged meanwhile
    assert {path: therapist.get(path).json()["name"] for path in named} == named
    assert left_under_old_keys(clinic) == {}
    assert everything_opens(clinic) > before + len(named)
