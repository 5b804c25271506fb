"""Sign-ins of members: begun once somebody has proved who they are, ended by the member, by idleness or by the hour."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update

from app.access.actor import Actor
from app.access.keys import Form, Key, issue
from app.access.models import Member, SignIn
from app.access.permissions import Role
from app.core.database import RecordSession
from app.core.settings import Settings
from app.errors import NotFoundError, UnauthenticatedError
from app.ledger.service import unwatched

USES_NOTED: Final = 10  # a use is noted when a tenth of the idle time has passed, so idleness ends a sign-in that much early


def open_sign_in(  # noqa: PLR0913 - what a sign-in is made of
    session: RecordSession, member_id: UUID, *, method: str, proven_at: datetime | None, settings: Settings, now: datetime
) -> tuple[SignIn, str]:
    """A new sign-in and its token, which is shown this once."""
    sign_in = SignIn(
        clinic_id=session.reach.clinic_id,
        member_id=member_id,
        method=method,
        proven_at=proven_at,
        created_at=now,
        last_used_at=now,
        idle_seconds=settings.sign_in_minutes * 60,
        expires_at=now + timedelta(hours=settings.sign_in_hours),
    )
    token, sign_in.secret_hash = issue(settings.token_mark, sign_in.clinic_id, sign_in.id, Form.SIGN_IN)
    session.add(sign_in)
    session.flush()
    return sign_in, token


def admit(session: RecordSession, key: Key, now: datetime) -> Actor:
    """The member who signed in, as they stand right now; raises UnauthenticatedError for whatever reason it does not open."""
    row = session.execute(
        select(SignIn.secret_hash, SignIn.proven_at, SignIn.last_used_at, SignIn.idle_seconds, Member.id, Member.role)
        .join(Member, (Member.id == SignIn.member_id) & (Member.ended_at.is_(None)))
        .where(SignIn.id == key.credential_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
    ).one_or_none()
    if row is None or not key.opens(row.secret_hash):
        raise UnauthenticatedError
    idle = now - row.last_used_at
    if idle >= timedelta(seconds=row.idle_seconds):
        raise UnauthenticatedError
    if idle >= timedelta(seconds=row.idle_seconds / USES_NOTED):
        with unwatched(session):
            session.execute(update(SignIn).where(SignIn.id == key.credential_id).values(last_used_at=now))
    return Actor(key.clinic_id, row.id, key.credential_id, Role(row.role), scopes=frozenset(), proven_at=row.proven_at)


def running(session: RecordSession, member_id: UUID, now: datetime) -> list[SignIn]:
    """A member's sign-ins that still open, oldest first."""
    found = session.scalars(
        select(SignIn)
        .where(SignIn.member_id == member_id, SignIn.ended_at.is_(None), SignIn.expires_at > now)
        .order_by(SignIn.id)
    )
    return [one for one in found if now - one.last_used_at < timedelta(seconds=one.idle_seconds)]


def end(session: RecordSession, member_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    """Ends one of a member's own sign-ins at once. Raises NotFoundError when none of that id still opens."""
    found = next((one for one in running(session, member_id, now) if one.id == sign_in_id), None)
    if found is None:
        raise NotFoundError
    found.ended_at = now
    session.flush()


def end_all(session: RecordSession, member_id: UUID, now: datetime) -> int:
    """Ends every sign-in of a member; how many still opened."""
    opened = len(running(session, member_id, now))
    for one in session.scalars(select(SignIn).where(SignIn.member_id == member_id, SignIn.ended_at.is_(None))):
        one.ended_at = now
    session.flush()
    return opened


def shown(sign_in: SignIn) -> dict[str, Any]:
    """A sign-in as it is told, without its token."""
    return {
        "id": sign_in.id,
        "member_id": sign_in.member_id,
        "method": sign_in.method,
        "proven_at": sign_in.proven_at,
        "created_at": sign_in.created_at,
        "last_used_at": sign_in.last_used_at,
        "idle_seconds": sign_in.idle_seconds,
        "expires_at": sign_in.expires_at,
    }
