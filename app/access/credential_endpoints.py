"""What opens the door, over HTTP, for the administrator."""

from typing import Annotated

from fastapi import Query

from app.access import credentials
from app.access.actor import StepUpRequiredError
from app.access.clients import KeyAddressError, KeySetError
from app.access.credential_schemas import (
    ClientCreate,
    ClientRead,
    CredentialRead,
    IdentityCreate,
    IdentityRead,
    KeyCreate,
    KeyMade,
)
from app.access.identities import IdentityTakenError
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CredentialId, IdentityId, IntegrationId, MemberId, OAuthClientId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page

router = RecordRouter("Credentials")
IDENTITIES = "/members/{member_id}/identities"
CLIENTS = "/integrations/{integration_id}/clients"


@router.reads("/credentials", Permission.CREDENTIALS_READ, CursorInvalidError)
def list_credentials(
    work: Work,
    member_id: Annotated[MemberId | None, Query(description="Only keys of this member.")] = None,
    integration_id: Annotated[IntegrationId | None, Query(description="Only keys of this integration.")] = None,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[CredentialRead]:
    """List keys of the clinic, or of one holder, oldest first, without their secrets."""
    return credentials.list_credentials(work, member_id, integration_id, limit, cursor)


@router.creates("/members/{member_id}/keys", Permission.CREDENTIALS_WRITE, StepUpRequiredError)
def issue_member_key(work: Work, member_id: MemberId, body: KeyCreate) -> KeyMade:
    """Issue a key that acts as a member. It is told this once; for another than yourself it also raises an alarm."""
    return credentials.issue_member_key(work, member_id, body)


@router.creates("/integrations/{integration_id}/keys", Permission.CREDENTIALS_WRITE, StepUpRequiredError)
def issue_integration_key(work: Work, integration_id: IntegrationId, body: KeyCreate) -> KeyMade:
    """Issue a key that acts as an integration. It is told this once."""
    return credentials.issue_integration_key(work, integration_id, body)


@router.creates("/credentials/{credential_id}/revocations", Permission.CREDENTIALS_WRITE, status=200)
def revoke_credential(work: Work, credential_id: CredentialId) -> CredentialRead:
    """Revoke a key for good; it opens nothing from the next request on."""
    return credentials.revoke_credential(work, credential_id)


@router.ends("/members/{member_id}/sign-ins", Permission.CREDENTIALS_WRITE)
def end_member_sign_ins(work: Work, member_id: MemberId) -> None:
    """Sign a member out everywhere."""
    credentials.end_sign_ins(work, member_id)


@router.creates(IDENTITIES, Permission.CREDENTIALS_WRITE, StepUpRequiredError, IdentityTakenError)
def bind_identity(work: Work, member_id: MemberId, body: IdentityCreate) -> IdentityRead:
    """Let whom a provider names sign in as a member. For another than yourself it also raises an alarm."""
    return credentials.bind_identity(work, member_id, body)


@router.reads(IDENTITIES, Permission.CREDENTIALS_READ, CursorInvalidError)
def list_identities(
    work: Work,
    member_id: MemberId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[IdentityRead]:
    """List whom providers mean by a member."""
    return credentials.list_identities(work, member_id, limit, cursor)


@router.ends(IDENTITIES + "/{identity_id}", Permission.CREDENTIALS_WRITE)
def unbind_identity(work: Work, member_id: MemberId, identity_id: IdentityId) -> None:
    """Let a provider's name mean nobody any more; the member is signed out everywhere."""
    credentials.unbind_identity(work, member_id, identity_id)


@router.creates(CLIENTS, Permission.CREDENTIALS_WRITE, StepUpRequiredError, KeySetError, KeyAddressError)
def register_client(work: Work, integration_id: IntegrationId, body: ClientCreate) -> ClientRead:
    """Let an integration prove itself with a private key of its own (`private_key_jwt`)."""
    return credentials.register_client(work, integration_id, body)


@router.reads(CLIENTS, Permission.CREDENTIALS_READ, CursorInvalidError)
def list_clients(
    work: Work,
    integration_id: IntegrationId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[ClientRead]:
    """List an integration's clients, oldest first."""
    return credentials.list_clients(work, integration_id, limit, cursor)


@router.creates(CLIENTS + "/{client_id}/revocations", Permission.CREDENTIALS_WRITE, status=200)
def revoke_client(work: Work, integration_id: IntegrationId, client_id: OAuthClientId) -> ClientRead:
    """Revoke a client for good, and with it every token it has."""
    return credentials.revoke_client(work, integration_id, client_id)
