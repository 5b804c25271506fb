"""Writes an export: tables of one snapshot, in parts, through a sink; the same for a job, a command and a stream."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.exports.format import Format
from app.exports.reading import Reading
from app.exports.sinks import Sink
from app.exports.straight import Lines, read_lines
from app.exports.table import Row, Table


@dataclass(frozen=True)
class Part:
    """A finished file of a table."""

    table: str
    format: str
    number: int
    name: str
    rows: int
    bytes: int
    sha256: str


def write_tables(
    reading: Reading, tables: Sequence[Table], formats: Sequence[Format], sink: Sink, rows_a_part: int
) -> Iterator[Part]:
    """Writes every table in every format, and tells of each part once it is whole and under its name.

    A table without rows has one part without rows. Left before its end, it leaves the parts told of and nothing of the next.
    """
    for table in tables:
        for form in formats:
            yield from _write_table(reading, table, form, sink, rows_a_part)


def _write_table(reading: Reading, table: Table, form: Format, sink: Sink, rows_a_part: int) -> Iterator[Part]:
    source = _source(reading, table, form)
    number = 0
    while number == 0 or source.has_more():
        number += 1
        name = f"{table.name}-{number:04}.{form.suffix}"
        before = source.taken
        size, sha256 = write_file(sink, name, source.part(rows_a_part))
        yield Part(table.name, form.code, number, name, source.taken - before, size, sha256)


def write_file(sink: Sink, name: str, pieces: Iterable[bytes]) -> tuple[int, str]:
    """Writes one file and puts it under its name once it is whole; its size in bytes and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    file = sink.open(name)
    try:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        file.finish()
    except BaseException:
        file.abort()
        raise
    return size, digest.hexdigest()


class _Source(Protocol):
    """Rows of a table as the bytes of one part after the other; `taken` are the rows so far."""

    taken: int

    def has_more(self) -> bool:
        """Whether rows are left for another part."""

    def part(self, rows: int) -> Iterator[bytes]:
        """The next part, of so many rows at most."""


def _source(reading: Reading, table: Table, form: Format) -> _Source:
    """Rows that the database spells where it can, which gives the same bytes."""
    if table.straight is not None and table.straight.same_as is table.read and form.layout is not None:
        above = form.header(table) if form.header else b""
        return _OfLines(read_lines(reading, table.straight, table.columns, form.layout(table)), above)
    return _OfPages(table, form, table.read(reading))


class _OfPages:
    """Parts of rows that a format spells."""

    def __init__(self, table: Table, form: Format, pages: Iterator[Sequence[Row]]) -> None:
        self._table, self._form, self._pages = table, form, pages
        self._left: Sequence[Row] = ()
        self.taken = 0

    def has_more(self) -> bool:
        """Whether rows are left for another part."""
        while not self._left:
            page = next(self._pages, None)
            if page is None:
                return False
            self._left = page
        return True

    def part(self, rows: int) -> Iterator[bytes]:
        """The next part, of so many rows at most."""
        return self._form.write(self._table, self._up_to(rows))

    def _up_to(self, rows: int) -> Iterator[Sequence[Row]]:
        while rows and self.has_more():
            page, self._left = self._left[:rows], self._left[rows:]
            rows -= len(page)
            self.taken += len(page)
            yield page


class _OfLines:
    """Parts of rows that the database spelled."""

    def __init__(self, lines: Iterator[Lines], above: bytes) -> None:
        self._lines, self._above = lines, above
        self._left = Lines(0, b"")
        self.taken = 0

    def has_more(self) -> bool:
        """Whether rows are left for another part."""
        while not self._left.rows:
            lines = next(self._lines, None)
            if lines is None:
                return False
            self._left = lines
        return True

    def part(self, rows: int) -> Iterator[bytes]:
        """The next part, of so many rows at most."""
        if self._above:
            yield self._above
        while rows and self.has_more():
            now, self._left = self._left.cut(rows)
            rows -= now.rows
            self.taken += now.rows
            yield now.text


def stream(reading: Reading, table: Table, form: Format) -> Iterator[bytes]:
    """One table as one stream of bytes, as an export without parts would hold it."""
    return _source(reading, table, form).part(sys.maxsize)
