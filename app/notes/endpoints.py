"""Session notes over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, NoteId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Day
from app.couples.rules import CoupleArchivedError, DayInFutureError
from app.errors import StaleVersionError
from app.notes import service
from app.notes.rules import NoteContradictsError, NoteIncompleteError, NoteNotSignedError, NoteSignedError
from app.notes.schemas import AboutName, AddendumCreate, NoteChange, NoteCreate, NoteRead, SignatureCreate, StatusName

router = RecordRouter("Notes")
NOTES = "/couples/{couple_id}/notes"
NOTE = NOTES + "/{note_id}"


@router.creates(NOTES, Permission.NOTES_WRITE, NoteContradictsError, DayInFutureError, CoupleArchivedError)
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
    status: Annotated[StatusName | None, Query(description="Only drafts of your own, or only signed notes.")] = None,
) -> Page[NoteRead]:
    """List a couple's session notes in the order they were begun: your drafts, and everybody's signed ones."""
    return service.list_notes(work, couple_id, service.Wanted(held_from, held_to, about, status), limit, cursor)


@router.reads(NOTE, Permission.NOTES_READ)
def read_note(work: Work, couple_id: CoupleId, note_id: NoteId) -> NoteRead:
    """Read a session note with its addenda."""
    return service.read_note(work, couple_id, note_id)


@router.changes(NOTE, Permission.NOTES_WRITE, NoteContradictsError, DayInFutureError, NoteSignedError, CoupleArchivedError)
def change_note(work: Work, couple_id: CoupleId, note_id: NoteId, if_match: IfMatch, body: NoteChange) -> NoteRead:
    """Change your draft (JSON Merge Patch)."""
    return service.change_note(work, couple_id, note_id, if_match, body)


@router.creates(
    NOTE + "/signatures",
    Permission.NOTES_WRITE,
    NoteIncompleteError,
    NoteSignedError,
    StaleVersionError,
    CoupleArchivedError,
    status=200,
)
def sign_note(work: Work, couple_id: CoupleId, note_id: NoteId, body: SignatureCreate) -> NoteRead:
    """Sign your draft; from then on it stays as it is, and the care team reads it."""
    return service.sign_note(work, couple_id, note_id, body.version)


@router.creates(NOTE + "/addenda", Permission.NOTES_WRITE, NoteNotSignedError, CoupleArchivedError, status=200)
def add_addendum(work: Work, couple_id: CoupleId, note_id: NoteId, body: AddendumCreate) -> NoteRead:
    """Add to a signed note; the note as it was signed stays."""
    return service.add_addendum(work, couple_id, note_id, body)
