"""CSV (RFC 4180) that opens in a spreadsheet without running anything, with a code wherever a value is missing."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, func, literal

from app.exports.columns import MARK, Column, Missing, Type
from app.exports.format import Format
from app.exports.spelling import speller
from app.exports.straight import Layout, Spelled
from app.exports.table import Row, Table

QUOTED: Final = re.compile(r'[",\r\n]')
RUN_AS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV injection
ESCAPE: Final = "'"


def write(table: Table, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """A header and a line a row; lines end with a line feed."""
    yield header(table)
    cells = [_cell(column) for column in table.columns]
    for page in pages:
        lines = (",".join([cell(value) for cell, value in zip(cells, row, strict=True)]) for row in page)
        yield "".join(f"{line}\n" for line in lines).encode()


def header(table: Table) -> bytes:
    """The first line."""
    return (",".join(column.name for column in table.columns) + "\n").encode()


def _cell(column: Column) -> Callable[[Any], str]:
    """What turns a value of a column into its cell; only texts are escaped and quoted, nothing else can need it."""
    spelled = speller(column)
    is_text = column.type is Type.TEXT

    def cell(value: Any) -> str:
        if isinstance(value, Missing):
            return MARK + value
        return text_cell(spelled(value)) if is_text else spelled(value)

    return cell


def text_cell(text: str) -> str:
    """A text as a cell: never taken for a formula or a missing code, quoted where it must be."""
    if text.startswith((*RUN_AS_A_FORMULA, MARK, ESCAPE)):
        text = ESCAPE + text
    return '"' + text.replace('"', '""') + '"' if QUOTED.search(text) or not text else text


def layout(table: Table) -> Layout:
    """The same cells where the database spells them; none of those columns is a text."""
    return Layout(before=("", *[","] * (len(table.columns) - 1)), rest=_rest)


def _rest(_columns: Sequence[Column], spelled: Sequence[Spelled]) -> ColumnElement[Any]:
    cells = [one.value if one.missing is None else func.coalesce(one.value, MARK + one.missing) for one in spelled]
    begun: ColumnElement[Any] = literal("", Text())
    return reduce(lambda line, cell: line + "," + cell, cells, begun)


FORMAT: Final = Format(
    code="csv",
    title="CSV",
    suffix="csv",
    media_type="text/csv; charset=utf-8",
    write=write,
    layout=layout,
    header=header,
)
