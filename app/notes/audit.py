"""Looks through every note of a clinic and names each that is not what was written and signed: a part of the audit."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.core.crypto import SealBrokenError, Vault
from app.core.database import Compartment, RecordSession
from app.core.ids import encode
from app.core.signing import Purpose, public_keys
from app.notes.models import Addendum, NoteVersion, SessionNote
from app.notes.seals import Keys, SignedNoteAlteredError, check_addenda, check_note, check_signatures, hash_of_version
from app.notes.states import AUTHORS_ALONE, NoteStatus

AT_ONCE: Final = 200
EVERYTHING: Final = frozenset(Compartment)
Opened = Mapping[str, Any] | None


@dataclass
class NotesVerified:
    """What was looked at, and what is wrong: ids of notes, versions or addenda, never a word of them.

    `unreadable` counts notes whose key was destroyed: their signatures still hold, and nobody can compare them with their text.
    """

    notes: int = 0
    versions: int = 0
    addenda: int = 0
    unreadable: int = 0
    altered: list[str] = field(default_factory=list)


def verify_signed_notes(session: RecordSession, vault: Vault) -> NotesVerified:
    """Opens, hashes and compares every note, version and addendum of the session's clinic, a few hundred at a time."""
    found = NotesVerified()
    with session.reaching(EVERYTHING):
        keys = public_keys(session, Purpose.NOTE)
        for notes in _pages(session):
            versions, addenda = _of(session, NoteVersion, notes), _of(session, Addendum, notes)
            for note in notes:
                _verify(vault, note, versions[note.id], addenda[note.id], keys, found)
            session.expunge_all()
    return found


def _pages(session: RecordSession) -> Iterator[Sequence[SessionNote]]:
    query = select(SessionNote).order_by(SessionNote.id).limit(AT_ONCE)
    notes = session.scalars(query).all()
    while notes:
        yield notes
        notes = session.scalars(query.where(SessionNote.id > notes[-1].id)).all()


def _of(session: RecordSession, table: Any, notes: Sequence[SessionNote]) -> defaultdict[UUID, list[Any]]:
    found: defaultdict[UUID, list[Any]] = defaultdict(list)
    couples, ids = {note.couple_id for note in notes}, [note.id for note in notes]
    query = select(table).where(table.couple_id.in_(couples), table.note_id.in_(ids))
    for row in session.scalars(query.order_by(table.number)):
        found[row.note_id].append(row)
    return found


def _verify(  # noqa: PLR0913, PLR0917 - a note and all that belongs to it
    vault: Vault,
    note: SessionNote,
    versions: Sequence[NoteVersion],
    addenda: Sequence[Addendum],
    keys: Keys,
    found: NotesVerified,
) -> None:
    found.notes, found.versions, found.addenda = found.notes + 1, found.versions + len(versions), found.addenda + len(addenda)
    if _key_is_gone(vault, note):
        found.unreadable += 1
        _check_closed(note, addenda, keys, found)
        return
    try:
        opened = vault.open(note, "said", note.said)
        check_note(note, opened, keys)
        check_addenda(note, [(one, vault.open(one, "text", one.text)) for one in addenda], keys)
        _check_versions(vault, note, versions)
    except SignedNoteAlteredError as error:
        found.altered.append(str(error))
    except SealBrokenError:
        found.altered.append(encode("nte", note.id))


def _check_closed(note: SessionNote, addenda: Sequence[Addendum], keys: Keys, found: NotesVerified) -> None:
    """What can be said of a note that nobody can open any more."""
    if NoteStatus(note.status) in AUTHORS_ALONE:
        return
    try:
        check_signatures(note, keys)
        check_addenda(note, [(one, None) for one in addenda], keys)
    except SignedNoteAlteredError as error:
        found.altered.append(str(error))


def _check_versions(vault: Vault, note: SessionNote, versions: Sequence[NoteVersion]) -> None:
    """Raises SignedNoteAlteredError unless every version is there, in its place, and the last is what was signed."""
    before: str | None = None
    for number, version in enumerate(versions, start=1):
        is_whole = version.number == number and version.previous_hash == before
        opened: Opened = vault.open(version, "said", version.said)
        if not is_whole or opened is None or hash_of_version(version, opened) != version.content_hash:
            raise SignedNoteAlteredError(encode("ver", version.id))
        before = version.content_hash
    is_signed = NoteStatus(note.status) not in AUTHORS_ALONE
    if len(versions) != note.drafts or (is_signed and note.previous_hash != before):
        raise SignedNoteAlteredError(encode("nte", note.id))


def _key_is_gone(vault: Vault, note: SessionNote) -> bool:
    """Whether nothing can be sealed for this note any more; a seal that is merely broken is another matter."""
    try:
        vault.seal(note, "said", None)
    except SealBrokenError:
        return True
    return False
