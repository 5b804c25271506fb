"""A panel as an analyst brings it: rows of JSON, or CSV."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from app.clinical.lags.panel import COLUMNS, PARTNER, Panel, read_panel
from app.errors import Fault, InvalidError

MISSING: Final = frozenset({"", "NA", "NaN", "nan", "null", "."})
LINE: Final = "Line 1 names the columns, as in `unit,occasion,x,y`, with commas between them and a point in numbers."


def read_csv(text: str, most_rows: int) -> Panel:
    """The panel in a CSV: a header, commas, decimal points; an empty cell, `NA`, `NaN`, `null` or `.` is missing.

    Raises InvalidError with a fault for each wrong line, `/csv/7/2` being the third cell of line 7; nothing is repeated.
    """
    try:
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error:
        raise InvalidError(faults=(Fault("/csv", "not_csv", LINE),)) from None
    numbered = [(number, cells) for number, cells in enumerate(lines, start=1) if cells]
    if not numbered:
        raise InvalidError(faults=(Fault("/csv", "not_csv", LINE),))
    columns = [name.strip().lower() for name in numbered[0][1]]
    try:
        return read_panel(columns, [_cells(columns, cells) for _, cells in numbered[1:]], "/csv", most_rows)
    except InvalidError as wrong:
        lines_of_rows = [number for number, _ in numbered[1:]]
        raise InvalidError(faults=tuple(_of_the_line(fault, lines_of_rows) for fault in wrong.faults)) from None


def _cells(columns: Sequence[str], cells: Sequence[str]) -> list[object]:
    if len(cells) != len(columns):
        return list(cells)
    return [_cell(name, cell.strip()) for name, cell in zip(columns, cells, strict=True)]


def _cell(column: str, cell: str) -> object:
    """A unit and a partner as they are written; an occasion and a value as a number, if it is one."""
    if column in {"unit", PARTNER}:
        return cell
    if cell in MISSING:
        return None
    try:
        return float(cell)
    except ValueError:
        return cell


def _of_the_line(fault: Fault, lines_of_rows: Sequence[int]) -> Fault:
    """The same fault with the line of the file where it pointed to a row."""
    steps = fault.pointer.split("/")
    if steps[2:3] == ["columns"]:
        return Fault("/csv", fault.code, fault.detail)
    if steps[2:3] != ["rows"] or len(steps) == 3:
        return Fault("/csv", fault.code, fault.detail)
    return Fault("/".join(["/csv", str(lines_of_rows[int(steps[3])]), *steps[4:]]), fault.code, fault.detail)


def kept(panel: Panel) -> dict[str, Any]:
    """The panel as it waits to be analysed: units are numbered anew, so that their names are not kept at all."""
    numbers = {unit: number for number, unit in enumerate(dict.fromkeys(row.unit for row in panel.rows))}
    partners = panel.with_partners
    rows = [
        [numbers[row.unit], row.occasion, _sent(row.x), _sent(row.y), *([row.partner] if partners else [])]
        for row in panel.rows
    ]
    return {"columns": [*COLUMNS, *([PARTNER] if partners else [])], "rows": rows}


def _sent(value: float) -> float | None:
    return None if value != value else value  # noqa: PLR0124 - only NaN differs from itself


def panel_of(kept_panel: dict[str, Any]) -> Panel:
    """The panel that was kept."""
    return read_panel(kept_panel["columns"], kept_panel["rows"])
