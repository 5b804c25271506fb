"""What clients were shown of hours of both and are not any more, although the rows are there: what was entered in error."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import select

from app.core.database import Compartment
from app.couples.models import Partner
from app.fhir.resource import Drawing, Gone
from app.fhir.rows import of_each_partner
from app.notes.models import SessionNote
from app.notes.states import NoteStatus

AT_ONCE: Final = 1_000


def hours_in_error(type_: str, drawing: Drawing, since: datetime) -> Iterator[Gone]:
    """Hours of both whose signed notes were entered in error, as it turned out since."""
    query = select(SessionNote.id, SessionNote.couple_id, Partner.id.label("partner_id"), Partner.slot).where(
        SessionNote.compartment == Compartment.CONJOINT,
        SessionNote.status == NoteStatus.ENTERED_IN_ERROR,
        SessionNote.started_at.is_not(None),
        SessionNote.ended_at.is_not(None),
        SessionNote.changed_at >= since,
    )
    query = of_each_partner(query.select_from(SessionNote), SessionNote.couple_id, SessionNote.compartment)
    for row in drawing.work.session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield Gone(drawing.ids.of(type_, row.id, row.slot), row.couple_id, row.partner_id)


VANISHED: Final[Mapping[str, Callable[[Drawing, datetime], Iterator[Gone]]]] = {
    type_: partial(hours_in_error, type_) for type_ in ("DocumentReference", "Encounter")
}
