"""The two tracks of a plan: as it is, for the care team, and as it is shown, for everyone else."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.access.work import Work
from app.core.bulk import insert_rows
from app.core.database import Compartment
from app.core.ids import new_id
from app.homework.awaiting import await_showing
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.rules import pause_shows_at
from app.homework.states import OPENED, REASONS, Move, Status, after
from app.homework.telling import Step, counted, told, truly_after, way
from app.ledger.service import SERVICE, log_changes
from app.safety.stops import Stop

EVERYTHING: Final = frozenset(Compartment)
_RANDOM: Final = SystemRandom()
Actor = dict[str, object]


@dataclass(frozen=True)
class Tracks:
    """Where a plan truly stands, and all that was shown of it or will be; run to its end, that ends where the truth is."""

    truth: Step
    shown: tuple[Step, ...]

    @property
    def status(self) -> Status:
        """Where the plan truly stands."""
        return Status(self.truth.status)

    def seen(self, work: Work) -> Step:
        """The latest step as this caller sees it."""
        return self.truth if work.sees_safety else told(self.shown, work.now)[-1]

    def is_hidden_from(self, work: Work) -> bool:
        """Whether the plan stands elsewhere than this caller can see. It knows more than its caller may."""
        return self.seen(work).place != self.truth.place


def track_of(work: Work) -> Compartment:
    """The track this caller reads."""
    return Compartment.SAFETY if work.sees_safety else Compartment.CONJOINT


def history(work: Work, couple_id: UUID, plan_ids: Iterable[UUID]) -> dict[UUID, list[Step]]:
    """Each plan's life as this caller sees it, or saw it, oldest first, in one query."""
    return _lives(work, (PlanTransition.couple_id == couple_id) & PlanTransition.plan_id.in_(list(plan_ids)))


def history_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    """The same of every plan of many couples, by plan."""
    return _lives(work, PlanTransition.couple_id.in_(couple_ids))


def _lives(work: Work, which: ColumnElement[bool]) -> dict[UUID, list[Step]]:
    """The one place where the lives of plans are read."""
    query = select(PlanTransition).where(which, PlanTransition.compartment == track_of(work))
    if work.sees_safety:
        query = query.where(work.has_happened(PlanTransition.shown_at))
    found: dict[UUID, list[Step]] = {}
    for row in work.session.scalars(query.order_by(PlanTransition.number)):
        found.setdefault(row.plan_id, []).append(step_of(row))
    if work.sees_safety:
        return found
    return {plan_id: counted(told(steps, work.moment)) for plan_id, steps in found.items()}


def tracks_of(work: Work, plans: Iterable[HomeworkPlan]) -> dict[UUID, Tracks]:
    """Where plans of one couple truly stand. It knows more than its caller may: never let it out."""
    plans = list(plans)
    if not plans:
        return {}
    query = select(PlanTransition).where(
        PlanTransition.couple_id == plans[0].couple_id, PlanTransition.plan_id.in_([plan.id for plan in plans])
    )
    steps: dict[tuple[UUID, Compartment], list[Step]] = {}
    with work.session.reaching(EVERYTHING):
        for row in work.session.scalars(query.order_by(PlanTransition.number)):
            steps.setdefault((row.plan_id, Compartment(row.compartment)), []).append(step_of(row))
    return {
        plan.id: Tracks(steps[plan.id, Compartment.SAFETY][-1], tuple(steps[plan.id, Compartment.CONJOINT])) for plan in plans
    }


def step_of(row: PlanTransition) -> Step:
    """A change as it was written."""
    return Step(
        number=row.number,
        follows=row.follows,
        status=row.status,
        stage=row.stage,
        reason=row.reason,
        actor_kind=row.actor_kind,
        stopped_by=row.stopped_by,
        shown_at=row.shown_at,
    )


def open_tracks(work: Work, plan: HomeworkPlan) -> None:
    """The first step of a new plan, on both tracks."""
    step = Step(1, 0, Status.DRAFT, 1, OPENED, work.actor.kind, None, work.now)
    for track in (Compartment.SAFETY, Compartment.CONJOINT):
        _insert(work, plan, track, step, work.actor.id)


def move(  # noqa: PLR0913 - a change, where it starts from, and what is special about it
    work: Work, plan: HomeworkPlan, before: Tracks, made: Move, *, stage: int | None = None, stop: Stop | None = None
) -> None:
    """Writes a change on both tracks. Raises MoveImpossibleError.

    Every pause, whatever led to it, is shown after a random delay and in the therapist's name; what follows a pause that
    is not shown yet is shown with it, because a resumption would tell of the pause. Somebody who cannot see it moves the
    plan from where it stands for them, and sees that at once; where it truly stands is shown when it would have been.
    """
    if stop is not None or work.sees_safety:
        base, status = before.shown[-1], after(before.status, made)
    else:
        base, status = before.seen(work), truly_after(before.status, made)
    truth = _truth(work, before, made, (status, stage or before.truth.stage), stop)
    _insert(work, plan, Compartment.SAFETY, truth, None if truth.actor_kind == SERVICE else work.actor.id)
    step = _shown(work, before, base, made, stage, truth.shown_at)
    _insert(work, plan, Compartment.CONJOINT, step, plan.therapist_id if made is Move.PAUSE else work.actor.id)
    _catch_up(work, plan, before, step, truth)


def _truth(work: Work, before: Tracks, made: Move, place: tuple[Status, int], stop: Stop | None) -> Step:
    """What truly happened; where nothing did, the true reason stays beside who thought to have moved the plan."""
    kept = before.truth
    stays = stop is None and before.truth.place == place and made is not Move.SET_STAGE
    reason, stopped_by = (kept.reason, kept.stopped_by) if stays else (REASONS[made], None)
    actor_kind, at = work.actor.kind, work.now
    if stop is not None:
        reason, stopped_by, at = stop.reason, stop.partner_id, stop.at or work.now
        actor_kind = SERVICE if stop.reason == "clearance_expired" else actor_kind
    return Step(kept.number + 1, kept.number, place[0], place[1], reason, actor_kind, stopped_by, at)


def _shown(  # noqa: PLR0913, PLR0917 - a change as it is told, and where it starts from
    work: Work, before: Tracks, base: Step, made: Move, stage: int | None, at: datetime
) -> Step:
    actor_kind, shown_at = work.actor.kind, max(at, base.shown_at)
    if made is Move.PAUSE:
        actor_kind = "member"
        shown_at = max(shown_at, pause_shows_at(at, work.settings.pause_delay_hours, _RANDOM))
    status, number = after(Status(base.status), made), before.shown[-1].number + 1
    return Step(number, base.number, status, stage or base.stage, REASONS[made], actor_kind, None, shown_at)


def _catch_up(work: Work, plan: HomeworkPlan, before: Tracks, step: Step, truth: Step) -> None:
    """What was to be shown and now will not be, told anew from where the plan is shown, and when it was to be shown."""
    at = max(step.shown_at, before.shown[-1].shown_at)
    for made in way(step.place, truth.place):
        stage = truth.stage if made is Move.SET_STAGE else step.stage
        status = after(Status(step.status), made)
        step = Step(step.number + 1, step.number, status, stage, REASONS[made], "member", None, at)
        _insert(work, plan, Compartment.CONJOINT, step, plan.therapist_id)


def _insert(work: Work, plan: HomeworkPlan, track: Compartment, step: Step, actor_id: UUID | None) -> None:
    row = {"id": new_id(), "couple_id": plan.couple_id, "plan_id": plan.id, "compartment": track, **vars(step)}
    insert_rows(work.session, PlanTransition, [row | {"actor_id": actor_id}])
    # The trail of what is not shown yet stays with the care team: a change feed would tell the moment.
    is_hidden = step.shown_at != work.now and track is Compartment.CONJOINT
    log_changes(work.session, PlanTransition, [row | ({"compartment": Compartment.SAFETY} if is_hidden else {})])
    if is_hidden:
        await_showing(work.session, [row])
