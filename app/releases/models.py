"""Copies that partners ask for, legal holds, what the retention clock is set by, and erasures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, refers


class AccessCopy(IdentifiedRow, CompartmentRow, Base):
    """One partner's request for a copy of their record, and what became of it; all of it sealed under their own key.

    `file` is the copy as it was prepared, `denial` why it was refused. It has no version, which would tell outside the care
    team how far it is.
    """

    __tablename__ = "access_copy"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    due_on: Mapped[date]
    extended_at: Mapped[datetime | None]
    extension: Mapped[bytes | None] = mapped_column(LargeBinary)
    authorisations: Mapped[list[str]]
    prepared_at: Mapped[datetime | None]
    prepared_by: Mapped[UUID | None]
    file: Mapped[bytes | None] = mapped_column(LargeBinary)
    files: Mapped[dict[str, Any]]
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[UUID | None]
    denied_at: Mapped[datetime | None]
    denied_by: Mapped[UUID | None]
    denial: Mapped[bytes | None] = mapped_column(LargeBinary)
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]


class LegalHold(IdentifiedRow, Base):
    """That nothing of a couple may be destroyed, until somebody lifts it; why is sealed."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index(None, "clinic_id", "couple_id", "id"), refers("couple_id", "couple"))

    couple_id: Mapped[UUID]
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    set_at: Mapped[datetime]
    set_by: Mapped[UUID]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]
    lifting_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class RetentionFact(IdentifiedRow, AppendOnlyRow, Base):
    """Which law a couple's record is kept under, and when the younger of them comes of age; the latest counts."""

    __tablename__ = "retention_fact"
    __table_args__ = (Index(None, "clinic_id", "couple_id", "id"), refers("couple_id", "couple"))

    couple_id: Mapped[UUID]
    jurisdictions: Mapped[list[str]]
    of_age_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]


class RetentionRule(IdentifiedRow, AppendOnlyRow, Base):
    """A clinic's own rule for a jurisdiction, with its source; the latest replaces the one that comes with the service."""

    __tablename__ = "retention_rule"
    __table_args__ = (Index(None, "clinic_id", "jurisdiction", "id"),)

    jurisdiction: Mapped[str] = mapped_column(String(16))
    years: Mapped[int]
    years_of_age: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]


class Erasure(IdentifiedRow, Base):
    """An erasure of a couple, or of one partner, from the request to the proof; it outlives what it names.

    `deleting` is set only within the transaction that deletes: without it the database lets no append-only row go.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "clinic_id", "couple_id", "id"),)

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    compartment: Mapped[str | None] = mapped_column(String(16))
    ground: Mapped[str] = mapped_column(String(24))
    asked_by: Mapped[str] = mapped_column(String(16))
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID]
    refused_at: Mapped[datetime | None]
    refused_until: Mapped[date | None]
    restricted_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    shredded_at: Mapped[datetime | None]
    shredded_by: Mapped[UUID | None]
    withdrawn_at: Mapped[datetime | None]
    deleting: Mapped[str | None] = mapped_column(String(8))
    proof: Mapped[dict[str, Any] | None]
    proof_signature: Mapped[bytes | None] = mapped_column(LargeBinary, info={"sealed": False})
    proof_key_id: Mapped[UUID | None]
