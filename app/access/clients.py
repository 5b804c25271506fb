"""Integrations that prove themselves with a private key of their own (`private_key_jwt`), and the tokens they get for it."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

from app.access import keys
from app.access.actor import Actor
from app.access.keys import Form, Key
from app.access.models import AccessToken, Integration, OAuthClient, UsedProof
from app.access.permissions import Permission
from app.access.smart import gathered, narrowed_to, scopes_among
from app.access.tokens import KINDS, TokenRefusedError, public_keys
from app.core.bulk import insert_unless_there
from app.core.crypto import length_prefixed
from app.core.database import RecordSession
from app.core.ids import new_id
from app.core.outbound import Outbound, OutboundError
from app.core.settings import Settings
from app.errors import InvalidError, NotFoundError, UnauthenticatedError

LIFE: Final = timedelta(seconds=300)
ALGORITHMS: Final = frozenset({"RS384", "ES384"})  # that assertions are signed with


class KeySetError(InvalidError):
    """A client's keys were to be something that could sign nothing, or that holds a secret."""

    code = "key_set_invalid"
    detail = (
        "A key set holds public keys, each with a `kid` of its own, and nothing private; one of them must be able to sign "
        "RS384 (RSA of 2048 bits or more) or ES384 (P-384)."
    )


class KeyAddressError(InvalidError):
    """A client's keys were to be fetched from where the service does not go."""

    code = "key_address_invalid"
    detail = "The address of a key set begins with https:// and names a public host, by port 443 or 8443."


def register_client(  # noqa: PLR0913 - what a client is made of
    session: RecordSession,
    integration_id: UUID,
    *,
    jwks: dict[str, Any] | None,
    jwks_url: str | None,
    outbound: Outbound,
    now: datetime,
) -> OAuthClient:
    """Lets an integration prove itself with these keys or those at an address. Raises NotFoundError and the two above."""
    found = select(Integration.id).where(Integration.id == integration_id, Integration.ended_at.is_(None))
    if session.scalars(found).one_or_none() is None:
        raise NotFoundError
    client = OAuthClient(clinic_id=session.reach.clinic_id, integration_id=integration_id, created_at=now)
    if jwks_url is not None:
        try:
            outbound.check(jwks_url)
        except OutboundError:
            raise KeyAddressError from None
        client.jwks_url = jwks_url
    else:
        try:
            keys_given = public_keys(jwks)
        except TokenRefusedError:
            raise KeySetError from None
        if len({key["kid"] for key in keys_given}) != len(keys_given) or not any(map(_proves, keys_given)):
            raise KeySetError  # none of its assertions would ever be believed
        client.jwks = json.dumps({"keys": keys_given}, sort_keys=True)
    session.add(client)
    session.flush()
    return client


def _proves(key: dict[str, Any]) -> bool:
    """Whether assertions can be signed with this key."""
    kinds = {name: KINDS[name] for name in ALGORITHMS if key.get("alg", name) == name}
    return (key["kty"], key.get("crv")) in kinds.values()


def use_once(session: RecordSession, issuer: str, name: str, until: datetime, now: datetime) -> bool:
    """Whether a signed token of this issuer is shown for the first time; from now on it is not."""
    session.execute(delete(UsedProof).where(UsedProof.expires_at < now))
    digest = sha256(length_prefixed(issuer.encode(), name.encode())).hexdigest()
    return insert_unless_there(session, UsedProof, {"id": new_id(), "digest": digest, "expires_at": until})


def issue_token(session: RecordSession, client: OAuthClient, scopes: list[str], settings: Settings, now: datetime) -> str:
    """Five minutes for a client; tokens that ran out are forgotten."""
    session.execute(delete(AccessToken).where(AccessToken.expires_at < now))
    token = AccessToken(clinic_id=client.clinic_id, client_id=client.id, scopes=scopes, created_at=now, expires_at=now + LIFE)
    text, token.secret_hash = keys.issue(settings.token_mark, token.clinic_id, token.id, Form.ACCESS)
    session.add(token)
    session.flush()
    return text


def admit(session: RecordSession, key: Key, now: datetime) -> Actor:
    """The integration that got the token, as it stands right now. Raises UnauthenticatedError.

    It is known by its client, not by the token, so that a retry with the next token is still a retry.
    """
    row = session.execute(
        select(AccessToken.secret_hash, AccessToken.scopes, OAuthClient.id, Integration.id, Integration.scopes)
        .join(OAuthClient, (OAuthClient.id == AccessToken.client_id) & OAuthClient.revoked_at.is_(None))
        .join(Integration, (Integration.id == OAuthClient.integration_id) & Integration.ended_at.is_(None))
        .where(AccessToken.id == key.credential_id, AccessToken.expires_at > now)
    ).one_or_none()
    if row is None or not key.opens(row[0]):
        raise UnauthenticatedError
    _hash, given, client_id, integration_id, held = row
    scopes = frozenset(Permission(scope) for scope in set(given) & set(held) if scope in set(Permission))
    may, asked = scopes_among(held), scopes_among(given)
    smart = tuple(gathered(found for one in asked for found in narrowed_to(one, may)))
    return Actor(key.clinic_id, integration_id, client_id, role=None, scopes=scopes, smart=smart)
