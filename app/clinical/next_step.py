"""One suggestion for a couple: what the rule asks for that gave its colour, or what falls due; the therapist decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from app.clinical.on_track import CALM, CALM_BUT_UNJUDGED, Flag


@dataclass(frozen=True)
class NextStep:
    """What could be done next, by a stable code and in a sentence."""

    code: str
    sentence: str


@dataclass(frozen=True)
class Due:
    """What time and the plan bring, as far as the reader may know; `verdict` waits to be decided on."""

    day: date
    in_care: bool
    plan_status: str | None = None
    verdict: str | None = None
    clearance_ends_at: datetime | None = None
    clearance_ends_on: date | None = None
    last_score_on: date | None = None
    measure_after: timedelta = timedelta(weeks=4)
    tell_of_clearance: timedelta = timedelta(days=14)


NOTHING: Final = NextStep("nothing", "Nothing has to be done now.")
# Our own proposals, one to a rule: clinical/on_track.py says where the rules come from.
OF_RULES: Final[Mapping[str, NextStep]] = MappingProxyType(
    {
        "safety_signal_open": NextStep(
            "see_signal_in_private", "Look at the safety signals and see each partner alone before the next conjoint hour."
        ),
        "deteriorated_twice": NextStep(
            "review_plan", "Review the plan: ask each partner alone what became worse, and hold or step back if need be."
        ),
        "slipping": NextStep("ask_what_changed", "Ask each partner what changed since the beginning, before it is worse."),
        "no_reliable_improvement": NextStep(
            "rethink_approach", "Look again at what keeps the problem going, and consider another protocol or a referral."
        ),
        "rabbit_hole": NextStep("return_to_sexual_concern", "Give the next hour to the sexual concern and the plan for it."),
        "tasks_missed": NextStep("ask_what_gets_in_the_way", "Ask what gets in the way, and make the task smaller."),
        "partners_diverge": NextStep("see_each_alone", "Ask each partner alone how it is for them: their courses part."),
        "functional_twice": NextStep(
            "consider_ending", "Consider longer intervals or closing, with a plan for keeping what was gained."
        ),
    }
)
CALM_RULES: Final = (CALM.code, CALM_BUT_UNJUDGED.code)
DECIDE: Final[Mapping[str, str]] = MappingProxyType(
    {"advance": "go on to the next stage", "step_back": "step back a stage", "stop": "stop"}
)


def next_step(given: Flag, due: Due) -> NextStep:
    """One suggestion: what the colour's rule asks for, or what falls due first; none once care has ended."""
    if not due.in_care:
        return NOTHING
    return OF_RULES.get(given.code) or _decide(due) or _renew(due) or _settle(due) or _measure(due) or _begin(due) or NOTHING


def _decide(due: Due) -> NextStep | None:
    if due.verdict is None:
        return None
    return NextStep("decide_stage", f"The rules suggest to {DECIDE[due.verdict]}: decide on the plan's stage.")


def _renew(due: Due) -> NextStep | None:
    ends = due.clearance_ends_on
    if ends is None or ends < due.day or ends - due.day > due.tell_of_clearance or due.plan_status not in {"active", "held"}:
        return None
    return NextStep("renew_clearance", f"The clearance ends on {ends.isoformat()}: without a new one shared touch pauses.")


def _settle(due: Due) -> NextStep | None:
    if due.plan_status != "paused":
        return None
    return NextStep("settle_pause", "The plan is paused: settle what it waits for and resume it, or stop it.")


def _measure(due: Due) -> NextStep | None:
    if due.last_score_on is None:
        return NextStep("measure", "There is no score yet: measure both partners, so that change can be told.")
    if due.day - due.last_score_on <= due.measure_after:
        return None
    return NextStep("measure", f"The last score is of {due.last_score_on.isoformat()}: measure both partners again.")


def _begin(due: Due) -> NextStep | None:
    if due.plan_status in {"active", "held", "completed"}:
        return None
    return NextStep("begin_plan", "No plan is running: choose what the couple can begin with.")
