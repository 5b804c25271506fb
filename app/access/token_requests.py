"""Client credentials with `private_key_jwt`, as RFC 6749, RFC 7523 and SMART Backend Services have them."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from sqlalchemy import select

from app.access import clients, keys
from app.access.key_sources import KeysAwayError
from app.access.models import Integration, OAuthClient
from app.access.permissions import GRANTABLE
from app.access.smart import LONGEST, gathered, is_smart, narrowed_to, read_scope, scopes_among
from app.access.token_schemas import TokenMade
from app.access.tokens import Claims, Expected, TokenRefusedError, claimed_issuer, verified
from app.access.visit import Visit
from app.core.database import RecordSession
from app.ledger.service import log_refusal

ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION: Final = timedelta(minutes=5)
MOST_FIELDS: Final = 10
MOST_SCOPES: Final = 64  # as many as an integration can hold
LONGEST_SCOPE: Final = MOST_SCOPES * (LONGEST + 1)
STATUS: Final = {"invalid_client": 401, "temporarily_unavailable": 503, "server_error": 500}


class OAuthError(Exception):
    """No token; `code` is one of RFC 6749."""

    def __init__(self, code: str, status: int | None = None) -> None:
        super().__init__(code)
        self.code, self.status = code, status or STATUS.get(code, 400)


@dataclass(frozen=True)
class Asked:
    """A request for a token."""

    clinic_id: UUID
    client_id: UUID
    issuer: str
    assertion: str
    scopes: frozenset[str] | None


@dataclass(frozen=True)
class Known:
    """What was found out about a client before its assertion is looked at."""

    integration_id: UUID
    jwks: str | None
    jwks_url: str | None


def understood_form(body: bytes) -> Asked:
    """What a form asks for. Raises OAuthError."""
    fields = _fields(body)
    if "grant_type" not in fields:
        raise OAuthError("invalid_request")
    if fields["grant_type"] != "client_credentials":
        raise OAuthError("unsupported_grant_type")
    if fields.get("client_assertion_type") != ASSERTION or "client_assertion" not in fields:
        raise OAuthError("invalid_request" if "client_assertion" not in fields else "invalid_client")
    assertion = fields["client_assertion"]
    try:
        issuer = claimed_issuer(assertion)
    except TokenRefusedError:
        raise OAuthError("invalid_client") from None
    named = keys.read_client_id(issuer)
    if named is None or fields.get("client_id", issuer) != issuer:
        raise OAuthError("invalid_client")
    if len(fields.get("scope", "")) > LONGEST_SCOPE:
        raise OAuthError("invalid_request")
    scopes = frozenset(fields["scope"].split(" ")) if "scope" in fields else None
    return Asked(*named, issuer, assertion, scopes)


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise OAuthError("invalid_request") from None
    if len({name for name, _value in pairs}) != len(pairs):
        raise OAuthError("invalid_request")
    return dict(pairs)


def take(visit: Visit, address: str, body: bytes) -> TokenMade:
    """A token for a client that proves itself. Raises OAuthError, and leaves a trace of it when the client is known."""
    asked = understood_form(body)
    with visit.transaction(asked.clinic_id) as (session, _vault):
        known = _look_up(session, asked)
    if known is None:
        raise OAuthError("invalid_client")
    try:
        claims = _believed(visit, address, asked, known)
        with visit.transaction(asked.clinic_id, "integration", known.integration_id) as (session, _vault):
            return _issued(visit, session, asked, claims)
    except OAuthError as refusal:
        if refusal.code in {"invalid_client", "invalid_scope"}:
            with visit.transaction(asked.clinic_id) as (session, _vault):
                log_refusal(session, "access_token", asked.client_id)
        raise


def _look_up(session: RecordSession, asked: Asked) -> Known | None:
    row = session.execute(
        select(Integration.id, OAuthClient.jwks, OAuthClient.jwks_url)
        .join(Integration, (Integration.id == OAuthClient.integration_id) & Integration.ended_at.is_(None))
        .where(OAuthClient.id == asked.client_id, OAuthClient.revoked_at.is_(None))
    ).one_or_none()
    return Known(row.id, row.jwks, row.jwks_url) if row else None


def _believed(visit: Visit, address: str, asked: Asked, known: Known) -> Claims:
    """The claims of the assertion; no transaction is open while keys are fetched."""
    expected = Expected(asked.issuer, address, clients.ALGORITHMS, LONGEST_ASSERTION, frozenset({"sub", "jti"}), known.jwks_url)
    try:
        if known.jwks_url is not None:
            claims = visit.runtime.key_sources.verified(asked.assertion, known.jwks_url, expected, visit.runtime.clock)
        else:
            claims = verified(asked.assertion, json.loads(known.jwks or "{}")["keys"], expected, visit.now)
    except TokenRefusedError:
        raise OAuthError("invalid_client") from None
    except KeysAwayError:
        raise OAuthError("temporarily_unavailable") from None
    if claims["sub"] != asked.issuer:
        raise OAuthError("invalid_client")
    return claims


def _issued(visit: Visit, session: RecordSession, asked: Asked, claims: Claims) -> TokenMade:
    """Scopes first, so that a request that asks for too much does not use its assertion up; then the assertion, once."""
    row = session.execute(
        select(OAuthClient, Integration.scopes)
        .join(Integration, (Integration.id == OAuthClient.integration_id) & Integration.ended_at.is_(None))
        .where(OAuthClient.id == asked.client_id, OAuthClient.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        raise OAuthError("invalid_client")
    client: OAuthClient = row[0]
    scopes = granted(asked.scopes, row[1])
    until = visit.now + LONGEST_ASSERTION * 2  # its own expiry, a clock that is behind, and to spare
    if not clients.use_once(session, asked.issuer, claims["jti"], until, visit.now):
        raise OAuthError("invalid_client")
    token = clients.issue_token(session, client, scopes, visit.settings, visit.now)
    return TokenMade(
        access_token=token,
        token_type="bearer",  # noqa: S106 - the word of RFC 6749
        expires_in=int(clients.LIFE.total_seconds()),
        scope=" ".join(scopes),
    )


def granted(asked: frozenset[str] | None, held: list[str]) -> list[str]:
    """What a token may do of what its integration may: all of it unless it asks for less. Raises OAuthError.

    Of SMART scopes as much is granted as is held, and the answer says how much (RFC 6749, section 3.3): public clients ask for
    every type they know of. A request of which nothing is held is refused, and so is a scope that is none or not held here.
    """
    native = set(held) & {str(scope) for scope in GRANTABLE}
    smart = scopes_among(held)
    if asked is None:
        if not native and not smart:
            raise OAuthError("invalid_scope")
        return sorted(native | {str(scope) for scope in gathered(smart)})
    if len(asked) > MOST_SCOPES:
        raise OAuthError("invalid_scope")
    found: set[str] = set()
    for text in asked - native:
        scope = read_scope(text)
        given = [] if scope is None else narrowed_to(scope, smart)
        if not given and not is_smart(text):
            raise OAuthError("invalid_scope")
        found |= {text} if given == [scope] else {str(one) for one in given}
    if not found | (asked & native):
        raise OAuthError("invalid_scope")
    return sorted(found | (asked & native))
