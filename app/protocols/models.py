"""Protocols that a clinic brought, version by version, their retirements, and a clinic's own thresholds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow, VersionedRow


class ProtocolDocument(IdentifiedRow, AppendOnlyRow, Base):
    """One version of a clinic's own protocol, sealed; it stays as it is, because plans are pinned to it."""

    __tablename__ = "protocol_document"
    __table_args__ = (UniqueConstraint("clinic_id", "protocol", "protocol_version"),)

    protocol: Mapped[str] = mapped_column(String(64))
    protocol_version: Mapped[str] = mapped_column(String(20))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    added_by_kind: Mapped[str] = mapped_column(String(16))
    added_by: Mapped[UUID]
    added_at: Mapped[datetime]


class ProtocolRetirement(IdentifiedRow, AppendOnlyRow, Base):
    """That a clinic offers one of its own protocols to new plans no more."""

    __tablename__ = "protocol_retirement"
    __table_args__ = (UniqueConstraint("clinic_id", "protocol"),)

    protocol: Mapped[str] = mapped_column(String(64))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    retired_by_kind: Mapped[str] = mapped_column(String(16))
    retired_by: Mapped[UUID]
    retired_at: Mapped[datetime]


class ClinicThresholds(IdentifiedRow, VersionedRow, Base):
    """What a clinic sets for one version of a protocol; another version has other bounds, and begins with its own values."""

    __tablename__ = "protocol_threshold"
    __table_args__ = (UniqueConstraint("clinic_id", "protocol", "protocol_version"),)

    protocol: Mapped[str] = mapped_column(String(64))
    protocol_version: Mapped[str] = mapped_column(String(20))
    thresholds: Mapped[dict[str, Any]]
    set_by_kind: Mapped[str] = mapped_column(String(16))
    set_by: Mapped[UUID]
    set_at: Mapped[datetime]
