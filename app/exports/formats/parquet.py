"""Parquet: typed columns in compressed row groups; a missing value is null, and the column `..._missing` beside it says why."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from app.exports.columns import Column, Missing, Type
from app.exports.descriptor import fields_of, schema_of
from app.exports.extras import check_installed, load
from app.exports.format import Format
from app.exports.spelling import spelled_id
from app.exports.table import Row, Table

EXTRA: Final = "parquet"
ROWS_A_GROUP: Final = 20_000  # what is held at once: some MB


def write(table: Table, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """One file of row groups; raises ExtraMissingError where pyarrow is not installed."""
    check_installed(FORMAT)
    arrow, parquet = load(EXTRA), load(EXTRA, ".parquet")
    schema, out = _schema(arrow, table), _Taken()
    with parquet.ParquetWriter(out, schema, compression="zstd", version="2.6") as file:
        for batches in _groups(_batch(arrow, schema, table, page) for page in pages if page):
            file.write_table(arrow.Table.from_batches(batches, schema), row_group_size=ROWS_A_GROUP)
            yield out.take()
    yield out.take()


class _Taken:
    """What a writer takes for a file that is open, and whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        self.closed = True

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def _groups(batches: Iterable[Any]) -> Iterator[list[Any]]:
    """Batches of about as many rows as a row group has."""
    held: list[Any] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= ROWS_A_GROUP:
            yield held
            held, rows = [], 0
    if held:
        yield held


def _schema(arrow: Any, table: Table) -> Any:
    """Types, with each column's meaning beside it and the whole Table Schema in the file, where any reader finds it."""
    types = {
        Type.INTEGER: arrow.int64(),
        Type.NUMBER: arrow.float64(),
        Type.BOOLEAN: arrow.bool_(),
        Type.DATE: arrow.date32(),
        Type.MOMENT: arrow.timestamp("us", tz="UTC"),
    }
    fields = [
        arrow.field(
            told["name"],
            types.get(column.type, arrow.string()) if told["name"] == column.name else arrow.string(),
            nullable=bool(column.missing),
            metadata={"description": told["description"]},
        )
        for column in table.columns
        for told in fields_of(column, spelled_out=False)
    ]
    about = {"title": table.title, "description": table.description, "schema": json.dumps(schema_of(table, spelled_out=False))}
    return arrow.schema(fields, metadata=about)


def _batch(arrow: Any, schema: Any, table: Table, page: Sequence[Row]) -> Any:
    filled: list[Any] = []
    for column, values in zip(table.columns, zip(*page, strict=True), strict=True):
        write = _written(column)
        filled.append([None if isinstance(value, Missing) else write(value) for value in values])
        if column.missing:
            filled.append([str(value) if isinstance(value, Missing) else None for value in values])
        elif None in filled[-1]:
            raise ValueError(f"{table.name}.{column.name} says of no code that it may stand there")
    arrays = [arrow.array(values, field.type) for values, field in zip(filled, schema, strict=True)]
    return arrow.record_batch(arrays, schema=schema)


def _written(column: Column) -> Callable[[Any], Any]:
    match column.type:
        case Type.ID:
            return lambda value: spelled_id(column.prefix or "", value)
        case Type.NUMBER:
            return float
        case Type.INTEGER:
            return int
        case Type.BOOLEAN:
            return bool
        case Type.CODE | Type.TEXT:
            return str
        case Type.DATE | Type.MOMENT:
            return lambda value: value


FORMAT: Final = Format(
    code="parquet",
    title="Parquet",
    suffix="parquet",
    media_type="application/vnd.apache.parquet",
    write=write,
    needs=EXTRA,
)
