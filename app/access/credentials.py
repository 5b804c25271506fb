"""What opens the door, in the administrator's hands: keys, names at a provider, and keys of software, given and taken back.

Giving takes a recent proof of who the administrator is; what lets somebody in as another member raises an alarm besides.
Taking back takes neither.
"""

from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from app.access import clients, identities, keys, service, sign_ins
from app.access.credential_schemas import (
    ClientCreate,
    ClientRead,
    CredentialRead,
    IdentityCreate,
    IdentityRead,
    KeyCreate,
    KeyMade,
)
from app.access.models import Credential, Integration, Member, MemberIdentity, OAuthClient
from app.access.work import Work
from app.core.database import IdentifiedRow
from app.core.existing import existing
from app.core.outbound import Outbound
from app.core.paging import Page, Pager
from app.ledger.alarms import raise_alarm

Row = TypeVar("Row", bound=IdentifiedRow)
KEY_FOR_ANOTHER: Final = "key_issued_for_another"
IDENTITY_FOR_ANOTHER: Final = "identity_bound_for_another"


def list_credentials(
    work: Work, member_id: UUID | None, integration_id: UUID | None, limit: int, cursor: str | None
) -> Page[CredentialRead]:
    """Keys of the clinic, or of one holder, oldest first, without their secrets."""
    pager = Pager(work.vault, limit, cursor, "credentials", member_id, integration_id)
    query = select(Credential)
    if member_id is not None:
        query = query.where(Credential.member_id == member_id)
    if integration_id is not None:
        query = query.where(Credential.integration_id == integration_id)
    rows = list(work.session.scalars(pager.cut(query, Credential.id)))
    page, next_cursor = pager.split(rows)
    return Page(items=[CredentialRead.model_validate(row) for row in page], next_cursor=next_cursor)


def issue_member_key(work: Work, member_id: UUID, body: KeyCreate) -> KeyMade:
    """A key that acts as the member. Raises StepUpRequiredError, NotFoundError."""
    work.actor.check_recently_proven(work.now)
    member = _one(work, Member, Member.id == member_id, Member.ended_at.is_(None))
    if member.id != work.actor.id:
        raise_alarm(work.session, KEY_FOR_ANOTHER, couple_id=None, member_id=member.id)
    return _issued(work, member, body)


def issue_integration_key(work: Work, integration_id: UUID, body: KeyCreate) -> KeyMade:
    """A key that acts as the integration. Raises StepUpRequiredError, NotFoundError."""
    work.actor.check_recently_proven(work.now)
    return _issued(work, _one(work, Integration, Integration.id == integration_id, Integration.ended_at.is_(None)), body)


def _issued(work: Work, holder: Member | Integration, body: KeyCreate) -> KeyMade:
    key = service.issue_key(work.session, holder, work.settings.token_mark, work.now, timedelta(days=body.days))
    read = keys.read(key)
    made = _one(work, Credential, Credential.id == (read.credential_id if read else None))
    return KeyMade(**CredentialRead.model_validate(made).model_dump(), key=key)


def revoke_credential(work: Work, credential_id: UUID) -> CredentialRead:
    """Revokes a key for good; again changes nothing. Raises NotFoundError."""
    credential = _one(work, Credential, Credential.id == credential_id)
    credential.revoked_at = credential.revoked_at or work.now
    work.session.flush()
    return CredentialRead.model_validate(credential)


def end_sign_ins(work: Work, member_id: UUID) -> None:
    """Signs a member out everywhere, as after a lost phone. Raises NotFoundError."""
    member = _one(work, Member, Member.id == member_id)
    sign_ins.end_all(work.session, member.id, work.now)


def bind_identity(work: Work, member_id: UUID, body: IdentityCreate) -> IdentityRead:
    """Lets whom a provider names sign in as a member. Raises StepUpRequiredError, NotFoundError, IdentityTakenError."""
    work.actor.check_recently_proven(work.now)
    made = identities.bind(work.session, member_id, body.issuer, body.subject, work.now)
    if member_id != work.actor.id:
        raise_alarm(work.session, IDENTITY_FOR_ANOTHER, couple_id=None, member_id=member_id)
    return IdentityRead.model_validate(made)


def list_identities(work: Work, member_id: UUID, limit: int, cursor: str | None) -> Page[IdentityRead]:
    """Whom providers mean by a member. Raises NotFoundError."""
    member = _one(work, Member, Member.id == member_id)
    pager = Pager(work.vault, limit, cursor, "identities", member.id)
    query = select(MemberIdentity).where(MemberIdentity.member_id == member.id)
    page, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, MemberIdentity.id))))
    return Page(items=[IdentityRead.model_validate(row) for row in page], next_cursor=next_cursor)


def unbind_identity(work: Work, member_id: UUID, identity_id: UUID) -> None:
    """From now on the provider's name means nobody, and the member is signed out. Raises NotFoundError."""
    identity = _one(work, MemberIdentity, MemberIdentity.id == identity_id, MemberIdentity.member_id == member_id)
    work.session.delete(identity)
    end_sign_ins(work, member_id)


def register_client(work: Work, integration_id: UUID, body: ClientCreate) -> ClientRead:
    """Lets an integration prove itself with keys of its own. Raises StepUpRequiredError and what `clients` does."""
    work.actor.check_recently_proven(work.now)
    outbound = Outbound(work.settings.private_hosts)
    made = clients.register_client(
        work.session, integration_id, jwks=body.jwks, jwks_url=body.jwks_url, outbound=outbound, now=work.now
    )
    return shown(made)


def list_clients(work: Work, integration_id: UUID, limit: int, cursor: str | None) -> Page[ClientRead]:
    """An integration's clients, oldest first. Raises NotFoundError."""
    integration = _one(work, Integration, Integration.id == integration_id)
    pager = Pager(work.vault, limit, cursor, "clients", integration.id)
    query = select(OAuthClient).where(OAuthClient.integration_id == integration.id)
    page, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, OAuthClient.id))))
    return Page(items=[shown(row) for row in page], next_cursor=next_cursor)


def revoke_client(work: Work, integration_id: UUID, client_id: UUID) -> ClientRead:
    """Revokes a client for good, and with it every token it has; again changes nothing. Raises NotFoundError."""
    client = _one(work, OAuthClient, OAuthClient.id == client_id, OAuthClient.integration_id == integration_id)
    client.revoked_at = client.revoked_at or work.now
    work.session.flush()
    return shown(client)


def shown(client: OAuthClient) -> ClientRead:
    """A client as it is told; its public keys are its owner's to publish."""
    return ClientRead(
        id=client.id,
        integration_id=client.integration_id,
        client_id=keys.client_id(client.clinic_id, client.id),
        jwks_url=client.jwks_url,
        created_at=client.created_at,
        revoked_at=client.revoked_at,
    )


def _one(work: Work, table: type[Row], *where: ColumnElement[bool]) -> Row:
    return existing(work.session, select(table).where(*where))
