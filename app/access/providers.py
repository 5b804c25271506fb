"""OpenID Connect providers that sign members in: where they are, what they are asked, and what their tokens prove."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import urlencode, urlsplit

from app.access.key_sources import FLOOR_SECONDS, KeysAwayError, KeySources
from app.access.tokens import Claims, Expected, TokenRefusedError
from app.core.clock import Clock
from app.core.outbound import Outbound, OutboundError
from app.core.settings import Provider

LONGEST_ID_TOKEN: Final = timedelta(hours=2)  # an hour is usual; some let it begin minutes before it is issued
DISCOVERY: Final = "/.well-known/openid-configuration"


class ProviderAwayError(Exception):
    """The provider does not answer, or not as a provider does."""


@dataclass(frozen=True)
class Endpoints:
    """Where a provider is asked what."""

    authorization: str
    token: str
    keys: str


@dataclass(frozen=True)
class Challenge:
    """What one sign-in is bound to: only who began it knows the ticket that all three are made from."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Proof:
    """What a provider's token proves: whom the provider means, and when they last proved it strongly, if it says so."""

    subject: str
    nonce: str
    proven_at: datetime | None


class Providers:
    """The providers of this service, asked with its own way out."""

    def __init__(self, providers: tuple[Provider, ...], outbound: Outbound, keys: KeySources) -> None:
        self._named = {provider.name: provider for provider in providers}
        self._outbound, self._keys = outbound, keys
        self._found: dict[str, Endpoints] = {}
        self._failed: dict[str, float] = {}

    def named(self, name: str) -> Provider | None:
        """The provider that requests call so."""
        return self._named.get(name)

    def address(self, provider: Provider, redirect_uri: str, challenge: Challenge, *, fresh: bool) -> str:
        """Where a member signs in; `fresh` asks them to prove themselves anew. Raises ProviderAwayError."""
        asked = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": provider.scope,
            "state": challenge.state,
            "nonce": challenge.nonce,
            "code_challenge": base64.urlsafe_b64encode(sha256(challenge.verifier.encode()).digest()).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if fresh:
            asked |= {"max_age": "0", "prompt": "login"}
        if provider.mfa_acr:
            asked["acr_values"] = " ".join(provider.mfa_acr)
        address = self._endpoints(provider).authorization
        return address + ("&" if urlsplit(address).query else "?") + urlencode(asked)

    def token_for(self, provider: Provider, code: str, redirect_uri: str, challenge: Challenge) -> str:
        """The ID token for a code. Raises TokenRefusedError when there is none, ProviderAwayError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": provider.client_id,
            "code_verifier": challenge.verifier,
        }
        secret = provider.client_secret
        auth = (provider.client_id, secret.get_secret_value()) if secret else None
        address = self._endpoints(provider).token
        try:
            told = self._outbound.json(address, form, auth)
        except OutboundError:  # a code that is refused and a provider that is away look alike from here
            raise TokenRefusedError("code") from None
        token = told.get("id_token") if isinstance(told, dict) else None
        if not isinstance(token, str):
            raise TokenRefusedError("no id_token")
        return token

    def proof(self, provider: Provider, token: str, clock: Clock) -> Proof:
        """What an ID token proves. Raises TokenRefusedError, ProviderAwayError."""
        required = frozenset({provider.subject_claim, "nonce"})
        algorithms = frozenset(provider.algorithms)
        expected = Expected(provider.issuer, provider.client_id, algorithms, LONGEST_ID_TOKEN, required)
        try:
            claims = self._keys.verified(token, self._endpoints(provider).keys, expected, clock)
        except KeysAwayError:
            raise ProviderAwayError from None
        if claims.get("azp", provider.client_id) != provider.client_id:
            raise TokenRefusedError("azp")
        return Proof(claims[provider.subject_claim], claims["nonce"], proven_at(provider, claims, clock()))

    def _endpoints(self, provider: Provider) -> Endpoints:
        """As the operator says; what was not said is discovered once, from the issuer's own host."""
        if provider.name not in self._found:
            told: Mapping[str, object] = {}
            if not (provider.authorization_endpoint and provider.token_endpoint and provider.jwks_uri):
                told = self._discovered(provider)
            self._found[provider.name] = Endpoints(
                provider.authorization_endpoint or self._trusted(provider, told.get("authorization_endpoint")),
                provider.token_endpoint or self._trusted(provider, told.get("token_endpoint")),
                provider.jwks_uri or self._trusted(provider, told.get("jwks_uri")),
            )
        return self._found[provider.name]

    def _discovered(self, provider: Provider) -> Mapping[str, object]:
        """What the issuer says of itself; one that failed to is left alone for a while, however many ask."""
        if time.monotonic() - self._failed.get(provider.name, float("-inf")) < FLOOR_SECONDS:
            raise ProviderAwayError
        try:
            told = self._outbound.json(provider.issuer.rstrip("/") + DISCOVERY)
        except OutboundError:
            told = None
        if not isinstance(told, dict) or told.get("issuer") != provider.issuer:
            self._failed[provider.name] = time.monotonic()
            raise ProviderAwayError
        return told

    def _trusted(self, provider: Provider, address: object) -> str:
        """An address that discovery named, if it lies on the issuer's host or on one the operator listed."""
        try:
            host = self._outbound.check(address).hostname if isinstance(address, str) else None
        except OutboundError:
            raise ProviderAwayError from None
        if not isinstance(address, str) or host not in {urlsplit(provider.issuer).hostname, *provider.hosts}:
            raise ProviderAwayError
        return address


def proven_at(provider: Provider, claims: Claims, now: datetime) -> datetime | None:
    """When the member last proved strongly who they are: `auth_time`, if `amr` or `acr` says that it was strong."""
    methods, moment = claims.get("amr"), claims.get("auth_time")
    by_method = isinstance(methods, list) and any(method in provider.mfa_amr for method in methods)
    if not by_method and claims.get("acr") not in provider.mfa_acr:
        return None
    if isinstance(moment, bool) or not isinstance(moment, int) or not 0 < moment <= now.timestamp() + 60:
        return None
    return min(datetime.fromtimestamp(moment, UTC), now)
