"""Whether shared touch may run, and what a clearance needs; pure decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from app.clinical.measures import MEASURES
from app.clinical.protocol import Protocol
from app.clinical.safety import CLEARANCE_WEEKS, UNIVERSAL_BLOCKERS
from app.core.lives import after
from app.errors import ConflictError, Fault, InvalidError
from app.safety.states import CLEARANCE, DECISIONS, Cleared, OfClearance

CLEARANCE_LASTS: Final = timedelta(weeks=CLEARANCE_WEEKS)
SCREENS: Final = tuple(measure.code for measure in MEASURES.values() if measure.kind == "safety_screen")
BLOCKER_CODES: Final = frozenset(blocker.code for blocker in UNIVERSAL_BLOCKERS)


class NotAScreenError(InvalidError):
    """The measure is not a safety screen."""

    code = "not_a_safety_screen"
    detail = f"This measure is not a safety screen; these are: {', '.join(f'`{code}`' for code in SCREENS)}."


class ScreenNotAloneError(InvalidError):
    """A partner who is listened to cannot say that there is fear."""

    code = "screen_not_taken_alone"
    detail = "A safety screen counts only when the partner answered it alone, without the other within sight or hearing."


class ClearanceIncompleteError(InvalidError):
    """A clearance lacks what it must rest on."""

    code = "clearance_incomplete"
    detail = "This clearance lacks something it must rest on; the faults say what."


class ClearanceNeedsScreensError(ConflictError):
    """A partner was not screened alone recently."""

    code = "clearance_needs_screens"
    detail = f"Each partner must have been screened alone within the last {CLEARANCE_WEEKS} weeks before clearance."


class ConsentScopeError(InvalidError):
    """The consent does not name something one can consent to."""

    code = "consent_scope_invalid"
    detail = "Consent to homework names one stage of one protocol; the other kinds name neither."


class PlanCannotGoOnNowError(ConflictError):
    """A gate is closed; only the care team is told which."""

    code = "plan_cannot_go_on_now"
    detail = "This plan cannot start or go on now. The therapist knows more."


class Condition(StrEnum):
    """What shared touch still needs."""

    SCREEN_MISSING_A = "screen_missing_a"
    SCREEN_MISSING_B = "screen_missing_b"
    CLEARANCE_MISSING = "clearance_missing"
    CLEARANCE_BLOCKED = "clearance_blocked"
    CLEARANCE_EXPIRED = "clearance_expired"
    CLEARANCE_OVERTAKEN = "clearance_overtaken"
    CONSENT_MISSING_A = "consent_missing_a"
    CONSENT_MISSING_B = "consent_missing_b"
    SIGNAL_OPEN = "signal_open"
    THERAPY_LEFT_A = "therapy_left_a"
    THERAPY_LEFT_B = "therapy_left_b"


_UNMET_OF_CLEARANCE: Final[Mapping[Cleared, tuple[Condition, ...]]] = MappingProxyType(
    {
        Cleared.MISSING: (Condition.CLEARANCE_MISSING,),
        Cleared.IN_FORCE: (),
        Cleared.OVERTAKEN: (Condition.CLEARANCE_OVERTAKEN,),
        Cleared.EXPIRED: (Condition.CLEARANCE_EXPIRED,),
        Cleared.BLOCKED: (Condition.CLEARANCE_BLOCKED,),
    }
)
SENTENCES: Final[Mapping[Condition, str]] = MappingProxyType(
    {
        Condition.SCREEN_MISSING_A: "Partner A has not been screened alone: record a safety screen.",
        Condition.SCREEN_MISSING_B: "Partner B has not been screened alone: record a safety screen.",
        Condition.CLEARANCE_MISSING: "No therapist has recorded a clearance: decide on one.",
        Condition.CLEARANCE_BLOCKED: "The latest clearance is a block: it lasts until you decide otherwise.",
        Condition.CLEARANCE_EXPIRED: f"The clearance is older than {CLEARANCE_WEEKS} weeks: decide anew.",
        Condition.CLEARANCE_OVERTAKEN: "Something alarming became known after the clearance; decide on it anew.",
        Condition.CONSENT_MISSING_A: "Partner A has given no consent to this stage that is in force: ask for it alone.",
        Condition.CONSENT_MISSING_B: "Partner B has given no consent to this stage that is in force: ask for it alone.",
        Condition.SIGNAL_OPEN: "A safety signal waits for review: review it.",
        Condition.THERAPY_LEFT_A: "Partner A has taken back the consent to therapy: ask for it alone.",
        Condition.THERAPY_LEFT_B: "Partner B has taken back the consent to therapy: ask for it alone.",
    }
)


@dataclass(frozen=True)
class PartnerStanding:
    """One partner before the gate; silence is neither a screen nor a consent."""

    screened: bool = False
    consented: bool = False


@dataclass(frozen=True)
class ClearanceStanding:
    """The latest clearance."""

    decision: str
    decided_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True)
class Standing:
    """All the gate looks at; `alarmed_at` is when something alarming last became known."""

    a: PartnerStanding
    b: PartnerStanding
    clearance: ClearanceStanding | None = None
    alarmed_at: datetime | None = None
    signal_open: bool = False


def unmet_conditions(standing: Standing, now: datetime) -> tuple[Condition, ...]:
    """What shared touch still needs; empty means it may run."""
    waiting = _unmet_of_clearance(standing.clearance, standing.alarmed_at, now)
    found = (
        (Condition.SCREEN_MISSING_A, not standing.a.screened),
        (Condition.SCREEN_MISSING_B, not standing.b.screened),
        *((condition, True) for condition in waiting),
        (Condition.CONSENT_MISSING_A, not standing.a.consented),
        (Condition.CONSENT_MISSING_B, not standing.b.consented),
        (Condition.SIGNAL_OPEN, standing.signal_open),
    )
    return tuple(condition for condition, is_unmet in found if is_unmet)


def unmet_of_therapy(*, left_a: bool, left_b: bool, pause_waits: bool) -> tuple[Condition, ...]:
    """What a stage without shared touch still needs: of those who practise it, and a look at an answer that paused homework."""
    found = ((Condition.SIGNAL_OPEN, pause_waits), (Condition.THERAPY_LEFT_A, left_a), (Condition.THERAPY_LEFT_B, left_b))
    return tuple(condition for condition, is_unmet in found if is_unmet)


def _unmet_of_clearance(
    clearance: ClearanceStanding | None, alarmed_at: datetime | None, now: datetime
) -> tuple[Condition, ...]:
    return _UNMET_OF_CLEARANCE[clearance_stands(clearance, alarmed_at, now)]


def clearance_stands(clearance: ClearanceStanding | None, alarmed_at: datetime | None, now: datetime) -> Cleared:
    """Where the latest clearance stands; one without an end, which none should be, has run out."""
    if clearance is None:
        return Cleared.MISSING
    ends = clearance.expires_at or clearance.decided_at
    happened = (
        (clearance.decided_at, DECISIONS[clearance.decision]),
        (alarmed_at, OfClearance.ALARM),
        (ends if ends <= now else None, OfClearance.RUN_OUT),
    )
    return after(CLEARANCE, Cleared.MISSING, happened)


def explained(conditions: Sequence[Condition]) -> tuple[Fault, ...]:
    """Each condition with the sentence that says what would satisfy it."""
    return tuple(Fault("", condition, SENTENCES[condition]) for condition in conditions)


def check_open(unmet: Sequence[Fault], *, may_know: bool) -> None:
    """Raises PlanCannotGoOnNowError; what is unmet is named only to a caller who sees the safety compartment."""
    if unmet:
        raise PlanCannotGoOnNowError(faults=tuple(unmet) if may_know else ())


@dataclass(frozen=True)
class ClearanceAsked:
    """A clearance as a therapist asks for it."""

    decision: str
    interviewed_a_on: date | None
    interviewed_b_on: date | None
    blockers: tuple[str, ...]
    has_reason: bool


def check_clearance(asked: ClearanceAsked, today: date, *, screen_needs_review: bool) -> None:
    """Raises ClearanceIncompleteError naming everything that is missing or contradicts itself."""
    faults = [
        Fault(f"/blockers/{place}", "unknown_blocker", "This is not a blocker of the vocabulary `blockers`.")
        for place, code in enumerate(asked.blockers)
        if code not in BLOCKER_CODES
    ]
    faults += _interview_faults(asked, today)
    if asked.decision == "cleared" and asked.blockers:
        faults.append(Fault("/blockers", "blocker_open", "With a blocker open the decision is `blocked`."))
    if asked.decision == "blocked" and not asked.blockers:
        faults.append(Fault("/blockers", "required", "A block names what blocks."))
    if not asked.has_reason and (asked.decision == "blocked" or screen_needs_review):
        faults.append(Fault("/reason", "required", "A block, or a clearance after a screen that asks for review, says why."))
    if faults:
        raise ClearanceIncompleteError(faults=tuple(faults))


def _interview_faults(asked: ClearanceAsked, today: date) -> list[Fault]:
    faults = []
    for name, day in (("interviewed_a_on", asked.interviewed_a_on), ("interviewed_b_on", asked.interviewed_b_on)):
        if day is None and asked.decision == "cleared":
            faults.append(Fault(f"/{name}", "required", "Clearing needs an interview with each partner alone."))
        elif day is not None and day > today:
            faults.append(Fault(f"/{name}", "day_in_future", "This day has not come yet."))
        elif day is not None and asked.decision == "cleared" and day < today - CLEARANCE_LASTS:
            faults.append(Fault(f"/{name}", "too_old", f"The interview is older than {CLEARANCE_WEEKS} weeks."))
    return faults


def check_screens(screened_a: bool, screened_b: bool) -> None:  # noqa: FBT001 - one flag for each partner
    """Raises ClearanceNeedsScreensError naming who was not screened recently."""
    waiting = (
        (Condition.SCREEN_MISSING_A, screened_a),
        (Condition.SCREEN_MISSING_B, screened_b),
    )
    faults = tuple(Fault("", condition, SENTENCES[condition]) for condition, done in waiting if not done)
    if faults:
        raise ClearanceNeedsScreensError(faults=faults)


def check_consent_scope(kind: str, protocol: Protocol | None, stage: int | None, *, named: bool) -> None:
    """Raises ConsentScopeError; `named` says whether a protocol was named at all, known or not."""
    if kind != "homework_stage":
        if named or stage is not None:
            raise ConsentScopeError(faults=(Fault("/kind", "not_about_homework", "This kind names no protocol and no stage."),))
    elif protocol is None:
        raise ConsentScopeError(faults=(Fault("/protocol", "protocol_unknown", "Name a protocol of `GET /v1/protocols`."),))
    elif stage is None or protocol.stage(stage) is None:
        raise ConsentScopeError(faults=(Fault("/stage", "unknown_stage", "Name a stage of this protocol."),))
