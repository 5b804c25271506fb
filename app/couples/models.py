"""Couples, partners, episodes of care, and concerns as each partner rates and frames them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import (
    AppendOnlyRow,
    Base,
    Compartment,
    CompartmentRow,
    IdentifiedRow,
    ShareableRow,
    VersionedRow,
    refers,
)
from app.core.sharing import Kind, Level
from app.ledger.dated import DatedRow


class Slot(StrEnum):
    """Which of the two partners."""

    A = "a"
    B = "b"

    @property
    def compartment(self) -> Compartment:
        """The compartment of what belongs to this partner alone."""
        return Compartment.INDIVIDUAL_A if self is Slot.A else Compartment.INDIVIDUAL_B


class Couple(IdentifiedRow, VersionedRow, DatedRow, Base):
    """Two people in care together."""

    __tablename__ = "couple"
    __table_args__ = (UniqueConstraint("clinic_id", "external_id"),)

    external_id: Mapped[str | None] = mapped_column(String(128))
    time_zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    @property
    def couple_id(self) -> UUID:
        """Its own id: what the ledger and the keys file it under."""
        return self.id


class Partner(IdentifiedRow, VersionedRow, CompartmentRow, DatedRow, Base):
    """One of the two; name, pronouns and how to reach them are sealed under this partner's own key.

    One who was erased stays as an empty place beside the other.
    """

    __tablename__ = "partner"
    __table_args__ = (
        UniqueConstraint("clinic_id", "couple_id", "slot"),
        UniqueConstraint("clinic_id", "record_number"),
        refers("couple_id", "couple"),
    )

    couple_id: Mapped[UUID]
    slot: Mapped[Slot] = mapped_column(String(1))
    record_number: Mapped[str] = mapped_column(String(128))
    person: Mapped[bytes | None] = mapped_column(LargeBinary)
    erased_at: Mapped[datetime | None]

    @property
    def partner_id(self) -> UUID:
        """Its own id: what its data key is filed under."""
        return self.id


class Episode(IdentifiedRow, VersionedRow, DatedRow, Base):
    """An episode of care, opened on a primary concern whose domain is sexual."""

    __tablename__ = "episode"
    __table_args__ = (
        Index(
            "one_open_episode",
            "clinic_id",
            "couple_id",
            unique=True,
            postgresql_where=text("closed_on IS NULL"),
            sqlite_where=text("closed_on IS NULL"),
        ),
        refers("couple_id", "couple"),
    )

    couple_id: Mapped[UUID]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    close_reason: Mapped[str | None] = mapped_column(String(64))


class Concern(IdentifiedRow, VersionedRow, CompartmentRow, DatedRow, Base):
    """What the couple comes with; one is primary, the relational ones are downstream of it.

    Without `added_at` it came with its episode; so do the older ones, of which that is not known.
    """

    __tablename__ = "concern"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "episode_id"),
        refers("couple_id", "couple"),
        refers("episode_id", "episode"),
    )

    couple_id: Mapped[UUID]
    episode_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(64))
    is_primary: Mapped[bool]
    bearer: Mapped[str] = mapped_column(String(16))
    contributing_factors: Mapped[list[str]] = mapped_column(default=list)
    added_at: Mapped[datetime | None]
    resolved_on: Mapped[date | None]


class ConcernRating(IdentifiedRow, ShareableRow, Base):
    """How much a concern weighs on one partner, as that partner said it on a day."""

    __tablename__ = "concern_rating"
    kind, shared_from = Kind.CONCERNS, Level.SUMMARY
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "concern_id", "rated_at"),
        refers("concern_id", "concern"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    concern_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    severity: Mapped[int]
    distressed: Mapped[bool]
    rated_at: Mapped[datetime]


class ConcernFraming(IdentifiedRow, ShareableRow, AppendOnlyRow, Base):
    """What a concern is in one partner's own words, which the other partner may well contradict."""

    __tablename__ = "concern_framing"
    kind, shared_from = Kind.CONCERNS, Level.FULL
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "partner_id", "id"),
        refers("couple_id", "couple"),
        refers("concern_id", "concern"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    concern_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    said_at: Mapped[datetime]


def sealed_person(name: str | None, pronouns: str | None, contact: dict[str, Any] | None) -> dict[str, Any]:
    """What is sealed about a partner."""
    return {"name": name, "pronouns": pronouns, "contact": contact}
