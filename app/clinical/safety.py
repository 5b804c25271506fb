"""What holds for every shared exercise, whatever the protocol: pressure, blockers, clearance, depth of intervention."""

from dataclasses import dataclass
from typing import Literal

from app.clinical.source import Source

Plissit = Literal["P", "LI", "SS", "IT"]
FlagKind = Literal["safety", "medical", "mental_health", "relationship", "legal"]
PressureResponse = Literal["none", "review", "pause"]

PLISSIT: tuple[Plissit, ...] = ("P", "LI", "SS", "IT")
PLISSIT_SOURCE = Source("Annon 1976; Ex-PLISSIT, Taylor & Davis 2006", "recalled_high")

# Felt pressure is rated 0-10 after each shared task, privately. A clinic may make these stricter, never looser.
PRESSURE_REVIEW = 3
PRESSURE_PAUSE = 7
PRESSURE_SOURCE = Source("Our default: 3 or more asks for review; 7 or more, or any force or fear, pauses at once", "proposal")

CLEARANCE_WEEKS = 12
CLEARANCE_SOURCE = Source("Our default: violence can begin later, so each partner is screened again", "proposal")


@dataclass(frozen=True)
class RedFlag:
    """Something that forbids an exercise while it is open."""

    code: str
    description: str
    kind: FlagKind


@dataclass(frozen=True)
class Precondition:
    """Something a clinician must have recorded as met before an exercise may start."""

    code: str
    description: str
    kind: FlagKind


UNIVERSAL_BLOCKERS: tuple[RedFlag, ...] = (
    RedFlag("coercion_or_violence", "Current coercion or violence, or fear of the partner.", "safety"),
    RedFlag("unwilling_partner", "Either partner is unwilling.", "safety"),
    RedFlag("acute_suicidality", "Acute suicidality.", "mental_health"),
    RedFlag("acute_psychosis_or_mania", "Acute psychosis or mania.", "mental_health"),
    RedFlag("intoxication", "Acute intoxication.", "mental_health"),
    RedFlag("untreated_trauma", "Acute post-traumatic stress or dissociation that is not in treatment.", "mental_health"),
    RedFlag("unexplained_pain_or_bleeding", "Unexplained genital or pelvic pain or bleeding.", "medical"),
    RedFlag("untreated_infection", "An untreated infection.", "medical"),
    RedFlag("recent_surgery_or_birth", "Recent surgery or birth without medical clearance.", "medical"),
    RedFlag(
        "new_erectile_problem_cardiac_risk", "A new erectile problem with cardiovascular risk: medical check first.", "medical"
    ),
    RedFlag("undisclosed_affair", "An undisclosed affair; relative, the therapist decides.", "relationship"),
    RedFlag("legal_restriction", "A protection order or another legal restriction.", "legal"),
    RedFlag("under_age", "Anyone under the age of consent.", "legal"),
)
# What touch is not needed for: what the two do together is forbidden by the first, even talk, and everything by the second.
FORBID_TOGETHER = frozenset({"coercion_or_violence", "unwilling_partner", "legal_restriction"})
FORBID_EVERYTHING = frozenset({"under_age"})
_BLOCKERS = {flag.code: flag for flag in UNIVERSAL_BLOCKERS}
BLOCKERS_SOURCE = Source("Our gate, grounded in recommended practice (Bograd & Mederos 1999)", "proposal")


def blocker(code: str) -> RedFlag:
    """A universal blocker, for a protocol it forbids also where the partners do not touch."""
    return _BLOCKERS[code]


def pressure_response(pressure: float | None, *, force: bool = False) -> PressureResponse:
    """What felt pressure (0-10) or any force asks for; an unanswered question asks for nothing by itself."""
    if force or (pressure is not None and pressure >= PRESSURE_PAUSE):
        return "pause"
    return "review" if pressure is not None and pressure >= PRESSURE_REVIEW else "none"


def may_deliver(required: Plissit, attested: Plissit) -> bool:
    """Whether a therapist attested for one depth of intervention may use an exercise of another."""
    return PLISSIT.index(required) <= PLISSIT.index(attested)
