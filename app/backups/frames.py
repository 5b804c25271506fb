"""A sealed stream: AES-256-GCM in frames whose number, whose end and whose header are bound in.

A frame that is missing, repeated, moved or changed, a header that is not the one it was sealed with, and an end that came
too early or too late are all refused: the nonce holds the frame's number and whether it is the last, and the header is the
associated data. One key seals one stream, so that no nonce is ever used twice. The construction is STREAM (Hoang,
Reyhanitabar, Rogaway, Vizár, "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015).
"""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC: Final = b"rekindle-backup\n"
LENGTH_BYTES: Final = 4
FRAME_BYTES: Final = 1 << 20
TAG_BYTES: Final = 16
MOST_HEADER_BYTES: Final = 1 << 16


class BrokenStreamError(RuntimeError):
    """The stream is not whole, not in order, not what was sealed, or not one of ours."""


def seal(parts: Iterable[bytes], out: BinaryIO, key: bytes, header: bytes) -> None:
    """Writes header and parts; `key` is fresh, no part is longer than `FRAME_BYTES`, and there is at least one."""
    out.write(MAGIC + _length(header) + header)
    cipher, waiting, number = AESGCM(key), None, 0
    for part in parts:
        if waiting is not None:
            _write(out, cipher.encrypt(_nonce(number, last=False), waiting, header))
            number += 1
        waiting = part
    if waiting is None:
        raise ValueError("an empty stream cannot be told from one that was cut")
    _write(out, cipher.encrypt(_nonce(number, last=True), waiting, header))


def read_header(source: BinaryIO) -> bytes:
    """The header of a stream, not yet believed: `opened` proves it. Raises BrokenStreamError when it is none of ours."""
    if source.read(len(MAGIC)) != MAGIC:
        raise BrokenStreamError("this is not a backup of Rekindle")
    return _exactly(source, _announced(source, MOST_HEADER_BYTES))


def opened(source: BinaryIO, key: bytes, header: bytes) -> Iterator[bytes]:
    """The parts that were sealed, each as soon as it is proven; raises BrokenStreamError at the first that is not."""
    cipher, number = AESGCM(key), 0
    frame = _frame(source)
    while frame is not None:
        following = _frame(source)
        try:
            yield cipher.decrypt(_nonce(number, last=following is None), frame, header)
        except InvalidTag:
            raise BrokenStreamError(f"frame {number} was changed, moved or cut off, or the header was changed") from None
        frame, number = following, number + 1
    if number == 0:
        raise BrokenStreamError("the backup was cut off before its first frame")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _length(data: bytes) -> bytes:
    return len(data).to_bytes(LENGTH_BYTES, "big")


def _write(out: BinaryIO, frame: bytes) -> None:
    out.write(_length(frame) + frame)


def _frame(source: BinaryIO) -> bytes | None:
    """The next frame, or None at the end of the file."""
    announced = source.read(LENGTH_BYTES)
    if not announced:
        return None
    length = int.from_bytes(announced, "big")
    if len(announced) < LENGTH_BYTES or not TAG_BYTES <= length <= FRAME_BYTES + TAG_BYTES:
        raise BrokenStreamError("a frame's length was changed or cut off")
    return _exactly(source, length)


def _announced(source: BinaryIO, most: int) -> int:
    length = int.from_bytes(source.read(LENGTH_BYTES), "big")
    if not 0 < length <= most:
        raise BrokenStreamError("the header's length was changed or cut off")
    return length


def _exactly(source: BinaryIO, length: int) -> bytes:
    found = source.read(length)
    if len(found) < length:
        raise BrokenStreamError("the backup was cut off")
    return found
