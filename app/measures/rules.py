"""What may become an administration, decided without a database; each refusal has a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from app.clinical.answers import SCORED_ELSEWHERE_ONLY, check_answers
from app.clinical.measure import Answers, Measure, Reasons
from app.clinical.measures import MEASURES
from app.clinical.reported import Reported, check_reported
from app.couples.rules import EpisodeClosedError
from app.errors import ConflictError, Fault, InvalidError, RekindleError

SAFETY_SCREENS: Final = "/v1/couples/{couple_id}/partners/{partner_id}/safety-screens"
# Which signal an alert becomes; a test keeps this complete for every measure that is administered here.
SIGNAL_KINDS: Final[Mapping[str, Literal["self_harm"]]] = {
    "suicide_risk_review": "self_harm",
    "safety_item_unanswered": "self_harm",
}


class AdministrationInvalidError(InvalidError):
    """Answers or scores that the measure does not take."""

    code = "administration_invalid"
    detail = "The measure does not take these answers; `errors` names each fault. Nothing was stored."


class MeasureUnknownError(InvalidError):
    """The code is not in the catalogue."""

    code = "measure_unknown"
    detail = "This measure is not in the catalogue: `GET /v1/measures` lists them."


class SafetyScreenApartError(InvalidError):
    """A safety screen is not an administration."""

    code = "safety_screen_apart"
    detail = f"A safety screen is kept apart and never charted: send it to `{SAFETY_SCREENS}`."


class AnsweredInFutureError(InvalidError):
    """Answers said to have been given at a time that has not come."""

    code = "answered_in_future"
    detail = "The answers are said to have been given in the future. Check the clock and the time zone."


class SupersededAlreadyError(ConflictError):
    """An administration is corrected once; the next correction corrects the correction."""

    code = "superseded_already"
    detail = "This administration was superseded already. Supersede the one that replaced it."


class AdministrationDiffersError(ConflictError):
    """The external id belongs to an administration with another content."""

    code = "administration_differs"
    detail = "Another administration of this clinic has this external id. A correction needs an id of its own and `supersedes`."


class AnsweredAfterCareError(EpisodeClosedError):
    """Answers dated after an episode of care closed belong to none: the same refusal as of any change to a closed one."""

    detail = (
        "On the day of these answers the episode of care was closed and no other was open. Open a follow-up episode first, or"
        " check the day."
    )


class BatchRefusedError(InvalidError):
    """One wrong item refuses the whole batch."""

    code = "batch_refused"
    detail = "Some items are not acceptable, so none was stored. With `mode` `partial` the others would have been."


NAMED: Final[Mapping[str, type[RekindleError]]] = {
    kind.code: kind
    for kind in (
        MeasureUnknownError,
        SafetyScreenApartError,
        AnsweredInFutureError,
        SupersededAlreadyError,
        AdministrationDiffersError,
        AnsweredAfterCareError,
    )
}


def refusal(faults: Sequence[Fault]) -> RekindleError:
    """The error of one administration's faults: its own name if the first has one."""
    return NAMED.get(faults[0].code, AdministrationInvalidError)(faults=tuple(faults))


def named(kind: type[RekindleError], pointer: str) -> Fault:
    """The fault of a named error."""
    return Fault(pointer, kind.code, kind.detail)


def find_measure(code: str, pointer: str) -> Measure | Fault:
    """The measure of a code, or why there is none to administer here."""
    measure = MEASURES.get(code)
    if measure is None:
        return named(MeasureUnknownError, pointer)
    return named(SafetyScreenApartError, pointer) if measure.kind == "safety_screen" else measure


def check_time(answered_at: datetime, latest: datetime, recall_ends_on: date | None, base: str) -> list[Fault]:
    """Answers come from the past, and so does the window they speak of."""
    if answered_at > latest:
        return [named(AnsweredInFutureError, f"{base}/answered_at")]
    # A day later than in UTC is still the day of the answer in the east.
    if recall_ends_on is not None and recall_ends_on > (answered_at + timedelta(hours=14)).date():
        return [Fault(f"{base}/recall_ends_on", "out_of_range", "The recall window ends before the answers are given.")]
    return []


def check_content(
    measure: Measure, answers: Answers | None, reasons: Reasons, elsewhere: Reported | None, base: str
) -> tuple[Fault, ...]:
    """Faults of the answers, or of scores that somebody else computed; it is either the one or the other."""
    if elsewhere is not None and answers is None and not reasons:
        return check_reported(measure, elsewhere, base)
    if answers is not None and elsewhere is None:
        if measure.scored_elsewhere_only:
            return (Fault(f"{base}/answers", "scored_elsewhere_only", SCORED_ELSEWHERE_ONLY),)
        return check_answers(measure, answers, reasons, base)
    sentence = "Send either `answers` (with `reasons`) or `scores_elsewhere`."
    return (Fault(f"{base}/answers", "required" if elsewhere is None else "not_with_scores_elsewhere", sentence),)


def recall_window(measure: Measure, ends_on: date) -> tuple[date | None, date]:
    """First and last day the answers speak of, both included; no first day where the measure has no fixed window."""
    if measure.recall_days is None:
        return None, ends_on
    return ends_on - timedelta(days=max(measure.recall_days - 1, 0)), ends_on


@dataclass(frozen=True)
class Care:
    """An episode of care, from its first day to its last."""

    id: UUID
    opened_on: date
    closed_on: date | None


def episode_on(episodes: Sequence[Care], day: date) -> UUID | None:
    """The episode that was open on a day, the latest if one ended as another began; None before the first one.

    `episodes` are in the order they opened. Raises AnsweredAfterCareError for a day after one closed and in no other.
    """
    for care in reversed(episodes):
        if care.opened_on <= day and (care.closed_on is None or day <= care.closed_on):
            return care.id
    if any(care.opened_on <= day for care in episodes):
        raise AnsweredAfterCareError
    return None
