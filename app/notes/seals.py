"""What of a note is hashed, chained and signed, and whether it still is what was signed.

The clinic's note key signs, after the member proved who they are: the signature says that this service, at that moment, had
this content from this author. Each statement names what it is, so that none can be shown as another.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.core.canonical import canonical, digest
from app.core.ids import encode
from app.core.schemas import wire_moment
from app.core.signing import Signature, is_signed
from app.notes.models import Addendum, NoteVersion, SessionNote
from app.notes.states import AUTHORS_ALONE, NoteStatus

RETRACTION: Final = "entered_in_error"
Said = dict[str, Any]
Keys = Mapping[UUID, bytes]


class SignedNoteAlteredError(RuntimeError):
    """A signed note or an addendum is not what was signed; a defect or an attack, never a caller's doing."""


def columns_of(said: Said) -> dict[str, Any]:
    """What of a note stands beside the sealed text, in the form of the wire."""
    return {name: said[name] for name in ("held_on", "started_at", "ended_at", "format", "minutes_by_topic")}


def hash_of_version(version: NoteVersion, opened: Mapping[str, Any]) -> str:
    """Fingerprint of one version of a draft and of the version before it."""
    told = _texts(version, "id", "note_id", "number", "written_at", "consents_reviewed", "screens_reviewed", "previous_hash")
    return digest({"form": "rekindle-note-version-1", **told, **opened})


def hash_of_note(note: SessionNote, opened: Mapping[str, Any]) -> str:
    """Fingerprint of all that was signed: what was said, about whom, by whom, when, and all versions before it."""
    told = _texts(note, "id", "couple_id", "author_id", "created_at", "entered_at", "late_entry", "signed_at", "signed_by")
    told |= _texts(note, "signed_as", "co_signature_wanted", "locks_at", "drafts", "previous_hash")
    return digest({"form": "rekindle-note-1", "about": str(note.about), **told, **opened})


def hash_of_addendum(note: SessionNote, addendum: Addendum, opened: Mapping[str, Any]) -> str:
    """Fingerprint of an addendum, of the note it belongs to and of the addendum before it."""
    told = _texts(addendum, "id", "note_id", "number", "author_id", "written_at", "reason", "previous_hash")
    return digest({"form": "rekindle-addendum-1", "note": note.content_hash, **told, **opened})


def note_statement(note: SessionNote) -> bytes:
    """What is signed when a note is signed."""
    return canonical({"form": "rekindle-note-signature-1", "note": str(note.id), "sha256": note.content_hash})


def co_statement(note: SessionNote) -> bytes:
    """What is signed when a note is co-signed: the note as signed, by whom and when."""
    told = _texts(note, "co_signed_by", "co_signed_at", "co_signed_as")
    after = (note.signature or b"").hex()
    return canonical(
        {"form": "rekindle-note-co-signature-1", "note": str(note.id), "sha256": note.content_hash, "after": after, **told}
    )


def addendum_statement(addendum: Addendum) -> bytes:
    """What is signed when something is added."""
    return canonical({"form": "rekindle-addendum-signature-1", "addendum": str(addendum.id), "sha256": addendum.content_hash})


def check_note(note: SessionNote, opened: Mapping[str, Any], keys: Keys) -> None:
    """Raises SignedNoteAlteredError unless a note is what was signed; a draft never was."""
    if NoteStatus(note.status) in AUTHORS_ALONE:
        return
    beside = {
        "held_on": note.held_on.isoformat(),
        "started_at": wire_moment(note.started_at),
        "ended_at": wire_moment(note.ended_at),
        "format": note.format,
        "minutes_by_topic": note.minutes_by_topic,
    }
    is_whole = (
        note.content_hash is not None
        and beside == columns_of(opened["said"])
        and hash_of_note(note, opened) == note.content_hash
    )
    if not is_whole:
        raise SignedNoteAlteredError(encode("nte", note.id))
    check_signatures(note, keys)


def check_signatures(note: SessionNote, keys: Keys) -> None:
    """Raises SignedNoteAlteredError unless both signatures are the clinic's; needs no key to what was said."""
    if not _holds(keys, note_statement(note), note.signing_key_id, note.signature):
        raise SignedNoteAlteredError(encode("nte", note.id))
    is_co_signed = note.co_signed_by is not None
    if is_co_signed and not _holds(keys, co_statement(note), note.co_signing_key_id, note.co_signature):
        raise SignedNoteAlteredError(encode("nte", note.id))
    if (note.status == NoteStatus.CO_SIGNED and not is_co_signed) or (is_co_signed and note.status == NoteStatus.SIGNED):
        raise SignedNoteAlteredError(encode("nte", note.id))


def check_addenda(note: SessionNote, added: Sequence[tuple[Addendum, Mapping[str, Any] | None]], keys: Keys) -> None:
    """Raises SignedNoteAlteredError unless all addenda, oldest first, are there, chained and signed.

    None stands for one whose text nobody can open any more: its hash and signature are checked alone.
    """
    before = note.content_hash
    for addendum, opened in added:
        is_whole = addendum.previous_hash == before and (
            opened is None or hash_of_addendum(note, addendum, opened) == addendum.content_hash
        )
        if not is_whole or not _holds(keys, addendum_statement(addendum), addendum.signing_key_id, addendum.signature):
            raise SignedNoteAlteredError(encode("add", addendum.id))
        before = addendum.content_hash
    is_retracted = any(addendum.reason == RETRACTION for addendum, _ in added)
    if len(added) != note.addenda or is_retracted != (note.status == NoteStatus.ENTERED_IN_ERROR):
        raise SignedNoteAlteredError(encode("nte", note.id))


def _holds(keys: Keys, statement: bytes, key_id: UUID | None, signature: bytes | None) -> bool:
    return key_id is not None and signature is not None and is_signed(keys, statement, Signature(key_id, signature))


def _texts(row: Any, *names: str) -> dict[str, Any]:
    return {name: _text(getattr(row, name)) for name in names}


def _text(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return wire_moment(value)
        case _:
            return value
