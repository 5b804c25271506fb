"""Days where somebody lives, as either database reckons them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select, type_coerce

from app.core.database import Moment
from app.core.days import DayBegins, DayOf
from tests.conftest import Clinic

ZONES = ("UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Kiritimati", "America/Sao_Paulo")
DAYS = (date(2026, 3, 28), date(2026, 10, 24), date(2024, 2, 28), date(2026, 12, 31))


def test_a_day_begins_and_a_moment_lies_where_python_says(clinic: Clinic) -> None:
    """Also over a change of the clock, a leap day and a new year; where nothing is known, nothing is."""
    with clinic.at_desk() as (session, _vault):
        for zone in ZONES:
            for day in DAYS:
                begins = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
                just_before = literal(begins.astimezone(UTC) - timedelta(microseconds=1), Moment())
                found = session.execute(
                    select(
                        type_coerce(DayBegins(literal(day), 1, literal(zone)), Moment()),
                        DayOf(just_before, literal(zone)),
                        DayOf(literal(begins, Moment()), literal(zone)),
                        DayOf(literal(None, Moment()), literal(zone)),
                    )
                ).one()
                assert tuple(found) == (begins, day, day + timedelta(days=1), None)
