"""One consistent state of the record for as long as it is read, on either database, while others go on writing.

Nothing can be written through it: the session refuses a flush, and the database refuses every other statement that writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Text, event, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import UOWTransaction
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.core.database import Database, Reach, RecordSession

IS_SNAPSHOT: Final = "is_snapshot"
SPELLED_NUMBER: Final = "spelled_number"
LONG: Final = 1e15  # from here on PostgreSQL writes an exponent, Python only from 1e16 on
# Nobody waits at the other end of these reads as one waits for an answer, and the reader may be slow: a file over a slow line.
# They sort in memory, and leave the other processors to those who do wait. All of these figures are our proposals.
WHILE_IT_LASTS: Final = MappingProxyType(
    {
        "statement_timeout": "600s",
        "idle_in_transaction_session_timeout": "600s",
        "work_mem": "32MB",
        "max_parallel_workers_per_gather": "0",
        "timezone": "UTC",
    }
)


class SnapshotIsReadOnlyError(RuntimeError):
    """Something was about to be written while a snapshot was read; a defect, never a caller's doing."""


class Snapshot(RecordSession):
    """A session on a state of the record that stands still; it reads within its reach, as every session does."""


class NumberText(FunctionElement[str]):
    """The text of a number, as `spelled_number` spells it, within a statement on a snapshot; null for null."""

    type = Text()
    inherit_cache = True


@compiles(NumberText, "postgresql")
def _by_postgresql(element: NumberText, compiler: SQLCompiler, **told: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **told)} + 0 AS TEXT)"


@compiles(NumberText, "sqlite")
def _by_python(element: NumberText, compiler: SQLCompiler, **told: Any) -> str:
    return f"{SPELLED_NUMBER}({compiler.process(element.clauses, **told)})"


def spelled_number(value: float) -> str:
    """The shortest text that reads back as the same number; a whole one without a point, as PostgreSQL writes it.

    From 2^53 on PostgreSQL at times writes one digit more, and both read back as the same number.
    """
    text = repr(float(value) + 0.0).removesuffix(".0")  # zero has no sign
    if LONG <= abs(value) < LONG * 10 and "e" not in text:
        digits = text.lstrip("-")
        rest = digits[1:].replace(".", "").rstrip("0")
        return f"{'-' if value < 0 else ''}{digits[0]}{'.' if rest else ''}{rest}e+15"
    return text


def _spelled_or_null(value: float | None) -> str | None:
    """What SQLite calls: its own text of a number has fifteen digits."""
    return None if value is None else spelled_number(value)


@event.listens_for(Snapshot, "before_flush")
def refuse_to_write(session: Snapshot, _context: UOWTransaction, _instances: object) -> None:
    """Nothing is stored from here."""
    if session.new or session.dirty or session.deleted:
        raise SnapshotIsReadOnlyError


@contextmanager
def snapshot(database: Database, reach: Reach) -> Iterator[Snapshot]:
    """The record as it stands now, within `reach`, until the block is left.

    PostgreSQL: a repeatable read, read only. SQLite: a transaction that only ever reads, so that in WAL mode writers go on;
    until it ends, the log is not taken into the file.
    """
    with Snapshot(database.engine, expire_on_commit=False, autoflush=False) as session:
        session.info.update({"reach": reach, IS_SNAPSHOT: True})
        if database.is_postgresql:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
            for name, value in WHILE_IT_LASTS.items():
                session.execute(text(f"SET LOCAL {name} = '{value}'"))
            yield session
        else:
            connection = session.connection(execution_options={"only_reads": True})
            if not connection.info.get(SPELLED_NUMBER):  # once a connection: beside a statement left open it would be refused
                driver: Any = connection.connection.driver_connection
                driver.create_function(SPELLED_NUMBER, 1, _spelled_or_null, deterministic=True)
                connection.info[SPELLED_NUMBER] = True
            try:
                connection.exec_driver_sql("PRAGMA query_only = ON")
                yield session
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")
        session.rollback()
