"""Check-ins of an export, opened as the API opens them for clinic software: without what belongs to safety."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select

from app.clinical.check_ins import TOOK_PLACE
from app.exports.columns import Missing
from app.exports.pages import ROWS
from app.exports.reading import Reading
from app.homework.answers import Answered, read_answers
from app.homework.assignments import given_to_each
from app.homework.models import Assignment, CheckIn

KIND: Final = "homework"


def answered(reading: Reading) -> Iterator[Sequence[Answered]]:
    """Check-ins about assignments that are shown, by couple in order of their ids, and never many at once."""
    for page in reading.couples():
        shown = given_to_each(reading.work, page).with_only_columns(Assignment.id)
        query = (
            select(CheckIn)
            .where(reading.may_leave(KIND, CheckIn.couple_id, CheckIn.compartment, page), CheckIn.assignment_id.in_(shown))
            .order_by(CheckIn.couple_id, CheckIn.id)
        )
        for rows in reading.work.session.scalars(query, execution_options={"yield_per": ROWS}).partitions():
            yield read_answers(reading.work, rows)


def unanswered(one: Answered) -> Missing:
    """Why an answer about an occasion is not there: one that did not take place has nothing to rate."""
    return Missing.SKIPPED if one.row.done in TOOK_PLACE else Missing.NOT_APPLICABLE
