"""One therapist's private file on a couple, its notes, and who else its author let read them.

All three lie in a compartment that no role's reach holds, and no event of the trail tells of them.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CompartmentRow, IdentifiedRow, UntoldRow, VersionedRow, refers


class PsychotherapyFile(IdentifiedRow, CompartmentRow, UntoldRow, Base):
    """Where one author keeps private notes on one couple; its id names their key."""

    __tablename__ = "psychotherapy_file"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "author_id"),
        refers("couple_id", "couple"),
        refers("author_id", "member"),
    )

    couple_id: Mapped[UUID]
    author_id: Mapped[UUID]


class PsychotherapyNote(IdentifiedRow, VersionedRow, CompartmentRow, UntoldRow, Base):
    """One note: words, and nothing that belongs to the record."""

    __tablename__ = "psychotherapy_note"
    __table_args__ = (
        Index(None, "clinic_id", "psychotherapy_file_id", "id"),
        refers("couple_id", "couple"),
        refers("psychotherapy_file_id", "psychotherapy_file"),
    )

    couple_id: Mapped[UUID]
    psychotherapy_file_id: Mapped[UUID]
    written_at: Mapped[datetime]
    text: Mapped[bytes] = mapped_column(LargeBinary)


class PsychotherapyGrant(IdentifiedRow, CompartmentRow, UntoldRow, Base):
    """That an author lets one supervisor read one file for a while, for the author's own training."""

    __tablename__ = "psychotherapy_grant"
    __table_args__ = (
        Index(None, "clinic_id", "psychotherapy_file_id", "id"),
        Index(None, "clinic_id", "member_id"),
        refers("couple_id", "couple"),
        refers("psychotherapy_file_id", "psychotherapy_file"),
        refers("member_id", "member"),
    )

    couple_id: Mapped[UUID]
    psychotherapy_file_id: Mapped[UUID]
    member_id: Mapped[UUID]
    granted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
