"""A partner's ratings week by week, with the weeks that are missing left missing; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from statistics import median
from typing import Final

WEEK: Final = timedelta(weeks=1)

Weeks = Mapping[date, float]
"""What was said in each calendar week, by the week's Monday; a week in which nothing was said is not in it."""


@dataclass(frozen=True, order=True)
class Rating:
    """One rating, told at a moment; of two at one moment the one that is `of` the later counts."""

    at: datetime
    of: int
    value: float


@dataclass(frozen=True)
class Pair:
    """What was said in one week, and in the calendar week right after it."""

    week: date
    x: float
    y: float


def week_of(at: datetime, zone: tzinfo) -> date:
    """The Monday of the calendar week that a moment lies in, where the couple lives.

    >>> from zoneinfo import ZoneInfo
    >>> week_of(datetime.fromisoformat("2026-11-22T23:30:00+00:00"), ZoneInfo("Europe/Berlin"))
    datetime.date(2026, 11, 23)
    """
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def week_by_week(ratings: Iterable[Rating], zone: tzinfo) -> dict[date, float]:
    """The last rating of each calendar week, in order of the weeks; the order of what comes in changes nothing."""
    return {week_of(rating.at, zone): rating.value for rating in sorted(ratings)}


def pairs(x: Weeks, y: Weeks) -> tuple[Pair, ...]:
    """Each week's x with the next week's y, oldest first. A missing week is a gap that nothing bridges.

    >>> monday = date(2026, 11, 2)
    >>> x = {monday: 6.0, monday + WEEK: 7.0}
    >>> pairs(x, {monday + WEEK: 5.0, monday + 3 * WEEK: 9.0})
    (Pair(week=datetime.date(2026, 11, 2), x=6.0, y=5.0),)
    """
    return tuple(Pair(week, x[week], y[week + WEEK]) for week in sorted(x) if week + WEEK in y)


def own_median(weeks: Weeks) -> float:
    """The middle of all the weeks that somebody has told of, however far back; there has to be one."""
    return float(median(weeks.values()))
