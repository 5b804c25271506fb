"""Sealed files: every part of one can be read alone, and nothing of one that was changed."""

import secrets
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.crypto import SealBrokenError
from app.core.problems import RangeOutsideError
from app.exports import files
from app.exports.ranges import span_of

NAME = "couples-0001.csv"
SIZES = st.one_of(
    st.integers(0, 5), st.integers(files.FRAME - 2, files.FRAME + 2), st.integers(2 * files.FRAME - 2, 2 * files.FRAME + 2)
)


def kept(folder: Path, key: bytes, content: bytes, *, piece: int) -> Path:
    """A file that was written in pieces."""
    sink = files.SealedFolder(folder, key)
    file = sink.open(NAME)
    for start in range(0, len(content), piece):
        file.write(content[start : start + piece])
    file.finish()
    sink.settle()
    return folder / (NAME + files.SUFFIX)


def read(folder: Path, key: bytes, size: int, span: range) -> bytes:
    """A span of the file."""
    with closing(files.open_sealed(folder, NAME)) as source:
        return b"".join(files.pieces(source, key, NAME, size, span))


@settings(max_examples=20)
@given(SIZES, st.integers(1, 3 * files.FRAME), st.data())
def test_any_span_is_what_was_written_there(size: int, piece: int, data: st.DataObject) -> None:
    content, key = secrets.token_bytes(size), files.new_key()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "attempt"
        kept(path, key, content, piece=piece)
        assert files.is_whole(path, NAME, size)
        first = data.draw(st.integers(0, size))
        last = data.draw(st.integers(first, size))
        assert read(path, key, size, range(first, last)) == content[first:last]
        assert read(path, key, size, range(size)) == content


@settings(max_examples=20)
@given(SIZES, st.data())
def test_a_byte_that_was_changed_is_found_before_anything_of_its_frame_is_told(size: int, data: st.DataObject) -> None:
    content, key = secrets.token_bytes(size), files.new_key()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "attempt"
        sealed = kept(path, key, content, piece=files.FRAME)
        raw = bytearray(sealed.read_bytes())
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
        sealed.write_bytes(raw)
        frame = at // (files.FRAME + files.TAG)
        span = range(frame * files.FRAME, max(frame * files.FRAME + 1, min(size, (frame + 1) * files.FRAME)))
        with pytest.raises(SealBrokenError):
            read(path, key, size, span)


def test_frames_that_were_cut_off_moved_or_belong_to_another_attempt_are_refused(tmp_path: Path) -> None:
    content, key = secrets.token_bytes(3 * files.FRAME), files.new_key()
    sealed = kept(tmp_path / "1", key, content, piece=1_000)
    frame = files.FRAME + files.TAG
    raw = sealed.read_bytes()
    sealed.write_bytes(raw[: 2 * frame])
    assert not files.is_whole(tmp_path / "1", NAME, len(content))
    with pytest.raises(SealBrokenError):
        read(tmp_path / "1", key, 2 * files.FRAME, range(2 * files.FRAME))
    sealed.write_bytes(raw[frame : 2 * frame] + raw[:frame] + raw[2 * frame :])
    with pytest.raises(SealBrokenError):
        read(tmp_path / "1", key, len(content), range(len(content)))
    sealed.write_bytes(raw)
    with pytest.raises(SealBrokenError):
        read(tmp_path / "1", files.new_key(), len(content), range(len(content)))


def test_only_the_service_reads_what_lies_on_the_disk_and_it_holds_no_byte_in_the_clear(tmp_path: Path) -> None:
    sealed = kept(tmp_path / "a" / "b", files.new_key(), b"canary " * 20_000, piece=999)
    assert b"canary" not in sealed.read_bytes()
    assert sealed.stat().st_mode & 0o777 == 0o600
    assert sealed.parent.stat().st_mode & 0o777 == 0o700


@given(st.integers(0, 10_000), st.integers(0, 12_000), st.one_of(st.none(), st.integers(0, 12_000)))
def test_a_span_is_what_the_standard_says(size: int, first: int, last: int | None) -> None:
    asked = f"bytes={first}-{'' if last is None else last}"
    if last is not None and last < first:
        assert span_of(asked, None, '"t"', size) is None
    elif first >= size:
        with pytest.raises(RangeOutsideError):
            span_of(asked, None, '"t"', size)
    else:
        assert span_of(asked, None, '"t"', size) == range(first, size if last is None else min(size, last + 1))
        assert span_of(asked, '"other"', '"t"', size) is None


def test_a_suffix_is_the_end_and_several_spans_are_the_whole() -> None:
    assert span_of("bytes=-3", None, '"t"', 10) == range(7, 10)
    assert span_of("bytes=-30", None, '"t"', 10) == range(10)
    assert all(span_of(asked, None, '"t"', 10) is None for asked in (None, "bytes=0-1,3-4", "lines=1-2", "bytes=x-"))
