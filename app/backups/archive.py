"""One backup file: a header that names the key, a manifest, and a file, sealed with a key that only the key service unwraps."""

import base64
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from app.backups.frames import FRAME_BYTES, BrokenStreamError, opened, read_header, seal
from app.core.crypto import length_prefixed
from app.core.disk import settle_names
from app.core.kms import KEY_BYTES, KeyService, KeyUnavailableError

FORMAT: Final = 1


class Holds(StrEnum):
    """What a backup holds: the record, or the wrapped keys it is read with, which are kept apart."""

    RECORD = "record"
    KEYS = "keys"


class BackupRefusedError(RuntimeError):
    """A backup is not whole, not ours, not for the keys at hand, or may not go where it was told to."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of its content; sealed with it."""

    holds: Holds
    schema_revision: str
    made_at: str
    made_by: str
    keep_until: str | None
    bytes: int
    sha256: str
    counts: dict[str, int]
    checkpoint: str | None


def pack(file: Path, manifest: Manifest, out: Path, key_service: KeyService) -> None:
    """Seals `file` into `out`, which appears whole or not at all; raises BackupRefusedError when `out` is there already."""
    backup_id, key = secrets.token_hex(16), secrets.token_bytes(KEY_BYTES)
    wrapped = base64.b64encode(key_service.wrap(key, _context(manifest.holds, backup_id))).decode()
    header = {"format": FORMAT, "holds": manifest.holds, "backup_id": backup_id, "wrapped_key": wrapped}
    with appearing_whole(out) as sink, file.open("rb") as source:
        seal(_parts(manifest, source), sink, key, _json(header))


def unpack(backup: Path, to: Path, key_service: KeyService) -> Manifest:
    """Opens a backup into the new file `to`, proven to the last byte; raises BackupRefusedError, and `to` is then no use."""
    with _found(backup) as source:
        try:
            header = read_header(source)
            parts = opened(source, _key(_object(header), key_service), header)
            manifest = _manifest(next(parts))
            _write(parts, manifest, to)
        except BrokenStreamError as error:
            raise BackupRefusedError(f"this backup is refused: {error}") from None
    return manifest


@contextmanager
def appearing_whole(out: Path) -> Iterator[BinaryIO]:
    """A new file of mode 0600 that bears its name only once it is whole and on the disk."""
    if out.exists():
        raise BackupRefusedError(f"{out} is there already, and a backup is never overwritten")
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = out.with_name(f".{out.name}.{secrets.token_hex(4)}.unfinished")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as sink:
            yield sink
            sink.flush()
            os.fsync(sink.fileno())
        unfinished.rename(out)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    settle_names(out.parent)


def digest(file: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with file.open("rb") as source:
        found = sha256()
        while piece := source.read(FRAME_BYTES):
            found.update(piece)
    return found.hexdigest()


def _found(backup: Path) -> BinaryIO:
    if not backup.is_file():
        raise BackupRefusedError(f"there is no backup at {backup}")
    return backup.open("rb")


def _parts(manifest: Manifest, source: BinaryIO) -> Iterator[bytes]:
    yield _json(asdict(manifest))
    while piece := source.read(FRAME_BYTES):
        yield piece


def _write(parts: Iterator[bytes], manifest: Manifest, to: Path) -> None:
    found, written = sha256(), 0
    descriptor = os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        for part in parts:
            found.update(part)
            written += out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if (written, found.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise BackupRefusedError("this backup is refused: its content is not what its manifest says")


def _key(header: dict[str, Any], key_service: KeyService) -> bytes:
    if header.get("format") != FORMAT:
        raise BackupRefusedError("this backup is of a format that this version of Rekindle does not read")
    try:
        wrapped = base64.b64decode(header["wrapped_key"], validate=True)
        return key_service.unwrap(wrapped, _context(header["holds"], header["backup_id"]))
    except KeyUnavailableError:
        raise BackupRefusedError(
            "this backup was not made with a key of the key service at hand, or its header was changed"
        ) from None
    except (KeyError, ValueError, AttributeError, TypeError):
        raise BackupRefusedError("this backup is refused: its header is not one") from None


def _context(what: str, backup_id: str) -> bytes:
    return length_prefixed(b"rekindle backup key", what.encode(), backup_id.encode())


def _manifest(part: bytes) -> Manifest:
    told = _object(part)
    return Manifest(**{**told, "holds": Holds(told["holds"])})


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BackupRefusedError("this backup is refused: its header is not one")
    return found


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
