"""A day that is over, as a read looks back at it: the unit of work carries it, and each read asks it what had happened."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Date, or_
from sqlalchemy.orm import InstrumentedAttribute

At = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Past:
    """A day where the couple lives, and its last moment: what columns of days and of moments are compared with."""

    day: date
    ends: datetime

    def holds(self, at: At) -> ColumnElement[bool]:
        """What had happened by then."""
        return at <= self._by(at)

    def does_not_hold(self, at: At) -> ColumnElement[bool]:
        """What had not happened yet, or never did."""
        return or_(at.is_(None), at > self._by(at))

    def _by(self, at: At) -> date | datetime:
        return self.day if isinstance(at.type, Date) else self.ends


def end_of(day: date, zone: tzinfo) -> Past:
    """A day looked back at; it ends where the couple lives."""
    midnight = datetime.combine(day + timedelta(days=1), time(), zone)
    return Past(day, midnight.astimezone(UTC) - timedelta(microseconds=1))
