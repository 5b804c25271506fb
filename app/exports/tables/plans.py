"""Homework plans, as they are shown outside the care team."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.access.permissions import Permission
from app.exports.columns import Column, Missing, Type
from app.exports.keys import CONCERN_ID, COUPLE_ID, EPISODE_ID, PLAN_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.models import HomeworkPlan
from app.homework.plans import read as shown
from app.homework.schemas import PlanRead
from app.homework.tracks import history_of_each

KIND: Final = "homework"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every plan of a couple; a pause that does not show yet does not show here either."""
    for of in reading.couples():
        within = reading.may_leave(KIND, HomeworkPlan.couple_id, HomeworkPlan.compartment, of)
        plans = list(
            reading.work.session.scalars(select(HomeworkPlan).where(within).order_by(HomeworkPlan.couple_id, HomeworkPlan.id))
        )
        lives = history_of_each(reading.work, of)
        yield [_row(plan) for plan in shown(reading.work, plans, lives)]


def _row(plan: PlanRead) -> Row:
    return (
        plan.couple_id,
        plan.episode_id,
        plan.concern_id,
        plan.id,
        plan.concern,
        plan.protocol,
        plan.protocol_version,
        plan.practising_partner_id or Missing.NOT_APPLICABLE,
        plan.status,
        plan.reason,
        plan.since,
        plan.stage,
        plan.opened_at,
    )


TABLE: Final = Table(
    name="plans",
    title="Homework plans",
    description="One row a plan, where it stands.",
    permission=Permission.HOMEWORK_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        EPISODE_ID,
        CONCERN_ID,
        PLAN_ID,
        Column("concern", Type.CODE, "The sexual concern it starts from.", vocabulary="concerns"),
        Column("protocol", Type.CODE, "Protocol.", vocabulary="protocols"),
        Column("protocol_version", Type.TEXT, "Version of the protocol it follows."),
        Column(
            "practising_partner_id",
            Type.ID,
            "Who practises, where it is one partner.",
            (Missing.NOT_APPLICABLE,),
            prefix="prt",
            refers=("partners", "partner_id"),
        ),
        Column(
            "status",
            Type.CODE,
            "Where it stands.",
            categories=("draft", "offered", "active", "held", "paused", "completed", "stopped"),
        ),
        Column("reason", Type.CODE, "Why it stands there, in the neutral words shown to everybody."),
        Column("since", Type.MOMENT, "Since when it stands there."),
        Column("stage", Type.INTEGER, "Stage it is at, from 1.", minimum=1),
        Column("opened_at", Type.MOMENT, "When it was opened."),
    ),
    key=("plan_id",),
    read=read,
)
