"""Use cases of drafts: write, change, discard, and every version of them; the door to all notes of a couple."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.access.work import Work
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.episodes import today_of
from app.couples.models import Couple
from app.couples.rules import DayInFutureError, check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, partners_of
from app.errors import Fault, NotFoundError, StaleVersionError
from app.notes.contents import (
    FOR_THE_CARE_TEAM,
    Opened,
    hour_of,
    new_salt,
    newest_version,
    open_note,
    seal_note,
    shown,
    times_of,
)
from app.notes.models import COMPARTMENTS, NoteVersion, SessionNote
from app.notes.named import NAMED, check_names
from app.notes.rules import About, check_consistent, is_late, merged
from app.notes.schemas import NoteChange, NoteContent, NoteCreate, NoteRead, NoteVersionRead
from app.notes.seals import Said, hash_of_version
from app.notes.states import AUTHORS_ALONE, NoteStatus, Step, check_draft, check_step, status_at

OBJECTS = {"sections", "attendance", "times_by_attendee", "minutes_by_topic"}
SHARED: Final = SessionNote.status.not_in(AUTHORS_ALONE)
Reviewed = dict[str, list[str]]


def visible_to(work: Work) -> ColumnElement[bool]:
    """THE condition on notes: a draft exists for its author alone, and in no partner's view."""
    return SHARED | (SessionNote.author_id == work.actor.id) if work.sees_safety else SHARED


def get_note(work: Work, couple_id: UUID, note_id: UUID) -> SessionNote:
    """A note of a couple that is within reach already. Raises NotFoundError."""
    return _one(work, _named(work, couple_id, note_id))


def get_note_to_change(work: Work, couple_id: UUID, note_id: UUID) -> SessionNote:
    """The same, while nobody else can change it: two signatures or addenda come one after the other."""
    return _one(work, _named(work, couple_id, note_id).with_for_update())


def _named(work: Work, couple_id: UUID, note_id: UUID) -> Select[SessionNote]:
    return select(SessionNote).where(SessionNote.couple_id == couple_id, SessionNote.id == note_id, visible_to(work))


def _one(work: Work, query: Select[SessionNote]) -> SessionNote:
    return existing(work.session, query)


def status_now(work: Work, note: SessionNote) -> NoteStatus:
    """Where a note stands at this moment."""
    return status_at(NoteStatus(note.status), note.locks_at, work.now)


def read_note(work: Work, couple_id: UUID, note_id: UUID) -> NoteRead:
    """One note with its addenda."""
    get_couple(work, couple_id)
    return shown(work, get_note(work, couple_id, note_id))


def write_note(work: Work, couple_id: UUID, body: NoteCreate) -> NoteRead:
    """Begins a draft. Raises NoteContradictsError, NoteNamesUnknownError, DayInFutureError."""
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
        drafts=0,
        addenda=0,
        co_signature_wanted=False,
    )
    sent = set(NoteChange.model_fields)
    _write(work, couple, note, said_after({}, body, sent), reviewed_after(None, body, sent), sent, None)
    return shown(work, note)


def _partner_of(work: Work, couple_id: UUID, about: About) -> UUID | None:
    """The partner whose compartment the note lies in; None for a note about both."""
    partners = partners_of(work, couple_id)
    return next((partner.id for partner in partners if partner.compartment == COMPARTMENTS[about]), None)


def said_after(before: Said, body: NoteContent, sent: set[str]) -> Said:
    """What the note says once the sent fields are merged in, in the form of the wire."""
    given = body.model_dump(mode="json", include=sent - OBJECTS - set(FOR_THE_CARE_TEAM))
    return before | given | {name: merged(before.get(name, {}), _sent_of(body, name)) for name in sent & OBJECTS}


def _sent_of(body: NoteContent, name: str) -> dict[str, Any]:
    told: dict[str, Any] = body.model_dump(mode="json", include={name}, exclude_unset=True).get(name, {})
    return told


def reviewed_after(before: NoteVersion | None, body: NoteContent, sent: set[str]) -> Reviewed:
    """Which consents and screens were gone through, once the sent fields are merged in."""
    kept = {name: getattr(before, name) if before else [] for name in FOR_THE_CARE_TEAM}
    told: Reviewed = body.model_dump(mode="json", include=sent & set(FOR_THE_CARE_TEAM))
    return kept | told


def _write(  # noqa: PLR0913, PLR0917 - a note as it was and as it will be
    work: Work, couple: Couple, note: SessionNote, said: Said, reviewed: Reviewed, sent: set[str], before: NoteVersion | None
) -> None:
    """Keeps another version of a draft: on the note itself, and for ever."""
    hour = hour_of(note.about, said)
    check_not_in_future(hour.held_on, today_of(work, couple), "/held_on")
    for name, moment in (("started_at", hour.started_at), ("ended_at", hour.ended_at)):
        if moment is not None and moment > work.now + FUTURE_LEEWAY:
            raise DayInFutureError(faults=(Fault(f"/{name}", "moment_in_future", "This moment has not come yet."),))
    check_consistent(hour)
    check_names(work, note, {name: (said | reviewed)[name] for name in NAMED if name in sent})
    opened = Opened(said, new_salt())
    seal_note(work, note, opened)
    note.entered_at, note.drafts = work.now, note.drafts + 1
    note.late_entry = is_late(note.held_on, note.ended_at, work.now, couple.time_zone)
    work.session.add(note)
    work.session.flush()
    work.session.add(_version(work, note, opened, reviewed, before))
    work.session.flush()


def _version(work: Work, note: SessionNote, opened: Opened, reviewed: Reviewed, before: NoteVersion | None) -> NoteVersion:
    version = NoteVersion(
        clinic_id=note.clinic_id,
        couple_id=note.couple_id,
        compartment=NoteVersion.COMPARTMENT,
        note_id=note.id,
        partner_id=note.partner_id,
        number=note.drafts,
        written_at=work.now,
        previous_hash=before.content_hash if before else None,
        **reviewed,
    )
    version.said = work.vault.seal(version, "said", opened.sealed)
    version.content_hash = hash_of_version(version, opened.sealed)
    return version


def change_note(work: Work, couple_id: UUID, note_id: UUID, version: int, body: NoteChange) -> NoteRead:
    """Changes the caller's own draft. Raises NoteSignedError, StaleVersionError, and what `write_note` raises."""
    couple = get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_draft(status_now(work, note))
    check_version(note, version)
    sent, before = set(body.model_fields_set), newest_version(work, note)
    said = said_after(open_note(work, note).said, body, sent)
    _write(work, couple, note, said, reviewed_after(before, body, sent), sent, before)
    return shown(work, note)


def discard_note(work: Work, couple_id: UUID, note_id: UUID, version: int) -> None:
    """Puts the caller's own draft away for good; its versions stay, for its author. Raises NoteSignedError."""
    get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_draft(status_now(work, note))
    check_version(note, version)
    note.status = check_step(NoteStatus.DRAFT, Step.DISCARD)


def list_versions(work: Work, couple_id: UUID, note_id: UUID, limit: int, cursor: str | None) -> Page[NoteVersionRead]:
    """A page of the versions of the caller's own note, first to last. Raises NotFoundError to everybody else."""
    get_couple(work, couple_id)
    note = get_note(work, couple_id, note_id)
    if note.author_id != work.actor.id or not work.sees_safety:
        raise NotFoundError
    pager = Pager(work.vault, limit, cursor, "note versions", note_id)
    query = select(NoteVersion).where(NoteVersion.couple_id == couple_id, NoteVersion.note_id == note_id)
    versions, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, NoteVersion.id))))
    return Page(items=[_shown_version(work, version) for version in versions], next_cursor=next_cursor)


def _shown_version(work: Work, version: NoteVersion) -> NoteVersionRead:
    said = work.vault.open(version, "said", version.said)["said"]
    told = {
        "id": version.id,
        "number": version.number,
        "written_at": version.written_at,
        "content_sha256": version.content_hash,
        "previous_sha256": version.previous_hash,
        "times_by_attendee": times_of(said),
        **{name: getattr(version, name) for name in FOR_THE_CARE_TEAM},
    }
    return NoteVersionRead.model_validate(said | told)


def check_version(note: SessionNote, version: int) -> None:
    """Raises StaleVersionError when the caller read an older version."""
    if note.version != version:
        raise StaleVersionError
