"""Session notes, every version of their drafts, and their addenda."""

from datetime import date, datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, Compartment, CompartmentRow, IdentifiedRow, VersionedRow, refers
from app.core.key_models import PLAIN
from app.ledger.dated import DatedRow
from app.notes.rules import About
from app.notes.states import NoteStatus

COMPARTMENTS: Final[dict[About, Compartment]] = {
    About.COUPLE: Compartment.CONJOINT,
    About.PARTNER_A: Compartment.INDIVIDUAL_A,
    About.PARTNER_B: Compartment.INDIVIDUAL_B,
}
ABOUT: Final = {compartment: about for about, compartment in COMPARTMENTS.items()}


class SessionNote(IdentifiedRow, VersionedRow, CompartmentRow, DatedRow, Base):
    """One hour, as its author wrote it down; a note about one partner is sealed under that partner's own key.

    `said` holds all that was written, sealed; the columns beside it repeat what notes are found and visits counted by.
    `drafts` is the number of the newest version of the draft, `addenda` counts what was added since, so that an addendum gives
    the note another version. A note that waits for no co-signature has `locks_at` at its signature.
    """

    __tablename__ = "session_note"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        Index(None, "clinic_id", "couple_id", "held_on"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("author_id", "member"),
        refers("signed_by", "member"),
        refers("co_signed_by", "member"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    author_id: Mapped[UUID]
    status: Mapped[NoteStatus] = mapped_column(String(16))
    held_on: Mapped[date]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    format: Mapped[str] = mapped_column(String(8))
    minutes_by_topic: Mapped[dict[str, Any]]
    said: Mapped[bytes] = mapped_column(LargeBinary)
    drafts: Mapped[int]
    addenda: Mapped[int]
    late_entry: Mapped[bool]
    created_at: Mapped[datetime]
    entered_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None]
    signed_as: Mapped[str | None] = mapped_column(String(200))
    content_hash: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    signing_key_id: Mapped[UUID | None]
    signature: Mapped[bytes | None] = mapped_column(LargeBinary, info=PLAIN)
    co_signature_wanted: Mapped[bool]
    locks_at: Mapped[datetime | None]
    co_signed_at: Mapped[datetime | None]
    co_signed_by: Mapped[UUID | None]
    co_signed_as: Mapped[str | None] = mapped_column(String(200))
    co_signing_key_id: Mapped[UUID | None]
    co_signature: Mapped[bytes | None] = mapped_column(LargeBinary, info=PLAIN)

    @property
    def about(self) -> About:
        """Whom the note is about, which is what its compartment says."""
        return ABOUT[Compartment(self.compartment)]


class NoteVersion(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """What a draft said at one time, kept for ever and bound to the version before it by that one's hash.

    It names the consents and safety screens that were gone through, so it lies in the safety compartment, whatever the note's:
    no partner's view, export or link can reach it.
    """

    COMPARTMENT: ClassVar = Compartment.SAFETY
    __tablename__ = "note_version"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "note_id", "number"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("note_id", "session_note"),
    )

    couple_id: Mapped[UUID]
    note_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    number: Mapped[int]
    written_at: Mapped[datetime]
    consents_reviewed: Mapped[list[str]]
    screens_reviewed: Mapped[list[str]]
    said: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str | None] = mapped_column(String(64))


class Addendum(IdentifiedRow, AppendOnlyRow, CompartmentRow, Base):
    """What was added to a signed note: by whom, when and why; never changed, never removed.

    `previous_hash` is that of the addendum before it, or of the note; the signature is the clinic's.
    """

    __tablename__ = "addendum"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "note_id", "number"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("note_id", "session_note"),
        refers("author_id", "member"),
    )

    couple_id: Mapped[UUID]
    note_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    number: Mapped[int]
    author_id: Mapped[UUID]
    written_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(32))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    signing_key_id: Mapped[UUID]
    signature: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)
