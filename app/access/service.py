"""Clinics, members and integrations are made here, and every request is authenticated here."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select, update

from app.access import passwords
from app.access.actor import Actor
from app.access.keys import Key, issue
from app.access.models import Clinic, Credential, Integration, Member, Password, SignIn
from app.access.permissions import GRANTABLE, Permission, Role
from app.access.smart import is_grantable, scopes_among, suggestions
from app.core.crypto import Owner, Vault
from app.core.database import NO_CLINIC, Database, Reach, RecordSession
from app.core.problems import did_you_mean
from app.core.signing import Purpose, create_signing_key
from app.core.sqlite_file import holds_a_clinic
from app.errors import ConflictError, Fault, InvalidError, NotFoundError, UnauthenticatedError
from app.ledger.service import unwatched

LONGEST_LIFE: Final = timedelta(days=90)
USE_NOTED_EVERY: Final = timedelta(minutes=5)
PLISSIT: Final = ("P", "LI", "SS", "IT")
# Whose a credential is, as they stand at a moment; put together once, because every request asks it.
HOLDER: Final = (
    select(
        Credential.secret_hash,
        Credential.last_used_at,
        Member.id.label("member_id"),
        Member.role,
        Integration.id.label("integration_id"),
        Integration.scopes,
    )
    .outerjoin(Member, (Member.id == Credential.member_id) & (Member.ended_at.is_(None)))
    .outerjoin(Integration, (Integration.id == Credential.integration_id) & (Integration.ended_at.is_(None)))
    .where(
        Credential.id == bindparam("credential_id"),
        Credential.revoked_at.is_(None),
        Credential.expires_at > bindparam("moment"),
    )
)


class OneClinicError(ConflictError):
    """A SQLite file holds one clinic."""

    code = "one_clinic_a_file"
    detail = "This SQLite file already holds a clinic. Give each clinic a file of its own, or use PostgreSQL."


class ScopeUnknownError(InvalidError):
    """An integration was to be given what no integration may have."""

    code = "scope_not_grantable"
    detail = (
        "Integrations can be given: " + ", ".join(sorted(GRANTABLE)) + "; and for FHIR `system/*.rs`, `system/<Type>.rs`, "
        "`system/<Type>.rs?category=<system>|<code>` and `system/QuestionnaireResponse.cu`."
    )


class NameTakenError(ConflictError):
    """The clinic has a member or integration of this name."""

    code = "name_taken"
    detail = "The clinic already has a member or an integration of this name."


class LoginUnknownError(NotFoundError):
    """The clinic has no member of this login who still works there."""

    code = "login_unknown"
    detail = "The clinic has no member of this login."


def create_clinic(session: RecordSession, vault: Vault, name: str, now: datetime) -> Clinic:
    """A clinic with its data key and its signing keys; the session must already reach the clinic's id."""
    if holds_a_clinic(session, Clinic.clinic_id):
        raise OneClinicError
    clinic = Clinic(clinic_id=session.reach.clinic_id, name=name, created_at=now)
    session.add(clinic)
    vault.create_key(Owner.CLINIC, clinic.clinic_id)
    for purpose in Purpose:
        create_signing_key(session, vault, purpose, now)
    session.flush()
    return clinic


def new_clinic_id() -> UUID:
    """A random id: version 4, so that clinics spread evenly over a distributed database."""
    return uuid4()


def the_only_clinic(database: Database) -> UUID | None:
    """The clinic of a SQLite file; None on an empty file, or on PostgreSQL, which holds many."""
    return None if database.is_postgresql else database.only_value(Clinic.clinic_id)


def add_member(  # noqa: PLR0913, PLR0917 - what is told of a member, by whom and when
    session: RecordSession, login: str, role: Role, competence: str, now: datetime, attested_by: UUID | None = None
) -> Member:
    """A member; `competence` is the PLISSIT level attested for them, by None where the operator did. Raises NameTakenError."""
    if session.scalars(select(Member).where(Member.login == login)).first():
        raise NameTakenError
    attested = {"competence_attested_by": attested_by, "competence_attested_at": now}
    member = Member(login=login, role=role, competence=competence, created_at=now, **attested)
    session.add(member)
    session.flush()
    return member


def add_integration(session: RecordSession, name: str, scopes: set[str], now: datetime) -> Integration:
    """A machine account with some of the grantable scopes. Raises ScopeUnknownError, NameTakenError."""
    if not scopes:
        raise ScopeUnknownError
    check_grantable(scopes)
    if session.scalars(select(Integration).where(Integration.name == name)).first():
        raise NameTakenError
    integration = Integration(name=name, scopes=sorted(scopes), created_at=now)
    session.add(integration)
    session.flush()
    return integration


def check_grantable(scopes: set[str]) -> None:
    """Raises ScopeUnknownError for what no integration may have."""
    native = {str(scope) for scope in GRANTABLE}
    wrong = sorted(scope for scope in scopes if scope not in native and not is_grantable(scope))
    if wrong:
        known = native | suggestions()
        said = ("No integration can be given this scope." + did_you_mean(scope, known) for scope in wrong)
        raise ScopeUnknownError(faults=tuple(Fault("/scopes", ScopeUnknownError.code, sentence) for sentence in said))


def issue_key(
    session: RecordSession, holder: Member | Integration, environment: str, now: datetime, life: timedelta = LONGEST_LIFE
) -> str:
    """A new key, shown this once; it lives 90 days at most."""
    credential = Credential(
        clinic_id=session.reach.clinic_id,
        member_id=holder.id if isinstance(holder, Member) else None,
        integration_id=holder.id if isinstance(holder, Integration) else None,
        created_at=now,
        expires_at=now + min(life, LONGEST_LIFE),
    )
    key, credential.secret_hash = issue(environment, credential.clinic_id, credential.id)
    session.add(credential)
    session.flush()
    return key


def end_keys(session: RecordSession, holder: Member | Integration, now: datetime) -> int:
    """Revokes every key of a member or an integration; how many there were."""
    own = Credential.member_id if isinstance(holder, Member) else Credential.integration_id
    keys = session.scalars(select(Credential).where(own == holder.id, Credential.revoked_at.is_(None))).all()
    for key in keys:
        key.revoked_at = now
    session.flush()
    return len(keys)


def member_of(session: RecordSession, login: str) -> Member:
    """The member of this login who still works here. Raises LoginUnknownError."""
    member = session.scalars(select(Member).where(Member.login == login, Member.ended_at.is_(None))).one_or_none()
    if member is None:
        raise LoginUnknownError
    return member


def set_password(session: RecordSession, login: str, password: str, now: datetime) -> None:
    """Gives a member a password; sign-ins begun with an older one end. Raises PasswordWeakError, LoginUnknownError."""
    member = member_of(session, login)
    passwords.check(password, login)
    kept = session.scalars(select(Password).where(Password.member_id == member.id)).one_or_none()
    if kept is None:
        kept = Password(member_id=member.id)
        session.add(kept)
    kept.password_hash, kept.set_at = passwords.hash_of(password), now
    for begun in session.scalars(select(SignIn).where(SignIn.member_id == member.id, SignIn.ended_at.is_(None))):
        begun.ended_at = now
    session.flush()


def reach_of(key: Key | None) -> Reach:
    """The clinic a key claims; nobody's for no key."""
    return Reach(key.clinic_id if key else NO_CLINIC)


def authenticate(session: RecordSession, key: Key | None, now: datetime) -> Actor:
    """Who sent the key, as they stand right now; raises UnauthenticatedError for whatever reason it does not open."""
    if key is None:
        raise UnauthenticatedError
    row = session.execute(HOLDER, {"credential_id": key.credential_id, "moment": now}).one_or_none()
    if row is None or not key.opens(row.secret_hash) or (row.member_id or row.integration_id) is None:
        raise UnauthenticatedError
    if row.last_used_at is None or now - row.last_used_at > USE_NOTED_EVERY:
        with unwatched(session):
            session.execute(update(Credential).where(Credential.id == key.credential_id).values(last_used_at=now))
    return Actor(
        clinic_id=key.clinic_id,
        id=row.member_id or row.integration_id,
        credential_id=key.credential_id,
        role=Role(row.role) if row.member_id else None,
        scopes=frozenset(Permission(scope) for scope in row.scopes or () if scope in set(Permission)),
        smart=scopes_among(row.scopes or ()),
    )
