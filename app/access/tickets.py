"""Tickets: what a client holds between sending a member to a provider and coming back; nothing of them is stored.

State, nonce and PKCE verifier are made from the ticket with the clinic's key. A code or token that somebody else obtained does
not fit the ticket in the client's hand, and who sees the address of the sign-in learns nothing that fits either.
"""

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from app.access.providers import Challenge
from app.access.tokens import TokenRefusedError
from app.core.crypto import Vault

LIFE: Final = timedelta(minutes=10)
MOMENT_BYTES: Final = 8
RANDOM_BYTES: Final = 16
TAG_BYTES: Final = 32


def issue(vault: Vault, provider: str, redirect_uri: str, now: datetime) -> str:
    """A new ticket for one sign-in with this provider."""
    body = int(now.timestamp()).to_bytes(MOMENT_BYTES, "big") + secrets.token_bytes(RANDOM_BYTES)
    return _text(body + _tag(vault, "ticket", body, provider, redirect_uri))


def challenge(vault: Vault, ticket: str, provider: str, redirect_uri: str, now: datetime) -> Challenge:
    """What a ticket binds a sign-in to. Raises TokenRefusedError when it is none of this provider's, or too old."""
    try:
        raw = base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    except ValueError:
        raise TokenRefusedError("ticket") from None
    body, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
    if _text(raw) != ticket or len(body) != MOMENT_BYTES + RANDOM_BYTES:
        raise TokenRefusedError("ticket")
    if not hmac.compare_digest(tag, _tag(vault, "ticket", body, provider, redirect_uri)):
        raise TokenRefusedError("ticket")
    if not 0 <= now.timestamp() - int.from_bytes(body[:MOMENT_BYTES], "big") < LIFE.total_seconds():
        raise TokenRefusedError("ticket")
    state, nonce, verifier = (
        _text(_tag(vault, purpose, body, provider, redirect_uri)) for purpose in ("state", "nonce", "verifier")
    )
    return Challenge(state, nonce, verifier)


def _tag(vault: Vault, purpose: str, body: bytes, provider: str, redirect_uri: str) -> bytes:
    return vault.tag(f"sign-in {purpose}", body, provider.encode(), redirect_uri.encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
