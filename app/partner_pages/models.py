"""Links of partners, and that one was used."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, VersionedRow, refers


class PartnerLink(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """A link that lets one partner do one thing until it expires; only a keyed hash of its secret is kept.

    It says what it asks for and nothing of whether it was used, so that it looks the same to everyone who may read it.
    """

    __tablename__ = "partner_link"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("plan_id", "homework_plan"),
        refers("assignment_id", "assignment"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    purpose: Mapped[str] = mapped_column(String(16))
    measure_code: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(35))
    plan_id: Mapped[UUID | None]
    assignment_id: Mapped[UUID | None]
    consent_kind: Mapped[str | None] = mapped_column(String(16))
    protocol: Mapped[str | None] = mapped_column(String(64))
    stage: Mapped[int | None]
    text_version: Mapped[str | None] = mapped_column(String(200))
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_by_kind: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class LinkUse(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """That a link was used, which spends it.

    Of a consent it lies in `safety`, because it tells that there is one; such a link goes on looking as if it were open.
    """

    __tablename__ = "partner_link_use"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "link_id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("link_id", "partner_link"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    link_id: Mapped[UUID]
    used_at: Mapped[datetime]
