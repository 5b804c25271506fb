"""A panel: two series, x and y, of many units (couples or persons) at whole-numbered occasions."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite, isnan, nan
from typing import Literal

from app.errors import Fault, InvalidError

Partner = Literal["a", "b"]
COLUMNS = ("unit", "occasion", "x", "y")
PARTNER = "partner"
MOST_ROWS = 100_000
MOST_FAULTS = 100
FAR = 2**31
LARGE = 1e12  # larger numbers lose the digits that the models live on
OTHER: dict[Partner, Partner] = {"a": "b", "b": "a"}


@dataclass(frozen=True)
class Row:
    """What one person (a unit without partners, or one partner of a couple) scored at one occasion; NaN where it is missing."""

    unit: Hashable
    occasion: int
    x: float
    y: float
    partner: Partner | None = None


@dataclass(frozen=True)
class Panel:
    """Rows in no particular order, at most one for each person and occasion; all with a partner or none."""

    rows: tuple[Row, ...]
    people: Mapping[tuple[Hashable, Partner | None], Mapping[int, Row]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        people: dict[tuple[Hashable, Partner | None], dict[int, Row]] = {}
        for row in self.rows:
            series = people.setdefault((row.unit, row.partner), {})
            if row.occasion in series:
                raise ValueError("a person has two rows at one occasion")
            series[row.occasion] = row
        object.__setattr__(self, "people", people)

    @property
    def with_partners(self) -> bool:
        """Whether the units are couples whose partners are told apart."""
        return any(row.partner is not None for row in self.rows)

    @property
    def units(self) -> set[Hashable]:
        """Everyone or every couple of whom at least one value is known."""
        return {row.unit for row in self.rows if known(row)}

    @property
    def occasions(self) -> list[int]:
        """The occasions at which at least one value is known, in order."""
        return sorted({row.occasion for row in self.rows if known(row)})

    def of_partner(self, partner: Partner) -> "Panel":
        """One partner of each couple, as a panel of single persons."""
        return Panel(tuple(Row(row.unit, row.occasion, row.x, row.y) for row in self.rows if row.partner == partner))

    def repeats(self) -> float:
        """The share of people, of those in whom anything moves, who have every value of somebody before them."""
        courses = [
            tuple((occasion, row.x, row.y) for occasion, row in sorted(series.items()) if whole(row))
            for series in self.people.values()
        ]
        moving = [course for course in courses if len({value[1:] for value in course}) > 1]
        return 1 - len(set(moving)) / len(moving) if moving else 0.0

    def steps(self) -> Iterator[tuple[Row, Row]]:
        """Every two rows of one person that are one occasion apart and whole; a gap between occasions is never bridged."""
        for series in self.people.values():
            for occasion, now in series.items():
                before = series.get(occasion - 1)
                if before is not None and whole(before) and whole(now):
                    yield before, now


def whole(row: Row) -> bool:
    """Whether both values are known."""
    return not isnan(row.x) and not isnan(row.y)


def known(row: Row) -> bool:
    """Whether either value is known."""
    return not isnan(row.x) or not isnan(row.y)


def read_panel(
    columns: Sequence[str], rows: Sequence[Sequence[object]], at: str = "/panel", most_rows: int = MOST_ROWS
) -> Panel:
    """A panel out of columns "unit", "occasion", "x", "y" and perhaps "partner", in any order, and rows of as many cells.

    A unit is a whole number or a text that is not empty; an occasion a whole number; x and y are finite numbers up to 1e12 or
    None; a partner is "a" or "b". Raises `InvalidError` with a fault for each wrong cell, `{at}/rows/{row}/{cell}`, at most
    100; none repeats what was sent.
    """
    places = _places(columns, at)
    if len(rows) > most_rows:
        raise InvalidError(faults=(Fault(f"{at}/rows", "too_many_rows", f"A panel has at most {most_rows} rows."),))
    read: dict[tuple[Hashable, Partner | None, int], Row] = {}
    faults: list[Fault] = []
    for number, cells in enumerate(rows):
        if len(faults) >= MOST_FAULTS:
            break
        where = f"{at}/rows/{number}"
        if len(cells) != len(columns):
            faults.append(Fault(where, "wrong_shape", "A row has one cell for each column."))
            continue
        row, wrong = _row(cells, places, where)
        faults += wrong
        if row is None:
            continue
        key = (row.unit, row.partner, row.occasion)
        if key in read:
            faults.append(Fault(where, "duplicate_occasion", "This person has another row at the same occasion."))
        read[key] = row
    if faults:
        raise InvalidError(faults=tuple(faults[:MOST_FAULTS]))
    return Panel(tuple(read.values()))


def _places(columns: Sequence[str], at: str) -> dict[str, int]:
    asked = {*COLUMNS, PARTNER}
    faults = [
        Fault(f"{at}/columns/{place}", "unknown_column", f"The columns are {', '.join(COLUMNS)} and, for couples, {PARTNER}.")
        for place, name in enumerate(columns)
        if name not in asked
    ]
    faults += [
        Fault(f"{at}/columns/{place}", "duplicate_column", "A column is named once.")
        for place, name in enumerate(columns)
        if name in asked and name in columns[:place]
    ]
    faults += [
        Fault(f"{at}/columns", "missing_column", f"The column {name} is needed.") for name in COLUMNS if name not in columns
    ]
    if faults:
        raise InvalidError(faults=tuple(faults[:MOST_FAULTS]))
    return {name: place for place, name in enumerate(columns)}


def _row(cells: Sequence[object], places: Mapping[str, int], where: str) -> tuple[Row | None, list[Fault]]:
    faults: list[Fault] = []

    def wrong(column: str, code: str, sentence: str) -> None:
        faults.append(Fault(f"{where}/{places[column]}", code, sentence))

    unit, occasion = _unit(cells[places["unit"]]), _whole_number(cells[places["occasion"]])
    if unit is None:
        wrong("unit", "not_a_unit", "A unit is a whole number or a text that is not empty.")
    if occasion is None:
        wrong("occasion", "not_an_occasion", "An occasion is a whole number; the next one is one more.")
    partner = cells[places[PARTNER]] if PARTNER in places else None
    if PARTNER in places and not (isinstance(partner, str) and partner in OTHER):
        wrong(PARTNER, "not_a_partner", 'A partner is "a" or "b".')
    values = {name: _value(cells[places[name]]) for name in ("x", "y")}
    for name, found in values.items():
        if found is None:
            wrong(name, "not_a_number", "A value is a finite number of at most 1e12, or null where it is missing.")
    x, y = values["x"], values["y"]
    if faults or unit is None or occasion is None or x is None or y is None:
        return None, faults
    return Row(unit, occasion, x, y, "a" if partner == "a" else "b" if partner == "b" else None), []


def _unit(cell: object) -> Hashable | None:
    if isinstance(cell, str):
        return cell.strip() or None
    return _whole_number(cell)


def _whole_number(cell: object) -> int | None:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not -FAR < cell < FAR or cell != int(cell):
        return None
    return int(cell)


def _value(cell: object) -> float | None:
    if cell is None:
        return nan
    if isinstance(cell, bool) or not isinstance(cell, int | float) or not isfinite(cell) or abs(cell) > LARGE:
        return None
    return float(cell)
