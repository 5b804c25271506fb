"""The stages a homework plan went through, as they are shown outside the care team."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.permissions import Permission
from app.clinical.protocol import Protocol
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID, PLAN_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.models import HomeworkPlan
from app.homework.states import TRANSITIONS, Status
from app.homework.telling import Step
from app.homework.tracks import history_of_each
from app.protocols.service import pinned

NEVER, NOT_YET = Missing.NOT_APPLICABLE, Missing.NOT_YET_DUE
LEFT: Final = ("advanced", "stepped_back", "completed", "stopped")
COLUMNS: Final = (
    COUPLE_ID,
    PLAN_ID,
    Column(
        "spell", Type.INTEGER, "Counts the stages the plan came to, from 1; one that it came back to counts again.", minimum=1
    ),
    Column("stage", Type.INTEGER, "Number of the stage in its protocol.", minimum=1),
    Column("stage_code", Type.CODE, "Its code in the protocol.", (NEVER,)),
    Column("entered_at", Type.MOMENT, "When the plan came to it."),
    Column("began_at", Type.MOMENT, "When it was first set going at it.", (NOT_YET, NEVER)),
    Column("left_at", Type.MOMENT, "When the plan left it, or ended.", (NOT_YET,)),
    Column("left_by", Type.CODE, "How.", (NOT_YET,), categories=LEFT),
    Column("status", Type.CODE, "Where the plan stood last at it.", categories=tuple(Status)),
    Column("pauses", Type.INTEGER, "How often it was paused at it, for whatever reason.", minimum=0),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    work = reading.work
    query = select(HomeworkPlan.couple_id, HomeworkPlan.id, HomeworkPlan.protocol, HomeworkPlan.protocol_version)
    for page in reading.couples():
        couples = [couple_id for couple_id in page if reading.covers(TABLE.kind, "conjoint", couple_id)]
        plans = work.session.execute(
            query.where(HomeworkPlan.couple_id.in_(couples)).order_by(HomeworkPlan.couple_id, HomeworkPlan.id)
        ).all()
        lives = history_of_each(work, couples)
        followed = pinned(work, {(plan.protocol, plan.protocol_version) for plan in plans})
        yield [
            row
            for plan in plans
            for row in _rows(plan.couple_id, plan.id, followed[plan.protocol, plan.protocol_version], lives[plan.id])
        ]


def _rows(couple_id: UUID, plan_id: UUID, protocol: Protocol, life: Sequence[Step]) -> Iterator[Row]:
    """One a spell: steps in a row that leave the plan at one stage."""
    spells = [tuple(steps) for _, steps in groupby(life, attrgetter("stage"))]
    for number, (steps, later) in enumerate(pairwise([*spells, ()]), start=1):
        stage, last = protocol.stage(steps[0].stage), steps[-1]
        began = next((step.shown_at for step in steps if step.status == Status.ACTIVE), None)
        is_over = bool(later) or not TRANSITIONS[Status(last.status)]
        yield (
            couple_id,
            plan_id,
            number,
            last.stage,
            stage.code if stage else NEVER,
            steps[0].shown_at,
            began or (NEVER if is_over else NOT_YET),
            *_left(last, later),
            last.status,
            sum(step.status == Status.PAUSED for step in steps),
        )


def _left(last: Step, later: Sequence[Step]) -> Row:
    if later:
        return later[0].shown_at, "advanced" if later[0].stage > last.stage else "stepped_back"
    ends = {Status.COMPLETED: "completed", Status.STOPPED: "stopped"}
    how = ends.get(Status(last.status))
    return (last.shown_at, how) if how else (NOT_YET, NOT_YET)


TABLE: Final = Table(
    name="stages",
    title="Stages of homework plans",
    description=(
        "One row a plan and stage it came to, with when it came, began and left, as plans are shown outside the care team: a "
        "pause stands here from when it is shown, in neutral words. What the rules said of a stage holds both partners' "
        "private answers, and is in no export."
    ),
    permission=Permission.HOMEWORK_READ,
    kind="homework",
    columns=COLUMNS,
    key=("couple_id", "plan_id", "spell"),
    read=_read,
)
