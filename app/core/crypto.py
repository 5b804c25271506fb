"""Encrypted fields: AES-256-GCM with the place bound in, one data key per couple, per partner and per clinic.

A value moved to another row, column, couple or clinic is refused. Data keys are wrapped by the clinic's key, and that by
the key service, so destroying a wrapped key destroys what it protects.
"""

import hmac
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, IdentifiedRow, RecordSession
from app.core.kms import KEY_BYTES, NONCE_BYTES, KeyService

FORMAT: Final = b"\x01"
CACHED_KEYS: Final = 4_096
CACHED_SECONDS: Final = 300.0


class SealBrokenError(RuntimeError):
    """A sealed value does not belong where it was found, or was changed."""


class Owner(StrEnum):
    """Whose data key protects a value."""

    CLINIC = "clinic"
    COUPLE = "couple"
    PARTNER = "partner"


KeyName = tuple[Owner, UUID]


class DataKey(IdentifiedRow, Base):
    """A wrapped data key; without it everything it protects is noise."""

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("clinic_id", "owner", "owner_id"),)

    owner: Mapped[Owner] = mapped_column(String(8))
    owner_id: Mapped[UUID]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Place(Protocol):
    """A row that holds sealed values."""

    __tablename__: Any

    @property
    def clinic_id(self) -> Any:
        """The clinic of the row."""
        ...

    @property
    def id(self) -> Any:
        """The id of the row."""
        ...


def length_prefixed(*parts: bytes) -> bytes:
    """Parts that cannot be confused with each other when put together."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class KeyCache:
    """Unwrapped data keys of all clinics in this process, bounded in number and time."""

    def __init__(self, key_service: KeyService) -> None:
        self.key_service = key_service
        self._held: OrderedDict[tuple[UUID, KeyName], tuple[float, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, clinic_id: UUID, name: KeyName) -> bytes | None:
        """The key, unless it was never held or is too old."""
        with self._lock:
            held = self._held.get((clinic_id, name))
        return held[1] if held and time.monotonic() - held[0] < CACHED_SECONDS else None

    def put(self, clinic_id: UUID, name: KeyName, key: bytes) -> None:
        """Holds a key; the oldest makes room."""
        with self._lock:
            self._held[clinic_id, name] = (time.monotonic(), key)
            self._held.move_to_end((clinic_id, name))
            if len(self._held) > CACHED_KEYS:
                self._held.popitem(last=False)


class Vault:
    """Seals and opens the encrypted fields of one clinic's rows within one transaction."""

    def __init__(self, session: RecordSession, cache: KeyCache) -> None:
        self._session = session
        self._cache = cache
        self._fresh: dict[KeyName, bytes] = {}

    @property
    def _clinic_id(self) -> UUID:
        return self._session.reach.clinic_id

    @property
    def reached(self) -> list[str]:
        """What this transaction reads, in words to bind something to."""
        return sorted(self._session.reach.compartments)

    def create_key(self, owner: Owner, owner_id: UUID) -> None:
        """Makes the data key of a new clinic, couple or partner."""
        key = secrets.token_bytes(KEY_BYTES)
        context = self._context(owner, owner_id)
        if owner is Owner.CLINIC:
            wrapped = self._cache.key_service.wrap(key, context)
        else:
            nonce = secrets.token_bytes(NONCE_BYTES)
            wrapped = nonce + AESGCM(self._key((Owner.CLINIC, self._clinic_id))).encrypt(nonce, key, context)
        self._session.add(DataKey(owner=owner, owner_id=owner_id, wrapped=wrapped))
        self._fresh[owner, owner_id] = key  # cached for others only once it is committed and read back

    def seal(self, row: Place, column: str, value: Any) -> bytes:
        """JSON of `value`, encrypted for this very place; the row must have its ids."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return FORMAT + nonce + self._cipher(row).encrypt(nonce, plain, self._place(row, column))

    def open(self, row: Place, column: str, sealed: bytes | None) -> Any:
        """What was sealed here; None stays None. Raises SealBrokenError, which names the place and never the value."""
        if sealed is None:
            return None
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != FORMAT or len(nonce) < NONCE_BYTES:
            raise SealBrokenError(f"{row.__tablename__}.{column}")
        try:
            plain = self._cipher(row).decrypt(nonce, ciphertext, self._place(row, column))
        except InvalidTag:
            raise SealBrokenError(f"{row.__tablename__}.{column}") from None
        return json.loads(plain)

    def load_keys(self, names: Iterable[KeyName]) -> None:
        """Fetches many data keys in one query."""
        missing = {name for name in names if name not in self._fresh and self._cache.get(self._clinic_id, name) is None}
        if not missing:
            return
        found = self._session.execute(
            select(DataKey.owner, DataKey.owner_id, DataKey.wrapped).where(
                DataKey.owner_id.in_([owner_id for _owner, owner_id in missing])
            )
        )
        for owner, owner_id, wrapped in found.all():
            self._cache.put(self._clinic_id, (Owner(owner), owner_id), self._unwrap(Owner(owner), owner_id, wrapped))

    def tag(self, purpose: str, *parts: bytes) -> bytes:
        """A keyed fingerprint of `parts` that only this clinic's service can make."""
        subkey = hmac.digest(self._key((Owner.CLINIC, self._clinic_id)), b"rekindle " + purpose.encode(), sha256)
        return hmac.digest(subkey, length_prefixed(*parts), sha256)

    def _cipher(self, row: Place) -> AESGCM:
        return AESGCM(self._key(key_name(row)))

    def _key(self, name: KeyName) -> bytes:
        key = self._fresh.get(name) or self._cache.get(self._clinic_id, name)
        if key is None:
            self.load_keys([name])
            key = self._cache.get(self._clinic_id, name)
        if key is None:
            raise SealBrokenError(f"no data key for a {name[0]}")
        return key

    def _unwrap(self, owner: Owner, owner_id: UUID, wrapped: bytes) -> bytes:
        context = self._context(owner, owner_id)
        if owner is Owner.CLINIC:
            return self._cache.key_service.unwrap(wrapped, context)
        clinic_key = AESGCM(self._key((Owner.CLINIC, self._clinic_id)))
        try:
            return clinic_key.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except InvalidTag:
            raise SealBrokenError(f"the data key of a {owner}") from None

    def _context(self, owner: Owner, owner_id: UUID) -> bytes:
        return length_prefixed(b"rekindle data key", self._clinic_id.bytes, owner.encode(), owner_id.bytes)

    def _place(self, row: Place, column: str) -> bytes:
        couple_id = getattr(row, "couple_id", None)
        return length_prefixed(
            FORMAT,
            self._clinic_id.bytes,
            row.__tablename__.encode(),
            row.id.bytes,
            column.encode(),
            couple_id.bytes if couple_id else b"",
        )


def key_name(row: Place) -> KeyName:
    """A partner's row is under that partner's key, a couple's under the couple's, anything else under the clinic's."""
    if partner_id := getattr(row, "partner_id", None):
        return Owner.PARTNER, partner_id
    if couple_id := getattr(row, "couple_id", None):
        return Owner.COUPLE, couple_id
    return Owner.CLINIC, row.clinic_id
