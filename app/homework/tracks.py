"""The two tracks of a plan: as it is, for the care team, and as it is shown, for everyone else."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import SystemRandom
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment, insert_rows
from app.core.ids import new_id
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.rules import pause_shows_at
from app.homework.states import OPENED, REASONS, Move, Status, after
from app.ledger.service import log_changes
from app.safety.stops import Stop

EVERYTHING: Final = frozenset(Compartment)
_RANDOM: Final = SystemRandom()


@dataclass(frozen=True)
class Tracks:
    """Where a plan truly stands, and how it was last shown or will be."""

    truth: PlanTransition
    shown: PlanTransition

    @property
    def status(self) -> Status:
        """Where the plan truly stands."""
        return Status(self.truth.status)


def track_of(work: Work) -> Compartment:
    """The track this caller reads."""
    return Compartment.SAFETY if work.sees_safety else Compartment.CONJOINT


def history(work: Work, couple_id: UUID, plan_ids: Iterable[UUID]) -> dict[UUID, list[PlanTransition]]:
    """Each plan's transitions as this caller sees them now, oldest first, in one query."""
    query = select(PlanTransition).where(
        PlanTransition.couple_id == couple_id,
        PlanTransition.plan_id.in_(list(plan_ids)),
        PlanTransition.compartment == track_of(work),
        # The opening is never hidden, not even from a machine whose clock is a little behind.
        (PlanTransition.shown_at <= work.now) | (PlanTransition.number == 1),
    )
    found: dict[UUID, list[PlanTransition]] = {}
    for row in work.session.scalars(query.order_by(PlanTransition.number)):
        found.setdefault(row.plan_id, []).append(row)
    return found


def seen(work: Work, plan: HomeworkPlan) -> PlanTransition:
    """The latest transition as this caller sees it."""
    return history(work, plan.couple_id, [plan.id])[plan.id][-1]


def tracks_of(work: Work, plans: Iterable[HomeworkPlan]) -> dict[UUID, Tracks]:
    """Where plans of one couple truly stand. It knows more than its caller may: never let it out."""
    plans = list(plans)
    if not plans:
        return {}
    query = select(PlanTransition).where(
        PlanTransition.couple_id == plans[0].couple_id, PlanTransition.plan_id.in_([plan.id for plan in plans])
    )
    latest: dict[tuple[UUID, Compartment], PlanTransition] = {}
    with work.session.reaching(EVERYTHING):
        for row in work.session.scalars(query.order_by(PlanTransition.number)):
            latest[row.plan_id, Compartment(row.compartment)] = row
    return {plan.id: Tracks(latest[plan.id, Compartment.SAFETY], latest[plan.id, Compartment.CONJOINT]) for plan in plans}


def open_tracks(work: Work, plan: HomeworkPlan) -> None:
    """The first transition of a new plan, on both tracks."""
    step = {"number": 1, "status": Status.DRAFT, "stage": 1, "reason": OPENED, "shown_at": work.now, **_actor(work)}
    _insert(work, plan, {"compartment": Compartment.SAFETY, "stopped_by": None, **step})
    _insert(work, plan, {"compartment": Compartment.CONJOINT, "stopped_by": None, **step})


def move(  # noqa: PLR0913 - a change, where it starts from, and what is special about it
    work: Work, plan: HomeworkPlan, before: Tracks, made: Move, *, stage: int | None = None, stop: Stop | None = None
) -> None:
    """Writes a change on both tracks. Raises MoveImpossibleError.

    Every pause, whatever led to it, is shown after a random delay and in the therapist's name; what follows a pause that
    is not shown yet is shown with it, because a resumption would tell of the pause.
    """
    step = {
        "number": before.truth.number + 1,
        "status": after(before.status, made),
        "stage": stage or before.truth.stage,
        "reason": REASONS[made],
        "stopped_by": None,
        **_actor(work),
    }
    shown_at = max(work.now, before.shown.shown_at)
    shown = {"compartment": Compartment.CONJOINT, **step}
    if made is Move.PAUSE:
        shown_at = max(shown_at, pause_shows_at(work.now, work.settings.pause_delay_hours, _RANDOM))
        shown |= {"actor_kind": "member", "actor_id": plan.therapist_id}
    truth = {"compartment": Compartment.SAFETY, **step, "shown_at": work.now}
    if stop is not None:
        truth |= {"reason": stop.reason, "stopped_by": stop.partner_id}
    _insert(work, plan, truth)
    _insert(work, plan, shown | {"shown_at": shown_at})


def _actor(work: Work) -> dict[str, object]:
    return {"actor_kind": work.actor.kind, "actor_id": work.actor.id}


def _insert(work: Work, plan: HomeworkPlan, step: dict[str, object]) -> None:
    row = {"id": new_id(), "couple_id": plan.couple_id, "plan_id": plan.id, **step}
    insert_rows(work.session, PlanTransition, [row])
    # The trail of what is not shown yet stays with the care team: a change feed would tell the moment.
    is_hidden = row["shown_at"] != work.now
    log_changes(work.session, PlanTransition, [row | ({"compartment": Compartment.SAFETY} if is_hidden else {})])
