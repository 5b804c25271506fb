"""Psychotherapy notes over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, PsychotherapyGrantId, PsychotherapyNoteId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import CoupleArchivedError
from app.psychotherapy import service
from app.psychotherapy.rules import BelongsToTheRecordError, GrantInvalidError
from app.psychotherapy.schemas import (
    PsychotherapyGrantCreate,
    PsychotherapyGrantRead,
    PsychotherapyNoteChange,
    PsychotherapyNoteCreate,
    PsychotherapyNoteRead,
    PsychotherapyNoteWritten,
)

router = RecordRouter("Psychotherapy notes")
NOTES = "/couples/{couple_id}/psychotherapy-notes"
NOTE = NOTES + "/{psychotherapy_note_id}"
GRANTS = "/couples/{couple_id}/psychotherapy-grants"
GRANT = GRANTS + "/{psychotherapy_grant_id}"


@router.creates(NOTES, Permission.PSYCHOTHERAPY_WRITE, BelongsToTheRecordError, CoupleArchivedError)
def write_psychotherapy_note(work: Work, couple_id: CoupleId, body: PsychotherapyNoteCreate) -> PsychotherapyNoteWritten:
    """Write a private note of your own, apart from the record; it takes words alone."""
    return service.write_psychotherapy_note(work, couple_id, body)


@router.reads(NOTES, Permission.PSYCHOTHERAPY_READ, CursorInvalidError)
def list_psychotherapy_notes(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[PsychotherapyNoteRead]:
    """List your own private notes on a couple, and those whose author lets you read them."""
    return service.list_psychotherapy_notes(work, couple_id, limit, cursor)


@router.reads(NOTE, Permission.PSYCHOTHERAPY_READ)
def read_psychotherapy_note(
    work: Work, couple_id: CoupleId, psychotherapy_note_id: PsychotherapyNoteId
) -> PsychotherapyNoteRead:
    """Read a private note."""
    return service.read_psychotherapy_note(work, couple_id, psychotherapy_note_id)


@router.changes(NOTE, Permission.PSYCHOTHERAPY_WRITE, BelongsToTheRecordError, CoupleArchivedError)
def change_psychotherapy_note(
    work: Work,
    couple_id: CoupleId,
    psychotherapy_note_id: PsychotherapyNoteId,
    if_match: IfMatch,
    body: PsychotherapyNoteChange,
) -> PsychotherapyNoteRead:
    """Change your private note; what it said before is not kept."""
    return service.change_psychotherapy_note(work, couple_id, psychotherapy_note_id, if_match, body)


@router.creates(GRANTS, Permission.PSYCHOTHERAPY_WRITE, GrantInvalidError, CoupleArchivedError)
def grant_psychotherapy_notes(work: Work, couple_id: CoupleId, body: PsychotherapyGrantCreate) -> PsychotherapyGrantRead:
    """Let a supervisor of this couple read your private notes on it, for your training, until a day or until you end it."""
    return service.grant_psychotherapy_notes(work, couple_id, body)


@router.reads(GRANTS, Permission.PSYCHOTHERAPY_WRITE, CursorInvalidError)
def list_psychotherapy_grants(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[PsychotherapyGrantRead]:
    """List whom you let, or once let, read your private notes on this couple."""
    return service.list_psychotherapy_grants(work, couple_id, limit, cursor)


@router.creates(GRANT + "/revocations", Permission.PSYCHOTHERAPY_WRITE, status=200)
def revoke_psychotherapy_grant(
    work: Work, couple_id: CoupleId, psychotherapy_grant_id: PsychotherapyGrantId
) -> PsychotherapyGrantRead:
    """Take a grant back; it ends at once."""
    return service.revoke_psychotherapy_grant(work, couple_id, psychotherapy_grant_id)
