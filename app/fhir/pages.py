"""Links to the next page of a search: one opaque word that holds the search and how far it came.

Nothing of a search stands in an address that is made here, for what is searched for may be a name or a number of somebody.
"""

import base64
import json
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.access.work import Work
from app.fhir.queries import Pairs
from app.fhir.rules import PageUnknownError

PARAMETER: Final = "_page"
NONCE: Final = 12
LONGEST: Final = 40_000  # more than any that is made here; a search is no longer than `queries` lets it be
Place = tuple[int, float, Any]


def write_page(work: Work, type_: str, pairs: Pairs, place: Place) -> str:
    """What stands for the page after a place."""
    rank, weight, key = place
    said = [list(pairs), rank, weight, key.hex if isinstance(key, UUID) else key]
    packed = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    nonce = work.vault.tag("fhir page nonce", _scope(work, type_), packed)[:NONCE]
    return base64.urlsafe_b64encode(nonce + _cipher(work, type_).encrypt(nonce, packed, None)).decode().rstrip("=")


def read_page(work: Work, type_: str, text: str) -> tuple[Pairs, Place]:
    """The search and the place; bound to the client and what it may read. Raises PageUnknownError."""
    try:
        raw = base64.b64decode(text[:LONGEST] + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        pairs, rank, weight, key = json.loads(_cipher(work, type_).decrypt(raw[:NONCE], raw[NONCE:], None))
    except (ValueError, InvalidTag):
        raise PageUnknownError from None
    return [(name, value) for name, value in pairs], (rank, weight, UUID(hex=key) if len(key) == 32 else key)


def _scope(work: Work, type_: str) -> bytes:
    said = (type_, work.actor.kind, work.actor.id.hex, *sorted(map(str, work.actor.smart)), *work.vault.reached)
    return "\x1f".join(said).encode()


def _cipher(work: Work, type_: str) -> AESGCM:
    return AESGCM(work.vault.tag("fhir page", _scope(work, type_)))
