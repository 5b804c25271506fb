"""Authorisations with their signatures and endings, flags that hold releases back, and disclosures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import AppendOnlyRow, Base, CompartmentRow, IdentifiedRow, VersionedRow, refers


class Authorisation(IdentifiedRow, CompartmentRow, Base):
    """Leave to release some kinds of data to somebody, until a day; of both partners, or of one for what is theirs alone.

    `words` are sealed: who receives it and why. `ended_at` says that it is over, and never through whom. It has no version:
    one that moved with what only the care team knows would tell of it.
    """

    __tablename__ = "authorisation"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    recipient_kind: Mapped[str] = mapped_column(String(24))
    kinds: Mapped[list[str]]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    created_by_kind: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AuthorisationSignature(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """One partner's signature, in that partner's compartment with what of their own they let go along."""

    __tablename__ = "authorisation_signature"
    __table_args__ = (
        UniqueConstraint("clinic_id", "authorisation_id", "partner_id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("authorisation_id", "authorisation"),
    )

    couple_id: Mapped[UUID]
    authorisation_id: Mapped[UUID]
    partner_id: Mapped[UUID]
    own_kinds: Mapped[list[str]]
    method: Mapped[str] = mapped_column(String(16))
    signed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID]


class AuthorisationStep(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """What only the care team knows of an authorisation: that a clinician saw to it, or through whom it ended."""

    __tablename__ = "authorisation_step"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "authorisation_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
        refers("authorisation_id", "authorisation"),
    )

    couple_id: Mapped[UUID]
    authorisation_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    step: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]
    recorded_by: Mapped[UUID]


class ReleaseFlag(IdentifiedRow, CompartmentRow, VersionedRow, Base):
    """That handing something over may endanger somebody; it holds releases back and is known to the care team alone.

    Sealed under the key of the partner it protects, where it protects one.
    """

    __tablename__ = "release_flag"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    against: Mapped[str] = mapped_column(String(16))
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    set_at: Mapped[datetime]
    set_by: Mapped[UUID]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[UUID | None]
    lifting_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class Disclosure(IdentifiedRow, CompartmentRow, AppendOnlyRow, Base):
    """What of one compartment left the clinic in one release: one row a compartment, so that each partner has an account.

    `counts` are rows by kind, `words` sealed: recipient, purpose, reference.
    """

    __tablename__ = "disclosure"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("partner_id", "partner"),
    )

    couple_id: Mapped[UUID]
    release_id: Mapped[UUID]
    partner_id: Mapped[UUID | None]
    recipient_kind: Mapped[str] = mapped_column(String(24))
    ground: Mapped[str] = mapped_column(String(32))
    authorisations: Mapped[list[str]]
    counts: Mapped[dict[str, Any]]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    words: Mapped[bytes] = mapped_column(LargeBinary)
    disclosed_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by_kind: Mapped[str] = mapped_column(String(16))
    recorded_by: Mapped[UUID]
