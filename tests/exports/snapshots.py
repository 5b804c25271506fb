"""A snapshot of a test's clinic, read as an export of one of its integrations reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.exports.format import Format
from app.exports.reading import Reading
from app.exports.reading import reading as taken
from app.exports.table import Table
from tests.conftest import Clinic


@contextmanager
def reading(clinic: Clinic, **about: Any) -> Iterator[Reading]:
    """A snapshot of all that an integration may read."""
    nobody = UUID(int=0)
    actor = Actor(clinic.id, nobody, nobody, None, frozenset(GRANTABLE))
    with taken(clinic.app.state.runtime, actor, clinic.clock(), **about) as found:
        yield found


def rows_of(reading: Reading, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, by the names of their columns."""
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for page in table.read(reading) for row in page]


def written(reading: Reading, table: Table, form: Format) -> str:
    """A table as one file of a format."""
    return b"".join(form.write(table, table.read(reading))).decode()
