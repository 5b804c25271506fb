"""What only the care team may see: signals that an answer raised."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CompartmentRow, IdentifiedRow, refers


class SafetySignal(IdentifiedRow, CompartmentRow, Base):
    """An answer that asks for the therapist's attention: pressure felt, force, or a thought of self-harm."""

    __tablename__ = "safety_signal"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "at"),
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
    reviewed_at: Mapped[datetime | None]
