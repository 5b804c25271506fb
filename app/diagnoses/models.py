"""Diagnoses of one person, the statuses they came to have, and why two stand together that ICD-10-CM keeps apart."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow, ShareableRow, VersionedRow, refers
from app.core.sharing import Kind, Level
from app.ledger.dated import DatedRow


class Diagnosis(IdentifiedRow, VersionedRow, ShareableRow, DatedRow, Base):
    """What one person was diagnosed with; it belongs to that person, never to the couple."""

    __tablename__ = "diagnosis"
    kind, shared_from = Kind.DIAGNOSES, Level.FULL
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    system: Mapped[str] = mapped_column(String(8))
    code: Mapped[str] = mapped_column(String(64))
    concern: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    onset: Mapped[str | None] = mapped_column(String(16))
    context: Mapped[str | None] = mapped_column(String(16))
    severity: Mapped[str | None] = mapped_column(String(16))
    contributing_factors: Mapped[list[str]]
    onset_on: Mapped[date | None]
    recorded_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
    note: Mapped[bytes | None] = mapped_column(LargeBinary)


class DiagnosisStatus(IdentifiedRow, ShareableRow, AppendOnlyRow, Base):
    """A status that a diagnosis came to have, on which day and by whom."""

    __tablename__ = "diagnosis_status"
    kind, shared_from = Kind.DIAGNOSES, Level.FULL
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "diagnosis_id"),
        refers("couple_id", "couple"),
        refers("diagnosis_id", "diagnosis"),
    )

    couple_id: Mapped[UUID]
    diagnosis_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(16))
    on: Mapped[date] = mapped_column("on_day")
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]


class ExclusionOverride(IdentifiedRow, ShareableRow, AppendOnlyRow, Base):
    """Why a coder let two diagnoses of one person stand together that ICD-10-CM keeps apart.

    It lies with the more private of the two, so that it tells nobody of a diagnosis they may not see.
    """

    __tablename__ = "exclusion_override"
    kind, shared_from = Kind.DIAGNOSES, Level.FULL
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("diagnosis_id", "diagnosis"),
        refers("other_diagnosis_id", "diagnosis"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    diagnosis_id: Mapped[UUID]
    other_diagnosis_id: Mapped[UUID]
    rule: Mapped[str] = mapped_column(String(64))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]
