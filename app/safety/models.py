"""What only the care team may see: signals, screens, clearances, consents, red flags and preconditions."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, VersionedRow, refers


class SafetySignal(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """An answer the therapist may have to attend to: pressure felt, force, fear, or a thought of self-harm.

    `at` is when it happened, `recorded_at` when it became known here: a clearance given before that no longer holds.
    """

    __tablename__ = "safety_signal"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        Index(None, "clinic_id", "couple_id", "source_id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(32))
    value: Mapped[int | None]
    response: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(32))
    source_id: Mapped[UUID]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[UUID | None]
    review_note: Mapped[bytes | None] = mapped_column(LargeBinary)


class SafetyScreen(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """A screen for violence that one partner answered alone; answers are sealed, and no score is kept or charted."""

    __tablename__ = "safety_screen"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    measure: Mapped[str] = mapped_column(String(64))
    measure_version: Mapped[str] = mapped_column(String(16))
    taken_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    answers: Mapped[bytes] = mapped_column(LargeBinary)
    meanings: Mapped[list[str]]
    needs_review: Mapped[bool]


class Clearance(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """A therapist's decision that shared touch is safe, or is not; the latest one counts."""

    __tablename__ = "clearance"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("decided_by", "member"),
    )

    couple_id: Mapped[UUID]
    decision: Mapped[str] = mapped_column(String(8))
    interviewed_a_on: Mapped[date | None]
    interviewed_b_on: Mapped[date | None]
    blockers: Mapped[list[str]]
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_by: Mapped[UUID]
    decided_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class Consent(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """What one partner said yes to, in which words; withdrawn by that partner at any moment, without a reason."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    protocol: Mapped[str | None] = mapped_column(String(64))
    protocol_version: Mapped[str | None] = mapped_column(String(20))
    stage: Mapped[int | None]
    text_version: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(35))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class OpenedFlag(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """Something that forbids an exercise, from the day a clinician opens it until one clears it with a reason.

    Without a partner it is about the couple; a partner's is sealed under that partner's key.
    """

    __tablename__ = "red_flag"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(String(64))
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID]
    cleared_at: Mapped[datetime | None]
    cleared_by: Mapped[UUID | None]
    clearing_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class PreconditionRecord(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """Whether a protocol's precondition is met, of one partner or of the couple; the latest of each counts."""

    __tablename__ = "precondition_record"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    code: Mapped[str] = mapped_column(String(64))
    met: Mapped[bool]
    found_on: Mapped[date]
    expires_on: Mapped[date | None]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
