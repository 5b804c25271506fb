"""Use cases of check-ins: accepted from each partner apart, answered alike whatever they set in motion."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.work import Work
from app.clinical.check_ins import CheckIn as Said
from app.clinical.log_answers import check_log
from app.clinical.protocol import Protocol, Role
from app.clinical.verdict import role_of
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.models import Couple, Partner
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.errors import InvalidError
from app.homework.answers import SOURCE, Answered, read_answers, seal_answers
from app.homework.assignments import get_assignment
from app.homework.models import Assignment, CheckIn, HomeworkPlan
from app.homework.plans import get_plan, protocol_of
from app.homework.rules import CheckInTwiceError, check_occasion, pressure_response
from app.homework.schemas import CheckInCreate, CheckInRead
from app.protocols.rules import without_strangers
from app.safety.signals import Signal, keep_signals


def record_check_in(work: Work, couple_id: UUID, plan_id: UUID, assignment_id: UUID, body: CheckInCreate) -> CheckInRead:
    """Keeps what one partner says about one occasion; also of a paused plan, because refusing would tell.

    Raises CheckInTwiceError, CheckInTooEarlyError, MomentInFutureError, InvalidError for the log.
    """
    couple = get_couple_in_care(work, couple_id)
    plan = get_plan(work, couple_id, plan_id)
    assignment = get_assignment(work, couple_id, plan.id, assignment_id)
    partner = get_partner(work, couple_id, body.partner_id)
    protocol = protocol_of(work, plan)
    occurred_at = body.occurred_at or work.now
    zone = ZoneInfo(couple.time_zone)
    in_future = occurred_at > work.now + FUTURE_LEEWAY
    check_occasion(occurred_at.astimezone(zone).date(), assignment.starts_on, in_future=in_future)
    role = role_of(partner.id, plan.practising_partner_id)
    _check_log(protocol, body, occurred_at.astimezone(zone).date(), role, assignment.stage)
    _check_first(work, assignment, partner, occurred_at)
    row = _new_check_in(work, couple, assignment, partner, body.done, occurred_at)
    seal_answers(work, row, body, _private_fields(protocol))
    keep_signals(work, _signals(plan, row, body))
    return _shown(read_answers(work, [row])[0])


def _check_log(protocol: Protocol, body: CheckInCreate, occurred_on: date, role: Role, stage: int) -> None:
    said = Said(
        occurred_on=occurred_on,
        done=body.done,
        log=body.log,
        willingness=body.willingness,
        pressure=body.pressure,
        mood_before=body.mood_before,
        mood_after=body.mood_after,
        pain=body.pain,
        force=body.felt_forced,
        afraid=body.felt_afraid,
    )
    if faults := check_log(protocol, said, role, stage):
        raise InvalidError(faults=without_strangers(faults))


def _check_first(work: Work, assignment: Assignment, partner: Partner, occurred_at: datetime) -> None:
    same = select(CheckIn.id).where(
        CheckIn.couple_id == assignment.couple_id,
        CheckIn.assignment_id == assignment.id,
        CheckIn.partner_id == partner.id,
        CheckIn.occurred_at == occurred_at,
    )
    if work.session.scalars(same).first() is not None:
        raise CheckInTwiceError


def _new_check_in(  # noqa: PLR0913, PLR0917 - what a check-in is made of
    work: Work, couple: Couple, assignment: Assignment, partner: Partner, done: str, occurred_at: datetime
) -> CheckIn:
    return CheckIn(
        clinic_id=work.actor.clinic_id,
        couple_id=couple.id,
        plan_id=assignment.plan_id,
        assignment_id=assignment.id,
        partner_id=partner.id,
        compartment=partner.compartment,
        stage=assignment.stage,
        occurred_at=occurred_at,
        received_at=work.now,
        is_late=work.now.astimezone(ZoneInfo(couple.time_zone)).date() > assignment.ends_on,
        done=done,
    )


def _private_fields(protocol: Protocol) -> frozenset[str]:
    return frozenset(field.code for field in protocol.log_fields if field.privacy == "safety")


def _signals(plan: HomeworkPlan, row: CheckIn, body: CheckInCreate) -> list[Signal]:
    """Pressure whatever its value, because the verdict and the turn-around need it; force and fear only where felt."""
    signals = []
    place = (row.couple_id, row.partner_id)
    if body.pressure is not None:
        response = pressure_response(body.pressure, plan.thresholds)
        signals.append(Signal(*place, "pressure", body.pressure, response, SOURCE, row.id, row.occurred_at))
    if body.felt_forced:
        signals.append(Signal(*place, "force", None, "pause", SOURCE, row.id, row.occurred_at))
    if body.felt_afraid:
        signals.append(Signal(*place, "fear", None, "pause", SOURCE, row.id, row.occurred_at))
    return signals


def list_check_ins(  # noqa: PLR0913, PLR0917 - an assignment's place, and a page
    work: Work, couple_id: UUID, plan_id: UUID, assignment_id: UUID, limit: int, cursor: str | None
) -> Page[CheckInRead]:
    """A page of an assignment's check-ins within reach, in the order they arrived."""
    get_couple(work, couple_id)
    assignment = get_assignment(work, couple_id, plan_id, assignment_id)
    pager = Pager(work.vault, limit, cursor, "check-ins", assignment.id)
    query = select(CheckIn).where(CheckIn.couple_id == couple_id, CheckIn.assignment_id == assignment.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, CheckIn.id))))
    return Page(items=[_shown(answered) for answered in read_answers(work, rows)], next_cursor=next_cursor)


def read_check_in(work: Work, couple_id: UUID, plan_id: UUID, assignment_id: UUID, check_in_id: UUID) -> CheckInRead:
    """One check-in. Raises NotFoundError."""
    get_couple(work, couple_id)
    assignment = get_assignment(work, couple_id, plan_id, assignment_id)
    query = select(CheckIn).where(
        CheckIn.couple_id == couple_id, CheckIn.assignment_id == assignment.id, CheckIn.id == check_in_id
    )
    row = existing(work.session, query)
    return _shown(read_answers(work, [row])[0])


def _shown(answered: Answered) -> CheckInRead:
    row = answered.row
    return CheckInRead(
        id=row.id,
        version=row.version,
        plan_id=row.plan_id,
        assignment_id=row.assignment_id,
        partner_id=row.partner_id,
        stage=row.stage,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        late=row.is_late,
        done=row.done,
        willingness=answered.willingness,
        pressure=answered.pressure,
        felt_forced=answered.forced,
        felt_afraid=answered.afraid,
        mood_before=answered.open["mood_before"],
        mood_after=answered.open["mood_after"],
        pain=answered.open["pain"],
        log=answered.log,
        obstacles=answered.open["obstacles"],
        note=answered.open["note"],
    )
