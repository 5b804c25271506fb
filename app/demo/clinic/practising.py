"""The homework of the invented couples: begun, tried, and ended as their parts have it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.access.permissions import Permission
from app.demo.clinic.answering import log_of
from app.demo.clinic.cast import Pair
from app.demo.clinic.courses import OCCASION_DAYS, WINDOW_WEEKS, Homework, Tried
from app.demo.clinic.hand import Hand
from app.homework.assignments import create_assignment
from app.homework.check_ins import record_check_in
from app.homework.plans import create_plan, move_plan
from app.homework.schemas import AssignmentCreate, CheckInCreate, PlanCreate
from app.homework.states import Move
from app.safety.clearances import decide_clearance
from app.safety.consents import give_consent
from app.safety.schemas import ClearanceCreate, ConsentCreate, ScreenCreate
from app.safety.screens import record_screen


@dataclass
class Held:
    """Where a couple stands in the record."""

    pair: Pair
    id: UUID
    partners: tuple[UUID, UUID]
    episode: UUID
    concerns: tuple[UUID, UUID]
    plan: UUID | None = None
    assignment: UUID | None = None


def move_on(hand: Hand, held: Held, homework: Homework, week: int) -> None:
    """Begins the plan, gives its next window, or completes it, when the week has come for that."""
    if week == homework.begins:
        _clear(hand, held)
        held.plan = _begin(hand, held)
    if held.plan is None:
        return
    if week in homework.windows:
        window = AssignmentCreate.model_validate(
            {
                "ends_on": (hand.clock.moment + timedelta(weeks=WINDOW_WEEKS, days=-1)).date(),
                "occasions": len(homework.occasions[homework.windows.index(week)]),
            }
        )
        held.assignment = hand.do(Permission.HOMEWORK_WRITE, create_assignment, held.id, held.plan, window).id
    if week == homework.ends_in and homework.ends == "completed":
        hand.do(Permission.HOMEWORK_WRITE, move_plan, held.id, held.plan, Move.COMPLETE)


def stop(hand: Hand, held: Held, homework: Homework | None) -> None:
    """Ends the plan of a couple that does not come back."""
    if held.plan is not None and homework is not None and homework.ends == "stopped":
        hand.do(Permission.HOMEWORK_WRITE, move_plan, held.id, held.plan, Move.STOP)


def _clear(hand: Hand, held: Held) -> None:
    for partner in held.partners:
        answers = {str(item): 1 for item in range(1, 6)}
        screen = ScreenCreate.model_validate({"measure": "ehits", "taken_alone": True, "answers": answers})
        hand.do(Permission.SAFETY_WRITE, record_screen, held.id, partner, screen)
    today = hand.clock.moment.date()
    cleared = {"decision": "cleared", "interviewed_a_on": today, "interviewed_b_on": today}
    hand.do(Permission.SAFETY_WRITE, decide_clearance, held.id, ClearanceCreate.model_validate(cleared))


def _begin(hand: Hand, held: Held) -> UUID:
    protocol = held.pair.protocol
    consent = {"kind": "homework_stage", "protocol": protocol, "stage": 1, "text_version": "2026-11", "language": "en"}
    for partner in held.partners:
        hand.do(Permission.CONSENTS_WRITE, give_consent, held.id, partner, ConsentCreate.model_validate(consent))
    draft = PlanCreate.model_validate({"concern_id": held.concerns[0], "protocol": protocol})
    plan = hand.do(Permission.HOMEWORK_WRITE, create_plan, held.id, draft)
    for move in (Move.OFFER, Move.ACTIVATE):
        hand.do(Permission.HOMEWORK_WRITE, move_plan, held.id, plan.id, move)
    return plan.id


def check_in(hand: Hand, held: Held, homework: Homework, week: int, day: int) -> None:
    """What both say, each alone, of the occasion of this day, if there was one."""
    if held.plan is None or held.assignment is None or held.pair.protocol is None:
        return
    for number, first in enumerate(homework.windows):
        since = 7 * (week - first) + day
        if since not in OCCASION_DAYS or OCCASION_DAYS.index(since) >= len(homework.occasions[number]):
            continue
        both = homework.occasions[number][OCCASION_DAYS.index(since)]
        for partner, tried in zip(held.partners, both, strict=True):
            said = CheckInCreate.model_validate({"partner_id": partner, **_said(held.pair.protocol, tried)})
            hand.do(Permission.CHECK_INS_WRITE, record_check_in, held.id, held.plan, held.assignment, said)


def _said(protocol: str, tried: Tried) -> dict[str, Any]:
    if tried.willingness is None:
        return {"done": tried.done, "obstacles": ["tired"]}
    told = {"willingness": tried.willingness, "pressure": tried.pressure, "pain": 0}
    moods = {"mood_before": tried.mood_before, "mood_after": tried.mood_after}
    return {"done": tried.done, **told, **moods, "log": log_of(protocol)}
