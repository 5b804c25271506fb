"""What is inside a note: sealed when it is written, opened and compared with its signature when it is read."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.canonical import digest
from app.core.crypto import KeyName, key_name
from app.core.ids import encode
from app.notes.models import Addendum, SessionNote
from app.notes.rules import Hour, NoteStatus
from app.notes.schemas import AddendumRead, NoteRead, SignatureRead

HOMEWORK = {"plans_reviewed", "assignments_reviewed", "assignments_given"}
PLAIN = (
    "held_on",
    "started_at",
    "ended_at",
    "format",
    "attendance",
    "minutes_by_topic",
    "consent_checked",
    "safety_checked",
)


class SignedNoteAlteredError(RuntimeError):
    """A signed note or an addendum is not what was signed; a defect or an attack, never a caller's doing."""


def read_content(work: Work, note: SessionNote) -> dict[str, Any]:
    """Everything the author wrote, by the names of the wire."""
    plain = {name: getattr(note, name) for name in PLAIN}
    return plain | dict(note.homework) | {"sections": _opened(work, note)["sections"]}


def write_content(work: Work, note: SessionNote, content: dict[str, Any], salt: str) -> None:
    """Puts what the author wrote on the row, its text sealed.

    The salt is sealed with the text and hashed with the content: who destroys the key leaves a hash that confirms no guess.
    """
    for name in PLAIN:
        setattr(note, name, content[name])
    note.homework = {name: content[name] for name in HOMEWORK}
    note.text = work.vault.seal(note, "text", {"salt": salt, "sections": content["sections"]})


def hour_of(note: SessionNote, content: dict[str, Any]) -> Hour:
    """The part of a note that the rules judge."""
    names = ("held_on", "started_at", "ended_at", "format", "sections", "attendance", "minutes_by_topic")
    return Hour(about=note.about, **{name: content[name] for name in names})


def salt_of(work: Work, note: SessionNote) -> str:
    """The salt of a note that has one."""
    salt: str = _opened(work, note)["salt"]
    return salt


def hash_of_note(work: Work, note: SessionNote) -> str:
    """Fingerprint of all that was signed: content, place, author, signature."""
    signed = ("id", "couple_id", "author_id", "created_at", "signed_at", "signed_by")
    told = {name: _text(getattr(note, name)) for name in signed}
    return digest(
        {"form": "rekindle-note-1", "about": note.about, "salt": salt_of(work, note), **told, **read_content(work, note)}
    )


def hash_of_addendum(note: SessionNote, addendum: Addendum, sealed: dict[str, str]) -> str:
    """Fingerprint of an addendum and of the note it belongs to."""
    told = {name: _text(getattr(addendum, name)) for name in ("id", "note_id", "author_id", "written_at", "reason")}
    return digest({"form": "rekindle-addendum-1", "note": note.content_hash, **told, **sealed})


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def _opened(work: Work, note: SessionNote) -> dict[str, Any]:
    opened: dict[str, Any] = work.vault.open(note, "text", note.text)
    return opened


def shown(work: Work, notes: Sequence[SessionNote]) -> list[NoteRead]:
    """Notes as the wire shows them, with their addenda: one query for all addenda, one for all keys.

    Raises SignedNoteAlteredError when a signed note is not what was signed.
    """
    names: set[KeyName] = {key_name(note) for note in notes}
    work.vault.load_keys(names)
    added = _addenda(work, [note for note in notes if note.addenda])
    return [_shown(work, note, added[note.id]) for note in notes]


def _addenda(work: Work, notes: Sequence[SessionNote]) -> defaultdict[UUID, list[Addendum]]:
    found: defaultdict[UUID, list[Addendum]] = defaultdict(list)
    if notes:
        query = select(Addendum).where(
            Addendum.couple_id == notes[0].couple_id, Addendum.note_id.in_([note.id for note in notes])
        )
        for addendum in work.session.scalars(query.order_by(Addendum.id)):
            found[addendum.note_id].append(addendum)
    return found


def _shown(work: Work, note: SessionNote, added: Sequence[Addendum]) -> NoteRead:
    content = read_content(work, note)
    length = hour_of(note, content).length
    return NoteRead(
        id=note.id,
        version=note.version,
        couple_id=note.couple_id,
        about=note.about,
        author_id=note.author_id,
        status=note.status,
        length_minutes=None if length is None else int(length.total_seconds()) // 60,
        late_entry=note.late_entry,
        created_at=note.created_at,
        signature=_signature(work, note),
        addenda=[_shown_addendum(work, note, addendum) for addendum in added],
        **content,
    )


def _signature(work: Work, note: SessionNote) -> SignatureRead | None:
    if NoteStatus(note.status) is NoteStatus.DRAFT:
        return None
    if note.content_hash is None or note.signed_by is None or note.signed_at is None:
        raise SignedNoteAlteredError(encode("nte", note.id))
    if hash_of_note(work, note) != note.content_hash:
        raise SignedNoteAlteredError(encode("nte", note.id))
    return SignatureRead(signed_by=note.signed_by, signed_at=note.signed_at, content_sha256=note.content_hash)


def _shown_addendum(work: Work, note: SessionNote, addendum: Addendum) -> AddendumRead:
    sealed = work.vault.open(addendum, "text", addendum.text)
    if hash_of_addendum(note, addendum, sealed) != addendum.content_hash:
        raise SignedNoteAlteredError(encode("add", addendum.id))
    return AddendumRead(
        id=addendum.id,
        author_id=addendum.author_id,
        written_at=addendum.written_at,
        reason=addendum.reason,
        text=sealed["text"],
        content_sha256=addendum.content_hash,
    )
