"""What homework does when safety says stop: every plan it touches pauses, in the same transaction."""

from sqlalchemy import select

from app.access.work import Work
from app.clinical.gates import forbidding
from app.clinical.protocol import Protocol
from app.homework.models import HomeworkPlan
from app.homework.rules import is_shared
from app.homework.states import Move, is_possible
from app.homework.tracks import EVERYTHING, move, tracks_of
from app.protocols.service import pinned
from app.safety.stops import Stop, on_stop


@on_stop
def pause_plans(work: Work, stop: Stop) -> None:
    """Pauses the couple's running plans that share touch, of the stop's protocol if it names one."""
    query = select(HomeworkPlan).where(HomeworkPlan.couple_id == stop.couple_id).order_by(HomeworkPlan.id)
    if stop.protocol is not None:
        query = query.where(HomeworkPlan.protocol == stop.protocol)
    with work.session.reaching(EVERYTHING):
        # The lock meets an activation that has passed its gate and not committed yet: one of the two sees the other.
        plans = list(work.session.scalars(query.with_for_update()))
    followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans})
    for plan_id, tracks in tracks_of(work, plans).items():
        plan = next(plan for plan in plans if plan.id == plan_id)
        protocol = followed[plan.protocol, plan.protocol_version]
        if is_possible(tracks.status, Move.PAUSE) and _concerns(stop, protocol, tracks.truth.stage):
            move(work, plan, tracks, Move.PAUSE, stop=stop)


def _concerns(stop: Stop, protocol: Protocol, stage: int) -> bool:
    """A consent taken back stops its plan whatever the stage is, a flag what it forbids; the rest stops shared touch."""
    match stop.reason:
        case "consent_withdrawn":
            return True
        case "red_flag_opened":
            return stop.about in forbidding(protocol, shared_touch=is_shared(protocol, stage))
        case "precondition_not_met":
            return stop.about in {one.code for one in protocol.preconditions}
        case _:
            return is_shared(protocol, stage)
