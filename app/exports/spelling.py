"""How values are spelled in exported text, the same in every format: as the wire spells them."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from app.core.ids import encode
from app.core.schemas import wire_moment
from app.core.snapshots import spelled_number
from app.exports.columns import Column, Type


@lru_cache(maxsize=65_536)  # the ids of a couple and of both partners come again on every row of theirs
def spelled_id(prefix: str, value: UUID) -> str:
    """`cpl_01k...`, as the wire spells it."""
    return encode(prefix, value)


def _day(value: date) -> str:
    return value.isoformat()


def _moment(value: datetime) -> str:
    return wire_moment(value)


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _integer(value: int) -> str:
    return str(int(value))


def speller(column: Column) -> Callable[[Any], str]:
    """What turns a value of a column into its text; a missing one is the format's business."""
    if column.type is Type.ID:
        prefix = column.prefix
        return str if prefix is None else lambda value: spelled_id(prefix, value) if isinstance(value, UUID) else str(value)
    spelled: dict[Type, Callable[[Any], str]] = {
        Type.INTEGER: _integer,
        Type.NUMBER: spelled_number,
        Type.BOOLEAN: _boolean,
        Type.DATE: _day,
        Type.MOMENT: _moment,
    }
    return spelled.get(column.type, str)
