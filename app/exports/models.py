"""Exports that were asked for, with what became of them; the files lie on disk, sealed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, IdentifiedRow


class Export(IdentifiedRow, Base):
    """One export: who asked for what, who works on it until when, and the key its files are sealed under.

    `attempt` counts who began it: only the one who began last may say how it ended, and each seals under a key of its own.
    Until `leased_until` nobody begins it: somebody works on it, or an attempt failed a moment ago.
    Without `key` the files cannot be read any more. `words` are sealed: the recipient and why. `result` is sealed: the files,
    the token, what was left out, and whose standing and leave it rests on.
    """

    __tablename__ = "export"
    __table_args__ = (
        Index(None, "clinic_id", "status", "id"),
        Index(None, "clinic_id", "requested_by", "id"),
    )

    question: Mapped[dict[str, Any]]
    requested_at: Mapped[datetime]
    requested_by_kind: Mapped[str] = mapped_column(String(16))
    requested_by: Mapped[UUID]
    credential_id: Mapped[UUID]
    request_id: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]]
    status: Mapped[str] = mapped_column(String(8))
    failure: Mapped[str | None] = mapped_column(String(32))
    attempt: Mapped[int]
    leased_until: Mapped[datetime | None]
    done: Mapped[int]
    total: Mapped[int]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    words: Mapped[bytes | None] = mapped_column(LargeBinary)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
