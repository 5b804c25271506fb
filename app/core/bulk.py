"""Rows that are written without being loaded: many of a table at once, or one whether or not it is there already."""

from typing import Any, Final

from sqlalchemy import ARRAY, JSON, Table, Uuid, func, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core.database import Base, RecordSession, TenantRow

MANY_ROWS: Final = 100


def insert_rows(session: RecordSession, table: type[TenantRow], rows: list[dict[str, Any]]) -> None:
    """Inserts many rows of one table at once, in the session's clinic; `rows` lack `clinic_id` and have the same columns."""
    clinic_id = session.reach.clinic_id
    target = Base.metadata.tables[table.__tablename__]  # type: ignore[attr-defined]  # every mapped class names its table
    holds_lists = any(isinstance(column.type, JSON) for column in target.c)  # an array of lists would be one of two dimensions
    if len(rows) > 1 and not holds_lists and session.get_bind().dialect.name == "postgresql":
        _insert_arrays(session, target, rows)
    elif rows:
        session.execute(insert(table), [{**row, "clinic_id": clinic_id} for row in rows])


def put_row(session: RecordSession, table: type[TenantRow], values: dict[str, Any]) -> None:
    """Inserts a row in the session's clinic, or changes the one with the same primary key; `values` lack `clinic_id`."""
    target = Base.metadata.tables[table.__tablename__]  # type: ignore[attr-defined]  # every mapped class names its table
    insertion = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    key = [column.name for column in target.primary_key]
    statement = insertion(table).values({**values, "clinic_id": session.reach.clinic_id})
    changed = {name: statement.excluded[name] for name in values if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=changed))


def insert_unless_there(session: RecordSession, table: type[TenantRow], values: dict[str, Any]) -> bool:
    """Inserts a row in the session's clinic unless a unique key of it is taken; whether it did. One of many at once does."""
    insertion = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insertion(table).values({**values, "clinic_id": session.reach.clinic_id}).on_conflict_do_nothing()
    return session.execute(statement.returning(table.clinic_id)).first() is not None


def _insert_arrays(session: RecordSession, target: Table, rows: list[dict[str, Any]]) -> None:
    """One statement with an array a column: PostgreSQL plans it once, where it would plan each row's statement anew."""
    if len(rows) >= MANY_ROWS:
        # A connection keeps the plans of its foreign keys' checks. Those it made while a table was empty may walk through
        # the whole clinic for each row; made again, they see how large the tables are by now.
        session.connection().exec_driver_sql("DISCARD PLANS")
    names = [name for name in rows[0] if name != "clinic_id"]
    arrays = [literal([row[name] for row in rows], ARRAY(target.c[name].type)) for name in names]
    sent = func.unnest(*arrays).table_valued(*names).render_derived()
    chosen = select(literal(session.reach.clinic_id, Uuid()), *(sent.c[name] for name in names))
    session.execute(insert(target).from_select(["clinic_id", *names], chosen))
