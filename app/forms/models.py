"""Attestations of licences, their revocations, and forms: each written once."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow, refers


class LicenceAttestation(IdentifiedRow, AppendOnlyRow, Base):
    """A member's word that the clinic may show a measure's wording; `terms` holds the contract's reference, sealed."""

    __tablename__ = "licence_attestation"
    __table_args__ = (Index(None, "clinic_id", "measure_code", "id"), refers("attested_by", "member"))

    measure_code: Mapped[str] = mapped_column(String(64))
    languages: Mapped[list[str] | None]
    granted_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    terms: Mapped[bytes] = mapped_column(LargeBinary)
    attested_by: Mapped[UUID]
    attested_at: Mapped[datetime]


class LicenceRevocation(IdentifiedRow, AppendOnlyRow, Base):
    """The end of an attestation before its time; from then on it holds for nothing."""

    __tablename__ = "licence_revocation"
    __table_args__ = (
        UniqueConstraint("clinic_id", "attestation_id"),
        refers("attestation_id", "licence_attestation"),
        refers("revoked_by", "member"),
    )

    attestation_id: Mapped[UUID]
    reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    revoked_by: Mapped[UUID]
    revoked_at: Mapped[datetime]


class MeasureForm(IdentifiedRow, AppendOnlyRow, Base):
    """The wording of one measure in one language, sealed; the edition with the highest number is the one that counts.

    Two uploads at once cannot both become the same edition.
    """

    __tablename__ = "measure_form"
    __table_args__ = (
        UniqueConstraint("clinic_id", "measure_code", "language", "edition"),
        Index(None, "clinic_id", "measure_code", "id"),
        refers("attestation_id", "licence_attestation"),
        refers("uploaded_by_member", "member"),
        refers("uploaded_by_integration", "integration"),
    )

    measure_code: Mapped[str] = mapped_column(String(64))
    measure_version: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(35))
    edition: Mapped[int]
    wording: Mapped[bytes] = mapped_column(LargeBinary)
    attestation_id: Mapped[UUID | None]
    uploaded_by_member: Mapped[UUID | None]
    uploaded_by_integration: Mapped[UUID | None]
    uploaded_at: Mapped[datetime]
