"""One consistent state of the record for as long as it is read, on either database, while others go on writing.

Nothing can be written through it: the session refuses a flush, and the database refuses every other statement that writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import event, text
from sqlalchemy.orm import UOWTransaction

from app.core.database import Database, Reach, RecordSession

IS_SNAPSHOT: Final = "is_snapshot"
# Nobody waits at the other end of these reads as one waits for an answer, and the reader may be slow: a file over a slow line.
STATEMENT_SECONDS: Final = 600  # our proposal, as is the next one
PAUSE_SECONDS: Final = 600


class SnapshotIsReadOnlyError(RuntimeError):
    """Something was about to be written while a snapshot was read; a defect, never a caller's doing."""


class Snapshot(RecordSession):
    """A session on a state of the record that stands still; it reads within its reach, as every session does."""


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
            session.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'"))
            session.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = '{PAUSE_SECONDS}s'"))
            yield session
        else:
            connection = session.connection(execution_options={"only_reads": True})
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield session
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")
        session.rollback()
