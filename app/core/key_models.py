"""What the record itself says about its data keys: which are destroyed, how far renewals came, how often either happened."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, Integer, LargeBinary, String, UniqueConstraint, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow, RecordSession, TenantRow
from app.core.key_names import Owner

PLAIN: Final = {"sealed": False}  # a binary column that is public: a signature, a public key


class KeyEpoch(TenantRow, Base):
    """How often keys of the clinic were destroyed or renewed; a key cached under an earlier number is not used again.

    Every transaction reads it as it begins (`core/database.py`), so that no process has to be told.
    """

    __tablename__ = "key_epoch"

    changes: Mapped[int] = mapped_column(Integer)


class DestroyedKey(IdentifiedRow, AppendOnlyRow, Base):
    """A signed tombstone: which data key is gone, why and since when. It commits with whatever destroys the key."""

    __tablename__ = "destroyed_key"
    __table_args__ = (UniqueConstraint("clinic_id", "owner", "owner_id"),)

    owner: Mapped[Owner] = mapped_column(String(16))
    owner_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(64))
    destroyed_at: Mapped[datetime]
    signed_by: Mapped[UUID]
    signature: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)


class KeyRotation(IdentifiedRow, Base):
    """How far a renewal of data keys has come: of one couple, or of the whole clinic when no couple is named."""

    __tablename__ = "key_rotation"
    __table_args__ = (Index(None, "clinic_id", "finished_at", "id"),)

    couple_id: Mapped[UUID | None]
    started_at: Mapped[datetime]
    renewed_at: Mapped[datetime | None]
    at_table: Mapped[str | None] = mapped_column(String(64))
    after_id: Mapped[UUID | None]
    rows_done: Mapped[int] = mapped_column(Integer)
    finished_at: Mapped[datetime | None]


def renew_epoch(session: RecordSession) -> None:
    """Makes every process forget the clinic's cached keys, from the commit of this transaction on."""
    session.execute(update(KeyEpoch).values(changes=KeyEpoch.changes + 1))
