"""A sealed stream opens whole and in order, or not at all."""

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.backups.frames import LENGTH_BYTES, MAGIC, TAG_BYTES, BrokenStreamError, opened, read_header, seal

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
HEADER = b'{"format":1}'
PARTS = [b"first" * 9, b"second" * 9, b"", b"last"]
Parts = st.lists(st.binary(max_size=64), min_size=1, max_size=6)


def sealed(parts: list[bytes], header: bytes = HEADER) -> bytes:
    """A stream as it lies on the disk."""
    out = BytesIO()
    seal(parts, out, KEY, header)
    return out.getvalue()


def read(stream: bytes, key: bytes = KEY) -> list[bytes]:
    """Its parts."""
    source = BytesIO(stream)
    header = read_header(source)
    return list(opened(source, key, header))


def frames(stream: bytes) -> tuple[bytes, list[bytes]]:
    """What comes before the frames, and each frame with its length."""
    at = len(MAGIC) + LENGTH_BYTES + len(HEADER)
    before, found = stream[:at], []
    while at < len(stream):
        length = LENGTH_BYTES + int.from_bytes(stream[at : at + LENGTH_BYTES], "big")
        found.append(stream[at : at + length])
        at += length
    return before, found


@given(Parts, st.binary(min_size=1, max_size=64))
def test_a_stream_gives_back_what_was_sealed(parts: list[bytes], header: bytes) -> None:
    assert read(sealed(parts, header)) == parts


@given(Parts, st.data())
def test_a_stream_cut_anywhere_is_refused(parts: list[bytes], data: st.DataObject) -> None:
    whole = sealed(parts)
    with pytest.raises(BrokenStreamError):
        read(whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(Parts, st.data())
def test_a_stream_with_any_bit_flipped_is_refused(parts: list[bytes], data: st.DataObject) -> None:
    changed = bytearray(sealed(parts))
    place, bit = data.draw(st.integers(0, len(changed) - 1)), data.draw(st.integers(0, 7))
    changed[place] ^= 1 << bit
    with pytest.raises(BrokenStreamError):
        read(bytes(changed))


@given(st.permutations(range(len(PARTS))))
def test_frames_in_another_order_are_refused(order: list[int]) -> None:
    assume(order != sorted(order))
    before, found = frames(sealed(PARTS))
    with pytest.raises(BrokenStreamError):
        read(before + b"".join(found[number] for number in order))


SPOILED: dict[str, Callable[[bytes, list[bytes]], bytes]] = {
    "the last frame lost": lambda before, found: before + b"".join(found[:-1]),
    "a frame in the middle lost": lambda before, found: before + b"".join(found[:1] + found[2:]),
    "a frame twice": lambda before, found: before + b"".join(found[:2] + found[1:]),
    "the last frame twice": lambda before, found: before + b"".join([*found, found[-1]]),
    "something behind the end": lambda before, found: before + b"".join(found) + b"\x00",
    "no frame at all": lambda before, _found: before,
    "another header": lambda before, found: before.replace(b"1", b"2") + b"".join(found),
    "another file altogether": lambda _before, _found: b"PK\x03\x04" + b"\x00" * 100,
    "nothing": lambda _before, _found: b"",
    "a frame that announces too much": lambda before, _found: before + (1 << 31).to_bytes(LENGTH_BYTES, "big"),
    "a frame shorter than its tag": lambda before, _found: before + (TAG_BYTES - 1).to_bytes(LENGTH_BYTES, "big") + b"x" * 15,
}


@pytest.mark.parametrize("what", SPOILED)
def test_a_spoiled_stream_is_refused(what: str) -> None:
    before, found = frames(sealed(PARTS))
    assert read(before + b"".join(found)) == PARTS  # the control
    with pytest.raises(BrokenStreamError):
        read(SPOILED[what](before, found))


def test_a_stream_does_not_open_with_another_key() -> None:
    with pytest.raises(BrokenStreamError):
        read(sealed(PARTS), OTHER_KEY)


def test_nothing_readable_is_in_a_stream_but_its_header() -> None:
    stream = sealed([b"zaunkoenig" * 40])
    assert b"zaunkoenig" not in stream
    assert HEADER in stream


def test_an_empty_stream_is_not_written() -> None:
    with pytest.raises(ValueError, match="empty"):
        sealed([])
