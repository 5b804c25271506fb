"""Use cases of psychotherapy notes: their author's alone, and a supervisor's only while the author lets them.

Everything here runs inside `_opened`, which alone reaches the compartment; the couple is looked up without a trace, because a
trace would tell that there are such notes about it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.access.models import CareTeamMember, Member
from app.access.permissions import Role
from app.access.work import Work
from app.core.crypto import Owner
from app.core.database import Closed
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.models import Couple
from app.couples.rules import CoupleArchivedError
from app.couples.service import find_couple
from app.errors import Fault, NotFoundError, StaleVersionError
from app.ledger.service import log_own_work
from app.psychotherapy.models import PsychotherapyFile, PsychotherapyGrant, PsychotherapyNote
from app.psychotherapy.rules import GrantInvalidError, check_text
from app.psychotherapy.schemas import (
    PsychotherapyGrantCreate,
    PsychotherapyGrantRead,
    PsychotherapyNoteChange,
    PsychotherapyNoteCreate,
    PsychotherapyNoteRead,
    PsychotherapyNoteWritten,
)

LONGEST_GRANT: Final = timedelta(days=90)
OWN: Final = frozenset(Closed)


@contextmanager
def _opened(work: Work, couple_id: UUID, *, changing: bool = False) -> Iterator[None]:
    """Reaches the private files on a couple within the caller's care, and says of it only that the caller worked."""
    couple = find_couple(work, couple_id)
    if changing and couple.archived_at is not None:
        raise CoupleArchivedError
    log_own_work(work.session)
    with work.session.reaching(OWN):
        yield
        work.session.flush()


def _own_file(work: Work, couple_id: UUID) -> PsychotherapyFile | None:
    query = select(PsychotherapyFile).where(
        PsychotherapyFile.couple_id == couple_id, PsychotherapyFile.author_id == work.actor.id
    )
    return work.session.scalars(query).one_or_none()


def _file_to_write(work: Work, couple_id: UUID) -> PsychotherapyFile:
    """The caller's own file, begun with its key if there is none; two first notes come one after the other."""
    work.session.execute(select(Couple.id).where(Couple.id == couple_id).with_for_update())
    file = _own_file(work, couple_id)
    if file is None:
        file = PsychotherapyFile(couple_id=couple_id, author_id=work.actor.id, compartment=Closed.PSYCHOTHERAPY)
        work.session.add(file)
        work.session.flush()
        work.vault.create_key(Owner.PSYCHOTHERAPY, file.id)
    return file


def _runs(work: Work) -> ColumnElement[bool]:
    """What holds of a grant while it opens anything."""
    return PsychotherapyGrant.revoked_at.is_(None) & (PsychotherapyGrant.expires_at > work.now)


def visible_to(work: Work) -> ColumnElement[bool]:
    """THE condition on private files: one's own, and those whose author lets one read them at this moment."""
    granted = select(PsychotherapyGrant.psychotherapy_file_id).where(PsychotherapyGrant.member_id == work.actor.id, _runs(work))
    own = PsychotherapyFile.author_id == work.actor.id
    return own | PsychotherapyFile.id.in_(granted) if work.actor.role is Role.SUPERVISOR else own


def _readable(work: Work, couple_id: UUID) -> Any:
    return (
        select(PsychotherapyNote, PsychotherapyFile.author_id)
        .join(PsychotherapyFile, PsychotherapyFile.id == PsychotherapyNote.psychotherapy_file_id)
        .where(PsychotherapyFile.couple_id == couple_id, visible_to(work))
    )


def write_psychotherapy_note(work: Work, couple_id: UUID, body: PsychotherapyNoteCreate) -> PsychotherapyNoteWritten:
    """A new private note. Raises BelongsToTheRecordError, CoupleArchivedError."""
    with _opened(work, couple_id, changing=True):
        check_text(body.text)
        note = PsychotherapyNote(
            clinic_id=work.actor.clinic_id,
            couple_id=couple_id,
            psychotherapy_file_id=_file_to_write(work, couple_id).id,
            compartment=Closed.PSYCHOTHERAPY,
            written_at=work.now,
        )
        note.text = work.vault.seal(note, "text", body.text)
        work.session.add(note)
        work.session.flush()
        return PsychotherapyNoteWritten.model_validate(note)


def list_psychotherapy_notes(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[PsychotherapyNoteRead]:
    """A page of the private notes on a couple that the caller may read, in the order they were begun."""
    pager = Pager(work.vault, limit, cursor, "psychotherapy notes", couple_id, work.actor.id)
    with _opened(work, couple_id):
        rows = list(work.session.execute(pager.cut(_readable(work, couple_id), PsychotherapyNote.id)))
        authors = {note.id: author_id for note, author_id in rows}
        notes, next_cursor = pager.split([note for note, _ in rows])
        return Page(items=[_shown(work, note, authors[note.id]) for note in notes], next_cursor=next_cursor)


def read_psychotherapy_note(work: Work, couple_id: UUID, note_id: UUID) -> PsychotherapyNoteRead:
    """One private note. Raises NotFoundError."""
    with _opened(work, couple_id):
        found = work.session.execute(_readable(work, couple_id).where(PsychotherapyNote.id == note_id)).one_or_none()
        if found is None:
            raise NotFoundError
        return _shown(work, *found)


def change_psychotherapy_note(
    work: Work, couple_id: UUID, note_id: UUID, version: int, body: PsychotherapyNoteChange
) -> PsychotherapyNoteRead:
    """Changes one's own private note; what it said before is gone. Raises BelongsToTheRecordError, StaleVersionError."""
    with _opened(work, couple_id, changing=True):
        query = _readable(work, couple_id).where(PsychotherapyNote.id == note_id, PsychotherapyFile.author_id == work.actor.id)
        found = work.session.execute(query.with_for_update(of=PsychotherapyNote)).one_or_none()
        if found is None:
            raise NotFoundError
        note: PsychotherapyNote = found[0]
        if note.version != version:
            raise StaleVersionError
        if "text" in body.model_fields_set:
            check_text(body.text)
            note.text, note.written_at = work.vault.seal(note, "text", body.text), work.now
        work.session.flush()
        return _shown(work, note, work.actor.id)


def _shown(work: Work, note: PsychotherapyNote, author_id: UUID) -> PsychotherapyNoteRead:
    return PsychotherapyNoteRead(
        id=note.id,
        version=note.version,
        couple_id=note.couple_id,
        written_at=note.written_at,
        author_id=author_id,
        text=work.vault.open(note, "text", note.text),
    )


def grant_psychotherapy_notes(work: Work, couple_id: UUID, body: PsychotherapyGrantCreate) -> PsychotherapyGrantRead:
    """Lets a supervisor of this couple read the caller's private notes on it for a while. Raises GrantInvalidError."""
    with _opened(work, couple_id, changing=True):
        if not work.now < body.expires_at <= work.now + LONGEST_GRANT:
            raise _invalid("/expires_at")
        if not _supervises(work, couple_id, body.member_id):
            raise _invalid("/member_id")
        grant = PsychotherapyGrant(
            couple_id=couple_id,
            psychotherapy_file_id=_file_to_write(work, couple_id).id,
            compartment=Closed.PSYCHOTHERAPY,
            member_id=body.member_id,
            granted_at=work.now,
            expires_at=body.expires_at,
        )
        work.session.add(grant)
        work.session.flush()
        return PsychotherapyGrantRead.model_validate(grant)


def _invalid(pointer: str) -> GrantInvalidError:
    return GrantInvalidError(faults=(Fault(pointer, GrantInvalidError.code, GrantInvalidError.detail),))


def _supervises(work: Work, couple_id: UUID, member_id: UUID) -> bool:
    """Whether a member is a supervisor on the couple's care team now."""
    query = (
        select(CareTeamMember.id)
        .join(Member, Member.id == CareTeamMember.member_id)
        .where(
            CareTeamMember.couple_id == couple_id,
            CareTeamMember.member_id == member_id,
            CareTeamMember.held_at(work.now),
            Member.role == Role.SUPERVISOR,
            Member.ended_at.is_(None),
        )
    )
    return work.session.execute(query).first() is not None


def _own_grants(work: Work, couple_id: UUID) -> Select[PsychotherapyGrant]:
    return (
        select(PsychotherapyGrant)
        .join(PsychotherapyFile, PsychotherapyFile.id == PsychotherapyGrant.psychotherapy_file_id)
        .where(PsychotherapyFile.couple_id == couple_id, PsychotherapyFile.author_id == work.actor.id)
    )


def list_psychotherapy_grants(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[PsychotherapyGrantRead]:
    """A page of the caller's own grants on a couple, first to last; ended ones too."""
    pager = Pager(work.vault, limit, cursor, "psychotherapy grants", couple_id, work.actor.id)
    with _opened(work, couple_id):
        rows = list(work.session.scalars(pager.cut(_own_grants(work, couple_id), PsychotherapyGrant.id)))
        grants, next_cursor = pager.split(rows)
        return Page(items=[PsychotherapyGrantRead.model_validate(grant) for grant in grants], next_cursor=next_cursor)


def revoke_psychotherapy_grant(work: Work, couple_id: UUID, grant_id: UUID) -> PsychotherapyGrantRead:
    """Takes one's own grant back, at once; a second time changes nothing. Raises NotFoundError."""
    with _opened(work, couple_id):
        grant = existing(work.session, _own_grants(work, couple_id).where(PsychotherapyGrant.id == grant_id))
        grant.revoked_at = grant.revoked_at or work.now
        work.session.flush()
        return PsychotherapyGrantRead.model_validate(grant)
