"""What tables hold for clinic software, read as an export reads them: in a transaction in which nothing can be written."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text

from app.access.actor import Actor
from app.access.permissions import GRANTABLE, MACHINE
from app.access.work import Runtime, Work
from app.core.crypto import Vault
from app.core.database import Reach
from app.core.ids import encode, new_id
from app.exports.columns import Column, Missing, Type
from app.exports.reading import Places, Reading
from app.exports.table import Table

Json = dict[str, Any]


@contextmanager
def reading(runtime: Runtime, clinic_id: Any, released: Mapping[str, Places] | None = None) -> Iterator[Reading]:
    """A look of an integration of the clinic."""
    actor = Actor(clinic_id, new_id(), new_id(), None, GRANTABLE)
    with runtime.database.transaction(Reach(clinic_id, MACHINE)) as session:
        is_postgresql = runtime.database.is_postgresql
        session.execute(text("SET TRANSACTION READ ONLY" if is_postgresql else "PRAGMA query_only = ON"))
        try:
            yield Reading(
                Work(session, actor, Vault(session, runtime.cache), runtime.clock(), runtime.settings), None, released
            )
        finally:
            if not is_postgresql:
                session.execute(text("PRAGMA query_only = OFF"))


def rows(found: Reading, table: Table) -> list[Json]:
    """Every row by the names of its columns, checked against what the columns say of themselves; ids as the API tells them."""
    told = [dict(zip((one.name for one in table.columns), row, strict=True)) for page in table.read(found) for row in page]
    keys = [tuple(row[name] for name in table.key) for row in told]
    assert len(set(keys)) == len(keys), f"two rows of {table.name} have one key"
    return [{column.name: _checked(table, column, row[column.name]) for column in table.columns} for row in told]


TYPES: Mapping[Type, type | tuple[type, ...]] = {
    Type.CODE: str,
    Type.INTEGER: int,
    Type.NUMBER: (int, float),
    Type.BOOLEAN: bool,
}


def _checked(table: Table, column: Column, value: Any) -> Any:
    place = (table.name, column.name, value)
    if isinstance(value, Missing):
        assert value in column.missing, place
        return value
    if column.type is Type.ID:
        return encode(str(column.prefix), value)
    if column.type in {Type.MOMENT, Type.DATE}:
        assert hasattr(value, "hour") is (column.type is Type.MOMENT), place
        return value
    assert isinstance(value, TYPES[column.type]), place
    assert isinstance(value, bool) is (column.type is Type.BOOLEAN), place
    assert not column.categories or value in column.categories, place
    if isinstance(value, int | float):
        assert column.minimum is None or value >= column.minimum, place
        assert column.maximum is None or value <= column.maximum, place
    return value


def value(told: Any) -> Any:
    """A value, or None in place of a code that says why there is none."""
    return None if isinstance(told, Missing) else told
