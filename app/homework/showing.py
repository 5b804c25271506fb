"""When something of a couple's homework that is hidden comes to show outside the care team, and the trail of that moment."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.core.chores import Chore, Holds
from app.core.database import Compartment, RecordSession
from app.homework.models import Assignment, AwaitedShowing, HomeworkPlan, PlanTransition
from app.homework.telling import kept
from app.homework.tracks import EVERYTHING, step_of
from app.ledger.service import chore_at_work, log_showing

EVERY: Final = timedelta(seconds=10)
AT_ONCE: Final = 200  # showings that one transaction tells of
CONJOINT: Final = {"compartment": Compartment.CONJOINT}


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


def tell_what_shows(runtime: Holds, clinic_id: UUID) -> None:
    """One event a plan or an assignment that has come to show since the last time. What was overtaken before never does."""
    is_all = False
    while not is_all:
        with chore_at_work(runtime, clinic_id, "tell_what_shows", frozenset(Compartment)) as (session, _vault, now):
            due = select(AwaitedShowing).where(AwaitedShowing.shows_at <= now).order_by(AwaitedShowing.shows_at)
            rows = list(session.scalars(due.limit(AT_ONCE).with_for_update(skip_locked=True)))
            _tell(session, rows)
            for row in rows:
                session.delete(row)
            is_all = len(rows) < AT_ONCE


def _tell(session: RecordSession, rows: Iterable[AwaitedShowing]) -> None:
    given = [row for row in rows if row.is_assignment]
    plans = {row.plan_id: row.couple_id for row in rows if not row.is_assignment and _shows(session, row)}
    told = [{"couple_id": couple_id, "subject_id": plan_id} | CONJOINT for plan_id, couple_id in plans.items()]
    log_showing(session, HomeworkPlan, told)
    log_showing(session, Assignment, [{"couple_id": row.couple_id, "subject_id": row.id} | CONJOINT for row in given])


def _shows(session: RecordSession, row: AwaitedShowing) -> bool:
    """Whether the step is one that shows: who moved the plan meanwhile without seeing it has overtaken it."""
    query = select(PlanTransition).where(
        PlanTransition.couple_id == row.couple_id,
        PlanTransition.plan_id == row.plan_id,
        PlanTransition.compartment == Compartment.CONJOINT,
    )
    steps = list(session.scalars(query.order_by(PlanTransition.number)))
    shown = {step.number for step in kept([step_of(step) for step in steps])}
    return any(step.id == row.id and step.number in shown for step in steps)


SHOWING: Final = Chore("tell_what_shows", EVERY, tell_what_shows)
