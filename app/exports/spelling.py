"""How values are spelled in exported text, the same in every format: as the wire spells them."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from app.core.ids import encode
from app.core.schemas import wire_moment
from app.exports.columns import Column, Type

LONG: Final = 1e15  # from here on PostgreSQL writes an exponent, Python only from 1e16 on


@lru_cache(maxsize=65_536)  # the ids of a couple and of both partners come again on every row of theirs
def spelled_id(prefix: str, value: UUID) -> str:
    """`cpl_01k...`, as the wire spells it."""
    return encode(prefix, value)


def spelled_number(value: float) -> str:
    """The shortest text that reads back as the same number; a whole one without a point, as PostgreSQL writes it.

    From 2^53 on PostgreSQL at times writes one digit more, and both read back as the same number.
    """
    text = repr(float(value)).removesuffix(".0")
    if LONG <= abs(value) < LONG * 10 and "e" not in text:
        digits = text.lstrip("-")
        rest = digits[1:].replace(".", "").rstrip("0")
        return f"{'-' if value < 0 else ''}{digits[0]}{'.' if rest else ''}{rest}e+15"
    return text


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
