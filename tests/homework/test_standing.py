"""The database finds every plan at the step where `told` finds it, whatever was hidden and overtaken."""

from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from app.core.bulk import insert_rows
from app.core.database import Compartment
from app.core.ids import new_id
from app.homework.models import HomeworkPlan, PlanTransition
from app.homework.standing import STEP, began, stands_at, was_offered
from app.homework.states import Status
from app.homework.telling import Step, told
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import draft
from tests.safety.records import new_pair

PLANS = 120
HOURS = 40


def lived(random: Random, clock: Wristwatch) -> list[Step]:
    """A life of some steps, shown at any time and overtaking any that came before; the opening stays."""
    steps = []
    for number in range(1, random.randint(1, 7) + 1):
        follows = random.choice([number - 1, random.randint(1, number - 1)]) if number > 1 else 0
        status = random.choice(list(Status))
        shown_at = clock.moment + timedelta(hours=random.randint(0, HOURS))
        steps.append(Step(number, follows, status, random.randint(1, 3), "opened", "member", None, shown_at))
    return steps


def test_plans_stand_in_the_database_where_they_are_told_to(clinic: Clinic, therapist: Caller, clock: Wristwatch) -> None:
    """Also those of which a pause is hidden on the other track."""
    draft(new_pair(therapist))
    random, lives = Random(8), {}  # noqa: S311 - the same lives at every run
    with clinic.at_desk() as (session, _vault), session.reaching(frozenset(Compartment)):
        plan = session.scalars(select(HomeworkPlan)).one()
        values = {column.key: getattr(plan, column.key) for column in HomeworkPlan.__table__.columns}
        lives = {new_id(): lived(random, clock) for _ in range(PLANS)}
        insert_rows(session, HomeworkPlan, [values | {"id": plan_id} for plan_id in lives])
        insert_rows(session, PlanTransition, [_row(values, plan_id, step) for plan_id in lives for step in lives[plan_id]])
        for hour in range(0, HOURS + 1, 8):
            now = clock.moment + timedelta(hours=hour)
            query = select(HomeworkPlan.id, STEP.number, began(now).label("began"), was_offered().label("was_offered"))
            rows = session.execute(query.join(STEP, stands_at(now)).where(HomeworkPlan.id.in_(lives))).all()
            assert {row.id: row[1:] for row in rows} == {plan_id: expected(life, now) for plan_id, life in lives.items()}


def _row(plan: dict[str, Any], plan_id: Any, step: Step) -> dict[str, Any]:
    of_plan = {"id": new_id(), "couple_id": plan["couple_id"], "plan_id": plan_id, "actor_id": None}
    return of_plan | {"compartment": Compartment.CONJOINT} | vars(step)


def expected(life: list[Step], now: Any) -> tuple[Any, ...]:
    """Its latest step that shows, when it first ran, and whether it was ever offered."""
    shown = told(life, now)
    ran = min((step.shown_at for step in shown if step.status == Status.ACTIVE), default=None)
    return shown[-1].number, ran, any(step.status == Status.OFFERED for step in life)
