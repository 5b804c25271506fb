"""What may become an administration, decided without a database; each refusal has a name."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Literal

from app.clinical.answers import check_answers
from app.clinical.measure import Answers, Measure, Reasons
from app.clinical.measures import MEASURES
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
    measure: Measure, answers: Answers | None, reasons: Reasons, elsewhere: Mapping[str, float] | None, base: str
) -> tuple[Fault, ...]:
    """Faults of the answers, or of scores that somebody else computed; it is either the one or the other."""
    if answers is not None and elsewhere is None:
        return check_answers(measure, answers, reasons, base)
    if elsewhere is not None and answers is None and not reasons:
        return check_elsewhere(measure, elsewhere, base)
    sentence = "Send either `answers` (with `reasons`) or `scores_elsewhere`."
    return (Fault(f"{base}/answers", "required" if elsewhere is None else "not_with_scores_elsewhere", sentence),)


def check_elsewhere(measure: Measure, elsewhere: Mapping[str, float], base: str) -> tuple[Fault, ...]:
    """Scores computed elsewhere must be of scales the measure has, within their range."""
    if not elsewhere:
        return (Fault(f"{base}/scores_elsewhere", "too_few", "Too few: at least 1."),)
    faults = []
    for code, value in elsewhere.items():
        scale = measure.scale(code)
        if scale is None:  # an unknown code came from the caller and is not repeated
            faults.append(Fault(f"{base}/scores_elsewhere/*", "unknown_scale", "This measure has no scale of that code."))
        elif not scale.low <= value <= scale.high:
            sentence = f"A score on this scale lies from {scale.low:g} to {scale.high:g}."
            faults.append(Fault(f"{base}/scores_elsewhere/{code}", "out_of_range", sentence))
    return tuple(faults)
