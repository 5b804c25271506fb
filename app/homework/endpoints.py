"""Plans, assignments, check-ins and verdicts over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import AssignmentId, CheckInId, CoupleId, PlanId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import ConcernResolvedError, CoupleArchivedError, EpisodeClosedError
from app.homework import assignments, check_ins, decisions, pauses, plans
from app.homework.rules import (
    CheckInTooEarlyError,
    CheckInTwiceError,
    CompetenceNotAttestedError,
    MomentInFutureError,
    MustStartFromSexualConcernError,
    OverrideNeedsReasonError,
    PractisingPartnerUnclearError,
    ProtocolDoesNotFitError,
    TherapistUnknownError,
    WindowInvalidError,
)
from app.homework.schemas import (
    AdvancementCreate,
    AdvancementRead,
    AssignmentCreate,
    AssignmentRead,
    CheckInCreate,
    CheckInRead,
    PlanCreate,
    PlanRead,
    TransitionRead,
    VerdictRead,
)
from app.homework.states import Move, MoveImpossibleError
from app.protocols.rules import ProtocolRetiredError, ProtocolUnknownError
from app.safety.rules import PlanCannotGoOnNowError

__all__ = ["pauses", "router"]  # importing `pauses` is what makes homework listen to stops

router = RecordRouter("Homework")
PLANS = "/couples/{couple_id}/plans"
PLAN = PLANS + "/{plan_id}"
CHECK_INS = PLAN + "/assignments/{assignment_id}/check-ins"
CHANGING = (MoveImpossibleError, PlanCannotGoOnNowError, CoupleArchivedError, EpisodeClosedError)
GATED = (*CHANGING, CompetenceNotAttestedError)


@router.creates(
    PLANS,
    Permission.HOMEWORK_WRITE,
    MustStartFromSexualConcernError,
    ProtocolUnknownError,
    ProtocolRetiredError,
    ProtocolDoesNotFitError,
    PractisingPartnerUnclearError,
    TherapistUnknownError,
    CompetenceNotAttestedError,
    ConcernResolvedError,
    CoupleArchivedError,
    EpisodeClosedError,
)
def create_plan(work: Work, couple_id: CoupleId, body: PlanCreate) -> PlanRead:
    """Draft a homework plan that starts from a sexual concern of the open episode."""
    return plans.create_plan(work, couple_id, body)


@router.reads(PLANS, Permission.HOMEWORK_READ, CursorInvalidError)
def list_plans(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[PlanRead]:
    """List a couple's homework plans, oldest first."""
    return plans.list_plans(work, couple_id, limit, cursor)


@router.reads(PLAN, Permission.HOMEWORK_READ)
def read_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Read a homework plan."""
    return plans.read_plan(work, couple_id, plan_id)


@router.reads(PLAN + "/transitions", Permission.HOMEWORK_READ)
def list_plan_transitions(work: Work, couple_id: CoupleId, plan_id: PlanId) -> Page[TransitionRead]:
    """List what happened to a plan, oldest first."""
    return Page(items=plans.list_transitions(work, couple_id, plan_id), next_cursor=None)


@router.creates(PLAN + "/offers", Permission.HOMEWORK_WRITE, *CHANGING, status=200)
def offer_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Offer a drafted plan to the couple."""
    return plans.move_plan(work, couple_id, plan_id, Move.OFFER)


@router.creates(PLAN + "/activations", Permission.HOMEWORK_WRITE, ConcernResolvedError, *GATED, status=200)
def activate_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Start an offered plan. Shared touch needs both screens, a clearance and each partner's consent to the stage."""
    return plans.move_plan(work, couple_id, plan_id, Move.ACTIVATE)


@router.creates(PLAN + "/holds", Permission.HOMEWORK_WRITE, *CHANGING, status=200)
def hold_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Let a running plan wait, as agreed with the couple."""
    return plans.move_plan(work, couple_id, plan_id, Move.HOLD)


@router.creates(PLAN + "/pauses", Permission.HOMEWORK_WRITE, *CHANGING, status=200)
def pause_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Pause a plan: nothing new is given from now on. All but the care team see it after a random delay."""
    return plans.move_plan(work, couple_id, plan_id, Move.PAUSE)


@router.creates(PLAN + "/resumptions", Permission.HOMEWORK_WRITE, ConcernResolvedError, *GATED, status=200)
def resume_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """Let a held or paused plan go on, through the same gate as at its start."""
    return plans.move_plan(work, couple_id, plan_id, Move.RESUME)


@router.creates(PLAN + "/completions", Permission.HOMEWORK_WRITE, *CHANGING, status=200)
def complete_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """End a plan as completed."""
    return plans.move_plan(work, couple_id, plan_id, Move.COMPLETE)


@router.creates(PLAN + "/stops", Permission.HOMEWORK_WRITE, *CHANGING, status=200)
def stop_plan(work: Work, couple_id: CoupleId, plan_id: PlanId) -> PlanRead:
    """End a plan before it is completed."""
    return plans.move_plan(work, couple_id, plan_id, Move.STOP)


@router.creates(PLAN + "/assignments", Permission.HOMEWORK_WRITE, WindowInvalidError, *GATED)
def create_assignment(work: Work, couple_id: CoupleId, plan_id: PlanId, body: AssignmentCreate) -> AssignmentRead:
    """Give the plan's stage for a window of days where the couple lives."""
    return assignments.create_assignment(work, couple_id, plan_id, body)


@router.reads(PLAN + "/assignments", Permission.HOMEWORK_READ, CursorInvalidError)
def list_assignments(
    work: Work,
    couple_id: CoupleId,
    plan_id: PlanId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[AssignmentRead]:
    """List a plan's assignments, oldest first."""
    return assignments.list_assignments(work, couple_id, plan_id, limit, cursor)


@router.reads(PLAN + "/assignments/{assignment_id}", Permission.HOMEWORK_READ)
def read_assignment(work: Work, couple_id: CoupleId, plan_id: PlanId, assignment_id: AssignmentId) -> AssignmentRead:
    """Read an assignment."""
    return assignments.read_assignment(work, couple_id, plan_id, assignment_id)


@router.creates(
    CHECK_INS,
    Permission.CHECK_INS_WRITE,
    CheckInTwiceError,
    CheckInTooEarlyError,
    MomentInFutureError,
    CoupleArchivedError,
)
def record_check_in(
    work: Work, couple_id: CoupleId, plan_id: PlanId, assignment_id: AssignmentId, body: CheckInCreate
) -> CheckInRead:
    """Keep what one partner, alone, says about one occasion. The answer is the same whatever it sets in motion."""
    return check_ins.record_check_in(work, couple_id, plan_id, assignment_id, body)


@router.reads(CHECK_INS, Permission.HOMEWORK_READ, CursorInvalidError)
def list_check_ins(  # noqa: PLR0913, PLR0917 - an assignment's place, and a page
    work: Work,
    couple_id: CoupleId,
    plan_id: PlanId,
    assignment_id: AssignmentId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[CheckInRead]:
    """List an assignment's check-ins that you may see, in the order they arrived."""
    return check_ins.list_check_ins(work, couple_id, plan_id, assignment_id, limit, cursor)


@router.reads(CHECK_INS + "/{check_in_id}", Permission.HOMEWORK_READ)
def read_check_in(
    work: Work, couple_id: CoupleId, plan_id: PlanId, assignment_id: AssignmentId, check_in_id: CheckInId
) -> CheckInRead:
    """Read a check-in."""
    return check_ins.read_check_in(work, couple_id, plan_id, assignment_id, check_in_id)


@router.reads(PLAN + "/verdict", Permission.SAFETY_READ)
def read_verdict(work: Work, couple_id: CoupleId, plan_id: PlanId) -> VerdictRead:
    """Read what the protocol's rules say of the stage, per partner, with the rule in words and its numbers."""
    return decisions.read_verdict(work, couple_id, plan_id)


@router.creates(PLAN + "/advancements", Permission.SAFETY_WRITE, OverrideNeedsReasonError, *GATED)
def decide_stage(work: Work, couple_id: CoupleId, plan_id: PlanId, body: AdvancementCreate) -> AdvancementRead:
    """Follow the verdict, or depart from it with a reason. Another stage needs both partners' consent to that stage."""
    return decisions.decide_stage(work, couple_id, plan_id, body)


@router.reads(PLAN + "/advancements", Permission.SAFETY_READ, CursorInvalidError)
def list_advancements(
    work: Work,
    couple_id: CoupleId,
    plan_id: PlanId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[AdvancementRead]:
    """List the decisions on a plan's stages, oldest first."""
    return decisions.list_decisions(work, couple_id, plan_id, limit, cursor)
