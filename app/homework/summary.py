"""A couple's homework at one look, for the floors above: what this caller may know, in a fixed number of queries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.couples.models import Couple, Partner
from app.homework.answers import Answered, read_answers
from app.homework.assignments import given_to_each
from app.homework.models import Assignment, CheckIn, HomeworkPlan
from app.homework.pauses import pause_where_clearance_ran_out
from app.homework.plans import read
from app.homework.rules import Offer, occasions_offered
from app.homework.schemas import PlanRead
from app.homework.states import Status
from app.homework.telling import Step
from app.homework.tracks import history_of_each
from app.protocols.service import pinned

CUT_SHORT = frozenset({Status.PAUSED, Status.HELD, Status.COMPLETED, Status.STOPPED})


@dataclass(frozen=True)
class PlanSummary:
    """A plan as the caller sees it."""

    id: UUID
    protocol: str
    concern: str
    status: str
    stage: int
    since: datetime
    stages: int
    was_offered: bool
    episode_id: UUID
    began_at: datetime | None


@dataclass(frozen=True)
class Window:
    """An assignment: the days it was given for, and how many occasions; a pause or an end within them cut it short."""

    id: UUID
    starts_on: date
    ends_on: date
    occasions: int
    was_cut_short: bool


@dataclass(frozen=True)
class CheckInSummary:
    """One partner's answers about one occasion; willingness and pressure are None when safety is out of reach."""

    partner_id: UUID
    plan_id: UUID
    assignment_id: UUID
    occurred_at: datetime
    done: str
    willingness: int | None
    pressure: int | None
    coerced: bool
    mood_before: int | None
    mood_after: int | None
    pain: int | None
    obstacles: frozenset[str]
    late: bool


@dataclass(frozen=True)
class HomeworkSummary:
    """Plans, assignments by their days, and by partner: check-ins in time order, how many occasions were offered so far."""

    plans: tuple[PlanSummary, ...]
    windows: tuple[Window, ...]
    check_ins: Mapping[UUID, tuple[CheckInSummary, ...]]
    offered: Mapping[UUID, int]


def read_homework(work: Work, couple_id: UUID) -> HomeworkSummary:
    """The homework of a couple that is within reach already, and whose reading has left its trace; it can look back."""
    pause_where_clearance_ran_out(work, couple_id)
    return read_homework_of_each(work, [couple_id])[couple_id]


def read_homework_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, HomeworkSummary]:
    """The same of many couples, in as many queries as of one; it only reads, and pauses nothing that should have paused."""
    scalars = work.session.scalars
    zones = work.session.execute(select(Couple.id, Couple.time_zone).where(Couple.id.in_(couple_ids)))
    own = {couple_id: _OfCouple(ZoneInfo(zone)) for couple_id, zone in zones}
    for partner in scalars(select(Partner).where(Partner.couple_id.in_(couple_ids)).order_by(Partner.slot)):
        own[partner.couple_id].partners.append(partner)
    opened = select(HomeworkPlan).where(HomeworkPlan.couple_id.in_(couple_ids), work.has_happened(HomeworkPlan.opened_at))
    rows, lives = list(scalars(opened.order_by(HomeworkPlan.id))), history_of_each(work, couple_ids)
    plans = read(work, rows, lives)
    followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans})
    for plan in plans:
        own[plan.couple_id].plans.append(_plan(plan, followed[plan.protocol, plan.protocol_version], lives[plan.id]))
    for assignment in scalars(given_to_each(work, couple_ids).order_by(Assignment.id)):
        own[assignment.couple_id].assignments.append(assignment)
    shown = {assignment.id for of_one in own.values() for assignment in of_one.assignments}
    by_then = select(CheckIn).where(CheckIn.couple_id.in_(couple_ids), work.has_happened(CheckIn.occurred_at))
    answered = [row for row in scalars(by_then.order_by(CheckIn.occurred_at, CheckIn.id)) if row.assignment_id in shown]
    for answers in read_answers(work, answered):
        own[answers.row.couple_id].answers.append(answers)
    return {couple_id: of_one.summary(lives, work.moment) for couple_id, of_one in own.items()}


@dataclass(frozen=True)
class _OfCouple:
    """What was read of one couple, each in its order."""

    zone: ZoneInfo
    partners: list[Partner] = field(default_factory=list)
    plans: list[PlanSummary] = field(default_factory=list)
    assignments: list[Assignment] = field(default_factory=list)
    answers: list[Answered] = field(default_factory=list)

    def summary(self, lives: Mapping[UUID, list[Step]], moment: datetime) -> HomeworkSummary:
        """What it comes to at a moment."""
        breaks = _breaks({plan.id: lives[plan.id] for plan in self.plans}, self.zone)
        rows, today = [one.row for one in self.answers], moment.astimezone(self.zone).date()
        return HomeworkSummary(
            plans=tuple(self.plans),
            windows=tuple(sorted((_window(one, breaks) for one in self.assignments), key=lambda one: (one.starts_on, one.id))),
            check_ins={
                partner.id: tuple(_summary(one) for one in self.answers if one.row.partner_id == partner.id)
                for partner in self.partners
            },
            offered={partner.id: _offered(partner, self.assignments, rows, breaks, today) for partner in self.partners},
        )


def _plan(plan: PlanRead, protocol: Protocol, life: list[Step]) -> PlanSummary:
    return PlanSummary(
        id=plan.id,
        protocol=plan.protocol,
        concern=plan.concern,
        status=plan.status,
        stage=plan.stage,
        since=plan.since,
        stages=len(protocol.stages),
        was_offered=any(step.status == Status.OFFERED for step in life),
        episode_id=plan.episode_id,
        began_at=next((step.shown_at for step in life if step.status == Status.ACTIVE), None),
    )


def _window(row: Assignment, breaks: Mapping[UUID, list[date]]) -> Window:
    cut_short = any(row.starts_on <= day <= row.ends_on for day in breaks[row.plan_id])
    return Window(row.id, row.starts_on, row.ends_on, row.occasions, cut_short)


def _breaks(steps: Mapping[UUID, list[Step]], zone: ZoneInfo) -> dict[UUID, list[date]]:
    return {
        plan_id: [step.shown_at.astimezone(zone).date() for step in taken if step.status in CUT_SHORT]
        for plan_id, taken in steps.items()
    }


def _offered(
    partner: Partner, assignments: list[Assignment], rows: list[CheckIn], breaks: dict[UUID, list[date]], today: date
) -> int:
    answered: dict[UUID, int] = {}
    for row in rows:
        if row.partner_id == partner.id:
            answered[row.assignment_id] = answered.get(row.assignment_id, 0) + 1
    return sum(
        occasions_offered(
            [Offer(one.starts_on, one.ends_on, one.occasions, answered.get(one.id, 0))],
            breaks[one.plan_id],
            today,
        )
        for one in assignments
    )


def _summary(answered: Answered) -> CheckInSummary:
    row = answered.row
    return CheckInSummary(
        partner_id=row.partner_id,
        plan_id=row.plan_id,
        assignment_id=row.assignment_id,
        occurred_at=row.occurred_at,
        done=row.done,
        willingness=answered.willingness,
        pressure=answered.pressure,
        coerced=bool(answered.forced or answered.afraid),
        mood_before=answered.open["mood_before"],
        mood_after=answered.open["mood_after"],
        pain=answered.open["pain"],
        obstacles=frozenset(answered.open["obstacles"]),
        late=row.is_late,
    )
