"""Deleting rows for good, whatever their compartment, and through the one gate that append-only tables have."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select

from app.core.database import AppendOnlyRow, Base, RecordSession, TenantRow


def erase_rows(session: RecordSession, table: type[TenantRow], erasure_id: UUID, where: Any) -> int:
    """Deletes rows of one table in the session's clinic, whatever their compartment; returns how many.

    `where` is a condition on the table's columns. The database lets append-only rows go only while an erasure is deleting:
    on SQLite their triggers look for it, on PostgreSQL the service asks a function of the owner, which reads from the erasure
    itself whose rows to delete.
    """
    target = Base.metadata.tables[table.__tablename__]  # type: ignore[attr-defined]  # every mapped class names its table
    if issubclass(table, AppendOnlyRow) and session.get_bind().dialect.name == "postgresql":
        return int(session.execute(select(func.erase_rows(target.name, erasure_id))).scalar_one())
    statement = delete(target).where(target.c.clinic_id == session.reach.clinic_id, where)
    done = session.connection().execute(statement)
    return int(done.rowcount)


def values_of(session: RecordSession, table: str, column: str, couple_id: UUID) -> list[Any]:
    """One column of a couple's rows in a table, whatever their compartment: for what has to go with the couple."""
    target = Base.metadata.tables[table].c
    query = select(target[column]).where(target.clinic_id == session.reach.clinic_id, target.couple_id == couple_id)
    return list(session.connection().execute(query).scalars())


def restricted_couples(session: RecordSession) -> frozenset[UUID]:
    """Couples whose record, or that of one of the two, an erasure restricts: it is kept until its day, and used for nothing."""
    erasure = Base.metadata.tables["erasure"].c
    restricts = (erasure.restricted_at.is_not(None), erasure.withdrawn_at.is_(None), erasure.shredded_at.is_(None))
    query = select(erasure.couple_id).where(erasure.clinic_id == session.reach.clinic_id, *restricts)
    return frozenset(session.connection().execute(query).scalars())
