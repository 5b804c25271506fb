"""Assignments, without the words that go along with them."""

from collections.abc import Iterator, Sequence
from typing import Final

from app.access.permissions import Permission
from app.exports.columns import Column, Type
from app.exports.keys import ASSIGNMENT_ID, COUPLE_ID, PLAN_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.assignments import given_to_each
from app.homework.models import Assignment

KIND: Final = "homework"


def read(reading: Reading) -> Iterator[Sequence[Row]]:
    """Every assignment that is shown."""
    for of in reading.couples():
        within = reading.may_leave(KIND, Assignment.couple_id, Assignment.compartment, of)
        query = given_to_each(reading.work, of).where(within).order_by(Assignment.couple_id, Assignment.id)
        yield [
            (row.couple_id, row.plan_id, row.id, row.stage, row.plissit, row.starts_on, row.ends_on, row.occasions)
            for row in reading.work.session.scalars(query)
        ]
        reading.work.session.expunge_all()


TABLE: Final = Table(
    name="assignments",
    title="Assignments",
    description="One row each time a stage was given for some days.",
    permission=Permission.HOMEWORK_READ,
    kind=KIND,
    columns=(
        COUPLE_ID,
        PLAN_ID,
        ASSIGNMENT_ID,
        Column("stage", Type.INTEGER, "Stage that was given, from 1.", minimum=1),
        Column("plissit", Type.CODE, "Depth of intervention.", categories=("P", "LI", "SS", "IT")),
        Column("starts_on", Type.DATE, "First day."),
        Column("ends_on", Type.DATE, "Last day."),
        Column("occasions", Type.INTEGER, "How many occasions it offers; an offer and no target.", minimum=1),
    ),
    key=("assignment_id",),
    read=read,
)
