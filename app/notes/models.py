"""Session notes and their addenda."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, Compartment, CompartmentRow, IdentifiedRow, VersionedRow, refers
from app.notes.rules import About, NoteStatus

COMPARTMENTS: Final[dict[About, Compartment]] = {
    About.COUPLE: Compartment.CONJOINT,
    About.PARTNER_A: Compartment.INDIVIDUAL_A,
    About.PARTNER_B: Compartment.INDIVIDUAL_B,
}
ABOUT: Final = {compartment: about for about, compartment in COMPARTMENTS.items()}


class SessionNote(IdentifiedRow, VersionedRow, CompartmentRow, Base):
    """One hour, as its author wrote it down; a note about one partner is sealed under that partner's own key.

    `addenda` counts what was added since, so that an addendum gives the note another version.
    """

    __tablename__ = "session_note"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        Index(None, "clinic_id", "couple_id", "held_on"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("author_id", "member"),
        refers("signed_by", "member"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    author_id: Mapped[UUID]
    status: Mapped[NoteStatus] = mapped_column(String(12))
    held_on: Mapped[date]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    format: Mapped[str] = mapped_column(String(8))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    attendance: Mapped[dict[str, Any]]
    minutes_by_topic: Mapped[dict[str, Any]]
    homework: Mapped[dict[str, Any]]
    consent_checked: Mapped[bool]
    safety_checked: Mapped[bool]
    late_entry: Mapped[bool]
    created_at: Mapped[datetime]
    signed_at: Mapped[datetime | None]
    signed_by: Mapped[UUID | None]
    content_hash: Mapped[str | None] = mapped_column(String(64))
    addenda: Mapped[int]

    @property
    def about(self) -> About:
        """Whom the note is about, which is what its compartment says."""
        return ABOUT[Compartment(self.compartment)]


class Addendum(IdentifiedRow, AppendOnlyRow, CompartmentRow, Base):
    """What was added to a signed note: by whom, when and why; never changed, never removed."""

    __tablename__ = "addendum"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "note_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("note_id", "session_note"),
        refers("author_id", "member"),
    )

    couple_id: Mapped[UUID]
    note_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    author_id: Mapped[UUID]
    written_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(32))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    content_hash: Mapped[str] = mapped_column(String(64))
