"""Use cases of verdicts and of what the therapist decides beside them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from app.access.work import Work
from app.clinical.check_ins import CheckIn as Said
from app.clinical.verdict import PartnerVerdict, Verdict, decide
from app.core.database import Compartment
from app.core.paging import Page, Pager
from app.couples.models import Couple, Partner, Slot
from app.couples.service import get_couple, partners_of
from app.homework.answers import read_answers
from app.homework.models import CheckIn, HomeworkPlan, StageDecision
from app.homework.plans import check_gate, check_running, get_plan, get_plan_to_change, protocol_of
from app.homework.rules import check_override, next_stage
from app.homework.schemas import AdvancementCreate, AdvancementRead, PartnerVerdictRead, SeenNumber, VerdictRead
from app.homework.states import REASONS, STARTS_RUNNING, Move
from app.homework.tracks import Tracks, history, move, tracks_of

SINCE = frozenset(REASONS[made] for made in STARTS_RUNNING)


def read_verdict(work: Work, couple_id: UUID, plan_id: UUID) -> VerdictRead:
    """What the rules say of the plan's stage, on the check-ins since it began or the plan last resumed."""
    couple = get_couple(work, couple_id)
    plan = get_plan(work, couple_id, plan_id)
    return _verdict(work, couple, plan, tracks_of(work, [plan])[plan.id])


def _verdict(work: Work, couple: Couple, plan: HomeworkPlan, tracks: Tracks) -> VerdictRead:
    partners = partners_of(work, couple.id)
    answers = _answers(work, couple, plan, tracks)
    by_slot = {Slot(partner.slot).value: answers.get(partner.id, []) for partner in partners}
    stage = tracks.truth.stage
    practising = next((Slot(one.slot).value for one in partners if one.id == plan.practising_partner_id), None)
    verdict = decide(protocol_of(work, plan), stage, by_slot, plan.thresholds, practising)
    return _shown(plan, verdict, partners)


def _answers(work: Work, couple: Couple, plan: HomeworkPlan, tracks: Tracks) -> dict[UUID, list[Said]]:
    query = select(CheckIn).where(
        CheckIn.couple_id == couple.id,
        CheckIn.plan_id == plan.id,
        CheckIn.stage == tracks.truth.stage,
        CheckIn.occurred_at >= _since(work, plan),
    )
    rows = list(work.session.scalars(query.order_by(CheckIn.occurred_at, CheckIn.id)))
    zone = ZoneInfo(couple.time_zone)
    found: dict[UUID, list[Said]] = {}
    for place, answered in enumerate(read_answers(work, rows)):
        found.setdefault(answered.row.partner_id, []).append(answered.said(zone, place))
    return found


def _since(work: Work, plan: HomeworkPlan) -> datetime:
    steps = history(work, plan.couple_id, [plan.id])[plan.id]
    return max((step.shown_at for step in steps if step.reason in SINCE), default=plan.opened_at)


def waiting_verdict(work: Work, couple_id: UUID, plan_id: UUID) -> str | None:
    """What the rules say of a running plan that nobody has decided on since the last answer; None while they say to hold.

    For the care team, of a couple within reach already and whose reading has left its trace.
    """
    couple = work.session.scalars(select(Couple).where(Couple.id == couple_id)).one()
    plan = get_plan(work, couple_id, plan_id)
    verdict = _verdict(work, couple, plan, tracks_of(work, [plan])[plan.id]).verdict
    if verdict == "hold":
        return None
    of_plan = {"couple_id": couple_id, "plan_id": plan_id}
    decided, answered = (
        _last(work, select(func.max(column)).filter_by(**of_plan)) for column in (StageDecision.decided_at, CheckIn.received_at)
    )
    return None if decided is not None and (answered is None or answered <= decided) else verdict


def _last(work: Work, query: Select[datetime]) -> datetime | None:
    found: datetime | None = work.session.execute(query).scalar_one()
    return found


def _shown(plan: HomeworkPlan, verdict: Verdict, partners: Sequence[Partner]) -> VerdictRead:
    return VerdictRead(
        plan_id=plan.id,
        protocol=verdict.protocol,
        protocol_version=verdict.protocol_version,
        stage=verdict.stage,
        verdict=verdict.verdict,
        partners=[
            _of_partner(partner, verdict.partners[slot])
            for partner in partners
            if (slot := Slot(partner.slot).value) in verdict.partners
        ],
        shared_sentence=verdict.shared_sentence,
        completes=verdict.completes,
        requires=list(verdict.requires),
        flags=list(verdict.flags),
        thresholds=dict(verdict.thresholds),
    )


def _of_partner(partner: Partner, found: PartnerVerdict) -> PartnerVerdictRead:
    return PartnerVerdictRead(
        partner_id=partner.id,
        verdict=found.verdict,
        rule=found.rule,
        sentence=found.sentence,
        condition=found.condition,
        numbers=[SeenNumber.model_validate(seen) for seen in found.numbers],
        flags=list(found.flags),
        missing=list(found.missing),
    )


def decide_stage(work: Work, couple_id: UUID, plan_id: UUID, body: AdvancementCreate) -> AdvancementRead:
    """Follows the verdict, or overrides it with a reason; another stage passes the gate of that stage.

    Raises OverrideNeedsReasonError, MoveImpossibleError, PlanCannotGoOnNowError, CompetenceNotAttestedError.
    """
    plan, tracks = get_plan_to_change(work, couple_id, plan_id)
    check_running(work, tracks)
    verdict = _verdict(work, get_couple(work, couple_id), plan, tracks)
    check_override(verdict.verdict, body.decision, body.override_reason)
    stage = tracks.truth.stage
    following = next_stage(protocol_of(work, plan), stage, body.decision)
    if following is not None and body.decision != "hold":
        check_gate(work, plan, following)
        move(work, plan, tracks, Move.SET_STAGE, stage=following)
    elif following is None:
        move(work, plan, tracks, Move.COMPLETE)
    decision = _new_decision(work, plan, verdict, body, following or stage)
    work.session.add(decision)
    work.session.flush()
    return _shown_decision(work, decision)


def _new_decision(
    work: Work, plan: HomeworkPlan, verdict: VerdictRead, body: AdvancementCreate, following: int
) -> StageDecision:
    decision = StageDecision(
        clinic_id=work.actor.clinic_id,
        couple_id=plan.couple_id,
        plan_id=plan.id,
        compartment=Compartment.SAFETY,
        stage=verdict.stage,
        next_stage=following,
        verdict=verdict.verdict,
        decision=body.decision,
        decided_by=work.actor.id,
        decided_at=work.now,
    )
    decision.numbers = work.vault.seal(decision, "numbers", verdict.model_dump(mode="json"))
    reason = body.override_reason
    decision.override_reason = None if reason is None else work.vault.seal(decision, "override_reason", reason)
    return decision


def list_decisions(work: Work, couple_id: UUID, plan_id: UUID, limit: int, cursor: str | None) -> Page[AdvancementRead]:
    """A page of the decisions on a plan's stages, oldest first."""
    get_couple(work, couple_id)
    plan = get_plan(work, couple_id, plan_id)
    pager = Pager(work.vault, limit, cursor, "advancements", plan.id)
    query = select(StageDecision).where(StageDecision.couple_id == couple_id, StageDecision.plan_id == plan.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, StageDecision.id))))
    return Page(items=[_shown_decision(work, row) for row in rows], next_cursor=next_cursor)


def _shown_decision(work: Work, row: StageDecision) -> AdvancementRead:
    return AdvancementRead(
        decision=row.decision,
        verdict=row.verdict,
        overridden=row.decision != row.verdict,
        override_reason=work.vault.open(row, "override_reason", row.override_reason),
        stage=row.stage,
        next_stage=row.next_stage,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        verdict_then=VerdictRead.model_validate(work.vault.open(row, "numbers", row.numbers)),
    )
