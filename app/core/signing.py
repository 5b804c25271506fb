"""What the service stands for with its signature: Ed25519 keys of a clinic, one for each kind of thing that is signed.

A key of its own for each purpose, so that a signature under one thing can never be shown as one under another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Index, LargeBinary, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import Vault
from app.core.database import Base, IdentifiedRow, RecordSession
from app.core.key_models import PLAIN

SIGNATURE_BYTES: Final = 64  # RFC 8032


class Purpose(StrEnum):
    """What a key signs."""

    NOTE = "note"
    CHECKPOINT = "checkpoint"
    TOMBSTONE = "tombstone"


class SigningKey(IdentifiedRow, Base):
    """An Ed25519 key pair of the clinic; the private half is sealed under the clinic's key, a retired one still verifies."""

    __tablename__ = "signing_key"
    __table_args__ = (Index(None, "clinic_id", "purpose", "id"),)

    purpose: Mapped[Purpose] = mapped_column(String(16))
    public: Mapped[bytes] = mapped_column(LargeBinary, info=PLAIN)
    private: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Signature:
    """64 bytes, and the id of the key that made them."""

    key_id: UUID
    value: bytes


def create_signing_key(session: RecordSession, vault: Vault, purpose: Purpose, now: datetime) -> SigningKey:
    """A key pair that signs from now on; the one before it is retired and its private half forgotten."""
    for before in session.scalars(_running(purpose)):
        before.retired_at, before.private = now, None
    pair = Ed25519PrivateKey.generate()
    key = SigningKey(
        clinic_id=session.reach.clinic_id, purpose=purpose, public=pair.public_key().public_bytes_raw(), created_at=now
    )
    key.private = vault.seal(key, "private", pair.private_bytes_raw().hex())
    session.add(key)
    session.flush()
    return key


def sign(session: RecordSession, vault: Vault, purpose: Purpose, message: bytes) -> Signature:
    """The clinic's signature under `message`, which must say by itself what kind of thing it is."""
    key = session.scalars(_running(purpose)).one()
    pair = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(vault.open(key, "private", key.private)))
    return Signature(key.id, pair.sign(message))


def public_keys(session: RecordSession, purpose: Purpose) -> dict[UUID, bytes]:
    """Every public key that ever signed for this purpose, 32 bytes each, by id."""
    keys = session.scalars(select(SigningKey).where(SigningKey.purpose == purpose))
    return {key.id: key.public for key in keys}


def is_signed(keys: Mapping[UUID, bytes], message: bytes, signature: Signature) -> bool:
    """Whether one of `keys` made this signature under this message; anything malformed is no signature."""
    public = keys.get(signature.key_id)
    if public is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature.value, message)
    except InvalidSignature:
        return False
    return True


def _running(purpose: Purpose) -> Select[SigningKey]:
    return select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.retired_at.is_(None))
