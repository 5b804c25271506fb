"""Puts the same content under another key where it stands, also in tables that are otherwise only ever added to.

No right to change such a table is handed out for it. On PostgreSQL a renewal runs as the role that owns the tables, which the
service never is. On SQLite the trigger that forbids changes is away within the one transaction that puts it back: no other
transaction ever sees the table without it, and a crash leaves it where it was.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, update

from app.core.database import RecordSession

Change = tuple[UUID, str, bytes, bytes]


def rewrite(session: RecordSession, table: Table, changes: Collection[Change], *, append_only: bool) -> None:
    """Replaces sealed values (row, column, as it was, as it shall be); one that was changed meanwhile is left as it is."""
    if not changes:
        return
    connection, clinic_id = session.connection(), session.reach.clinic_id
    with _writable(connection, table.name, append_only=append_only):
        for column in sorted({change[1] for change in changes}):
            statement = (
                update(table)
                .where(table.c.clinic_id == clinic_id, table.c.id == bindparam("row"), table.c[column] == bindparam("before"))
                .values({column: bindparam("renewed")})
            )
            told = [{"row": row, "before": before, "renewed": after} for row, name, before, after in changes if name == column]
            connection.execute(statement, told)


@contextmanager
def _writable(connection: Connection, table: str, *, append_only: bool) -> Iterator[None]:
    if not append_only or connection.dialect.name == "postgresql":
        yield
        return
    trigger = f"{table}_no_update"
    query = f"SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = '{trigger}'"  # noqa: S608 - a table of our own
    definition = connection.exec_driver_sql(query).scalar_one()
    connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
    yield
    connection.exec_driver_sql(definition)
