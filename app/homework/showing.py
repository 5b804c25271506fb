"""When something of a couple's homework that is hidden comes to show outside the care team."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.core.database import Compartment
from app.homework.models import Assignment, PlanTransition
from app.homework.telling import kept
from app.homework.tracks import EVERYTHING, step_of


def next_shown_at(work: Work, couple_id: UUID) -> datetime | None:
    """The next such moment. It knows more than its caller may: never let it out before it has come.

    What was overtaken before it showed never will be, and so has no moment. The same queries whatever is hidden.
    """
    steps = select(PlanTransition).where(
        PlanTransition.couple_id == couple_id, PlanTransition.compartment == Compartment.CONJOINT
    )
    given = select(func.min(Assignment.shown_at)).where(Assignment.couple_id == couple_id, Assignment.shown_at > work.now)
    lives = defaultdict(list)
    with work.session.reaching(EVERYTHING):
        for row in work.session.scalars(steps.order_by(PlanTransition.number)):
            lives[row.plan_id].append(step_of(row))
        first: datetime | None = work.session.execute(given).scalar_one()
    moments = [step.shown_at for life in lives.values() for step in kept(life) if step.shown_at > work.now]
    return min(moments if first is None else [*moments, first], default=None)
