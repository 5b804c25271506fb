"""Three layers keep clinics apart; each is tried alone, and each test has a control that shows it can fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import walk_packages
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import delete, event, exists, func, insert, literal, select, true, union, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

import app as house
from app.access.models import CareTeamMember, Member
from app.core.database import (
    AppendOnlyRow,
    Base,
    Compartment,
    OutsideTenantError,
    Reach,
    RecordSession,
    TenantRow,
    insert_rows,
    read_within_reach,
    write_within_clinic,
)
from app.core.ids import decode, new_id
from app.couples.models import Concern, Couple, Partner
from app.ledger.models import LedgerEvent
from app.ledger.service import Occasion, begin
from tests.conftest import Clinic
from tests.couples.test_couples import new_couple

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)

for module in walk_packages(house.__path__, "app."):
    if module.name.rpartition(".")[2] == "models":
        import_module(module.name)

Session = RecordSession
APPEND_ONLY = {str(m.local_table) for m in Base.registry.mappers if issubclass(m.class_, AppendOnlyRow)}
TABLES = sorted(table.name for table in Base.metadata.sorted_tables)


@dataclass(frozen=True)
class Two:
    """Two clinics in one database, each with a couple."""

    mine: Clinic
    theirs: Clinic
    my_couple: UUID
    their_couple: UUID

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


@pytest.fixture
def two(new_clinic: Callable[[], Clinic]) -> Two:
    """Two clinics with a couple each."""
    ids, clinics = [], [new_clinic(), new_clinic()]
    for clinic in clinics:
        made = clinic.member("thea").post("/v1/couples", json=new_couple())
        ids.append(decode("cpl", made.json()["id"]))
    return Two(clinics[0], clinics[1], ids[0], ids[1])


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


def _ids(session: Session, statement: Any) -> set[Any]:
    return set(session.scalars(statement))


def _alias(two: Two) -> Any:
    other = aliased(Couple)
    return select(other.id).where(other.id == two.their_couple)


def _written(session: Session, statement: Any) -> set[Any]:
    return set(session.scalars(statement, execution_options={"synchronize_session": False}))


THEIRS: dict[str, Callable[[Session, Two], Any]] = {  # each comes back with something only when the other couple is reached
    "select": lambda s, i: i.their_couple in {row.id for row in s.scalars(select(Couple))},
    "columns": lambda s, i: i.their_couple in _ids(s, select(Couple.id)),
    "count": lambda s, _i: s.execute(select(func.count(Couple.id))).scalar_one() > 1,
    "get": lambda s, i: s.get(Couple, (i.theirs.id, i.their_couple)) is not None,
    "where": lambda s, i: _ids(s, select(Couple.id).where(Couple.id == i.their_couple)),
    "where clinic": lambda s, i: _ids(s, select(Couple.id).where(Couple.clinic_id == i.theirs.id)),
    "or": lambda s, i: i.their_couple in _ids(s, select(Couple.id).where((Couple.clinic_id == i.theirs.id) | true())),
    "join": lambda s, i: i.their_couple in _ids(s, select(Couple.id).join(Partner, Partner.couple_id == Couple.id)),
    "joined": lambda s, i: i.their_couple in _ids(s, select(Partner.couple_id).join(Couple, Couple.id == Partner.couple_id)),
    "outer join": lambda s, i: i.their_couple in _ids(s, select(Couple.id).select_from(Member).outerjoin(Couple, true())),
    "subquery": lambda s, i: i.their_couple in _ids(s, select(select(Couple.id).subquery().c.id)),
    "scalar subquery": lambda s, i: _ids(s, select(_one(i).scalar_subquery())) - {None},
    "in": lambda s, i: _ids(s, select(literal(1)).where(literal(i.their_couple).in_(select(Couple.id)))),
    "exists": lambda s, i: s.execute(select(exists().where(Couple.id == i.their_couple))).scalar_one(),
    "correlated exists": lambda s, i: _ids(s, select(literal(1)).where(_one(i).exists())),
    "union": lambda s, i: _ids(s, union(_one(i), _one(i))),
    "union all in a subquery": lambda s, i: _ids(s, select(union_all(_one(i), _one(i)).subquery().c.id)),
    "entities of a union": lambda s, i: (
        i.their_couple
        in {row.id for row in s.scalars(select(Couple).from_statement(union_all(select(Couple), select(Couple))))}
    ),
    "cte": lambda s, i: i.their_couple in _ids(s, select(select(Couple.id).cte("seen").c.id)),
    "alias": lambda s, i: _ids(s, _alias(i)),
    "lock": lambda s, i: _ids(s, _one(i).with_for_update()),
    "update": lambda s, i: _written(
        s, update(Couple).where(Couple.id == i.their_couple).values(time_zone="UTC").returning(Couple.id)
    ),
    "delete": lambda s, i: _written(
        s, delete(CareTeamMember).where(CareTeamMember.couple_id == i.their_couple).returning(CareTeamMember.id)
    ),
}


def _one(two: Two) -> Any:
    return select(Couple.id).where(Couple.id == two.their_couple)


def leaking(two: Two) -> list[str]:
    """The statements that reach the other clinic's couple from within mine."""
    found = []
    for name, read in THEIRS.items():
        with two.session(two.mine.id) as session:
            if read(session, two):
                found.append(name)
    return found


def test_the_orm_alone_keeps_clinics_apart_whatever_the_statement(two: Two) -> None:
    with without_row_level_security(two):
        assert leaking(two) == []
        with without(read_within_reach, "do_orm_execute"):  # the control
            assert leaking(two) == list(THEIRS)


def test_row_level_security_alone_keeps_clinics_apart_whatever_the_statement(two: Two) -> None:
    with without(read_within_reach, "do_orm_execute"):
        assert leaking(two) == []


def test_the_guard_alone_keeps_a_session_from_writing_into_another_clinic(two: Two) -> None:
    with without_row_level_security(two):
        for change in (_add, _move, _remove):
            with two.session(two.mine.id) as session, pytest.raises(OutsideTenantError):
                change(session, two)
            with two.session(two.mine.id) as session, without(write_within_clinic, "before_flush"):  # the control
                change(session, two)


def _add(session: Session, two: Two) -> None:
    seat = CareTeamMember(clinic_id=two.theirs.id, couple_id=two.their_couple, member_id=new_id(), since=two.mine.clock())
    with session.no_autoflush:
        seat.member_id = (
            session.connection()
            .execute(select(Member.__table__.c.id).where(Member.__table__.c.clinic_id == two.theirs.id))
            .scalar_one()
        )
        emptied = f"DELETE FROM care_team_member WHERE clinic_id = '{two.theirs.id}'"  # noqa: S608 - our own id
        session.connection().exec_driver_sql(emptied)
    session.add(seat)
    session.flush()


def _theirs(session: Session, two: Two) -> Couple:
    session.info["reach"] = Reach(two.theirs.id, frozenset(Compartment))
    couple = session.scalars(select(Couple)).one()
    session.info["reach"] = Reach(two.mine.id, frozenset(Compartment))
    return couple


def _move(session: Session, two: Two) -> None:
    _theirs(session, two).time_zone = "UTC"
    session.flush()


def _remove(session: Session, two: Two) -> None:
    session.info["reach"] = Reach(two.theirs.id, frozenset(Compartment))
    seat = session.scalars(select(CareTeamMember)).one()
    session.info["reach"] = Reach(two.mine.id, frozenset(Compartment))
    session.delete(seat)
    session.flush()


def test_a_bulk_insert_lands_in_its_own_clinic_whatever_the_rows_say(two: Two) -> None:
    row = {"clinic_id": two.theirs.id, "id": new_id(), "time_zone": "UTC", "created_at": two.mine.clock(), "version": 1}
    with two.session(two.mine.id) as session:
        insert_rows(session, Couple, [row])
        assert session.scalars(select(Couple.clinic_id).where(Couple.id == row["id"])).one() == two.mine.id


def test_a_session_without_a_clinic_reads_and_writes_nothing(two: Two) -> None:
    with without_row_level_security(two), two.session(UUID(int=0)) as session:
        assert session.scalars(select(Couple)).all() == []
        session.add(Couple(time_zone="UTC", created_at=two.mine.clock()))
        with pytest.raises(OutsideTenantError):
            session.flush()


def test_an_append_only_row_is_neither_changed_nor_removed_through_the_orm(two: Two) -> None:
    for change in ("operation", None):
        with two.session(two.mine.id) as session:
            found = session.scalars(select(LedgerEvent).limit(1)).one()
            if change:
                found.operation = "nothing"
            else:
                session.delete(found)
            with pytest.raises(OutsideTenantError, match="append-only"):
                session.flush()


def test_every_table_is_a_tenants_and_has_forced_row_level_security_and_its_policy(two: Two) -> None:
    classes = {str(mapper.local_table) for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantRow)}
    with two.raw("owner", None) as connection:
        made = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        forced = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = 'public'"
            " WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.cmd = 'ALL' AND p.permissive = 'PERMISSIVE'"
            " AND p.qual LIKE '%app.clinic_id%' AND p.qual = p.with_check"
        ).fetchall()
        connection.execute("CREATE TABLE forgotten (clinic_id uuid)")
        connection.commit()
        try:
            refusals = two.mine.app.state.runtime.database.refusals()
        finally:
            connection.execute("DROP TABLE forgotten")
    assert {row[0] for row in made} - {"alembic_version"} == set(TABLES) == classes
    assert {row[0] for row in forced} == set(TABLES)
    assert refusals == ["table forgotten has no forced row-level security"]  # the control


def test_the_service_may_not_be_served_as_the_owner_nor_as_a_superuser(two: Two) -> None:
    for role, refused in (("rekindle_owner", "own tables"), ("postgres", "superuser")):
        address = two.mine.settings.database_url.get_secret_value().replace("rekindle_service", role)
        settings = two.mine.settings.model_copy(update={"database_url": type(two.mine.settings.database_url)(address)})
        database = type(two.mine.app.state.runtime.database)(settings)
        assert any(refused in sentence for sentence in database.refusals())
        database.close()
    assert two.mine.app.state.runtime.database.refusals() == []


def verb(table: str, name: str, clinic_id: UUID) -> str:
    """A statement on one clinic's rows of a table."""
    match name:
        case "select":
            return f"SELECT count(*) FROM {table} WHERE clinic_id = '{clinic_id}'"  # noqa: S608 - tables of our own
        case "update":
            return f"UPDATE {table} SET clinic_id = clinic_id WHERE clinic_id = '{clinic_id}'"  # noqa: S608 - the same
        case "delete":
            return f"DELETE FROM {table} WHERE clinic_id = '{clinic_id}'"  # noqa: S608 - the same
        case _:
            columns = ", ".join(Base.metadata.tables[table].columns.keys())
            values = columns.replace("clinic_id", f"'{clinic_id}'::uuid", 1)
            return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1"  # noqa: S608 - the same


def outcome(two: Two, within: UUID | None, statement: str) -> str:
    """`rows` when the statement reaches some, `nothing`, or the SQLSTATE it is refused with."""
    with two.raw("service", within) as connection:
        try:
            done = connection.execute(statement.encode())
            reached = done.fetchone()[0] if done.description else done.rowcount  # type: ignore[index]  # count(*) gives a row
        except psycopg.Error as error:
            connection.rollback()
            return error.sqlstate or ""
        connection.rollback()
    return "rows" if reached else "nothing"


FILLED = ("clinic", "couple", "partner", "data_key", "member", "credential", "care_team_member", "ledger_event")
VERBS = ("select", "insert", "update", "delete")


def test_row_level_security_holds_on_every_table_for_every_verb_and_clinic(two: Two) -> None:
    for table in TABLES:
        for name in VERBS:
            refused = table in APPEND_ONLY and name in {"update", "delete"}
            other, none = (outcome(two, within, verb(table, name, two.theirs.id)) for within in (two.mine.id, None))
            own = outcome(two, two.mine.id, verb(table, name, two.mine.id))
            # a row could only be put into another clinic if there were one to copy: then the policy's check refuses it
            told = "42501" if refused or (name == "insert" and table in FILLED) else "nothing"
            assert other == told, (table, name)
            assert none == ("42501" if refused else "nothing"), (table, name)
            assert own == "42501" if refused else own != "42501", (table, name)
            if table in FILLED and not refused:  # the control: within its own clinic the statement reaches rows
                assert own in {"rows", "23505", "23503"}, (table, name)


def test_without_the_policy_the_same_statements_reach_the_other_clinic(two: Two) -> None:
    with without_row_level_security(two):
        for table in FILLED:
            assert outcome(two, two.mine.id, verb(table, "select", two.theirs.id)) == "rows"


def test_the_service_may_neither_truncate_nor_switch_row_level_security_off(two: Two) -> None:
    for table in TABLES:
        assert outcome(two, two.mine.id, f"TRUNCATE {table} CASCADE") == "42501"
        assert outcome(two, two.mine.id, f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY") == "42501"
        off = f"SET LOCAL row_security = off; SELECT count(*) FROM {table}"  # noqa: S608 - tables of our own
        assert outcome(two, two.mine.id, off) == "42501"


def test_a_foreign_key_cannot_point_into_another_clinic(two: Two) -> None:
    with two.session(two.mine.id) as session, pytest.raises(IntegrityError, match="foreign key"):
        session.execute(
            insert(Concern),
            [
                {
                    "clinic_id": two.mine.id,
                    "id": new_id(),
                    "couple_id": two.their_couple,
                    "episode_id": new_id(),
                    "compartment": Compartment.CONJOINT,
                    "code": "x",
                    "is_primary": True,
                    "bearer": "relationship",
                    "version": 1,
                }
            ],
        )


def test_every_transaction_names_its_clinic_and_one_without_names_none(two: Two) -> None:
    said: list[str] = []
    engine = two.mine.app.state.runtime.database.engine

    def heard(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(engine, "before_cursor_execute", heard)
    for clinic_id in (two.mine.id, UUID(int=0), two.theirs.id):
        with two.session(clinic_id) as session:
            session.scalars(select(Couple)).all()
            session.commit()
            session.scalars(select(Couple)).all()
    event.remove(engine, "before_cursor_execute", heard)
    named = [statement.partition(";")[0] for statement in said if statement.startswith("SET LOCAL app")]
    ids = [id_ for id_ in (str(two.mine.id), "", str(two.theirs.id)) for _ in range(2)]
    assert named == [f"SET LOCAL app.clinic_id = '{id_}'" for id_ in ids]
    assert [index for index, statement in enumerate(said) if statement.startswith("SET LOCAL app")] == list(range(0, 12, 2))
