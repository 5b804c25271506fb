"""Where an integration is told of changes, the secrets that is signed with, and what was sent."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, IdentifiedRow, VersionedRow, refers


class WebhookEndpoint(IdentifiedRow, VersionedRow, Base):
    """An address of an integration, and of which changes it is told; the address may be a secret by itself, so it is sealed.

    `failing_since` is the first attempt since which nothing arrived.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (Index(None, "clinic_id", "integration_id", "id"), refers("integration_id", "integration"))

    integration_id: Mapped[UUID]
    url: Mapped[bytes] = mapped_column(LargeBinary)
    event_types: Mapped[list[str]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    disabled_for: Mapped[str | None] = mapped_column(String(16))
    failing_since: Mapped[datetime | None]


class WebhookSecret(IdentifiedRow, Base):
    """What deliveries to an endpoint are signed with, sealed; one that was replaced signs on until it expires."""

    __tablename__ = "webhook_secret"
    __table_args__ = (Index(None, "clinic_id", "endpoint_id", "id"), refers("endpoint_id", "webhook_endpoint"))

    endpoint_id: Mapped[UUID]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class WebhookDelivery(IdentifiedRow, Base):
    """One thing an endpoint is told: what happened to which id, and what became of sending it.

    `attempts` counts who began to send it: only the one who began last may say how it ended. `failures` are those since it
    was last begun anew. It names no couple, and holds nothing but the kind of change and the id of what changed.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "clinic_id", "endpoint_id", "id"),
        Index(None, "clinic_id", "status", "next_attempt_at"),
        Index(None, "clinic_id", "ended_at"),
        refers("endpoint_id", "webhook_endpoint"),
    )

    endpoint_id: Mapped[UUID]
    event_type: Mapped[str] = mapped_column(String(64))
    changed_id: Mapped[str] = mapped_column(String(40))
    happened_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    failures: Mapped[int]
    next_attempt_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    answer_status: Mapped[int | None]
    ended_at: Mapped[datetime | None]


class WebhookFollowed(IdentifiedRow, Base):
    """Up to which event of the ledger a clinic's endpoints were told."""

    __tablename__ = "webhook_followed"
    __table_args__ = (UniqueConstraint("clinic_id"),)

    event_id: Mapped[UUID | None]
