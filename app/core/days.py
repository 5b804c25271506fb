"""Days where somebody lives, said within a statement: when one begins, and on which one a moment lies.

PostgreSQL knows the zones itself; on SQLite Python does the sum, row by row.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Date, DateTime
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

BEGINS: Final = "day_begins"
LIES_ON: Final = "day_of"
STORED: Final = "%Y-%m-%d %H:%M:%S.%f"  # as a moment stands in SQLite


class DayBegins(FunctionElement[datetime]):
    """When a day begins in a zone, or the one so many days later: `DayBegins(day, days later, zone)`; null for null."""

    type = DateTime(timezone=True)
    inherit_cache = True


class DayOf(FunctionElement[date]):
    """The day on which a moment lies in a zone: `DayOf(moment, zone)`; null for null."""

    type = Date()
    inherit_cache = True


@compiles(DayBegins, "postgresql")
def _begins_by_postgresql(element: DayBegins, compiler: SQLCompiler, **told: Any) -> str:
    day, later, zone = (compiler.process(one, **told) for one in element.clauses)
    return f"timezone({zone}, CAST({day} + CAST({later} AS INTEGER) AS TIMESTAMP))"


@compiles(DayOf, "postgresql")
def _lies_by_postgresql(element: DayOf, compiler: SQLCompiler, **told: Any) -> str:
    moment, zone = (compiler.process(one, **told) for one in element.clauses)
    return f"CAST(timezone({zone}, {moment}) AS DATE)"


@compiles(DayBegins, "sqlite")
def _begins_by_python(element: DayBegins, compiler: SQLCompiler, **told: Any) -> str:
    return f"{BEGINS}({compiler.process(element.clauses, **told)})"


@compiles(DayOf, "sqlite")
def _lies_by_python(element: DayOf, compiler: SQLCompiler, **told: Any) -> str:
    return f"{LIES_ON}({compiler.process(element.clauses, **told)})"


def teach(connection: Any) -> None:
    """Gives a connection of SQLite both functions."""
    connection.create_function(BEGINS, 3, _begins, deterministic=True)
    connection.create_function(LIES_ON, 2, _lies_on, deterministic=True)


def _begins(day: str | None, later: int, zone: str) -> str | None:
    if day is None:
        return None
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=later), time.min, ZoneInfo(zone))
    return midnight.astimezone(UTC).strftime(STORED)


def _lies_on(moment: str | None, zone: str) -> str | None:
    if moment is None:
        return None
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()
