"""Use cases of session notes: write, change, sign, add, read."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, select

from app.access.work import Work
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.episodes import today_of
from app.couples.models import Couple
from app.couples.rules import DayInFutureError, check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, partners_of
from app.errors import Fault, NotFoundError, StaleVersionError
from app.notes.contents import (
    HOMEWORK,
    hash_of_addendum,
    hash_of_note,
    hour_of,
    read_content,
    salt_of,
    shown,
    write_content,
)
from app.notes.models import COMPARTMENTS, Addendum, SessionNote
from app.notes.rules import (
    About,
    NoteStatus,
    check_can_be_added_to,
    check_complete,
    check_consistent,
    check_may_become,
    is_late,
    merged,
)
from app.notes.schemas import AddendumCreate, NoteChange, NoteContent, NoteCreate, NoteRead

OBJECTS = {"sections", "attendance", "minutes_by_topic"}


@dataclass(frozen=True)
class Wanted:
    """Which of a couple's notes are asked for."""

    held_from: date | None
    held_to: date | None
    about: str | None
    status: str | None

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query for these notes alone."""
        if self.held_from is not None:
            query = query.where(SessionNote.held_on >= self.held_from)
        if self.held_to is not None:
            query = query.where(SessionNote.held_on <= self.held_to)
        if self.about is not None:
            query = query.where(SessionNote.compartment == COMPARTMENTS[About(self.about)])
        if self.status is not None:
            query = query.where(SessionNote.status == self.status)
        return query


def visible_to(work: Work) -> ColumnElement[bool]:
    """THE condition on notes: a draft exists for its author alone, and in no partner's view."""
    if work.is_for_partner:
        return SessionNote.status != NoteStatus.DRAFT
    return (SessionNote.status != NoteStatus.DRAFT) | (SessionNote.author_id == work.actor.id)


def get_note(work: Work, couple_id: UUID, note_id: UUID) -> SessionNote:
    """A note of a couple that is within reach already. Raises NotFoundError."""
    return _one(work, _named(work, couple_id, note_id))


def get_note_to_change(work: Work, couple_id: UUID, note_id: UUID) -> SessionNote:
    """The same, while nobody else can change it: two signatures or addenda come one after the other."""
    return _one(work, _named(work, couple_id, note_id).with_for_update())


def _named(work: Work, couple_id: UUID, note_id: UUID) -> Select[SessionNote]:
    return select(SessionNote).where(SessionNote.couple_id == couple_id, SessionNote.id == note_id, visible_to(work))


def _one(work: Work, query: Select[SessionNote]) -> SessionNote:
    note = work.session.scalars(query).one_or_none()
    if note is None:
        raise NotFoundError
    return note


def write_note(work: Work, couple_id: UUID, body: NoteCreate) -> NoteRead:
    """Begins a draft. Raises NoteContradictsError, DayInFutureError."""
    couple = get_couple_in_care(work, couple_id)
    about = About(body.about)
    note = SessionNote(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        compartment=COMPARTMENTS[about],
        partner_id=_partner_of(work, couple_id, about),
        author_id=work.actor.id,
        status=NoteStatus.DRAFT,
        created_at=work.now,
        addenda=0,
    )
    _write(work, couple, note, merged_content({}, body, set(NoteContent.model_fields) | {"held_on", "format"}), new_salt())
    work.session.add(note)
    work.session.flush()
    return shown(work, [note])[0]


def _partner_of(work: Work, couple_id: UUID, about: About) -> UUID | None:
    """The partner whose compartment the note lies in; None for a note about both."""
    partners = partners_of(work, couple_id)
    return next((partner.id for partner in partners if partner.compartment == COMPARTMENTS[about]), None)


def new_salt() -> str:
    """What keeps a content hash from confirming a guess."""
    return secrets.token_hex(16)


def merged_content(before: dict[str, Any], body: NoteContent, sent: set[str]) -> dict[str, Any]:
    """What the note says once the sent fields are merged in."""
    given = body.model_dump(include=sent - HOMEWORK - OBJECTS)
    homework = body.model_dump(mode="json", include=sent & HOMEWORK)
    objects = {name: merged(before.get(name, {}), _sent_of(body, name)) for name in sent & OBJECTS}
    return before | given | homework | objects


def _sent_of(body: NoteContent, name: str) -> dict[str, Any]:
    inner: BaseModel = getattr(body, name)
    return inner.model_dump(exclude_unset=True)


def _write(work: Work, couple: Couple, note: SessionNote, content: dict[str, Any], salt: str) -> None:
    check_not_in_future(content["held_on"], today_of(work, couple), "/held_on")
    for name in ("started_at", "ended_at"):
        if content[name] is not None and content[name] > work.now + FUTURE_LEEWAY:
            raise DayInFutureError(faults=(Fault(f"/{name}", "moment_in_future", "This moment has not come yet."),))
    check_consistent(hour_of(note, content))
    write_content(work, note, content, salt)
    note.late_entry = is_late(note.held_on, note.ended_at, work.now, couple.time_zone)


def list_notes(work: Work, couple_id: UUID, wanted: Wanted, limit: int, cursor: str | None) -> Page[NoteRead]:
    """A page of the notes that exist for this caller, in the order they were begun."""
    get_couple(work, couple_id)
    scope = (wanted.held_from, wanted.held_to, wanted.about, wanted.status)
    pager = Pager(work.vault, limit, cursor, "notes", couple_id, work.actor.id, *scope)
    query = wanted.narrow(select(SessionNote).where(SessionNote.couple_id == couple_id, visible_to(work)))
    notes, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, SessionNote.id))))
    return Page(items=shown(work, notes), next_cursor=next_cursor)


def read_note(work: Work, couple_id: UUID, note_id: UUID) -> NoteRead:
    """One note with its addenda."""
    get_couple(work, couple_id)
    return shown(work, [get_note(work, couple_id, note_id)])[0]


def change_note(work: Work, couple_id: UUID, note_id: UUID, version: int, body: NoteChange) -> NoteRead:
    """Changes the caller's own draft. Raises NoteSignedError, StaleVersionError, NoteContradictsError, DayInFutureError."""
    couple = get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_may_become(NoteStatus(note.status), NoteStatus.SIGNED)
    check_version(note, version)
    content = merged_content(read_content(work, note), body, body.model_fields_set)
    _write(work, couple, note, content, salt_of(work, note))
    work.session.flush()
    return shown(work, [note])[0]


def sign_note(work: Work, couple_id: UUID, note_id: UUID, version: int) -> NoteRead:
    """Signs the version the author read. Raises NoteSignedError, StaleVersionError, NoteIncompleteError."""
    couple = get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_may_become(NoteStatus(note.status), NoteStatus.SIGNED)
    check_version(note, version)
    check_complete(hour_of(note, read_content(work, note)))
    note.status, note.signed_at, note.signed_by = NoteStatus.SIGNED, work.now, work.actor.id
    note.late_entry = is_late(note.held_on, note.ended_at, work.now, couple.time_zone)
    note.content_hash = hash_of_note(work, note)
    work.session.flush()
    return shown(work, [note])[0]


def add_addendum(work: Work, couple_id: UUID, note_id: UUID, body: AddendumCreate) -> NoteRead:
    """Adds to a signed note, in its compartment and under its key. Raises NoteNotSignedError."""
    get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_can_be_added_to(NoteStatus(note.status))
    addendum = Addendum(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        note_id=note.id,
        compartment=note.compartment,
        partner_id=note.partner_id,
        author_id=work.actor.id,
        written_at=work.now,
        reason=body.reason,
    )
    sealed = {"salt": new_salt(), "text": body.text}
    addendum.text = work.vault.seal(addendum, "text", sealed)
    addendum.content_hash = hash_of_addendum(note, addendum, sealed)
    note.addenda += 1
    work.session.add(addendum)
    work.session.flush()
    return shown(work, [note])[0]


def check_version(note: SessionNote, version: int) -> None:
    """Raises StaleVersionError when the caller read an older version."""
    if note.version != version:
        raise StaleVersionError
