"""Analyses that were asked for, with what became of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, IdentifiedRow


class DirectionAnalysis(IdentifiedRow, Base):
    """One analysis: what was asked, who works on it until when, and the figures; it holds nothing of any one couple.

    `panel` is what an analyst brought, sealed, until the figures are there; `result` the figures, sealed. `attempt` counts who
    began it: only the one who began last may say how it ended. Of the clinic's own data, `cut` is the last administration that
    could count, `rows_digest` what counted, and `scales` the two series in alphabetical order.
    """

    __tablename__ = "direction_analysis"
    __table_args__ = (
        Index(None, "clinic_id", "status", "id"),
        Index(None, "clinic_id", "scales", "id"),
    )

    source: Mapped[str] = mapped_column(String(8))
    question: Mapped[dict[str, Any]]
    scales: Mapped[str | None] = mapped_column(String(264))
    requested_at: Mapped[datetime]
    requested_by_kind: Mapped[str] = mapped_column(String(16))
    requested_by: Mapped[UUID]
    status: Mapped[str] = mapped_column(String(8))
    attempt: Mapped[int]
    leased_until: Mapped[datetime | None]
    as_of: Mapped[datetime | None]
    cut: Mapped[UUID | None]
    rows_digest: Mapped[str | None] = mapped_column(String(64))
    finished_at: Mapped[datetime | None]
    panel: Mapped[bytes | None] = mapped_column(LargeBinary)
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
