"""A table that has a column of every type and every trap, and an export of it that lies in a folder as a real one does."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

from app.access.permissions import Permission
from app.exports.columns import Column, Missing, Type
from app.exports.companions import companions
from app.exports.engine import Part, write_file
from app.exports.format import Format
from app.exports.sinks import Directory
from app.exports.table import Row, Table

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
COUPLE = Column("couple_id", Type.ID, "Couple.", prefix="cpl")
COLUMNS = (
    COUPLE,
    Column("code", Type.CODE, "A code.", (Missing.UNKNOWN,), categories=("a", "b")),
    Column("words", Type.TEXT, "A text.", (Missing.SKIPPED, Missing.DECLINED)),
    Column("count", Type.INTEGER, "A count.", (Missing.NOT_ASKED,), unit="times", minimum=0, maximum=10),
    Column("points", Type.NUMBER, "Points.", (Missing.NO_ACTIVITY, Missing.UNKNOWN)),
    Column("done", Type.BOOLEAN, "Whether it was done.", (Missing.NOT_YET_DUE,)),
    Column("day", Type.DATE, "A day.", (Missing.WITHHELD_BY_CONSENT,)),
    Column("at", Type.MOMENT, "A moment.", (Missing.NOT_APPLICABLE,)),
    Column("always", Type.NUMBER, "A number that is always there."),
)


def table_of(rows: Sequence[Row], columns: tuple[Column, ...] = COLUMNS, name: str = "things") -> Table:
    """A table of these rows, in pages of three."""

    def read(_: object) -> Iterator[Sequence[Row]]:
        yield from (rows[start : start + 3] for start in range(0, len(rows), 3))

    return Table(name, "Things", "One row a thing.", Permission.COUPLES_READ, "contact", columns, ("couple_id",), read)


def row(number: int, *values: object) -> Row:
    """A row of a couple of its own."""
    return (UUID(int=number), *values)


def written(path: Path, tables: Sequence[Table], forms: Sequence[Format], rows_a_part: int = 4) -> list[Part]:
    """Writes these tables, a few rows a part, and what lies beside them."""
    sink = Directory(path)
    parts = []
    for table in tables:
        rows = [row for page in table.read(None) for row in page]  # type: ignore[arg-type]  # it reads nothing
        for form in forms:
            for number, start in enumerate(range(0, max(len(rows), 1), rows_a_part), start=1):
                some = rows[start : start + rows_a_part]
                name = f"{table.name}-{number:04}.{form.suffix}"
                size, digest = write_file(sink, name, form.write(table, [some] if some else []))
                parts.append(Part(table.name, form.code, number, name, len(some), size, digest))
    for name, content in companions(tables, forms, parts, AT).items():
        write_file(sink, name, [content])
    return parts


FULL = row(1, "a", "=1+1", 3, 1.5, True, date(2026, 3, 1), datetime(2026, 3, 1, 8, 0, 0, 120_000, tzinfo=UTC), 0.1)
EMPTY = row(
    2,
    *(Missing.UNKNOWN, Missing.DECLINED, Missing.NOT_ASKED, Missing.NO_ACTIVITY, Missing.NOT_YET_DUE),
    *(Missing.WITHHELD_BY_CONSENT, Missing.NOT_APPLICABLE, -3),
)
