"""Use cases of what follows a draft: signature, co-signature, addenda, and the mark `entered in error`."""

from uuid import UUID

from sqlalchemy import exists, select

from app.access.models import CareTeamMember, Member
from app.access.permissions import Role
from app.access.work import Work
from app.core.signing import Purpose, Signature, sign
from app.couples.service import get_couple_in_care
from app.notes.contents import hour_of, new_salt, newest_version, open_note, shown
from app.notes.models import Addendum, SessionNote
from app.notes.rules import check_complete, is_late
from app.notes.schemas import AddendumCreate, CoSignatureCreate, NoteRead, RetractionCreate, SignatureCreate
from app.notes.seals import RETRACTION, addendum_statement, co_statement, hash_of_addendum, hash_of_note, note_statement
from app.notes.service import check_version, get_note_to_change, status_now
from app.notes.states import (
    CO_SIGNED_WITHIN,
    NotTheAuthorError,
    NotTheSupervisorError,
    Step,
    check_can_be_added_to,
    check_draft,
    check_step,
)


def sign_note(work: Work, couple_id: UUID, note_id: UUID, body: SignatureCreate) -> NoteRead:
    """Signs the version the author read. Raises NoteSignedError, StaleVersionError, NoteIncompleteError."""
    couple = get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    status = status_now(work, note)
    check_draft(status)
    check_version(note, body.version)
    opened = open_note(work, note)
    check_complete(hour_of(note.about, opened.said))
    version, note.co_signature_wanted = newest_version(work, note), is_supervised(work, note)
    note.status = check_step(status, Step.SIGN)
    note.signed_at, note.signed_by, note.signed_as = work.now, work.actor.id, body.credentials
    note.locks_at = work.now + CO_SIGNED_WITHIN if note.co_signature_wanted else work.now
    note.late_entry, note.entered_at = is_late(note.held_on, note.ended_at, work.now, couple.time_zone), work.now
    note.previous_hash = version.content_hash if version else None
    note.content_hash = hash_of_note(note, opened.sealed)
    made = _sign(work, note_statement(note))
    note.signing_key_id, note.signature = made.key_id, made.value
    work.session.flush()
    return shown(work, note)


def _sign(work: Work, statement: bytes) -> Signature:
    """The clinic's signature; what is being signed is written afterwards, at once, as one version."""
    with work.session.no_autoflush:
        return sign(work.session, work.vault, Purpose.NOTE, statement)


def is_supervised(work: Work, note: SessionNote) -> bool:
    """Whether a supervisor is on the couple's care team at this moment who is not the author."""
    seat = exists().where(
        CareTeamMember.couple_id == note.couple_id,
        CareTeamMember.member_id == Member.id,
        CareTeamMember.held_at(work.now),
        Member.role == Role.SUPERVISOR,
        Member.ended_at.is_(None),
        Member.id != note.author_id,
    )
    return bool(work.session.execute(select(seat)).scalar_one())


def co_sign_note(work: Work, couple_id: UUID, note_id: UUID, body: CoSignatureCreate) -> NoteRead:
    """Adds a supervisor's signature to one version. Raises NotTheSupervisorError, NoteLockedError, NoteCoSignedError."""
    get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    if work.actor.role is not Role.SUPERVISOR or note.author_id == work.actor.id:
        raise NotTheSupervisorError
    following = check_step(status_now(work, note), Step.CO_SIGN)
    check_version(note, body.version)
    note.status = following
    note.co_signed_at, note.co_signed_by, note.co_signed_as = work.now, work.actor.id, body.credentials
    made = _sign(work, co_statement(note))
    note.co_signing_key_id, note.co_signature = made.key_id, made.value
    work.session.flush()
    return shown(work, note)


def add_addendum(work: Work, couple_id: UUID, note_id: UUID, body: AddendumCreate) -> NoteRead:
    """Adds to a signed note, in its compartment and under its key. Raises NoteNotSignedError, NoteEnteredInErrorError."""
    get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    check_can_be_added_to(status_now(work, note))
    _add(work, note, body.reason, body.text)
    return shown(work, note)


def retract_note(work: Work, couple_id: UUID, note_id: UUID, body: RetractionCreate) -> NoteRead:
    """Marks the caller's own note as entered in error; it stays readable. Raises NotTheAuthorError, NoteNotSignedError."""
    get_couple_in_care(work, couple_id)
    note = get_note_to_change(work, couple_id, note_id)
    if note.author_id != work.actor.id:
        raise NotTheAuthorError
    note.status = check_step(status_now(work, note), Step.RETRACT)
    _add(work, note, RETRACTION, body.reason)
    return shown(work, note)


def _add(work: Work, note: SessionNote, reason: str, text: str) -> None:
    """Adds to the chain of addenda, signed."""
    addendum = Addendum(
        clinic_id=work.actor.clinic_id,
        couple_id=note.couple_id,
        note_id=note.id,
        compartment=note.compartment,
        partner_id=note.partner_id,
        number=note.addenda + 1,
        author_id=work.actor.id,
        written_at=work.now,
        reason=reason,
        previous_hash=_newest_hash(work, note),
    )
    opened = {"salt": new_salt(), "text": text}
    addendum.text = work.vault.seal(addendum, "text", opened)
    addendum.content_hash = hash_of_addendum(note, addendum, opened)
    made = _sign(work, addendum_statement(addendum))
    addendum.signing_key_id, addendum.signature = made.key_id, made.value
    note.addenda += 1
    work.session.add(addendum)
    work.session.flush()


def _newest_hash(work: Work, note: SessionNote) -> str:
    """The hash of the last addendum, or of the note while there is none."""
    query = select(Addendum.content_hash).where(Addendum.couple_id == note.couple_id, Addendum.note_id == note.id)
    with work.session.no_autoflush:
        newest: str | None = work.session.scalars(query.where(Addendum.number == note.addenda)).one_or_none()
    return newest or str(note.content_hash)
