"""What an audit list and an access report may say: decided by what an operation was allowed for, never by what it did."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from app.errors import ConflictError, InvalidError

CARE: Final = "care"
LONGEST_DAYS: Final = 366
# Reading under one of these shows a partner's own rows, or what is both partners'. Whatever is read for safety, in the
# therapist's private notes, or about the reading itself is in no report: that it was read tells what there is to read.
REPORTED: Final = frozenset(
    {
        "couples:read",
        "diagnoses:read",
        "homework:read",
        "administrations:read",
        "notes:read",
        "outcomes:read",
        "links:read",
        "exports:read",
        "fhir",
    }
)
ROLES: Final[Mapping[str, str]] = {
    "therapist": "therapist",
    "supervisor": "supervisor",
    "administrator": "administrator",
    "analyst": "analyst",
    "integration": "a program of the clinic",
    "operator": "who runs the clinic's computer",
}
EXPLANATION: Final = (
    "This list says who at the clinic opened your record or the record you share as a couple, or added to your own, and on"
    " which days. A day is named once for each person, however often they looked. It leaves out lists in which your couple"
    " merely appeared, and whatever is about one person alone who is not you. It is made the same way for both of you."
)


class NotSealedYetError(ConflictError):
    """An event is too new to be in a signed tree."""

    code = "not_sealed_yet"
    detail = "The event is not under a checkpoint yet. Ask again in a minute."


class AlarmAcknowledgedError(ConflictError):
    """Somebody has looked at the alarm already."""

    code = "alarm_acknowledged"
    detail = "Somebody has acknowledged this alarm already."


class PeriodInvalidError(InvalidError):
    """The days asked for are in the wrong order, or too many."""

    code = "period_invalid"
    detail = f"Ask for a period that ends after it begins, of at most {LONGEST_DAYS} days."


def check_period(from_on: date, to_on: date) -> None:
    """Raises PeriodInvalidError."""
    if not 0 <= (to_on - from_on).days < LONGEST_DAYS:
        raise PeriodInvalidError


def sentence(on: date, who: str, role: str) -> str:
    """An entry of a report, for a lay reader."""
    return f"On {on.day} {on:%B %Y}, {who} ({role}) opened or added to your record."
