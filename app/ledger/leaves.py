"""What of an event goes into the clinic's tree: little in the open, everything under a salted commitment.

The salt lies under the couple's key. When that key is destroyed, the commitment tells nothing any more to whoever guesses, the
fields it speaks of may be emptied, and the tree still verifies, because it was built over the commitment.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.core.canonical import canonical
from app.core.crypto import Owner, SealBrokenError, Vault
from app.core.database import RecordSession
from app.ledger.merkle import leaf_hash
from app.ledger.models import LedgerEvent, LedgerSalt

COLUMNS: Final = tuple(column for column in LedgerEvent.__table__.columns if column.name != "clinic_id")
NAMES: Final = tuple(column.name for column in COLUMNS)
OPEN: Final = ("id", "at", "kind", "actor_kind", "actor_id", "couple_id")
SALT_BYTES: Final = 32
FORMAT: Final = "rekindle-leaf-1"

Event = Mapping[str, Any]


class Salts:
    """The salts of a clinic's couples, as far as their keys still exist."""

    def __init__(self, session: RecordSession, vault: Vault) -> None:
        self._session = session
        self._vault = vault
        self._known: dict[UUID | None, bytes | None] = {}

    def load(self, couple_ids: Iterable[UUID | None]) -> None:
        """Fetches many salts, and their keys, in two queries."""
        missing = {couple_id for couple_id in couple_ids if couple_id not in self._known}
        if not missing:
            return
        self._vault.load_keys((Owner.COUPLE, couple_id) for couple_id in missing if couple_id)
        named = LedgerSalt.couple_id.in_([couple_id for couple_id in missing if couple_id])
        query = select(LedgerSalt).where(named | LedgerSalt.couple_id.is_(None) if None in missing else named)
        self._known |= dict.fromkeys(missing)
        for row in self._session.scalars(query.order_by(LedgerSalt.id.desc())):
            self._known[row.couple_id] = self._opened(row)

    def get(self, couple_id: UUID | None) -> bytes | None:
        """The salt; None where there is none, or its key is gone. Only for couples that were loaded."""
        return self._known[couple_id]

    def is_erased(self, couple_id: UUID | None) -> bool:
        """Whether the couple's key is gone, as an erasure leaves it; a salt that is gone without that was taken away."""
        if couple_id is None:
            return False
        try:
            self._vault.seal(LedgerSalt(clinic_id=self._session.reach.clinic_id, couple_id=couple_id), "salt", "")
        except SealBrokenError:
            return True
        return False

    def make(self, couple_id: UUID | None) -> bytes:
        """The salt, made now if there is none; one that nobody keeps when the couple's key is gone already."""
        if known := self._known.get(couple_id):
            return known
        salt = secrets.token_bytes(SALT_BYTES)
        row = LedgerSalt(clinic_id=self._session.reach.clinic_id, couple_id=couple_id)
        try:
            row.salt = self._vault.seal(row, "salt", salt.hex())
        except SealBrokenError:
            self._known[couple_id] = salt
            return salt
        self._session.add(row)
        self._known[couple_id] = salt
        return salt

    def _opened(self, row: LedgerSalt) -> bytes | None:
        try:
            return bytes.fromhex(self._vault.open(row, "salt", row.salt))
        except SealBrokenError:
            return None


def commitment(salt: bytes, number: int, event: Event) -> bytes:
    """What stands for every field of an event, and for its place in the order; a key of its own for each event."""
    key = hmac.digest(salt, event["id"].bytes, sha256)
    return hmac.digest(key, canonical({"number": number, **_plain(event, NAMES)}), sha256)


def leaf(clinic_id: UUID, number: int, event: Event, committed: bytes) -> bytes:
    """The hash of an event's leaf."""
    return leaf_hash(leaf_data(clinic_id, number, event, committed))


def leaf_data(clinic_id: UUID, number: int, event: Event, committed: bytes) -> bytes:
    """What is hashed: that it happened, when, to which couple, and by whom among those who work here; the rest is committed."""
    told = _plain(event, OPEN)
    if event["actor_kind"] == "partner":
        told.pop("actor_id", None)
    return canonical({"format": FORMAT, "clinic": str(clinic_id), "number": number, **told, "commitment": committed.hex()})


def _plain(event: Event, names: Iterable[str]) -> dict[str, Any]:
    """The fields that say something, as text and whole numbers; a field that a later version adds changes no old event."""
    return {name: _text(event[name]) for name in names if event[name] is not None}


def _text(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat(timespec="microseconds")
        case _:
            return value
