"""A disk without room ends an import between two couples, and it goes on there once there is room."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.imports.reading import Source, read
from app.imports.spool import Spool
from tests.conftest import Clinic
from tests.imports.conftest import Import
from tests.imports.crawl import crawl, write
from tests.imports.many import many

COUPLES = 12


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_record_without_room_keeps_whole_couples_and_takes_the_rest_when_there_is_room(
    clinic: Clinic, importing: Callable[[Clinic], Import], tmp_path: Path
) -> None:
    files, bring = write(tmp_path / "files", many(COUPLES, 6)), importing(clinic)
    database = clinic.app.state.runtime.database
    pages = 1 << 30

    def limit(connection: object) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")  # type: ignore[attr-defined]  # SQLAlchemy's connection

    event.listen(database.engine, "begin", limit)
    try:
        with clinic.at_desk() as (session, _vault):
            pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one() + 30
        with pytest.raises(OperationalError):
            bring(files, batch_rows=1)
        came = bring.told[-1]
        pages = 1 << 30
        done = bring(files, resumes=True)
    finally:
        event.remove(database.engine, "begin", limit)
    assert 0 < came < COUPLES
    assert done.couples == COUPLES
    tables = crawl(bring.caller)
    assert {table: len(tables[table]) for table in many(0)} == {table: len(rows) for table, rows in many(COUPLES, 6).items()}


def test_rows_that_find_no_room_while_they_are_sorted_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(*given: object, **more: object) -> sqlite3.Connection:
        file = connect(*given, **more)
        file.execute("PRAGMA max_page_count = 20")
        return file

    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", small)
    source = Source(write(tmp_path / "files", many(100)) / "items.csv", "items", "csv", 0)
    with pytest.raises(OSError, match="full"):
        Spool().add(source, read(source, lambda _finding: None), lambda _finding: None)
