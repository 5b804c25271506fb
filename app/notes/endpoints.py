"""Session notes over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, MemberId, NoteId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Day
from app.couples.rules import CoupleArchivedError, DayInFutureError
from app.errors import StaleVersionError
from app.notes import reading, service, signatures
from app.notes.rules import NoteContradictsError, NoteIncompleteError, NoteNamesUnknownError
from app.notes.schemas import (
    AboutName,
    AddendumCreate,
    CoSignatureCreate,
    FormatName,
    NoteChange,
    NoteCreate,
    NoteRead,
    NoteVersionRead,
    RetractionCreate,
    SignatureCreate,
    StatusName,
    TopicName,
)
from app.notes.states import (
    NoteCoSignedError,
    NoteDiscardedError,
    NoteEnteredInErrorError,
    NoteLockedError,
    NoteNotSignedError,
    NoteSignedError,
    NotTheAuthorError,
    NotTheSupervisorError,
)

router = RecordRouter("Notes")
NOTES = "/couples/{couple_id}/notes"
NOTE = NOTES + "/{note_id}"
WRONG = (NoteContradictsError, NoteNamesUnknownError, DayInFutureError)
NO_DRAFT = (NoteSignedError, NoteDiscardedError)
NO_SIGNED_NOTE = (NoteNotSignedError, NoteEnteredInErrorError, NoteDiscardedError)


@router.creates(NOTES, Permission.NOTES_WRITE, *WRONG, CoupleArchivedError)
def write_note(work: Work, couple_id: CoupleId, body: NoteCreate) -> NoteRead:
    """Begin a session note; only you see the draft until you sign it."""
    return service.write_note(work, couple_id, body)


@router.reads(NOTES, Permission.NOTES_READ, CursorInvalidError)
def list_notes(  # noqa: PLR0913, PLR0917 - one argument a query parameter
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    held_from: Annotated[Day | None, Query(description="Only hours on this day or later.")] = None,
    held_to: Annotated[Day | None, Query(description="Only hours on this day or earlier.")] = None,
    about: Annotated[AboutName | None, Query(description="Only notes about both, or about one partner.")] = None,
    status: Annotated[StatusName | None, Query(description="Only notes that stand there; discarded ones only so.")] = None,
    author_id: Annotated[MemberId | None, Query(description="Only notes of this author.")] = None,
    topic: Annotated[TopicName | None, Query(description="Only hours of which some minutes went to this.")] = None,
    format: Annotated[FormatName | None, Query(description="Only notes of this format.")] = None,  # noqa: A002 - the field's name
) -> Page[NoteRead]:
    """List a couple's session notes in the order they were begun: your drafts, and everybody's signed ones."""
    wanted = reading.Wanted(held_from, held_to, about, status, author_id, topic, format)
    return reading.list_notes(work, couple_id, wanted, limit, cursor)


@router.reads(NOTE, Permission.NOTES_READ)
def read_note(work: Work, couple_id: CoupleId, note_id: NoteId) -> NoteRead:
    """Read a session note with its addenda."""
    return service.read_note(work, couple_id, note_id)


@router.changes(NOTE, Permission.NOTES_WRITE, *WRONG, *NO_DRAFT, CoupleArchivedError)
def change_note(work: Work, couple_id: CoupleId, note_id: NoteId, if_match: IfMatch, body: NoteChange) -> NoteRead:
    """Change your draft (JSON Merge Patch); what it said before is kept."""
    return service.change_note(work, couple_id, note_id, if_match, body)


@router.removes(NOTE, Permission.NOTES_WRITE, *NO_DRAFT, CoupleArchivedError)
def discard_note(work: Work, couple_id: CoupleId, note_id: NoteId, if_match: IfMatch) -> None:
    """Discard your draft; it stays in your own list of discarded drafts, and what was signed cannot be discarded."""
    service.discard_note(work, couple_id, note_id, if_match)


@router.reads(NOTE + "/versions", Permission.NOTES_READ, CursorInvalidError)
def list_note_versions(
    work: Work,
    couple_id: CoupleId,
    note_id: NoteId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[NoteVersionRead]:
    """List every version of the draft of your own note, first to last."""
    return service.list_versions(work, couple_id, note_id, limit, cursor)


@router.creates(
    NOTE + "/signatures",
    Permission.NOTES_WRITE,
    NoteIncompleteError,
    *NO_DRAFT,
    StaleVersionError,
    CoupleArchivedError,
    status=200,
)
def sign_note(work: Work, couple_id: CoupleId, note_id: NoteId, body: SignatureCreate) -> NoteRead:
    """Sign your draft; from then on it stays as it is, and the care team reads it."""
    return signatures.sign_note(work, couple_id, note_id, body)


@router.creates(
    NOTE + "/co-signatures",
    Permission.NOTES_CO_SIGN,
    NotTheSupervisorError,
    NoteLockedError,
    NoteCoSignedError,
    *NO_SIGNED_NOTE,
    StaleVersionError,
    CoupleArchivedError,
    status=200,
)
def co_sign_note(work: Work, couple_id: CoupleId, note_id: NoteId, body: CoSignatureCreate) -> NoteRead:
    """Co-sign a note of a therapist whose work on this couple you supervise."""
    return signatures.co_sign_note(work, couple_id, note_id, body)


@router.creates(NOTE + "/addenda", Permission.NOTES_WRITE, *NO_SIGNED_NOTE, CoupleArchivedError, status=200)
def add_addendum(work: Work, couple_id: CoupleId, note_id: NoteId, body: AddendumCreate) -> NoteRead:
    """Add to a signed note; the note as it was signed stays."""
    return signatures.add_addendum(work, couple_id, note_id, body)


@router.creates(
    NOTE + "/retractions", Permission.NOTES_WRITE, NotTheAuthorError, *NO_SIGNED_NOTE, CoupleArchivedError, status=200
)
def retract_note(work: Work, couple_id: CoupleId, note_id: NoteId, body: RetractionCreate) -> NoteRead:
    """Mark your signed note as entered in error; it stays readable with your reason, and counts as no visit."""
    return signatures.retract_note(work, couple_id, note_id, body)
