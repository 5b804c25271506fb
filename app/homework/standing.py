"""Where plans are shown to stand outside the care team, as conditions: what filters and sorts many plans at once reads this.

It says in SQL what `telling.told` says of one plan's steps, for the database cannot ask Python.
"""

from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core.database import Compartment
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.states import Status

STEP: Final = aliased(PlanTransition, name="shown_step")
"""The step that a plan shows to be at; it is joined by `stands_at`."""
KEPT: Final = 64  # conditions are asked for more than once at a moment, and take longer to put together than to use
_ANY: Final = aliased(PlanTransition, name="any_step")
_FOLLOWING: Final = aliased(PlanTransition, name="following_step")


@lru_cache(maxsize=KEPT)
def stands_at(now: datetime) -> ColumnElement[bool]:
    """The condition on which STEP is the latest step of a plan that shows."""
    latest = select(func.max(_ANY.number)).where(_of_plan(_ANY), _shows(now)).correlate(HomeworkPlan).scalar_subquery()
    return and_(_of_plan(STEP), STEP.number == latest)


@cache
def was_offered() -> ColumnElement[bool]:
    """The condition on plans that are more than the therapist's thinking; an offer is never hidden."""
    return exists(_ANY.id).where(_of_plan(_ANY), _ANY.status == Status.OFFERED).correlate(HomeworkPlan)


@lru_cache(maxsize=KEPT)
def began(now: datetime) -> Any:
    """When a plan is first shown to run; null for one that never was."""
    running = select(func.min(_ANY.shown_at)).where(_of_plan(_ANY), _shows(now), _ANY.status == Status.ACTIVE)
    return running.correlate(HomeworkPlan).scalar_subquery()


@cache
def _of_plan(step: Any) -> ColumnElement[bool]:
    return and_(
        step.clinic_id == HomeworkPlan.clinic_id,
        step.couple_id == HomeworkPlan.couple_id,
        step.plan_id == HomeworkPlan.id,
        step.compartment == Compartment.CONJOINT,
    )


@lru_cache(maxsize=KEPT)
def _shows(now: datetime) -> ColumnElement[bool]:
    """Shown by now, and overtaken by none: nobody moved the plan on from where it stood before."""
    overtaken = (
        exists(_FOLLOWING.id)
        .where(_of_plan(_FOLLOWING), _FOLLOWING.number > _ANY.number, _FOLLOWING.follows < _ANY.number)
        .correlate(HomeworkPlan, _ANY)
    )
    return and_(or_(_ANY.shown_at <= now, _ANY.number == 1), ~overtaken)
