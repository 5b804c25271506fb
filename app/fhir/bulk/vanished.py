"""What clients were shown and is not shown any more although its rows are there: by type, what went since a moment.

Scores of answers that were corrected since; hours of both, and the notes about them, that were entered in error. A type that is
not here loses a resource by an erasure alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.core.database import Compartment
from app.couples.models import Partner
from app.fhir.resource import Drawing
from app.fhir.rows import of_each_partner
from app.measures.models import Administration, Score
from app.notes.models import SessionNote
from app.notes.states import NoteStatus

AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Vanished:
    """A resource that vanished, and whose it was."""

    id: str
    couple_id: UUID
    partner_id: UUID


def corrected_scores(drawing: Drawing, type_: str, since: datetime) -> Iterator[Vanished]:
    """Scores of answers in whose place others stand since."""
    is_corrected = (Administration.clinic_id == Score.clinic_id) & (Administration.supersedes_id == Score.administration_id)
    query = (
        select(Score.id, Score.couple_id, Score.partner_id)
        .join(Administration, is_corrected)
        .where(Administration.recorded_at >= since, Administration.may_be_shared())
    )
    for row in drawing.work.session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield Vanished(drawing.ids.of(type_, row.id), row.couple_id, row.partner_id)


def hours_in_error(drawing: Drawing, type_: str, since: datetime) -> Iterator[Vanished]:
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
        yield Vanished(drawing.ids.of(type_, row.id, row.slot), row.couple_id, row.partner_id)


VANISHED: Final[Mapping[str, Callable[[Drawing, str, datetime], Iterator[Vanished]]]] = {
    "DocumentReference": hours_in_error,
    "Encounter": hours_in_error,
    "Observation": corrected_scores,
}
