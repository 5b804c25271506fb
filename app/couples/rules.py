"""Where an episode may start, and which days can be; pure decisions."""

from datetime import date

from app.clinical.concern import Concern
from app.clinical.concerns import CONCERNS, is_starting_point, starting_points
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


class ConcernResolvedError(ConflictError):
    """The concern is settled already."""

    code = "concern_resolved"
    detail = "This concern is resolved. Reopen it first."


class ConcernOpenError(ConflictError):
    """The concern is not settled, so there is nothing to reopen."""

    code = "concern_open"
    detail = "This concern is open."


class DaysOutOfOrderError(InvalidError):
    """Something is said to have happened before what it follows."""

    code = "days_out_of_order"
    detail = "This day lies before another one that it has to follow."


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


def check_can_start_from(concern: Concern, pointer: str) -> None:
    """Raises MustStartFromSexualConcernError, with where to start instead, for anything but a sexual concern."""
    if not is_starting_point(concern.slug):
        possible = starting_points(concern.slug)
        sentence = f"It could start from: {', '.join(possible)}." if possible else "No episode starts from this concern."
        raise MustStartFromSexualConcernError(faults=(Fault(pointer, "not_sexual", sentence),))


def place_of(concern: Concern, *, is_primary: bool) -> str:
    """`primary`, `sexual` beside it, or `downstream` of it."""
    if is_primary:
        return "primary"
    return "sexual" if concern.domain == "sexual" else "downstream"


def check_not_in_future(day: date, today: date, pointer: str) -> None:
    """Raises DayInFutureError."""
    if day > today:
        raise DayInFutureError(faults=(Fault(pointer, "day_in_future", DayInFutureError.detail),))


def check_not_before(day: date, earlier: date, pointer: str) -> None:
    """Raises DaysOutOfOrderError."""
    if day < earlier:
        raise DaysOutOfOrderError(faults=(Fault(pointer, "days_out_of_order", DaysOutOfOrderError.detail),))
