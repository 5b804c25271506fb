"""Use cases of homework plans: opened on a sexual concern, moved by the table of states, behind the gate."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, true

from app.access.models import CareTeamMember, Member
from app.access.permissions import Role
from app.access.work import Work
from app.clinical.protocol import Protocol
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import get_concern, get_open_episode
from app.couples.models import Concern, Slot
from app.couples.rules import ConcernResolvedError
from app.couples.service import get_couple, get_couple_in_care, get_partner, partners_of
from app.errors import Fault
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.pauses import pause_where_clearance_ran_out
from app.homework.rules import (
    TherapistUnknownError,
    check_competence,
    check_target,
    is_shared,
    practising_of,
)
from app.homework.schemas import PlanCreate, PlanRead, TransitionRead
from app.homework.states import Move, MoveImpossibleError, Status, impossible, is_possible
from app.homework.telling import Step
from app.homework.tracks import Tracks, history, move, open_tracks, tracks_of
from app.protocols.service import find_protocol, pinned, protocol_at
from app.protocols.thresholds import check_thresholds, clinic_values
from app.safety.rules import PlanCannotGoOnNowError
from app.safety.service import Exercise, check_may_run

NEEDS_GATE = frozenset({Move.ACTIVATE, Move.RESUME})


def create_plan(work: Work, couple_id: UUID, body: PlanCreate) -> PlanRead:
    """A draft. Raises ConcernResolvedError, and what the checks of target, protocol, competence and thresholds raise."""
    get_couple_in_care(work, couple_id)
    concern = get_concern(work, couple_id, body.concern_id)
    get_open_episode(work, couple_id, concern.episode_id)
    check_open_concern(concern)
    protocol = find_protocol(work, body.protocol)
    check_target(concern.code, protocol)
    therapist_id = body.therapist_id or work.actor.id
    practising = _practising(work, protocol, concern, body.practising_partner_id)
    attested = competence_of(work, couple_id, therapist_id)
    if attested is None:
        raise TherapistUnknownError(faults=(Fault("/therapist_id", "therapist_unknown", TherapistUnknownError.detail),))
    check_competence(protocol, protocol.stages[0].number, attested)
    plan = HomeworkPlan(
        couple_id=couple_id,
        episode_id=concern.episode_id,
        concern_id=concern.id,
        compartment=Compartment.CONJOINT,
        therapist_id=therapist_id,
        practising_partner_id=practising,
        protocol=protocol.code,
        protocol_version=protocol.version,
        thresholds=check_thresholds(protocol, clinic_values(work, protocol) | body.thresholds),
        opened_by_kind=work.actor.kind,
        opened_by=work.actor.id,
        opened_at=work.now,
    )
    work.session.add(plan)
    work.session.flush()
    open_tracks(work, plan)
    return read(work, [plan])[0]


def check_open_concern(concern: Concern) -> None:
    """Raises ConcernResolvedError: nothing starts, or goes on again, from what is settled."""
    if concern.resolved_on is not None:
        raise ConcernResolvedError


def _practising(work: Work, protocol: Protocol, concern: Concern, named: UUID | None) -> UUID | None:
    """Who practises, for good: another would be another plan, with consents of its own.

    It is the couple's to know, like the plan itself. The stages tell each what to do, so neither could be asked to take
    part without knowing it, and who bears the concern is no secret between the two either. Nothing private may decide it:
    it is named before the plan is offered, or follows from the bearer, and no screen, answer or precondition moves it.
    """
    bearers = {f"partner_{Slot(one.slot).value}": one.id for one in partners_of(work, concern.couple_id)}
    who = None if named is None else get_partner(work, concern.couple_id, named).id
    return practising_of(protocol, who, bearers.get(concern.bearer))


def competence_of(work: Work, couple_id: UUID, therapist_id: UUID) -> str | None:
    """The PLISSIT level attested for a therapist of this couple's care team; None for anyone else."""
    return work.session.scalars(
        select(Member.competence)
        .join(CareTeamMember, (CareTeamMember.clinic_id == Member.clinic_id) & (CareTeamMember.member_id == Member.id))
        .where(
            Member.id == therapist_id,
            Member.role == Role.THERAPIST,
            Member.ended_at.is_(None),
            CareTeamMember.couple_id == couple_id,
            CareTeamMember.held_at(work.now),
        )
    ).one_or_none()


def exists_for(work: Work) -> ColumnElement[bool]:
    """THE condition on plans: until it is offered, a plan is the therapist's thinking and exists in no partner's view."""
    if not work.is_for_partner:
        return true()
    was_offered = (PlanTransition.plan_id == HomeworkPlan.id) & (PlanTransition.status == Status.OFFERED)
    return exists(PlanTransition.id).where(PlanTransition.couple_id == HomeworkPlan.couple_id, was_offered)


def get_plan(work: Work, couple_id: UUID, plan_id: UUID, *, to_change: bool = False) -> HomeworkPlan:
    """A plan of a couple that is within reach already; `to_change` makes others wait their turn. Raises NotFoundError."""
    pause_where_clearance_ran_out(work, couple_id)
    query = select(HomeworkPlan).where(HomeworkPlan.couple_id == couple_id, HomeworkPlan.id == plan_id, exists_for(work))
    return existing(work.session, query.with_for_update() if to_change else query)


def get_plan_to_change(work: Work, couple_id: UUID, plan_id: UUID) -> tuple[HomeworkPlan, Tracks]:
    """A plan of a couple in care and an open episode, locked, and where it truly stands."""
    get_couple_in_care(work, couple_id)
    plan = get_plan(work, couple_id, plan_id, to_change=True)
    get_open_episode(work, couple_id, plan.episode_id)
    return plan, tracks_of(work, [plan])[plan.id]


def list_plans(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[PlanRead]:
    """A page of a couple's plans, oldest first."""
    get_couple(work, couple_id)
    pause_where_clearance_ran_out(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "plans", couple_id)
    query = select(HomeworkPlan).where(HomeworkPlan.couple_id == couple_id, exists_for(work))
    plans, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, HomeworkPlan.id))))
    return Page(items=read(work, plans), next_cursor=next_cursor)


def read_plan(work: Work, couple_id: UUID, plan_id: UUID) -> PlanRead:
    """One plan."""
    get_couple(work, couple_id)
    return read(work, [get_plan(work, couple_id, plan_id)])[0]


def list_transitions(work: Work, couple_id: UUID, plan_id: UUID) -> list[TransitionRead]:
    """A plan's life as this caller may know it, oldest first; it has some dozens of steps at most."""
    get_couple(work, couple_id)
    plan = get_plan(work, couple_id, plan_id)
    return [TransitionRead.model_validate(step) for step in history(work, couple_id, [plan.id])[plan.id]]


def move_plan(work: Work, couple_id: UUID, plan_id: UUID, made: Move) -> PlanRead:
    """Changes where a plan stands. Raises MoveImpossibleError, ConcernResolvedError and what `check_gate` raises.

    A caller is judged by what is shown to them, and sees the plan move as it would without a hidden pause.
    """
    plan, tracks = get_plan_to_change(work, couple_id, plan_id)
    seen = _check_shown(work, tracks, made)
    if made in NEEDS_GATE:
        check_open_concern(get_concern(work, couple_id, plan.concern_id))
        check_gate(work, plan, seen.stage)
        _check_nothing_sets_going(work, tracks)
    move(work, plan, tracks, made)
    return read(work, [plan])[0]


def _check_shown(work: Work, tracks: Tracks, made: Move) -> Step:
    seen = tracks.seen(work)
    if not is_possible(Status(seen.status), made):
        raise MoveImpossibleError(impossible(Status(seen.status)))
    return seen


def _check_nothing_sets_going(work: Work, tracks: Tracks) -> None:
    """What was paused, or moved since, is not set going by somebody who cannot see it: for them, a gate is closed."""
    if tracks.is_hidden_from(work) and tracks.status is not Status.ACTIVE:
        raise PlanCannotGoOnNowError


def protocol_of(work: Work, plan: HomeworkPlan) -> Protocol:
    """The protocol in the version that the plan is pinned to."""
    return protocol_at(work, plan.protocol, plan.protocol_version)


def check_gate(work: Work, plan: HomeworkPlan, stage: int) -> None:
    """Everything a stage needs to run. Raises CompetenceNotAttestedError, PlanCannotGoOnNowError."""
    protocol = protocol_of(work, plan)
    check_competence(protocol, stage, competence_of(work, plan.couple_id, plan.therapist_id))
    check_may_run(work, Exercise(plan.couple_id, protocol, stage, is_shared(protocol, stage), plan.practising_partner_id))


def check_may_be_given(work: Work, plan: HomeworkPlan, tracks: Tracks) -> None:
    """Whether the plan's stage may be given now. Raises MoveImpossibleError and what `check_gate` raises.

    Where a pause, or what followed it, is not shown yet, a gate is closed like any other: protection goes first.
    """
    seen = check_running(work, tracks)
    check_gate(work, plan, seen.stage)
    if tracks.is_hidden_from(work):
        raise PlanCannotGoOnNowError


def check_running(work: Work, tracks: Tracks) -> Step:
    """Raises MoveImpossibleError unless the plan is active for this caller; where it stands for them."""
    # Of the moves, only that to a stage asks for a plan that is active, as giving that stage does.
    return _check_shown(work, tracks, Move.SET_STAGE)


def read(work: Work, plans: Sequence[HomeworkPlan], lives: Mapping[UUID, list[Step]] | None = None) -> list[PlanRead]:
    """Plans as this caller sees them, of one couple unless their lives were read; two queries for all, or one with them."""
    if not plans:
        return []
    steps = history(work, plans[0].couple_id, [plan.id for plan in plans]) if lives is None else lives
    concerns = {
        row.id: row.code
        for row in work.session.execute(
            select(Concern.id, Concern.code).where(
                Concern.couple_id.in_({plan.couple_id for plan in plans}), Concern.id.in_([plan.concern_id for plan in plans])
            )
        )
    }
    followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans})
    return [
        _shown(plan, followed[plan.protocol, plan.protocol_version], steps[plan.id][-1], concerns[plan.concern_id])
        for plan in plans
    ]


def _shown(plan: HomeworkPlan, protocol: Protocol, step: Step, concern: str) -> PlanRead:
    stage = protocol.stage(step.stage)
    return PlanRead(
        id=plan.id,
        version=step.number,
        couple_id=plan.couple_id,
        episode_id=plan.episode_id,
        concern_id=plan.concern_id,
        concern=concern,
        therapist_id=plan.therapist_id,
        practising_partner_id=plan.practising_partner_id,
        protocol=plan.protocol,
        protocol_version=plan.protocol_version,
        thresholds=plan.thresholds,
        stage=step.stage,
        stage_title=stage.title if stage else "",
        status=step.status,
        reason=step.reason,
        since=step.shown_at,
        opened_at=plan.opened_at,
    )
