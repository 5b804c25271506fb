"""Brings the rows of each couple together, whatever order they come in: a nameless file on disk, gone when it is closed."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.imports.reading import Line, Source, Tell
from app.imports.report import Finding
from app.imports.shape import SHAPES, Shape
from app.imports.values import Value, is_missing, why

TABLES: Final = tuple(SHAPES)
# What is unique in a clinic, and so in what comes in.
UNIQUE: Final[Mapping[str, str]] = {"couples": "external_id", "partners": "record_number", "administrations": "external_id"}


@dataclass(frozen=True)
class Row:
    """One row of a couple, and where it stands."""

    file: str
    number: int
    values: Mapping[str, Value]

    def get(self, column: str) -> Value:
        """A value; None where it is missing, for whatever reason."""
        value = self.values.get(column)
        return None if is_missing(value) else value

    def text(self, column: str) -> str:
        """The value of a column that always has one."""
        return str(self.values[column])

    def why(self, column: str) -> str | None:
        """Which code stands in place of a value."""
        return why(self.values.get(column))

    def told(self, column: str, code: str, detail: str) -> Finding:
        """A finding about one cell of it, or with '' about all of it."""
        return Finding(self.file, self.number, column, code, detail)


@dataclass
class Bundle:
    """All rows of one couple, by table, each table in the order of its files."""

    couple: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})

    def of(self, table: str) -> list[Row]:
        """Its rows of one table."""
        return self.rows[table]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(len(rows) for rows in self.rows.values())


class Spool:
    """The rows of all files, told apart by couple and key; what is told twice is found."""

    def __init__(self) -> None:
        # No name: the operating system takes it away with this process, however that ends.
        self._file = sqlite3.connect("", isolation_level=None)
        self._sources: list[Source] = []
        self._file.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192;"
            "CREATE TABLE line (couple TEXT, place INT, key TEXT, file INT, number INT, cells TEXT,"
            " PRIMARY KEY (couple, place, key)) WITHOUT ROWID;"
            "CREATE TABLE once (place INT, value TEXT, PRIMARY KEY (place, value)) WITHOUT ROWID;"
            "BEGIN"
        )

    def close(self) -> None:
        """Gives the file up, and with it every row."""
        self._file.close()

    def add(self, source: Source, lines: Iterator[Line], tell: Tell) -> None:
        """Takes the rows of one file; a row whose key was there before is told. Raises OSError when the disk is full."""
        self._sources.append(source)
        shape = SHAPES[source.table]
        try:
            for line in lines:
                self._add(shape, source, line, tell)
        except sqlite3.OperationalError as error:
            raise OSError(f"the rows could not be kept while they are sorted: {error}") from None

    def _add(self, shape: Shape, source: Source, line: Line, tell: Tell) -> None:
        place = TABLES.index(shape.name)
        key = "\x1f".join(str(line.values[name]) for name in shape.key)
        cells = json.dumps([line.values.get(name) for name in shape.names], ensure_ascii=False, separators=(",", ":"))
        kept = self._file.execute(
            "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (line.values["couple_id"], place, key, len(self._sources) - 1, line.number, cells),
        )
        if kept.rowcount == 0:
            columns = ", ".join(shape.key)
            tell(Finding(source.name, line.number, shape.key[0], "row_twice", f"Another row has the same {columns}."))
            return
        column = UNIQUE.get(shape.name)
        value = None if column is None else line.values.get(column)
        if column is not None and not is_missing(value):
            first = self._file.execute("INSERT INTO once VALUES (?, ?) ON CONFLICT DO NOTHING", (place, value))
            if first.rowcount == 0:
                tell(
                    Finding(
                        source.name, line.number, column, "value_twice", "Another row has the same; it is unique in a clinic."
                    )
                )

    def couples(self) -> int:
        """How many couples there are rows of."""
        return int(self._file.execute("SELECT count(DISTINCT couple) FROM line").fetchone()[0])

    def bundles(self, after: str | None = None) -> Iterator[Bundle]:
        """Couple by couple, in the order of their ids, from after one of them on."""
        query = "SELECT couple, place, file, number, cells FROM line WHERE couple > ? ORDER BY couple, place, file, number"
        bundle: Bundle | None = None
        for couple, place, file, number, cells in self._file.execute(query, (after or "",)):
            if bundle is None or bundle.couple != couple:
                if bundle is not None:
                    yield bundle
                bundle = Bundle(couple)
            shape = SHAPES[TABLES[place]]
            values: Sequence[Value] = json.loads(cells)
            told = {name: value for name, value in zip(shape.names, values, strict=True) if value is not None}
            bundle.rows[shape.name].append(Row(self._sources[file].name, number, told))
        if bundle is not None:
            yield bundle
