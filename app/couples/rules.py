"""Where an episode may start, and when; pure decisions."""

from datetime import date

from app.clinical.concern import Concern
from app.clinical.concerns import CONCERNS, is_starting_point
from app.errors import ConflictError, Fault, InvalidError


class ConcernUnknownError(InvalidError):
    """The code is not in the catalogue."""

    code = "concern_unknown"
    detail = "This concern is not in the vocabulary `concerns`."


class MustStartFromSexualConcernError(InvalidError):
    """The primary concern is not sexual."""

    code = "episode_must_start_from_sexual_concern"
    detail = (
        "An episode opens on a sexual concern; a relational one is kept downstream of it. `GET /v1/vocabularies/concerns`"
        " lists those it could start from."
    )


class EpisodeOpenError(ConflictError):
    """A couple has one open episode at a time."""

    code = "episode_already_open"
    detail = "This couple has an open episode. Close it before opening another."


class EpisodeClosedError(ConflictError):
    """The episode has ended."""

    code = "episode_closed"
    detail = "This episode is closed; its record is read, not changed."


class CoupleArchivedError(ConflictError):
    """The couple is archived."""

    code = "couple_archived"
    detail = "This couple is archived. Restore it first."


class DayInFutureError(InvalidError):
    """Something is said to have happened on a day that has not come."""

    code = "day_in_future"
    detail = "This day has not come yet."


def find_concern(code: str, pointer: str) -> Concern:
    """The concern of a code; raises ConcernUnknownError with the place."""
    concern = CONCERNS.get(code)
    if concern is None:
        raise ConcernUnknownError(faults=(Fault(pointer, "concern_unknown", ConcernUnknownError.detail),))
    return concern


def check_can_start_from(concern: Concern) -> None:
    """Raises MustStartFromSexualConcernError for anything but a sexual concern."""
    if not is_starting_point(concern.slug):
        fault = Fault("/primary_concern/code", "not_sexual", "The primary concern's domain must be sexual.")
        raise MustStartFromSexualConcernError(faults=(fault,))


def place_of(concern: Concern, *, is_primary: bool) -> str:
    """`primary`, `sexual` beside it, or `downstream` of it."""
    if is_primary:
        return "primary"
    return "sexual" if concern.domain == "sexual" else "downstream"


def check_not_in_future(day: date, today: date, pointer: str) -> None:
    """Raises DayInFutureError."""
    if day > today:
        raise DayInFutureError(faults=(Fault(pointer, "day_in_future", DayInFutureError.detail),))
