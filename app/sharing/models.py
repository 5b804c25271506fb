"""Sharing choices, agreements on secrets, and who signed them; all of it is only ever added to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, refers


class SharingChoice(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """How much of one kind of their own data a partner lets the other read from now on; the latest of each kind counts.

    It lies in that partner's own compartment: the other cannot tell that nothing is shared from that nothing is there.
    """

    __tablename__ = "sharing_choice"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "compartment", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[str] = mapped_column(String(8))
    told: Mapped[str] = mapped_column(String(16))
    chosen_at: Mapped[datetime]
    recorded_by_kind: Mapped[str] = mapped_column(String(16))
    recorded_by: Mapped[UUID]


class SecretsAgreement(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """What the couple is to agree on about secrets, in the very words that both sign; another text is another agreement."""

    __tablename__ = "secrets_agreement"
    __table_args__ = (UniqueConstraint("clinic_id", "couple_id", "number"), refers("couple_id", "couple"))

    couple_id: Mapped[UUID]
    number: Mapped[int]
    policy: Mapped[str] = mapped_column(String(32))
    text_version: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[bytes] = mapped_column(LargeBinary)
    proposed_at: Mapped[datetime]
    proposed_by_kind: Mapped[str] = mapped_column(String(16))
    proposed_by: Mapped[UUID]


class SecretsSignature(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """That one partner signed; until both have, it is that partner's own matter."""

    __tablename__ = "secrets_signature"
    __table_args__ = (
        UniqueConstraint("clinic_id", "agreement_id", "partner_id"),
        refers("couple_id", "couple"),
        refers("agreement_id", "secrets_agreement"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    agreement_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    told: Mapped[str] = mapped_column(String(16))
    signed_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by_kind: Mapped[str] = mapped_column(String(16))
    recorded_by: Mapped[UUID]
