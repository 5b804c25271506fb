"""The list of a couple's notes: columns instead of objects, one query for keys, JSON drawn at once.

What is listed was opened under its seal, which a change behind the service breaks; hashes and signatures are checked where one
note is read, and by `verify_signed_notes`.
"""

from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Select, and_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.access.work import Work
from app.core.crypto import key_name
from app.core.paging import DrawnPage, Page, Pager
from app.couples.service import get_couple
from app.notes.contents import addenda_of, wire
from app.notes.models import COMPARTMENTS, NoteVersion, SessionNote
from app.notes.rules import About
from app.notes.schemas import NoteRead
from app.notes.service import visible_to
from app.notes.states import TRANSITIONS, NoteStatus, Step

UNREAD: Final = {"held_on", "format", "minutes_by_topic", "signature", "co_signature", "previous_hash"}
COLUMNS: Final[list[InstrumentedAttribute[Any]]] = [
    getattr(SessionNote, column.name) for column in SessionNote.__table__.columns if column.name not in UNREAD
]
LISTED: Final[Select[Any]] = select(  # built once: putting it together takes longer than running it
    *cast("list[Any]", COLUMNS), NoteVersion.consents_reviewed, NoteVersion.screens_reviewed
).outerjoin(
    NoteVersion,
    and_(
        NoteVersion.clinic_id == SessionNote.clinic_id,
        NoteVersion.couple_id == SessionNote.couple_id,
        NoteVersion.note_id == SessionNote.id,
        NoteVersion.number == SessionNote.drafts,
    ),
)
NOT_DISCARDED: Final = SessionNote.status != NoteStatus.DISCARDED
DRAWN: Final = DrawnPage[NoteRead]  # made once, because pydantic forgets it as soon as nothing holds it
LOCKING: Final = [status for status, steps in TRANSITIONS.items() if Step.LOCK in steps]


@dataclass(slots=True)
class Listed:
    """Where a listed note is sealed."""

    __tablename__ = SessionNote.__tablename__
    clinic_id: UUID
    id: UUID
    couple_id: UUID
    partner_id: UUID | None


@dataclass(frozen=True)
class Wanted:
    """Which of a couple's notes are asked for."""

    held_from: date | None = None
    held_to: date | None = None
    about: str | None = None
    status: str | None = None
    author_id: UUID | None = None
    topic: str | None = None
    format: str | None = None

    def narrow(self, work: Work, query: Select[Any]) -> Select[Any]:
        """The query for these notes alone; discarded drafts only when they are asked for."""
        if self.held_from is not None:
            query = query.where(SessionNote.held_on >= self.held_from)
        if self.held_to is not None:
            query = query.where(SessionNote.held_on <= self.held_to)
        if self.about is not None:
            query = query.where(SessionNote.compartment == COMPARTMENTS[About(self.about)])
        if self.author_id is not None:
            query = query.where(SessionNote.author_id == self.author_id)
        if self.topic is not None:
            query = query.where(SessionNote.minutes_by_topic[self.topic].as_integer() > 0)
        if self.format is not None:
            query = query.where(SessionNote.format == self.format)
        if self.status is None:
            return query.where(NOT_DISCARDED)
        return self._in_status(work, NoteStatus(self.status), query)

    def _in_status(self, work: Work, status: NoteStatus, query: Select[Any]) -> Select[Any]:
        """Time alone locks a note, so what is stored is looked at together with when it locks."""
        if status is NoteStatus.LOCKED:
            return query.where(SessionNote.status.in_(LOCKING), SessionNote.locks_at <= work.now)
        query = query.where(SessionNote.status == status)
        return query.where(SessionNote.locks_at > work.now) if status in LOCKING else query


def list_notes(work: Work, couple_id: UUID, wanted: Wanted, limit: int, cursor: str | None) -> Page[NoteRead]:
    """A page of the notes that exist for this caller, in the order they were begun."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "notes", couple_id, work.actor.id, *astuple(wanted))
    query = wanted.narrow(work, LISTED.where(SessionNote.couple_id == couple_id, visible_to(work)))
    notes, next_cursor = pager.split(list(work.session.execute(pager.cut(query, SessionNote.id)).all()))
    places = [Listed(note.clinic_id, note.id, note.couple_id, note.partner_id) for note in notes]
    work.vault.load_keys({key_name(place) for place in places})
    added = addenda_of(work, notes)
    drawn = [
        wire(
            note,
            work.vault.open(place, "said", note.said)["said"],
            (note.consents_reviewed or [], note.screens_reviewed or []),
            added[note.id],
            work.now,
        )
        for note, place in zip(notes, places, strict=True)
    ]
    return DRAWN.of(to_json(drawn), next_cursor)
