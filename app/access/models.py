"""Clinics, members, integrations, credentials and care teams."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.access.permissions import Role
from app.core.database import AppendOnlyRow, Base, IdentifiedRow, TenantRow, VersionedRow, refers
from app.ledger.dated import DatedRow


class Clinic(TenantRow, Base):
    """A clinic: the boundary no query crosses."""

    __tablename__ = "clinic"

    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Member(IdentifiedRow, VersionedRow, DatedRow, Base):
    """A person who works at the clinic; who attested their competence is null where the operator did."""

    __tablename__ = "member"
    __table_args__ = (UniqueConstraint("clinic_id", "login"), refers("competence_attested_by", "member"))

    login: Mapped[str] = mapped_column(String(128))
    role: Mapped[Role] = mapped_column(String(16))
    competence: Mapped[str] = mapped_column(String(2))
    competence_attested_by: Mapped[UUID | None]
    competence_attested_at: Mapped[datetime]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Integration(IdentifiedRow, VersionedRow, Base):
    """A machine account of clinic software."""

    __tablename__ = "integration"
    __table_args__ = (UniqueConstraint("clinic_id", "name"),)

    name: Mapped[str] = mapped_column(String(128))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Credential(IdentifiedRow, Base):
    """A key of a member or an integration; only the hash of its secret is kept."""

    __tablename__ = "credential"
    __table_args__ = (
        refers("member_id", "member"),
        refers("integration_id", "integration"),
        CheckConstraint("(member_id IS NULL) <> (integration_id IS NULL)", name="one_holder"),
    )

    member_id: Mapped[UUID | None]
    integration_id: Mapped[UUID | None]
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CareTeamMember(IdentifiedRow, Base):
    """A seat on a couple's care team: of a therapist, or of a supervisor by a grant that always says when it ends.

    `until` alone says when a seat ends, whether it was granted so or somebody ended it; a seat that ended is never opened
    again, so that the rows tell who could see whom, and when.
    """

    __tablename__ = "care_team_member"
    __table_args__ = (
        Index(None, "clinic_id", "couple_id", "member_id"),
        Index(None, "clinic_id", "member_id", "couple_id"),
        refers("couple_id", "couple"),
        refers("member_id", "member"),
        refers("granted_by", "member"),
        refers("ended_by", "member"),
    )

    couple_id: Mapped[UUID]
    member_id: Mapped[UUID]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    granted_by: Mapped[UUID | None]
    ended_by: Mapped[UUID | None]

    @classmethod
    def held_at(cls, now: datetime) -> ColumnElement[bool]:
        """The condition on seats that are held at this moment."""
        return (cls.until.is_(None)) | (cls.until > now)


class BreakGlass(IdentifiedRow, AppendOnlyRow, Base):
    """One opening of one couple's record to a member without a seat, for minutes.

    Append-only, so that neither the service nor whoever holds its database role can lengthen it. `couple_id` is null
    where what was named is no couple of the clinic: the attempt stands in the review queue all the same.
    """

    __tablename__ = "break_glass"
    __table_args__ = (
        Index(None, "clinic_id", "member_id", "opened_at"),
        Index(None, "clinic_id", "couple_id", "id"),
        refers("couple_id", "couple"),
        refers("member_id", "member"),
    )

    couple_id: Mapped[UUID | None]
    member_id: Mapped[UUID]
    reason: Mapped[str] = mapped_column(String(32))
    words: Mapped[bytes] = mapped_column(LargeBinary)
    opened_at: Mapped[datetime]
    until: Mapped[datetime]


class BreakGlassReview(IdentifiedRow, AppendOnlyRow, Base):
    """What somebody else found when they looked at an opening, once."""

    __tablename__ = "break_glass_review"
    __table_args__ = (
        UniqueConstraint("clinic_id", "break_glass_id"),
        refers("break_glass_id", "break_glass"),
        refers("reviewed_by", "member"),
    )

    break_glass_id: Mapped[UUID]
    outcome: Mapped[str] = mapped_column(String(32))
    reviewed_by: Mapped[UUID]
    reviewed_at: Mapped[datetime]


class Password(IdentifiedRow, Base):
    """A member's password, of which only an Argon2id hash is kept."""

    __tablename__ = "member_password"
    __table_args__ = (UniqueConstraint("clinic_id", "member_id"), refers("member_id", "member"))

    member_id: Mapped[UUID]
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime]


class PasswordTry(IdentifiedRow, Base):
    """That a password was tried for a login, whether or not there is one of that name; forgotten when it was right."""

    __tablename__ = "password_try"
    __table_args__ = (Index(None, "clinic_id", "login_tag", "tried_at"), Index(None, "clinic_id", "tried_at"))

    login_tag: Mapped[str] = mapped_column(String(64))
    tried_at: Mapped[datetime]


class SignIn(IdentifiedRow, Base):
    """A member who signed in: a token that ends when it is not used for a while, and in any case after some hours."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "clinic_id", "member_id", "id"), refers("member_id", "member"))

    member_id: Mapped[UUID]
    method: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[str] = mapped_column(String(64))
    proven_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class MemberIdentity(IdentifiedRow, Base):
    """Who a member is to a provider that signs them in: an issuer's name for them, which means that member and nobody else."""

    __tablename__ = "member_identity"
    __table_args__ = (
        UniqueConstraint("clinic_id", "issuer", "subject"),
        Index(None, "clinic_id", "member_id", "id"),
        refers("member_id", "member"),
    )

    member_id: Mapped[UUID]
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    bound_at: Mapped[datetime]


class OAuthClient(IdentifiedRow, Base):
    """An integration that proves itself with its own private key: its public keys, or where they are."""

    __tablename__ = "oauth_client"
    __table_args__ = (
        Index(None, "clinic_id", "integration_id", "id"),
        refers("integration_id", "integration"),
        CheckConstraint("(jwks IS NULL) <> (jwks_url IS NULL)", name="one_source_of_keys"),
    )

    integration_id: Mapped[UUID]
    jwks: Mapped[str | None] = mapped_column(Text)
    jwks_url: Mapped[str | None] = mapped_column(String(2_000))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessToken(IdentifiedRow, Base):
    """Five minutes of a client's access, to some of what its integration may do."""

    __tablename__ = "access_token"
    __table_args__ = (Index(None, "clinic_id", "expires_at"), refers("client_id", "oauth_client"))

    client_id: Mapped[UUID]
    scopes: Mapped[list[str]]
    secret_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class UsedProof(IdentifiedRow, Base):
    """That a signed token was shown: it is taken once, whichever process it is shown to, and forgotten once it expired."""

    __tablename__ = "used_proof"
    __table_args__ = (UniqueConstraint("clinic_id", "digest"), Index(None, "clinic_id", "expires_at"))

    digest: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
