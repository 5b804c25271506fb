"""JSON Lines: an object a row; where a value can be missing, the member after it says why it is null."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, literal

from app.exports.columns import Column, Missing, Type
from app.exports.format import Format
from app.exports.spelling import speller
from app.exports.straight import Layout, Spelled
from app.exports.table import Row, Table

BARE: Final = frozenset({Type.INTEGER, Type.NUMBER, Type.BOOLEAN})  # written without quotes


def write(table: Table, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """A line a row, always with the same members in the same order."""
    members = [_member(column) for column in table.columns]
    for page in pages:
        lines = (",".join([member(value) for member, value in zip(members, row, strict=True)]) for row in page)
        yield "".join(f"{{{line}}}\n" for line in lines).encode()


def _member(column: Column) -> Callable[[Any], str]:
    """What turns a value of a column into its member, or two where it can be missing."""
    spelled, name = speller(column), json.dumps(column.name)
    why = json.dumps(f"{column.name}_missing") if column.missing else None
    quoted = (lambda text: text) if column.type in BARE else lambda text: json.dumps(text, ensure_ascii=False)

    def member(value: Any) -> str:
        if isinstance(value, Missing):
            return f'{name}:null,{why}:"{value}"'
        text = f"{name}:{quoted(spelled(value))}"
        return text if why is None else f"{text},{why}:null"

    return member


def layout(table: Table) -> Layout:
    """The same members where the database spells them; none of those columns needs an escape."""
    first, *others = (column.name for column in table.columns)
    return Layout(before=(f'{{"{first}":"', *(f'","{name}":"' for name in others)), rest=_rest)


def _rest(columns: Sequence[Column], spelled: Sequence[Spelled]) -> ColumnElement[Any]:
    members = [_spelled(column, one) for column, one in zip(columns, spelled, strict=True)]
    begun: ColumnElement[Any] = literal('"', Text())
    return reduce(lambda line, member: line + member, members, begun) + "}"


def _spelled(column: Column, one: Spelled) -> ColumnElement[Any]:
    """The member of a column, or the two of one that can be missing."""
    quote, name = "" if column.type in BARE else '"', f',"{column.name}":'
    there = literal(name + quote, Text()) + one.value
    if one.missing is None:
        return there + quote if quote else there
    why = f',"{column.name}_missing":'
    gone = literal(f'{name}null{why}"', Text()) + one.missing + '"'
    return func.coalesce(there + f"{quote}{why}null", gone)


FORMAT: Final = Format(
    code="jsonl", title="JSON Lines", suffix="jsonl", media_type="application/jsonl", write=write, layout=layout
)
