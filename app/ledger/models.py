"""The trail, its seals, and the alarms that follow from it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, FetchedValue, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, IdentifiedRow, TenantRow, refers
from app.core.key_models import PLAIN


class LedgerEvent(IdentifiedRow, AppendOnlyRow, Base):
    """One read or change: who, when, through which operation, of what. It never holds content.

    `position` is the transaction's number on PostgreSQL, filled in by the database; SQLite writes one transaction at a time,
    so there the order of the rows is the order of the commits and `position` stays null.

    `purpose` is the permission the operation asked for. `aim` stands on the first event of a transaction about a couple and
    on no other: what the operation was after. Which events an operation leaves behind that one can tell what it was, and is
    nobody's business who only asks who did something when. `break_glass_id` is the opening without which the actor would not
    have come this far.
    """

    __tablename__ = "ledger_event"
    __table_args__ = (
        Index(None, "clinic_id", "position", "id"),
        Index(None, "clinic_id", "couple_id", "id"),
        Index(None, "clinic_id", "actor_id", "id"),
        Index(
            "ix_ledger_event_deleted",
            "clinic_id",
            "subject",
            "at",
            postgresql_where=text("kind = 'delete'"),
            sqlite_where=text("kind = 'delete'"),
        ),
    )
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - the mapper reads this very attribute

    position: Mapped[int | None] = mapped_column(BigInteger, server_default=FetchedValue())
    at: Mapped[datetime]
    operation: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(8))
    actor_kind: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[UUID | None]
    actor_role: Mapped[str | None] = mapped_column(String(16))
    credential_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64))
    couple_id: Mapped[UUID | None]
    partner_id: Mapped[UUID | None]
    compartment: Mapped[str | None] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[UUID | None]
    subject_version: Mapped[int | None]
    aim: Mapped[str | None] = mapped_column(String(8))
    break_glass_id: Mapped[UUID | None]


class LedgerSalt(IdentifiedRow, Base):
    """What hides the fields of a couple's events, or of those without a couple, in their commitments.

    Sealed under the couple's key, or the clinic's: once that key is destroyed, nobody can try guesses against a commitment.
    """

    __tablename__ = "ledger_salt"
    __table_args__ = (UniqueConstraint("clinic_id", "couple_id"),)

    couple_id: Mapped[UUID | None]
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class LedgerLeaf(TenantRow, AppendOnlyRow, Base):
    """The place of one event in the clinic's tree (RFC 6962).

    `subtree` is the root of the largest full subtree that ends with this leaf: any other node is made from a few of them.
    """

    __tablename__ = "ledger_leaf"
    __table_args__ = (UniqueConstraint("clinic_id", "event_id"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[UUID]
    commitment: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)
    leaf: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)
    subtree: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)


class Checkpoint(TenantRow, AppendOnlyRow, Base):
    """A signed statement of how many events there were and what their tree's root was (C2SP tlog-checkpoint)."""

    __tablename__ = "checkpoint"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(String(1000))


class Alarm(IdentifiedRow, AppendOnlyRow, Base):
    """What an administrator has to look at: whom it concerns and why, never what was read."""

    __tablename__ = "alarm"
    __table_args__ = (Index(None, "clinic_id", "member_id", "code", "raised_at"),)

    code: Mapped[str] = mapped_column(String(64))
    couple_id: Mapped[UUID | None]
    member_id: Mapped[UUID | None]
    raised_at: Mapped[datetime]
    operation: Mapped[str] = mapped_column(String(64))
    request_id: Mapped[str] = mapped_column(String(64))


class AlarmAcknowledgement(IdentifiedRow, AppendOnlyRow, Base):
    """Who looked at an alarm, and what they found, sealed under the clinic's key."""

    __tablename__ = "alarm_acknowledgement"
    __table_args__ = (UniqueConstraint("clinic_id", "alarm_id"), refers("alarm_id", "alarm"))

    alarm_id: Mapped[UUID]
    member_id: Mapped[UUID]
    acknowledged_at: Mapped[datetime]
    note: Mapped[bytes] = mapped_column(LargeBinary)


class RecentReading(TenantRow, Base):
    """When a member last opened a couple: enough to see that somebody opens unusually many."""

    __tablename__ = "recent_reading"
    __table_args__ = (Index(None, "clinic_id", "member_id", "read_at"),)

    member_id: Mapped[UUID] = mapped_column(primary_key=True)
    couple_id: Mapped[UUID] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]
