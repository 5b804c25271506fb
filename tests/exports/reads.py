"""What tables hold for clinic software, read from a snapshot as an export reads them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from app.access.actor import Actor
from app.access.permissions import GRANTABLE
from app.access.work import Runtime
from app.core.ids import encode, new_id
from app.exports.columns import Column, Missing, Type
from app.exports.reading import Places, Reading
from app.exports.reading import reading as taken
from app.exports.table import Table

Json = dict[str, Any]


@contextmanager
def reading(runtime: Runtime, clinic_id: UUID, released: Mapping[str, Places] | None = None) -> Iterator[Reading]:
    """A look of an integration of the clinic."""
    actor = Actor(clinic_id, new_id(), new_id(), None, GRANTABLE)
    with taken(runtime, actor, runtime.clock(), released=released) as found:
        yield found


def rows(found: Reading, table: Table) -> list[Json]:
    """Every row by the names of its columns, checked against what the columns say of themselves; ids as the API tells them."""
    told = [dict(zip((one.name for one in table.columns), row, strict=True)) for page in table.read(found) for row in page]
    keys = [tuple(row[name] for name in table.key) for row in told]
    assert len(set(keys)) == len(keys), f"two rows of {table.name} have one key"
    assert [row["couple_id"] for row in told] == sorted(row["couple_id"] for row in told), f"{table.name} is not by couple"
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
