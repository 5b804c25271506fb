"""Hours that signed session notes tell of: when, with whom, and what the time went to; no words."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from app.access.permissions import Permission
from app.clinical.topics import TOPICS
from app.core.database import Compartment
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.notes.rules import About
from app.notes.visits import Visit, read_visits_of_each

COLUMNS: Final = (
    COUPLE_ID,
    Column("note_id", Type.ID, "The session note that tells of it; the note itself is in no export.", prefix="nte"),
    Column("held_on", Type.DATE, "The day it was held, where the couple lives."),
    Column("minutes", Type.INTEGER, "How long it lasted.", unit="minutes", minimum=0),
    *(
        Column(
            f"minutes_{topic.code}",
            Type.INTEGER,
            f"How long it went to {topic.meaning}; `unknown` where the note does not say how the hour was spent.",
            (Missing.UNKNOWN,),
            unit="minutes",
            minimum=0,
        )
        for topic in TOPICS.values()
    ),
)


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for page in reading.couples():
        visits = read_visits_of_each(reading.work, page)
        yield [
            _row(couple_id, visit)
            for couple_id in page
            for visit in visits.get(couple_id, ())
            if visit.about is About.COUPLE and reading.covers(TABLE.kind, Compartment.CONJOINT, couple_id)
        ]


def _row(couple_id: UUID, visit: Visit) -> Row:
    told = visit.minutes_by_topic
    spent = [told.get(code, 0) if told else Missing.UNKNOWN for code in TOPICS]
    return (couple_id, visit.note_id, visit.held_on, visit.length_minutes, *spent)


TABLE: Final = Table(
    name="visits",
    title="Visits",
    description=(
        "One row an hour of both together that a signed session note tells of; that one partner came alone is told to no "
        "software. Drafts tell nothing, and "
        "what was entered in error counts nowhere. A topic that a note does not name took 0 minutes."
    ),
    permission=Permission.OUTCOMES_READ,
    kind="session_notes",
    columns=COLUMNS,
    key=("note_id",),
    read=_read,
)
