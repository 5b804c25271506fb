"""Row-level security alone keeps clinics apart, on every table and for every verb."""

from uuid import UUID

import psycopg
import pytest

from app.core.database import Base, TenantRow
from tests.core.two_clinics import APPEND_ONLY, TABLES, Two, without_row_level_security

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


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


FILLED = ("clinic", "couple", "partner", "key_epoch", "signing_key", "member", "credential", "care_team_member", "ledger_event")
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
