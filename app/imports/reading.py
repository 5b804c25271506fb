"""Reads files of an export, or of the same shape, line by line in bounded memory, and says what is wrong where."""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.core.json_guard import JsonAmbiguousError, JsonError, decode
from app.core.problems import did_you_mean
from app.errors import RekindleError
from app.exports.columns import Column
from app.exports.manifest import MANIFEST, SCHEMA
from app.exports.tables import tables
from app.imports.report import Finding, Weight
from app.imports.shape import LEFT, SHAPES, Shape
from app.imports.values import CellError, Value, read_cell, read_member

LONGEST_LINE: Final = 4_194_304  # bytes; no row of any of these tables comes near
BOM: Final = b"\xef\xbb\xbf"
NAME: Final = re.compile(r"(?P<table>[a-z_]+?)(-(?P<part>\d+))?\.(?P<format>csv|jsonl)")
MISSING: Final = "_missing"

Tell = Callable[[Finding], None]


@dataclass
class Source:
    """One file of one table; what it turned out to hold is known once it was read."""

    path: Path
    table: str
    format: str
    part: int
    digest: str = ""
    size: int = 0
    rows: int = 0

    @property
    def name(self) -> str:
        """Its name, which is all that a report tells of where it lies."""
        return self.path.name


class FileBrokenError(Exception):
    """A file cannot be read on from a line; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


@dataclass(frozen=True)
class Line:
    """One row of a file: its values by column; a column the file does not have is not in it."""

    number: int
    values: Mapping[str, Value]


def find_sources(paths: Iterable[Path], tell: Tell) -> list[Source]:
    """The files that come in, in the order they are read; what else lies there is told if it looks like a table."""
    found: dict[tuple[str, int], Source] = {}
    for path in paths:
        for file, named in _files(path):
            known = NAME.fullmatch(file.name)
            if known is None:
                if named or file.suffix in {".csv", ".jsonl", ".parquet"}:
                    _tell_stranger(file, tell, named=named)
                continue
            source = Source(file, known["table"], known["format"], int(known["part"] or 0))
            if source.table in SHAPES:
                _take(found, source, tell)
            else:
                _tell_table(source, tell)
    sources = [found[key] for key in sorted(found, key=lambda key: (tuple(SHAPES).index(key[0]), key[1]))]
    _check_parts(sources, tell)
    return sources


def _files(path: Path) -> list[tuple[Path, bool]]:
    """What lies in a folder, or the one file that was named."""
    return [(file, False) for file in sorted(path.iterdir()) if file.is_file()] if path.is_dir() else [(path, True)]


def _take(found: dict[tuple[str, int], Source], source: Source, tell: Tell) -> None:
    earlier = found.setdefault((source.table, source.part), source)
    if earlier is source:
        return
    if earlier.path.parent == source.path.parent and {earlier.format, source.format} == {"csv", "jsonl"}:
        found[source.table, source.part] = min(earlier, source, key=lambda one: one.format)  # the same rows written twice
    else:
        tell(Finding(source.name, 0, "", "part_twice", "Two files are the same part of the same table."))


def _tell_stranger(file: Path, tell: Tell, *, named: bool) -> None:
    if file.name == "codebook.csv":
        return
    sentence = "Name files after their table, as in `couples.csv` or `couples-0001.csv`; CSV and JSON Lines are read."
    tell(Finding(file.name, 0, "", "file_not_read", sentence, Weight.REFUSED if named else Weight.LEFT))


def _tell_table(source: Source, tell: Tell) -> None:
    if source.table in {*tables(), *LEFT}:
        sentence = LEFT.get(source.table, "An import does not take this table.")
        tell(Finding(source.name, 0, "", "table_left", sentence, Weight.LEFT))
    elif source.table != "codebook":
        sentence = "No table of that name comes in." + did_you_mean(source.table, set(SHAPES))
        tell(Finding(source.name, 0, "", "table_unknown", sentence))


def _check_parts(sources: Sequence[Source], tell: Tell) -> None:
    parts: dict[str, list[int]] = {}
    for source in sources:
        parts.setdefault(source.table, []).append(source.part)
    for table, numbers in parts.items():
        if numbers not in ([0], list(range(1, len(numbers) + 1))):
            tell(Finding(table, 0, "", "part_missing", "The parts of a table are numbered from 1 on, without a gap."))


def check_manifest(sources: Sequence[Source], manifest: Mapping[str, Mapping[str, Any]], tell: Tell) -> None:
    """Whether the files that were read are those a manifest names, byte by byte; `manifest` has their parts by name."""
    for source in sources:
        told = manifest.get(source.name)
        if told is None:
            tell(Finding(source.name, 0, "", "part_unknown", "The manifest beside this file does not name it."))
        elif (told.get("rows"), told.get("sha256")) != (source.rows, source.digest):
            tell(Finding(source.name, 0, "", "part_damaged", "This file is not the one that the manifest beside it names."))
    tables = {(source.table, source.format) for source in sources}
    names = {source.name for source in sources}
    for name in manifest:
        known = NAME.fullmatch(name)
        if known and name not in names and (known["table"], known["format"]) in tables:
            tell(Finding(name, 0, "", "part_missing", "The manifest names this file, and it is not there."))


@dataclass
class _Lines:
    """The lines of a file as text; counts them, and takes the fingerprint of every byte."""

    file: BinaryIO
    source: Source
    number: int = 0
    _hash: Any = field(default_factory=sha256)

    def __iter__(self) -> Iterator[str]:
        while line := self.file.readline(LONGEST_LINE + 1):
            self.number += 1
            self._hash.update(line)
            self.source.size += len(line)
            if len(line) > LONGEST_LINE:
                raise self.broken("line_too_long", "This line is longer than any row of a table.")
            try:
                text = (line.removeprefix(BOM) if self.number == 1 else line).decode("utf-8")
            except UnicodeDecodeError:
                raise self.broken("not_utf8", "This line is not UTF-8.") from None
            if not line.endswith(b"\n"):
                sentence = "The file ends within this line. If it is whole, give its last line an end."
                raise self.broken("unfinished", sentence)
            yield text
        self.source.digest = self._hash.hexdigest()

    def broken(self, code: str, detail: str) -> FileBrokenError:
        return FileBrokenError(Finding(self.source.name, self.number, "", code, detail))


def read(source: Source, tell: Tell) -> Iterator[Line]:
    """The rows of a file that its columns take; the others are told. Raises FileBrokenError where it cannot be read on."""
    shape = SHAPES[source.table]
    with source.path.open("rb") as file:
        lines = _Lines(file, source)
        rows = _csv_rows(lines, shape, tell) if source.format == "csv" else _json_rows(lines, shape, tell)
        for line in rows:
            source.rows += 1
            if line is not None:
                yield line


def _csv_rows(lines: _Lines, shape: Shape, tell: Tell) -> Iterator[Line | None]:
    reader = csv.reader(iter(lines), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise lines.broken("empty", "The file is empty: a table without rows has a header.")
        columns = _columns(header, shape, lines)
        for cells in reader:
            if len(cells) != len(header):
                sentence = f"A row of this table has {len(header)} cells."
                tell(Finding(lines.source.name, lines.number, "", "wrong_number_of_cells", sentence))
                yield None
            else:
                given = [(column, cells[place]) for place, column in columns.items()]
                yield _line(lines, tell, [(column, partial(read_cell, column, text)) for column, text in given])
    except csv.Error:
        raise lines.broken("csv_invalid", "This line is not CSV as RFC 4180 has it: look at its quotes.") from None


def _columns(header: Sequence[str], shape: Shape, lines: _Lines) -> dict[int, Column]:
    """The columns that are read, by their place. Raises FileBrokenError for a header that is not of this table."""
    _check_names(header, shape, lines)
    if len(set(header)) < len(header):
        raise lines.broken("column_twice", "A column stands in the header twice.")
    known = {column.name: column for column in shape.columns}
    return {place: known[name] for place, name in enumerate(header) if name in known}


def _check_names(names: Collection[str], shape: Shape, lines: _Lines) -> None:
    known = set(shape.names) | {column.name for column in tables()[shape.name].columns}
    for place, name in enumerate(names, start=1):
        if name not in known and name.removesuffix(MISSING) not in known:
            sentence = f"Column {place} is none of this table." + did_you_mean(name, known)
            raise lines.broken("column_unknown", sentence)
    lacking = sorted(shape.needed - set(names))
    if lacking:
        raise lines.broken("column_missing", f"This table needs the columns {', '.join(lacking)}.")


def _json_rows(lines: _Lines, shape: Shape, tell: Tell) -> Iterator[Line | None]:
    checked: frozenset[str] = frozenset()
    ended = False
    for text in lines:
        if ended:
            raise lines.broken("after_the_end", "This line stands after the one that says where the table ends.")
        row = _object(text, lines)
        if row.get("_end") is True:
            ended = True
            _check_end(row, lines)
            continue
        if row.keys() != checked:
            _check_names(row.keys(), shape, lines)
            checked = frozenset(row)
        given = [one for one in shape.columns if one.name in row]
        members = [(one, partial(read_member, one, row[one.name], row.get(one.name + MISSING))) for one in given]
        yield _line(lines, tell, members)


def _object(text: str, lines: _Lines) -> dict[str, Any]:
    try:
        row = decode(text.encode())
    except (JsonError, JsonAmbiguousError, RekindleError) as error:
        raise lines.broken(error.code, error.sentence) from None
    if not isinstance(row, dict):
        raise lines.broken("json_invalid", "Each line of JSON Lines is one object.")
    return row


def _check_end(row: Mapping[str, Any], lines: _Lines) -> None:
    if row.get("rows") != lines.source.rows:
        raise lines.broken("part_damaged", "The last line tells another number of rows than there are.")


def _line(lines: _Lines, tell: Tell, cells: Iterable[tuple[Column, Callable[[], Value]]]) -> Line | None:
    values: dict[str, Value] = {}
    is_whole = True
    for column, value_of in cells:
        try:
            values[column.name] = value_of()
        except CellError as error:
            is_whole = False
            tell(Finding(lines.source.name, lines.number, column.name, error.code, error.detail))
    return Line(lines.number, values) if is_whole else None


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """The parts that the manifest of an export names, by name; none where there is no manifest. Raises ValueError."""
    file = folder / MANIFEST
    if not file.exists():
        return {}
    found = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise ValueError(f"{MANIFEST} is not that of an export in the shape this version reads ({SCHEMA})")
    if found.get("destination") == "deidentified":
        raise ValueError("a de-identified export has nobody to bring in: its ids and days are not those of anybody")
    return {part["name"]: part for table in found["tables"] for part in table["parts"]}
