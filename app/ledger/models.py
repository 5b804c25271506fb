"""The ledger's one table."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow


class LedgerEvent(IdentifiedRow, AppendOnlyRow, Base):
    """One read or change: who, when, through which operation, of what. It never holds content.

    `position` is the transaction's number on PostgreSQL, filled in by the database; SQLite writes one transaction at a time,
    so there the order of the rows is the order of the commits and `position` stays null. `break_glass_id` is the opening
    without which the actor would not have come this far.
    """

    __tablename__ = "ledger_event"
    __table_args__ = (
        Index(None, "clinic_id", "position", "id"),
        Index(None, "clinic_id", "couple_id", "id"),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - the mapper reads this very attribute

    position: Mapped[int | None] = mapped_column(BigInteger, server_default=FetchedValue())
    at: Mapped[datetime]
    operation: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    credential_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64))
    couple_id: Mapped[UUID | None]
    compartment: Mapped[str | None] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID | None]
    subject_version: Mapped[int | None]
    break_glass_id: Mapped[UUID | None]
