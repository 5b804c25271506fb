"""Check-ins for tests: a good session of each protocol, to be spoilt one answer at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from app.clinical.check_ins import CheckIn, LogValue

START = date(2026, 1, 5)
GOOD_LOG: Mapping[str, Mapping[str, LogValue]] = {
    "sensate_focus": {"ban_kept": True, "focus_pct": 60, "anxiety_peak": 2},
    "scheduled_intimacy": {"connection": 6},
    "affection_ritual": {"escalation_pressure": 0},
}


def session(protocol: str, day: int, **spoilt: LogValue) -> CheckIn:
    """A good session on a day, but for the log fields given."""
    good = CheckIn(START + timedelta(days=day), "within_rules", {**GOOD_LOG[protocol], **spoilt})
    return replace(good, willingness=7, pressure=0, mood_before=5, mood_after=6, pain=0)


def sessions(protocol: str, count: int) -> list[CheckIn]:
    """Good sessions on days in a row."""
    return [session(protocol, day) for day in range(count)]


def not_held(day: int, how: str) -> CheckIn:
    """A session that did not take place."""
    return CheckIn(START + timedelta(days=day), "declined" if how == "declined" else "not_done")
