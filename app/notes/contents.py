"""What is inside a note: sealed when it is written, opened when it is read, and put together as the wire shows it."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.cpt import hints
from app.core.ids import encode
from app.core.schemas import wire_moment
from app.core.signing import Purpose, public_keys
from app.notes.models import ABOUT, Addendum, NoteVersion, SessionNote
from app.notes.rules import ABSENT, About, Hour
from app.notes.schemas import NoteChange, NoteRead
from app.notes.seals import Said, check_addenda, check_note, columns_of
from app.notes.states import AUTHORS_ALONE, NoteStatus, status_at

FOR_THE_CARE_TEAM: Final = ("consents_reviewed", "screens_reviewed")


@dataclass(frozen=True)
class Opened:
    """What was said in a note, in the form of the wire, with the salt that was hashed with it.

    Who destroys the key destroys the salt too, and leaves a hash that confirms no guess.
    """

    said: Said
    salt: str

    @property
    def sealed(self) -> dict[str, Any]:
        """As it is sealed and hashed."""
        return {"said": self.said, "salt": self.salt}


def new_salt() -> str:
    """What keeps a content hash from confirming a guess."""
    return secrets.token_hex(16)


def open_note(work: Work, note: SessionNote) -> Opened:
    """What was said in a note."""
    return Opened(**work.vault.open(note, "said", note.said))


def seal_note(work: Work, note: SessionNote, opened: Opened) -> None:
    """Puts what was said on the row, sealed, and beside it what notes are found and visits counted by."""
    read = NoteChange.model_validate(columns_of(opened.said))
    note.held_on, note.started_at, note.ended_at, note.format = read.held_on, read.started_at, read.ended_at, read.format
    note.minutes_by_topic = opened.said["minutes_by_topic"]
    note.said = work.vault.seal(note, "said", opened.sealed)


def hour_of(about: About, said: Said) -> Hour:
    """The part of a note that the rules judge."""
    read = NoteChange.model_validate(said)
    times = read.times_by_attendee.model_dump(exclude_none=True)
    told = {name: said[name] for name in ("format", "sections", "attendance", "minutes_by_topic")}
    return Hour(
        about=about,
        held_on=read.held_on,
        started_at=read.started_at,
        ended_at=read.ended_at,
        times_by_attendee=times,
        **told,
    )


def newest_version(work: Work, note: SessionNote) -> NoteVersion | None:
    """The newest version of a draft; None where the caller's reach ends before the safety compartment."""
    return work.session.scalars(
        select(NoteVersion).where(
            NoteVersion.couple_id == note.couple_id, NoteVersion.note_id == note.id, NoteVersion.number == note.drafts
        )
    ).one_or_none()


def shown(work: Work, note: SessionNote) -> NoteRead:
    """One note as the wire shows it, with its addenda. Raises SignedNoteAlteredError when it is not what was signed."""
    opened = open_note(work, note)
    added = addenda_of(work, [note])[note.id]
    version = newest_version(work, note)
    if NoteStatus(note.status) not in AUTHORS_ALONE:
        keys = public_keys(work.session, Purpose.NOTE)
        check_note(note, opened.sealed, keys)
        check_addenda(note, added, keys)
    about_safety = (version.consents_reviewed, version.screens_reviewed) if version else ([], [])
    return NoteRead.model_validate(wire(note, opened.said, about_safety, added, work.now))


Added = tuple[Addendum, Mapping[str, Any]]


def addenda_of(work: Work, notes: Sequence[Any]) -> defaultdict[UUID, list[Added]]:
    """The addenda of some notes of one couple, oldest first, opened; one query for all."""
    found: defaultdict[UUID, list[Added]] = defaultdict(list)
    ids = [note.id for note in notes if note.addenda]
    if ids:
        query = select(Addendum).where(Addendum.couple_id == notes[0].couple_id, Addendum.note_id.in_(ids))
        for addendum in work.session.scalars(query.order_by(Addendum.number)):
            found[addendum.note_id].append((addendum, work.vault.open(addendum, "text", addendum.text)))
    return found


def wire(
    note: Any, said: Said, about_safety: tuple[list[str], list[str]], added: Sequence[Added], now: datetime
) -> dict[str, Any]:
    """A note as the wire shows it; `note` is a row of the table or its columns."""
    about = ABOUT[note.compartment]
    minutes = minutes_between(note.started_at, note.ended_at)
    status = status_at(NoteStatus(note.status), note.locks_at, now)
    is_draft = status in AUTHORS_ALONE
    return {
        **said,
        "times_by_attendee": times_of(said),
        "consents_reviewed": about_safety[0],
        "screens_reviewed": about_safety[1],
        "id": encode("nte", note.id),
        "version": note.version,
        "couple_id": encode("cpl", note.couple_id),
        "about": about.value,
        "author_id": encode("mem", note.author_id),
        "status": status.value,
        "length_minutes": minutes,
        "late_entry": note.late_entry,
        "created_at": wire_moment(note.created_at),
        "entered_at": wire_moment(note.entered_at),
        "locks_at": wire_moment(note.locks_at),
        "signature": None if is_draft else _signature(note),
        "co_signature": None if is_draft else _co_signature(note),
        "hints": hints_of(said, minutes),
        "addenda": [_addendum(*one) for one in added],
    }


def minutes_between(started_at: datetime | None, ended_at: datetime | None) -> int | None:
    """Whole minutes; None while either is open."""
    return None if started_at is None or ended_at is None else int((ended_at - started_at).total_seconds()) // 60


def times_of(said: Said) -> dict[str, Any]:
    """Start and stop of everyone who attended: their own, or those of the hour."""
    hour = {"started_at": said["started_at"], "ended_at": said["ended_at"]}
    own = said["times_by_attendee"]
    return {who: hour | own.get(who, {}) for who, attended in said["attendance"].items() if attended != ABSENT}


def hints_of(said: Said, minutes: int | None) -> list[dict[str, str]]:
    """What to look at before a claim goes out."""
    if not said["cpt_codes"]:
        return []
    present = sum(attended != ABSENT for attended in said["attendance"].values())
    return [{"code": hint.code, "detail": hint.sentence} for hint in hints(said["cpt_codes"], minutes, present)]


def _signature(note: Any) -> dict[str, Any]:
    return {
        "signed_by": encode("mem", note.signed_by),
        "signed_at": wire_moment(note.signed_at),
        "credentials": note.signed_as,
        "content_sha256": note.content_hash,
    }


def _co_signature(note: Any) -> dict[str, Any]:
    return {
        "wanted": note.co_signature_wanted,
        "signed_by": encode("mem", note.co_signed_by) if note.co_signed_by else None,
        "signed_at": wire_moment(note.co_signed_at),
        "credentials": note.co_signed_as,
    }


def _addendum(addendum: Addendum, opened: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": encode("add", addendum.id),
        "author_id": encode("mem", addendum.author_id),
        "written_at": wire_moment(addendum.written_at),
        "reason": addendum.reason,
        "text": opened["text"],
        "content_sha256": addendum.content_hash,
    }
