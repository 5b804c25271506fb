"""Rows that the database spells itself: the same bytes as from `Table.read`, without an object a value.

What it cannot spell (ids in Crockford's base 32, moments) comes as it is kept, and is spelled here for thousands of rows at
once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Text, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.core.ids import ALPHABET, LENGTH
from app.exports.columns import Column
from app.exports.reading import Reading

COUPLES_AT_ONCE: Final = 50  # whose rows are spelled together: some thousands
ID_BYTES: Final = 16
MOMENT_BYTES: Final = 8
MOMENT_LETTERS: Final = len("2026-11-29T08:00:00.000Z")
NOTHING: Final = literal(b"", LargeBinary())

Sql = ColumnElement[Any]
Read = tuple[Any, Any, list[bytes]]
"""Some rows: their ids as bytes, their moments as letters, a line each in an array, and the rest of each line."""


@dataclass(frozen=True)
class Spelled:
    """A column as the database spells it: the text of its value, null where it is missing, and then the text of the code."""

    value: Sql
    missing: Sql | None = None


@dataclass(frozen=True)
class Straight:
    """A table of the record whose rows the database spells: first ids, then a moment, then words and numbers without quotes.

    The columns are those of the table, in their order; `where` says which rows of a page of couples may leave. `same_as` is the
    `read` whose rows these are: a table that reads otherwise (and counts what leaves, say) is not spelled by the database.
    """

    same_as: Callable[[Reading], Iterator[Sequence[tuple[Any, ...]]]]
    couple_id: Any
    ids: tuple[Any, ...]
    moment: Any
    rest: tuple[Spelled, ...]
    order: tuple[Any, ...]
    where: Callable[[Reading, Sequence[UUID]], Sql]


@dataclass(frozen=True)
class Layout:
    """How a format lays out a row: what stands before the value of each column, and the SQL of all that follows the moment."""

    before: tuple[str, ...]
    rest: Callable[[Sequence[Column], Sequence[Spelled]], Sql]


@dataclass(frozen=True)
class Lines:
    """Some rows as the bytes of their lines, each with its line feed."""

    rows: int
    text: bytes

    def cut(self, rows: int) -> tuple["Lines", "Lines"]:
        """The first rows, and all others."""
        if rows >= self.rows:
            return self, Lines(0, b"")
        lines = self.text.splitlines(keepends=True)
        return Lines(rows, b"".join(lines[:rows])), Lines(self.rows - rows, b"".join(lines[rows:]))


def read_lines(reading: Reading, table: Straight, columns: Sequence[Column], layout: Layout) -> Iterator[Lines]:
    """All rows of a table that may leave, in its order."""
    prefixes = [column.prefix or "" for column in columns[: len(table.ids)]]
    rest = layout.rest(columns[len(table.ids) + 1 :], table.rest)
    read = _from_postgresql if reading.work.session.get_bind().dialect.name == "postgresql" else _from_sqlite
    for of in reading.couples():
        for ids, moments, ends in read(reading, table, rest, of):
            heads = _heads(ids, moments, prefixes, layout.before)
            yield Lines(len(ends), b"".join([part for pair in zip(heads, ends, strict=True) for part in (*pair, b"\n")]))


def _from_postgresql(reading: Reading, table: Straight, rest: Sql, of: Sequence[UUID]) -> Iterator[Read]:
    """A row a couple comes: its rows' ids and moments one after the other as bytes, and the rest of their lines as text."""
    import numpy as np  # noqa: PLC0415 - only exports of many rows need it

    fixed: Sql = func.timestamptz_send(table.moment, type_=LargeBinary())
    for one in reversed(table.ids):
        fixed = func.uuid_send(one, type_=LargeBinary()).op("||", return_type=LargeBinary())(fixed)
    query = (
        select(
            func.string_agg(fixed, aggregate_order_by(NOTHING, *table.order), type_=LargeBinary()),
            func.string_agg(rest, aggregate_order_by(literal("\n", Text()), *table.order), type_=Text()),
        )
        .where(table.where(reading, of))
        .group_by(table.couple_id)
        .order_by(table.couple_id)
        .execution_options(yield_per=COUPLES_AT_ONCE)
    )
    width = ID_BYTES * len(table.ids)
    for some in reading.work.session.execute(query).partitions():
        raw = np.frombuffer(b"".join([row[0] for row in some]), np.uint8).reshape(-1, width + MOMENT_BYTES)
        yield raw[:, :width], moments(raw[:, width:]), "\n".join([row[1] for row in some]).encode().split(b"\n")


def _from_sqlite(reading: Reading, table: Straight, rest: Sql, of: Sequence[UUID]) -> Iterator[Read]:
    """Ids are kept as hexadecimal digits and moments as text, always of one length."""
    import numpy as np  # noqa: PLC0415 - as above

    kept_ids: list[Sql] = [type_coerce(one, Text()) for one in table.ids]
    ids = reduce(lambda before, one: before + one, kept_ids)
    query = (
        select(ids, type_coerce(table.moment, Text()), rest)
        .where(table.where(reading, of))
        .order_by(table.couple_id, *table.order)
    )
    for some in reading.pages_of(query):
        raw = np.frombuffer(bytes.fromhex("".join([row[0] for row in some])), np.uint8).reshape(len(some), -1)
        kept = np.frombuffer("".join([row[1] for row in some]).encode(), np.uint8).reshape(len(some), -1)
        told = kept[:, :MOMENT_LETTERS].copy()
        told[:, 10], told[:, -1] = ord("T"), ord("Z")
        yield raw, told, "\n".join([row[2] for row in some]).encode().split(b"\n")


def _heads(ids: Any, at: Any, prefixes: Sequence[str], before: Sequence[str]) -> list[bytes]:
    """The beginning of each line, up to and with its moment."""
    import numpy as np  # noqa: PLC0415 - as above

    pieces: list[bytes] = []
    for prefix, text in zip(prefixes, before, strict=False):
        pieces += [f"{text}{prefix}_".encode(), bytes(LENGTH)]
    pieces += [before[len(prefixes)].encode(), bytes(MOMENT_LETTERS)]
    line = np.empty((len(ids), sum(map(len, pieces))), np.uint8)
    line[:] = np.frombuffer(b"".join(pieces), np.uint8)
    place = 0
    for number in range(len(prefixes)):
        place += len(pieces[2 * number])
        line[:, place : place + LENGTH] = letters(ids[:, number * ID_BYTES : (number + 1) * ID_BYTES])
        place += LENGTH
    line[:, -MOMENT_LETTERS:] = at
    heads: list[bytes] = line.view(f"S{line.shape[1]}").ravel().tolist()
    return heads


def letters(ids: Any) -> Any:
    """Ids of 16 bytes as their 26 letters: five bits each, the first of them three."""
    import numpy as np  # noqa: PLC0415 - as above

    halves = np.ascontiguousarray(ids).view(">u8").astype(np.uint64)
    high, low = halves[:, 0], halves[:, 1]
    five = np.empty((len(halves), LENGTH), np.uint8)
    for letter in range(LENGTH):
        shift = 5 * (LENGTH - 1 - letter)  # from the lowest bit of all 128
        if shift >= 64:
            part = high >> np.uint64(shift - 64)
        elif shift > 59:
            part = low >> np.uint64(shift) | high << np.uint64(64 - shift)
        else:
            part = low >> np.uint64(shift)
        five[:, letter] = part & np.uint64(31)
    return np.frombuffer(ALPHABET.encode(), np.uint8)[five]


def moments(sent: Any) -> Any:
    """Moments as PostgreSQL sends them, in microseconds since 2000, as the letters of the wire."""
    import numpy as np  # noqa: PLC0415 - as above

    since = np.ascontiguousarray(sent).view(">i8").ravel().astype(np.int64) // 1_000
    days, rest = np.divmod(since, 86_400_000)
    known, which = np.unique(days, return_inverse=True)
    spelled = (np.datetime64("2000-01-01") + known).astype("S10").view(np.uint8).reshape(-1, 10)
    line = np.empty((len(since), MOMENT_LETTERS), np.uint8)
    line[:, :10] = spelled[which]
    line[:, 10:] = np.frombuffer(b"T00:00:00.000Z", np.uint8)
    for unit, digits in ((3_600_000, (11, 12)), (60_000, (14, 15)), (1_000, (17, 18)), (1, (20, 21, 22))):
        count, rest = np.divmod(rest, unit)
        for place in reversed(digits):
            count, digit = np.divmod(count, 10)
            line[:, place] += digit.astype(np.uint8)
    return line
