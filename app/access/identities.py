"""Whom a provider means: bound to a member by the clinic's administrator or the operator, never by a token."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.access.models import Member, MemberIdentity
from app.core.database import RecordSession
from app.errors import ConflictError, NotFoundError


class IdentityTakenError(ConflictError):
    """The provider's name for somebody already means a member."""

    code = "identity_taken"
    detail = "This subject of this issuer is bound to a member already. Unbind it first."


def bind(session: RecordSession, member_id: UUID, issuer: str, subject: str, now: datetime) -> MemberIdentity:
    """Lets whoever the issuer calls `subject` sign in as this member. Raises NotFoundError, IdentityTakenError."""
    if session.scalars(select(Member.id).where(Member.id == member_id, Member.ended_at.is_(None))).one_or_none() is None:
        raise NotFoundError
    taken = select(MemberIdentity.id).where(MemberIdentity.issuer == issuer, MemberIdentity.subject == subject)
    if session.scalars(taken).one_or_none() is not None:
        raise IdentityTakenError
    identity = MemberIdentity(member_id=member_id, issuer=issuer, subject=subject, bound_at=now)
    session.add(identity)
    session.flush()
    return identity


def member_meant(session: RecordSession, issuer: str, subject: str) -> UUID | None:
    """The member whom this issuer calls so, if they still work here."""
    return session.scalars(
        select(Member.id)
        .join(MemberIdentity, MemberIdentity.member_id == Member.id)
        .where(MemberIdentity.issuer == issuer, MemberIdentity.subject == subject, Member.ended_at.is_(None))
    ).one_or_none()
