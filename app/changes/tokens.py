"""Tokens of the change feed: a position in the trail, sealed, and bound to the clinic and to what its holder may see."""

import base64
import secrets
from hashlib import sha256
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.access.work import Work
from app.changes.kinds import KINDS
from app.core.paging import CursorInvalidError
from app.errors import ConflictError

NONCE_BYTES: Final = 12
SCOPE_BYTES: Final = 16
NOWHERE: Final = UUID(int=0)
LONGEST_TOKEN: Final = 120
NOT_ONE_OF_OURS: Final = "What was sent as `since` is no token of this clinic. Send the last one as it came, or start without."


class StartAnewError(ConflictError):
    """The token was made for somebody who may see other things, or in a record that is not this one any more."""

    code = "changes_start_anew"
    detail = (
        "What you may see is no longer what it was when this token was made, or the record was restored. Start without one."
    )


def followed_kinds(work: Work) -> frozenset[str]:
    """The kinds that this caller may follow: those it may read."""
    return frozenset(kind.name for kind in KINDS.values() if kind.permission in work.actor.permissions)


def write_token(work: Work, event_id: UUID | None) -> str:
    """The token of a place right after an event; None is the beginning.

    Sealed with a nonce of its own: from two tokens nobody can tell whether anything happened that they may not see.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    place = (event_id or NOWHERE).bytes + _scope(work)
    return base64.urlsafe_b64encode(nonce + _cipher(work).encrypt(nonce, place, None)).decode().rstrip("=")


def read_token(work: Work, token: str) -> UUID | None:
    """The event a token stands after. Raises CursorInvalidError, StartAnewError."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        place = _cipher(work).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        raise CursorInvalidError(NOT_ONE_OF_OURS) from None
    if place[16:] != _scope(work):
        raise StartAnewError
    event_id = UUID(bytes=place[:16])
    return None if event_id == NOWHERE else event_id


def _scope(work: Work) -> bytes:
    """Whose eyes: the kinds they may read and, of a member, who it is, because each sees couples of their own."""
    who = "" if work.actor.role is None else str(work.actor.id)
    return sha256("\x1f".join([who, *sorted(followed_kinds(work))]).encode()).digest()[:SCOPE_BYTES]


def _cipher(work: Work) -> AESGCM:
    return AESGCM(work.vault.tag("change token"))
