"""A SQLite file as a whole: a consistent copy while others write, and whether a file is sound."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

MOST_FAULTS: Final = 10


class CopyFailedError(RuntimeError):
    """SQLite could not copy a file: it is broken, the disk is full, or it stayed locked."""


def copy_consistently(source: Path, to: Path) -> None:
    """Copies a record that is in use into the new file `to`, as it stood at one moment, by SQLite's own online backup.

    A plain copy of the file is bad: it misses what still lies in the write-ahead log and may be half of a checkpoint.
    Raises CopyFailedError.
    """
    try:
        with _opened(source) as live, closing(sqlite3.connect(to)) as copy:
            live.backup(copy, pages=-1)  # in one step: one reader's snapshot, which writers neither wait for nor restart
            copy.execute("PRAGMA journal_mode=DELETE")  # the copy is one file, without a log beside it
    except sqlite3.Error as error:
        raise CopyFailedError(f"the record could not be copied ({error.sqlite_errorname})") from None


def faults(file: Path) -> list[str]:
    """What is wrong with a file nobody uses: broken pages and indexes, rows that refer to nothing; empty when it is sound."""
    try:
        with _opened(file) as connection:
            pages = [row[0] for row in connection.execute(f"PRAGMA integrity_check({MOST_FAULTS})") if row[0] != "ok"]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(MOST_FAULTS)
    except sqlite3.DatabaseError:
        return ["it is not a SQLite database"]
    # what integrity_check says may hold values of an index; which table a row misses its parent in holds none
    broken = ["its pages or indexes are broken"] if pages else []
    return broken + sorted(
        {f"a row of {table} refers to a row of {parent} that is not there" for table, _, parent, _ in orphans}
    )


def revision(file: Path) -> str | None:
    """The migration a file stands at, or None when it is no record of ours."""
    try:
        with _opened(file) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(found[0]) if found else None


def counts(file: Path) -> dict[str, int]:
    """How many rows each table of a file holds."""
    with _opened(file) as connection:
        named = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        tables = sorted(row[0] for row in named)
        return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}  # noqa: S608 - names of our own tables


def newest_checkpoint(file: Path) -> str | None:
    """The newest checkpoint of the ledger in a record, or None when nothing was sealed yet or it is no record."""
    try:
        with _opened(file) as connection:
            found = connection.execute("SELECT note FROM checkpoint ORDER BY size DESC LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        return None
    return str(found[0]) if found else None


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing; a file that is not there is an error, never a new one."""
    if not file.is_file():
        raise FileNotFoundError(f"there is no database at {file}")
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True, timeout=30)) as connection:
        connection.execute("PRAGMA query_only=ON")
        yield connection


def holds_a_clinic(session: Session, clinic: Any) -> bool:
    """Whether this SQLite file already belongs to a clinic, whichever; PostgreSQL holds many."""
    if session.get_bind().dialect.name == "postgresql":
        return False
    return session.connection().execute(select(clinic)).first() is not None
