"""Writes an export: tables of one snapshot, in parts, through a sink; the same for a job, a command and a stream."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from app.exports.format import Format
from app.exports.reading import Reading
from app.exports.sinks import Sink
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
    pages = _Pages(table.read(reading))
    number = 0
    while number == 0 or pages.have_more():
        number += 1
        name = f"{table.name}-{number:04}.{form.suffix}"
        counted = _Counted(pages.up_to(rows_a_part))
        size, sha256 = write_file(sink, name, form.write(table, counted))
        yield Part(table.name, form.code, number, name, counted.rows, size, sha256)


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


class _Pages:
    """Pages of rows that are cut where a part ends."""

    def __init__(self, pages: Iterator[Sequence[Row]]) -> None:
        self._pages = pages
        self._left: Sequence[Row] = ()

    def have_more(self) -> bool:
        """Whether rows are left for another part."""
        while not self._left:
            page = next(self._pages, None)
            if page is None:
                return False
            self._left = page
        return True

    def up_to(self, rows: int) -> Iterator[Sequence[Row]]:
        """The next pages, that many rows in all at most."""
        while rows and self.have_more():
            page, self._left = self._left[:rows], self._left[rows:]
            rows -= len(page)
            yield page


@dataclass
class _Counted:
    """Pages that are counted as they go by."""

    pages: Iterable[Sequence[Row]]
    rows: int = field(default=0)

    def __iter__(self) -> Iterator[Sequence[Row]]:
        for page in self.pages:
            self.rows += len(page)
            yield page


def stream(reading: Reading, table: Table, form: Format) -> Iterator[bytes]:
    """One table as one stream of bytes, as the parts of an export would hold it, one after the other."""
    return form.write(table, chain(table.read(reading)))
