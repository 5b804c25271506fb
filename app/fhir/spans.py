"""How moments and days of the record lie to a span that is searched for (FHIR R4, search, section 3.1.1.4.5)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, false, not_, or_

from app.fhir.values import Span, moved

A_DAY: Final = timedelta(days=1)
ABOUT: Final = 0.1  # `ap`: within a tenth of the time between then and now, as FHIR recommends


def holds(span: Span, column: Any, now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on a moment; one that is not known lies nowhere."""
    return _holds(span, column, column, now, lambda moment: moment)


def holds_between(span: Span, begins: Any, ends: Any, now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on a stretch between two moments; one without an end goes on."""
    return _holds(span, begins, ends, now, lambda moment: moment)


def holds_day(span: Span, column: Any, now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on a day."""
    return _holds(span, column, column, now, _day)


def holds_days(span: Span, begins: Any, ends: Any, now: datetime | None = None) -> ColumnElement[bool]:
    """The condition on a stretch of days; one without an end goes on."""
    return _holds(span, begins, ends, now, _day)


def lies(span: Span, moment: datetime, now: datetime) -> bool:
    """Whether a moment at hand, of no row, lies so."""
    match span.prefix:
        case "gt" | "sa":
            found = moment >= span.ends
        case "ge":
            found = moment >= span.begins
        case "lt" | "eb":
            found = moment < span.begins
        case "le":
            found = moment < span.ends
        case "ap":
            begins, ends = _about(span, now)
            found = begins <= moment < ends
        case _:
            found = (span.begins <= moment < span.ends) is not (span.prefix == "ne")
    return found


def whole_days(span: Span) -> Span:
    """The span by whole days, and what lies beyond it with the day it begins or ends on: it finds more and never less.

    So a moment that is not told cannot be found out by asking nearer and nearer.
    """
    wider = {"gt": "ge", "sa": "ge", "lt": "le", "eb": "le"}
    first, last = (one.replace(hour=0, minute=0, second=0, microsecond=0) for one in (span.begins, span.ends))
    return Span(wider.get(span.prefix, span.prefix), first, last if last == span.ends else moved(last, A_DAY))


def _about(span: Span, now: datetime) -> tuple[datetime, datetime]:
    """From when to when `ap` reaches: for a span of whole days by whole days, or it would creep on with the time it is."""
    width = abs(now - span.begins) * ABOUT
    if span.begins.time() == span.ends.time() == time.min:
        width = -(-width // A_DAY) * A_DAY
    return moved(span.begins, -width), moved(span.ends, width)


def _day(moment: datetime) -> Any:
    return moment.date()


def _holds(span: Span, begins: Any, ends: Any, now: datetime | None, at: Any) -> ColumnElement[bool]:
    first, after = at(span.begins), at(_end(span, at))
    if span.prefix == "ap":
        first, after = map(at, _about(span, now or datetime.now(UTC)))
    goes_on = false() if begins is ends else ends.is_(None)
    found: ColumnElement[bool]
    match span.prefix:
        case "gt":
            found = or_(goes_on, ends >= after)
        case "ge":
            found = or_(goes_on, ends >= first)
        case "lt":
            found = begins < first
        case "le":
            found = begins < after
        case "sa":
            found = begins >= after
        case "eb":
            found = ends < first
        case "ne":
            found = not_((begins >= first) & (ends < after) & ends.is_not(None))
        case "ap":
            found = (begins < after) & or_(goes_on, ends >= first)
        case _:
            found = (begins >= first) & ends.is_not(None) & (ends < after)
    return found


def _end(span: Span, at: Any) -> datetime:
    """The end of the span; for days, one within a day means that whole day."""
    if at is _day and span.ends - span.begins < A_DAY:
        return moved(span.begins, A_DAY)
    return span.ends
