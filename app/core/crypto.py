"""Encrypted fields: AES-256-GCM with the place bound in, under one data key per couple, partner, private file and clinic.

A value moved to another row, column, couple or clinic is refused. Data keys are wrapped by the clinic's key, and that by
the key service, so destroying a wrapped key destroys what it protects. Each value names the generation of its key, so that
a key can be renewed while both generations are readable.
"""

import hmac
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from functools import cache as once
from hashlib import sha256
from typing import Any, Final, Protocol
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import LargeBinary, select

from app.core.clock import now
from app.core.database import Base, RecordSession
from app.core.key_cache import KeyCache, KeySet, open_keys
from app.core.key_epochs import hold_epoch
from app.core.key_models import DestroyedKey, KeyEpoch
from app.core.key_names import KeyName, Owner
from app.core.key_store import WrappedKey
from app.core.kms import KEY_BYTES, NONCE_BYTES

__all__ = ["KeyCache", "KeyName", "Owner", "SealBrokenError", "Vault", "key_name", "length_prefixed", "open_keys"]

FORMAT: Final = b"\x01"
HEADER_BYTES: Final = 3


class SealBrokenError(RuntimeError):
    """A sealed value does not belong where it was found, or was changed."""


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


@once
def sealed_columns(table: str) -> frozenset[str]:
    """The columns of a table that hold sealed values: every binary one that does not say that it is public."""
    columns = Base.metadata.tables[table].c
    return frozenset(one.name for one in columns if isinstance(one.type, LargeBinary) and one.info.get("sealed", True))


def generation_of(sealed: bytes) -> int:
    """The generation of the key a sealed value is under."""
    return int.from_bytes(sealed[1:HEADER_BYTES], "big")


class Vault:
    """Seals and opens the encrypted fields of one clinic's rows within one transaction."""

    def __init__(self, session: RecordSession, cache: KeyCache) -> None:
        self._session = session
        self.cache = cache
        self._fresh: dict[KeyName, KeySet] = {}
        self._gone: set[KeyName] = set()
        self._holds = False

    @property
    def _clinic_id(self) -> UUID:
        return self._session.reach.clinic_id

    @property
    def reached(self) -> list[str]:
        """What this transaction reads, in words to bind something to."""
        return sorted(self._session.reach.compartments)

    @property
    def _epoch(self) -> int:
        return int(self._session.info.get("key_epoch", 0))

    def create_key(self, owner: Owner, owner_id: UUID) -> None:
        """Makes the data key of a new clinic, couple, partner or private file; stored just before the record commits."""
        names = [(owner, owner_id)]
        if owner is Owner.CLINIC:
            names.append((Owner.FINGERPRINT, owner_id))
            self._session.add(KeyEpoch(clinic_id=self._clinic_id, changes=0))
        self._hold()
        made = [self.new_key(name, 1) for name in names]
        clinic_id, store = self._clinic_id, self.cache.store
        waiting: list[WrappedKey] | None = self._session.info.get("new_keys")
        if waiting is None:
            waiting = self._session.info["new_keys"] = []
            self._session.info.setdefault("before_commit", []).append(lambda: store.add(clinic_id, waiting))
        waiting.extend(made)

    def new_key(self, name: KeyName, generation: int, renewal_id: UUID | None = None) -> WrappedKey:
        """A fresh generation of a data key, not yet stored."""
        key = secrets.token_bytes(KEY_BYTES)
        wrapped, wrapped_by = self.wrap(name, generation, key)
        self._fresh[name] = KeySet({generation: key})  # cached for others only once it is committed and read back
        return WrappedKey(*name, generation, wrapped, wrapped_by, now(), renewal_id)

    def wrap(self, name: KeyName, generation: int, key: bytes) -> tuple[bytes, str]:
        """A data key under what wraps it now, and the name of that."""
        context = key_context(self._clinic_id, name, generation)
        if name[0] is Owner.CLINIC:
            wrapped_by = self.cache.key_service.current_key_id()  # asked first: a key renewed in between is only renewed again
            return self.cache.key_service.wrap(key, context), wrapped_by
        clinic_key = self._keys((Owner.CLINIC, self._clinic_id))
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(clinic_key.newest_key).encrypt(nonce, key, context), str(clinic_key.newest)

    def seal(self, row: Place, column: str, value: Any) -> bytes:
        """JSON of `value`, encrypted for this very place; the row must have its ids."""
        if column not in sealed_columns(row.__tablename__):
            raise TypeError(f"{row.__tablename__}.{column} does not hold sealed values: give it a LargeBinary column")
        return self._sealed(row, column, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def open(self, row: Place, column: str, sealed: bytes | None) -> Any:
        """What was sealed here; None stays None. Raises SealBrokenError, which names the place and never the value."""
        return None if sealed is None else json.loads(self._plain(row, column, sealed))

    def open_json(self, row: Place, column: str, sealed: bytes) -> bytes:
        """The same as the JSON it was sealed as, for what is sent as it is kept. Raises SealBrokenError."""
        return self._plain(row, column, sealed)

    def renewed(self, row: Place, column: str, sealed: bytes) -> bytes | None:
        """The same content under the newest generation of its key; None when it is under that already."""
        if self._keys(key_name(row)).newest == generation_of(sealed):
            return None
        plain = self._plain(row, column, sealed)
        again = self._sealed(row, column, plain)
        if not hmac.compare_digest(self._plain(row, column, again), plain):
            raise SealBrokenError(f"{row.__tablename__}.{column}")
        return again

    def _sealed(self, row: Place, column: str, plain: bytes) -> bytes:
        self._hold()
        keys = self._keys(key_name(row))
        header = FORMAT + keys.newest.to_bytes(2, "big")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + AESGCM(keys.newest_key).encrypt(nonce, plain, self._place(header, row, column))

    def _plain(self, row: Place, column: str, sealed: bytes) -> bytes:
        header, nonce = sealed[:HEADER_BYTES], sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
        if header[:1] != FORMAT or len(nonce) < NONCE_BYTES:
            raise SealBrokenError(f"{row.__tablename__}.{column}")
        name, generation = key_name(row), generation_of(sealed)
        key = self._keys(name).get(generation)
        if key is None:  # a newer generation than this process has met
            key = self._read([name]).get(name, KeySet({})).get(generation)
        plain = _opened(key, nonce, sealed[HEADER_BYTES + NONCE_BYTES :], self._place(header, row, column))
        if plain is None:
            raise SealBrokenError(f"{row.__tablename__}.{column}")
        return plain

    def _hold(self) -> None:
        """From the first thing a transaction seals to its end, no key of the clinic is renewed."""
        if not self._holds:
            self._session.info["key_epoch"] = hold_epoch(self._session.connection(), self._clinic_id)
            self._holds = True

    def load_keys(self, names: Iterable[KeyName]) -> None:
        """Fetches many data keys in one query."""
        self._read([name for name in set(names) if name not in self._fresh and self._cached(name) is None])

    def tag(self, purpose: str, *parts: bytes) -> bytes:
        """A keyed fingerprint of `parts` that only this clinic's service can make; renewing keys does not change it."""
        key = self._keys((Owner.FINGERPRINT, self._clinic_id)).newest_key
        subkey = hmac.digest(key, b"rekindle " + purpose.encode(), sha256)
        return hmac.digest(subkey, length_prefixed(*parts), sha256)

    def forget(self, names: Iterable[KeyName]) -> None:
        """Opens and seals nothing under these keys from now on, in this transaction already."""
        self._gone.update(names)

    def _cached(self, name: KeyName) -> KeySet | None:
        return None if name in self._gone else self.cache.get(self._clinic_id, name, self._epoch)

    def _keys(self, name: KeyName) -> KeySet:
        if name in self._gone:
            raise SealBrokenError(f"no data key for a {name[0]}")
        found = self._fresh.get(name) or self._cached(name) or self._read([name]).get(name)
        if found is None:
            raise SealBrokenError(f"no data key for a {name[0]}")
        return found

    def _read(self, names: Collection[KeyName]) -> Mapping[KeyName, KeySet]:
        """Keys from the store, but for those the record says are destroyed, whatever a store that was restored still holds."""
        if not names:
            return {}
        wrapped = [key for key in self.cache.store.read(self._clinic_id, names) if (key.owner, key.owner_id) not in self._gone]
        destroyed = select(DestroyedKey.owner, DestroyedKey.owner_id).where(
            DestroyedKey.owner_id.in_({*(key.owner_id for key in wrapped), self._clinic_id})
        )
        self._gone.update((Owner(owner), owner_id) for owner, owner_id in self._session.execute(destroyed))
        made: dict[KeyName, dict[int, bytes]] = {}
        for key in wrapped:
            name = (key.owner, key.owner_id)
            if name not in self._gone:
                made.setdefault(name, {})[key.generation] = self.unwrap(key)
        found = {name: KeySet(keys) for name, keys in made.items()}
        for name, keys in found.items():
            self.cache.put(self._clinic_id, name, keys, self._epoch)
        return found

    def unwrap(self, key: WrappedKey) -> bytes:
        """The data key itself; raises SealBrokenError, KeyUnavailableError, KeyServiceUnavailableError."""
        context = key_context(self._clinic_id, (key.owner, key.owner_id), key.generation)
        if key.owner is Owner.CLINIC:
            return self.cache.key_service.unwrap(key.wrapped, context)
        clinic_key = self._keys((Owner.CLINIC, self._clinic_id)).get(int(key.wrapped_by))
        opened = _opened(clinic_key, key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:], context)
        if opened is None:
            raise SealBrokenError(f"the data key of a {key.owner}")
        return opened

    def _place(self, header: bytes, row: Place, column: str) -> bytes:
        couple_id = getattr(row, "couple_id", None)
        owner, owner_id = key_name(row)
        return length_prefixed(
            header,
            self._clinic_id.bytes,
            row.__tablename__.encode(),
            row.id.bytes,
            column.encode(),
            couple_id.bytes if couple_id else b"",
            owner.encode(),
            owner_id.bytes,
        )


def key_context(clinic_id: UUID, name: KeyName, generation: int) -> bytes:
    """What is bound to a wrapped key: whose it is and which generation."""
    owner, owner_id = name
    number = generation.to_bytes(2, "big")
    return length_prefixed(b"rekindle data key", clinic_id.bytes, owner.encode(), owner_id.bytes, number)


def _opened(key: bytes | None, nonce: bytes, ciphertext: bytes, place: bytes) -> bytes | None:
    """What was sealed under this key for this place; None when there is no key, or it was not."""
    try:
        return None if key is None else AESGCM(key).decrypt(nonce, ciphertext, place)
    except InvalidTag:
        return None


def key_name(row: Place) -> KeyName:
    """The most private key that applies: of a file of psychotherapy notes, of a partner, of a couple, else of the clinic."""
    if file_id := getattr(row, "psychotherapy_file_id", None):
        return Owner.PSYCHOTHERAPY, file_id
    if partner_id := getattr(row, "partner_id", None):
        return Owner.PARTNER, partner_id
    if couple_id := getattr(row, "couple_id", None):
        return Owner.COUPLE, couple_id
    return Owner.CLINIC, row.clinic_id
