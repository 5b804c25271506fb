"""Two clinics in one PostgreSQL, and ways to switch off one layer that keeps them apart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event

import app as house
from app.core.database import AppendOnlyRow, Base, Compartment, Reach, RecordSession
from app.core.ids import decode
from app.ledger.service import Occasion, begin
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

for module in walk_packages(house.__path__, "app."):
    if module.name.rpartition(".")[2] == "models":
        import_module(module.name)

Session = RecordSession
APPEND_ONLY = {str(mapper.local_table) for mapper in Base.registry.mappers if issubclass(mapper.class_, AppendOnlyRow)}
TABLES = sorted(table.name for table in Base.metadata.sorted_tables)


@dataclass(frozen=True)
class Two:
    """Two clinics in one database, each with a couple."""

    mine: Clinic
    theirs: Clinic
    my_couple: UUID
    their_couple: UUID
    my_therapist: Caller

    @contextmanager
    def session(self, clinic_id: UUID) -> Iterator[Session]:
        """A transaction with this clinic's reach, undone at the end."""
        with RecordSession(self.mine.app.state.runtime.database.engine, expire_on_commit=False) as session:
            session.info["reach"] = Reach(clinic_id, frozenset(Compartment))
            begin(session, Occasion("operator", None, None, "test", "req_test", self.mine.clock()))
            yield session
            session.rollback()

    def raw(self, role: str, clinic_id: UUID | None) -> psycopg.Connection[Any]:
        """A plain connection of a database role, in a transaction of a clinic."""
        settings = self.mine.settings
        chosen = settings.owner_database_url if role == "owner" else settings.database_url
        assert chosen is not None
        connection = psycopg.connect(chosen.get_secret_value().replace("+psycopg", ""))
        connection.execute(f"SET LOCAL app.clinic_id = '{clinic_id or ''}'".encode())
        return connection


def two_clinics(new_clinic: Callable[[], Clinic]) -> Two:
    """Two clinics with a therapist and a couple each."""
    mine, theirs = new_clinic(), new_clinic()
    therapists = [clinic.member("thea") for clinic in (mine, theirs)]
    made = [therapist.post("/v1/couples", json=new_couple()).json()["id"] for therapist in therapists]
    return Two(mine, theirs, decode("cpl", made[0]), decode("cpl", made[1]), therapists[0])


@contextmanager
def without_row_level_security(two: Two) -> Iterator[None]:
    """Lets every role of the database see every clinic, so that the layers above stand alone."""
    with two.raw("owner", None) as connection:
        for table in TABLES:
            connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())
    try:
        yield
    finally:
        with two.raw("owner", None) as connection:
            for table in TABLES:
                connection.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())


@contextmanager
def without(listener: Any, name: str) -> Iterator[None]:
    """Switches one guard of the ORM off."""
    event.remove(RecordSession, name, listener)
    try:
        yield
    finally:
        event.listen(RecordSession, name, listener)
