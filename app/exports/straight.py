"""Rows that PostgreSQL spells itself, a couple at a time: the same bytes as from `Table.read`, without an object a row.

What the database cannot spell (ids in Crockford's base 32, moments of one width) comes as a block of bytes and is spelled here
for thousands of rows at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, LargeBinary, Select, Text, func, literal, select
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


@dataclass(frozen=True)
class Spelled:
    """A column as the database spells it: the text of its value, null where it is missing, and then the text of the code."""

    value: Sql
    missing: Sql | None = None


@dataclass(frozen=True)
class Straight:
    """A table of the record whose rows the database spells: first ids, then a moment, then words and numbers without quotes.

    The columns are those of the table, in their order; `where` says which rows of a page of couples may leave.
    """

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


def can_go_straight(reading: Reading) -> bool:
    """Whether the database of this snapshot spells rows."""
    return reading.work.session.get_bind().dialect.name == "postgresql"


def read_lines(reading: Reading, table: Straight, columns: Sequence[Column], layout: Layout) -> Iterator[Lines]:
    """All rows of a table that may leave, in its order."""
    prefixes = [column.prefix or "" for column in columns[: len(table.ids)]]
    for of in reading.couples():
        query = _query(reading, table, columns, layout, of).execution_options(yield_per=COUPLES_AT_ONCE)
        for some in reading.work.session.execute(query).partitions():
            fixed = b"".join([row.fixed for row in some])
            rest = "\n".join([row.rest for row in some]).encode().split(b"\n")
            yield Lines(len(rest), _joined(_heads(fixed, prefixes, layout.before), rest))


def _query(
    reading: Reading, table: Straight, columns: Sequence[Column], layout: Layout, of: Sequence[UUID]
) -> Select[*tuple[Any, ...]]:
    """A row a couple: its rows' ids and moments one after the other as bytes, and the rest of their lines as text."""
    sent = [func.uuid_send(one, type_=LargeBinary()) for one in table.ids]
    fixed: Sql = func.timestamptz_send(table.moment, type_=LargeBinary())
    for one in reversed(sent):
        fixed = one.op("||", return_type=LargeBinary())(fixed)
    rest = layout.rest(columns[len(table.ids) + 1 :], table.rest)
    return (
        select(
            func.string_agg(fixed, aggregate_order_by(NOTHING, *table.order), type_=LargeBinary()).label("fixed"),
            func.string_agg(rest, aggregate_order_by(literal("\n", Text()), *table.order), type_=Text()).label("rest"),
        )
        .where(table.where(reading, of))
        .group_by(table.couple_id)
        .order_by(table.couple_id)
    )


def _joined(heads: list[bytes], rest: list[bytes]) -> bytes:
    return b"".join([part for pair in zip(heads, rest, strict=True) for part in (*pair, b"\n")])


def _heads(fixed: bytes, prefixes: Sequence[str], before: Sequence[str]) -> list[bytes]:
    """The beginning of each line, up to and with its moment."""
    import numpy as np  # noqa: PLC0415 - only exports of many rows need it

    raw = np.frombuffer(fixed, np.uint8).reshape(-1, ID_BYTES * len(prefixes) + MOMENT_BYTES)
    pieces: list[bytes] = []
    for prefix, text in zip(prefixes, before, strict=False):
        pieces += [f"{text}{prefix}_".encode(), bytes(LENGTH)]
    pieces += [before[len(prefixes)].encode(), bytes(MOMENT_LETTERS)]
    line = np.empty((len(raw), sum(map(len, pieces))), np.uint8)
    line[:] = np.frombuffer(b"".join(pieces), np.uint8)
    place = 0
    for number in range(len(prefixes)):
        place += len(pieces[2 * number])
        line[:, place : place + LENGTH] = letters(raw[:, number * ID_BYTES : (number + 1) * ID_BYTES])
        place += LENGTH
    line[:, -MOMENT_LETTERS:] = moments(raw[:, -MOMENT_BYTES:])
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
    """Moments as PostgreSQL sends them, in microseconds since 2000, as the wire spells them."""
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
