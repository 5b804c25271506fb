"""Checkpoints: the size and root of a clinic's tree under the clinic's signature (C2SP tlog-checkpoint and signed-note)."""

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.ids import encode
from app.core.signing import SIGNATURE_BYTES, Purpose, Signature, is_signed, public_keys, sign
from app.errors import MalformedError
from app.ledger.models import Checkpoint

ED25519: Final = b"\x01"  # signed-note's number for the algorithm
KEY_HASH_BYTES: Final = 4
ROOT_BYTES: Final = 32
MARK: Final = "\N{EM DASH} "


class CheckpointBrokenError(MalformedError):
    """A text is no checkpoint."""

    code = "checkpoint_broken"
    detail = "This is no checkpoint: three lines, a blank one, and signatures."


@dataclass(frozen=True)
class Statement:
    """What a checkpoint says, and the signatures under it: who is said to have signed, which key, and 64 bytes."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    def is_signed_by(self, keys: dict[UUID, bytes]) -> bool:
        """Whether one of a clinic's keys signed it under the clinic's own name."""
        return any(
            name == self.origin
            and key_hash(name, public) == hint
            and is_signed({key_id: public}, self.text.encode(), Signature(key_id, value))
            for name, hint, value in self.signatures
            for key_id, public in keys.items()
        )


def origin_of(clinic_id: UUID) -> str:
    """The name of a clinic's ledger, which is also the name its key signs under."""
    return f"rekindle/ledger/{encode('cln', clinic_id)}"


def key_hash(name: str, public: bytes) -> bytes:
    """Which key signed (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_HASH_BYTES]


def verifier_key(clinic_id: UUID, public: bytes) -> str:
    """A public key in the form that tools for signed notes read."""
    name = origin_of(clinic_id)
    return f"{name}+{key_hash(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def write_checkpoint(session: RecordSession, vault: Vault, size: int, root: bytes) -> Checkpoint:
    """Signs and keeps a checkpoint of the tree as it stands."""
    name = origin_of(session.reach.clinic_id)
    text = f"{name}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = sign(session, vault, Purpose.CHECKPOINT, text.encode())
    public = public_keys(session, Purpose.CHECKPOINT)[signature.key_id]
    signed = base64.b64encode(key_hash(name, public) + signature.value).decode()
    checkpoint = Checkpoint(clinic_id=session.reach.clinic_id, size=size, note=f"{text}\n{MARK}{name} {signed}\n")
    session.add(checkpoint)
    session.flush()
    return checkpoint


def newest_checkpoint(session: RecordSession) -> Checkpoint | None:
    """The one over the most events."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1)).one_or_none()


def read_statement(note: str) -> Statement:
    """What a checkpoint says; whether to believe it is another question. Raises CheckpointBrokenError."""
    text, blank, below = note.partition("\n\n")
    lines = text.split("\n")
    if (
        not blank
        or not below.endswith("\n")
        or len(lines) < 3
        or not lines[0]
        or not lines[1].isdecimal()
        or not lines[1].isascii()
    ):
        raise CheckpointBrokenError
    root = _decoded(lines[2], ROOT_BYTES)
    signatures = tuple(_signature(line) for line in below[:-1].split("\n"))
    if lines[1] != str(int(lines[1])):
        raise CheckpointBrokenError
    return Statement(lines[0], int(lines[1]), root, text + "\n", signatures)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, value = line.removeprefix(MARK).partition(" ")
    if not line.startswith(MARK) or not space:
        raise CheckpointBrokenError
    raw = _decoded(value, KEY_HASH_BYTES + SIGNATURE_BYTES)
    return name, raw[:KEY_HASH_BYTES], raw[KEY_HASH_BYTES:]


def _decoded(text: str, length: int) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CheckpointBrokenError from None
    if len(raw) != length or base64.b64encode(raw).decode() != text:
        raise CheckpointBrokenError
    return raw
