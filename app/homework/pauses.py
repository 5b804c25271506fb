"""What homework does when safety says stop, or a clearance ran out: every plan it touches pauses, in the same transaction."""

from collections.abc import Collection
from contextlib import nullcontext
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from app.access.actor import Actor
from app.access.work import Work
from app.clinical.gates import forbidding
from app.clinical.protocol import Protocol
from app.core.chores import Chore, Holds
from app.core.database import Compartment
from app.couples.models import Couple
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.rules import is_shared
from app.homework.states import Move, Status, is_possible
from app.homework.tracks import EVERYTHING, Tracks, move, tracks_of
from app.ledger.service import by_the_service, chore_at_work
from app.protocols.service import pinned
from app.safety.service import clearance_ran_out, clearances_ran_out
from app.safety.stops import Stop, on_stop

EVERY: Final = timedelta(minutes=5)  # a pause shows hours later at the soonest, so nobody sees when it was written
OPERATION: Final = "pause_what_ran_out"
AT_ONCE: Final = 500  # couples that one transaction looks at
NOBODY: Final = UUID(int=0)


@on_stop
def pause_plans(work: Work, stop: Stop) -> None:
    """Pauses the couple's running plans that the stop concerns; what fell due before it comes first."""
    if stop.reason != "clearance_expired":
        pause_where_clearance_ran_out(work, stop.couple_id)
    _pause(work, stop)


def pause_where_clearance_ran_out(work: Work, couple_id: UUID) -> None:
    """Pauses what should have paused when the couple's clearance ran out; done before plans are read or moved.

    No clock in the service does it at that very moment, so whoever comes first does, and nobody sees the difference: the
    pause is dated to that moment, and stands in the trail as the service's own. Of two readers who come at once the second
    waits for the first, and finds it done.
    """
    stop = clearance_ran_out(work, couple_id)
    if stop is not None and _touched(work, stop, to_change=False):
        _pause(work, stop)


def pause_wherever_clearance_ran_out(work: Work, couple_ids: Collection[UUID]) -> None:
    """The same for many couples, before they are read from a snapshot in which nothing can be written."""
    for couple_id in _at_work(work, clearances_ran_out(work, couple_ids)):
        pause_where_clearance_ran_out(work, couple_id)


def _at_work(work: Work, couple_ids: Collection[UUID]) -> list[UUID]:
    """Those of many couples with a plan that truly runs, in one query: what is held or over does not run out."""
    later = aliased(PlanTransition)
    of_plan = (PlanTransition.clinic_id, PlanTransition.couple_id, PlanTransition.plan_id, PlanTransition.compartment)
    overtaken = exists(later.id).where(
        *(getattr(later, column.key) == column for column in of_plan), later.number > PlanTransition.number
    )
    running = select(PlanTransition.couple_id).where(
        PlanTransition.couple_id.in_(couple_ids),
        PlanTransition.compartment == Compartment.SAFETY,
        PlanTransition.status == Status.ACTIVE,
        ~overtaken,
    )
    with work.session.reaching(EVERYTHING):
        return sorted(set(work.session.scalars(running)))


def pause_what_ran_out(runtime: Holds, clinic_id: UUID) -> None:
    """The same for a whole clinic: before it is exported, and every few minutes for who reads of many couples at once."""
    actor, last = Actor(clinic_id, NOBODY, NOBODY, None, frozenset()), NOBODY
    while True:
        with chore_at_work(runtime, clinic_id, OPERATION) as (session, vault, now):
            page = list(session.scalars(select(Couple.id).where(Couple.id > last).order_by(Couple.id).limit(AT_ONCE)))
            pause_wherever_clearance_ran_out(Work(session, actor, vault, now, runtime.settings), page)
        if len(page) < AT_ONCE:
            return
        last = page[-1]


def _pause(work: Work, stop: Stop) -> None:
    with by_the_service(work.session) if stop.reason == "clearance_expired" else nullcontext():
        # The lock meets an activation that has passed its gate and not committed yet: one of the two sees the other.
        for plan, tracks in _touched(work, stop, to_change=True):
            move(work, plan, tracks, Move.PAUSE, stop=stop)


def _touched(work: Work, stop: Stop, *, to_change: bool) -> list[tuple[HomeworkPlan, Tracks]]:
    query = select(HomeworkPlan).where(HomeworkPlan.couple_id == stop.couple_id).order_by(HomeworkPlan.id)
    if stop.protocol is not None:
        query = query.where(HomeworkPlan.protocol == stop.protocol)
    with work.session.reaching(EVERYTHING):
        plans = list(work.session.scalars(query.with_for_update() if to_change else query))
    followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans})
    tracks = tracks_of(work, plans)
    return [
        (plan, tracks[plan.id])
        for plan in plans
        if is_possible(tracks[plan.id].status, Move.PAUSE)
        and _concerns(stop, followed[plan.protocol, plan.protocol_version], tracks[plan.id])
    ]


def _concerns(stop: Stop, protocol: Protocol, tracks: Tracks) -> bool:
    """A consent taken back, pressure, force and fear stop any stage, a flag what it forbids; the rest stops shared touch."""
    shared = is_shared(protocol, tracks.truth.stage)
    match stop.reason:
        case "consent_withdrawn" | "pressure" | "force" | "fear":
            return True
        case "red_flag_opened":
            together = protocol.is_together(tracks.truth.stage)
            return stop.about in forbidding(protocol, shared_touch=shared, together=together)
        case "precondition_not_met":
            return stop.about in {one.code for one in protocol.preconditions}
        case "clearance_expired":
            # What is held does not touch, and goes on through the gate alone, which asks for a clearance.
            return shared and tracks.status is Status.ACTIVE
        case _:
            return shared


RUNNING_OUT: Final = Chore(OPERATION, EVERY, pause_what_ran_out)
