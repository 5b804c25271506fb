"""The files of an export on the server's disk: sealed frame by frame, so that any part of one can be read alone.

Each file is under a key of its own, made from the key of the export's one attempt and the file's name; a frame's number is its
nonce, and the last frame says that it is the last. Nothing is ever sealed twice under one key: an attempt that is begun anew
has another. Whoever takes a frame away, moves, cuts or changes one is found out before a byte of that frame is sent.
"""

import errno
import hmac
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.crypto import SealBrokenError
from app.core.disk import settle_names
from app.core.kms import KEY_BYTES, NONCE_BYTES
from app.core.settings import Settings

FRAME: Final = 65_536
TAG: Final = 16
LAST: Final = (b"goes on", b"the last")
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
SUFFIX: Final = ".sealed"
ATTEMPT: Final = re.compile(r"[0-9a-f]{32}-[0-9]+")


def new_key() -> bytes:
    """A key for one attempt at an export."""
    return secrets.token_bytes(KEY_BYTES)


def clinics_folder(settings: Settings, clinic_id: UUID) -> Path:
    """Where the exports of a clinic lie."""
    return settings.exports_folder / clinic_id.hex


def folder_of(settings: Settings, clinic_id: UUID, export_id: UUID, attempt: int) -> Path:
    """Where the files of one attempt at an export lie; no two attempts share one."""
    return clinics_folder(settings, clinic_id) / f"{export_id.hex}-{attempt}"


def folders_in(path: Path) -> set[Path]:
    """Every attempt's folder that lies there; what else does is nobody's here. Raises OSError."""
    try:
        return {one for one in path.iterdir() if ATTEMPT.fullmatch(one.name)}
    except FileNotFoundError:
        return set()


def remove(folder: Path) -> None:
    """Removes a folder of files, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


class SealedFile:
    """One file being written, a frame of it in memory; without its last frame nobody takes it for a whole one."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._cipher = path, _cipher(key, path.name.removesuffix(SUFFIX))
        self._out = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        self._frame, self._waiting = 0, bytearray()

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self._waiting += piece
        while len(self._waiting) > FRAME:
            self._seal(FRAME, is_last=False)

    def finish(self) -> None:
        """Seals the end and makes it durable."""
        self._seal(len(self._waiting), is_last=True)
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()

    def abort(self) -> None:
        """Leaves nothing of it."""
        with suppress(OSError):  # what was buffered may find no room either, and is thrown away anyway
            self._out.close()
        self._path.unlink(missing_ok=True)

    def _seal(self, length: int, *, is_last: bool) -> None:
        plain = bytes(self._waiting[:length])
        self._out.write(self._cipher.encrypt(_nonce(self._frame), plain, LAST[is_last]))
        del self._waiting[:length]
        self._frame += 1


class SealedFolder:
    """What takes the files of one attempt at an export, and seals them under its key."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Makes the folder, which nobody but the service reads."""
        for parent in reversed((path.parent, *path.parent.parents)):
            parent.mkdir(mode=0o700, exist_ok=True)
        path.mkdir(mode=0o700)
        self.path, self._key = path, key

    def open(self, name: str) -> SealedFile:
        """Begins a file."""
        return SealedFile(self.path / (name + SUFFIX), self._key)

    def settle(self) -> None:
        """Makes the names of the files, and the folder's own, last."""
        for each in (self.path, self.path.parent):
            settle_names(each)


def is_whole(folder: Path, name: str, size: int) -> bool:
    """Whether a file that has so many bytes in the clear is there with all its frames."""
    try:
        return (folder / (name + SUFFIX)).stat().st_size == size + TAG * frames_of(size)
    except (FileNotFoundError, NotADirectoryError):
        return False


def open_sealed(folder: Path, name: str) -> BinaryIO:
    """A file as it lies on the disk. Raises FileNotFoundError."""
    return (folder / (name + SUFFIX)).open("rb")


def frames_of(size: int) -> int:
    """How many frames so many bytes take; even none takes one, which says that it is the last."""
    return max(1, -(-size // FRAME))


def pieces(source: BinaryIO, key: bytes, name: str, size: int, span: range) -> Iterator[bytes]:
    """The bytes of a span of the file, a frame at a time. Raises SealBrokenError."""
    cipher, last = _cipher(key, name), frames_of(size) - 1
    for number in range(span.start // FRAME, -(-span.stop // FRAME)):
        source.seek(number * (FRAME + TAG))
        try:
            plain = cipher.decrypt(_nonce(number), source.read(FRAME + TAG), LAST[number == last])
        except InvalidTag:
            raise SealBrokenError("a file of an export") from None
        begins = number * FRAME
        yield plain[max(0, span.start - begins) : span.stop - begins]


def is_full(error: OSError) -> bool:
    """Whether there was no room left."""
    return error.errno in NO_ROOM


def _cipher(key: bytes, name: str) -> AESGCM:
    return AESGCM(hmac.digest(key, b"rekindle file of an export " + name.encode(), sha256))


def _nonce(frame: int) -> bytes:
    return frame.to_bytes(NONCE_BYTES, "big")
