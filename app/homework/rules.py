"""What a plan may aim at, when a pause is shown, what a check-in must say, what counts as offered; pure decisions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, Literal
from uuid import UUID

from app.clinical.concerns import starting_points
from app.clinical.protocol import Protocol
from app.clinical.safety import PLISSIT, Plissit, may_deliver
from app.errors import ConflictError, Fault, InvalidError

LONGEST_WINDOW: Final = timedelta(days=92)
Response = Literal["none", "review", "pause"]


class MustStartFromSexualConcernError(InvalidError):
    """The plan aims at a concern that is not sexual."""

    code = "plan_must_start_from_sexual_concern"
    detail = "A plan starts from a sexual concern; a relational one is watched downstream of it."


class ProtocolDoesNotFitError(InvalidError):
    """The protocol is not meant for this concern."""

    code = "protocol_does_not_fit"
    detail = "This protocol is not meant for the plan's concern."


class TherapistUnknownError(InvalidError):
    """Nobody of the couple's care team answers for the plan."""

    code = "therapist_unknown"
    detail = "A plan names a therapist of the couple's care team who answers for it."


class PractisingPartnerUnclearError(InvalidError):
    """It is not said who practises, or the protocol has nobody practise apart."""

    code = "practising_partner_unclear"
    detail = "Where one partner practises and the other accompanies, a plan says who; elsewhere it names nobody."


class CompetenceNotAttestedError(ConflictError):
    """The stage goes deeper than what the plan's therapist is attested for."""

    code = "competence_not_attested"
    detail = "The therapist of this plan is not attested for this stage."


class WindowInvalidError(InvalidError):
    """The days of an assignment make no window."""

    code = "window_invalid"
    detail = f"An assignment ends on the day it starts or later, at most {LONGEST_WINDOW.days} days on."


class CheckInTooEarlyError(InvalidError):
    """The occasion lies before its assignment."""

    code = "check_in_before_assignment"
    detail = "The occasion lies before the first day of its assignment."


class MomentInFutureError(InvalidError):
    """The occasion has not come yet."""

    code = "moment_in_future"
    detail = "This moment has not come yet."


class CheckInTwiceError(ConflictError):
    """This partner has checked in on this occasion."""

    code = "check_in_exists"
    detail = "This partner has already checked in for this assignment and moment."


class OverrideNeedsReasonError(InvalidError):
    """The decision departs from the verdict without saying why."""

    code = "override_needs_reason"
    detail = "This decision departs from the verdict: say why in `override_reason`."


def check_target(concern: str, protocol: Protocol) -> None:
    """Raises MustStartFromSexualConcernError with the concerns a plan could start from, or ProtocolDoesNotFitError."""
    possible = starting_points(concern)
    if concern not in possible:
        sentence = f"It could start from: {', '.join(possible)}." if possible else "No homework starts from this concern."
        raise MustStartFromSexualConcernError(faults=(Fault("/concern_id", "not_sexual", sentence),))
    if concern not in protocol.targets:
        sentence = f"This protocol is meant for: {', '.join(protocol.targets)}."
        raise ProtocolDoesNotFitError(faults=(Fault("/protocol", "protocol_does_not_fit", sentence),))


def practising_of(protocol: Protocol, named: UUID | None, bearer: UUID | None) -> UUID | None:
    """Who practises: the one named, else who bears the concern; None where the protocol asks the same of each.

    Where it can be done alone or together, nobody need be named, and each practises.
    Raises PractisingPartnerUnclearError.
    """
    if not protocol.has_one_practise:
        if named is not None:
            raise _unclear("not_asked", "This protocol asks the same of each partner: leave it out.")
        return None
    if named is None and bearer is None and protocol.participants != "alone_or_together":
        raise _unclear("required", "One partner practises here, and the concern is the relationship's: name who practises.")
    return named or bearer


def _unclear(code: str, sentence: str) -> PractisingPartnerUnclearError:
    return PractisingPartnerUnclearError(faults=(Fault("/practising_partner_id", code, sentence),))


def check_competence(protocol: Protocol, stage: int, attested: str | None) -> None:
    """Raises CompetenceNotAttestedError naming the PLISSIT level that is needed."""
    required = plissit_of(protocol, stage)
    level = next((known for known in PLISSIT if known == attested), None)
    if level is None or not may_deliver(required, level):
        raise CompetenceNotAttestedError(f"This stage is {required}; the plan's therapist is not attested for it.")


def plissit_of(protocol: Protocol, stage: int) -> Plissit:
    """The depth of intervention of a stage."""
    found = protocol.stage(stage)
    if found is None:
        raise LookupError(f"{protocol.code} has no stage {stage}")
    return found.plissit


def is_shared(protocol: Protocol, stage: int) -> bool:
    """Whether a stage has the partners touch."""
    found = protocol.stage(stage)
    return found is None or found.shared_touch


def pause_shows_at(now: datetime, delay_hours: tuple[float, float], random: Random) -> datetime:
    """When a pause shows to all but the care team: drawn the same way whatever its reason, to the millisecond."""
    return now + timedelta(milliseconds=round(random.uniform(*delay_hours) * 3_600_000))


def check_window(starts_on: date, ends_on: date) -> None:
    """Raises WindowInvalidError."""
    if not starts_on <= ends_on <= starts_on + LONGEST_WINDOW:
        raise WindowInvalidError(faults=(Fault("/ends_on", "window_invalid", WindowInvalidError.detail),))


def check_occasion(occurred_on: date, starts_on: date, *, in_future: bool) -> None:
    """Raises CheckInTooEarlyError, MomentInFutureError."""
    if in_future:
        raise MomentInFutureError(faults=(Fault("/occurred_at", "moment_in_future", MomentInFutureError.detail),))
    if occurred_on < starts_on:
        raise CheckInTooEarlyError(faults=(Fault("/occurred_at", "before_assignment", CheckInTooEarlyError.detail),))


def pressure_response(pressure: int, thresholds: Mapping[str, float]) -> Response:
    """What felt pressure calls for under the plan's own thresholds, which may be stricter than the general ones."""
    if pressure >= thresholds["pressure_pause"]:
        return "pause"
    return "review" if pressure >= thresholds["pressure_review"] else "none"


def next_stage(protocol: Protocol, stage: int, decision: str) -> int | None:
    """The stage a decision leads to; None when an advance completes the protocol. Back from the first begins it anew."""
    numbers = sorted(known.number for known in protocol.stages)
    place = numbers.index(stage)
    match decision:
        case "advance":
            return numbers[place + 1] if place + 1 < len(numbers) else None
        case "step_back":
            return numbers[max(place - 1, 0)]
        case _:
            return stage


def check_override(verdict: str, decision: str, reason: str | None) -> None:
    """Raises OverrideNeedsReasonError when a decision departs from the verdict without a reason."""
    if verdict != decision and reason is None:
        raise OverrideNeedsReasonError(faults=(Fault("/override_reason", "required", OverrideNeedsReasonError.detail),))


@dataclass(frozen=True)
class Offer:
    """One assignment as adherence counts it; `answered` is how many check-ins the partner gave to it."""

    starts_on: date
    ends_on: date
    occasions: int
    answered: int


def occasions_offered(offers: Iterable[Offer], breaks: Sequence[date], today: date) -> int:
    """How many occasions one partner was offered so far.

    A window that is still open, or that a pause or an end cut short, offered what was answered: nobody is behind for a
    week that was taken away.
    """
    return sum(
        offer.answered
        if offer.ends_on >= today or any(offer.starts_on <= day <= offer.ends_on for day in breaks)
        else max(offer.occasions, offer.answered)
        for offer in offers
    )
