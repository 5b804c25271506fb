"""Files on this machine's disk: whole or not there under their name, known by their SHA-256, for their owner's eyes alone."""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.core.disk import settle_names
from app.exports.client.ends import PartialError, RefusedError

MANIFEST: Final = "manifest.json"
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.[A-Za-z0-9.]*[A-Za-z0-9]")
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class File:
    """One file of an export; `table` and `rows` are None of what describes it."""

    name: str
    bytes: int
    sha256: str
    rows: int | None = None
    table: str | None = None

    def __post_init__(self) -> None:
        if len(self.name) > 100 or not NAME.fullmatch(self.name):  # a name from elsewhere leads nowhere else
            raise RefusedError("The service names a file of the export in a way no export does; nothing of it was written.")


def is_whole(path: Path, file: File) -> bool:
    """Whether what lies there is the file, to the last byte."""
    try:
        return path.stat().st_size == file.bytes and digest(path) == file.sha256
    except FileNotFoundError:
        return False


def digest(path: Path) -> str:
    """The SHA-256 of what lies there."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Writes a small file so that it is there with the old content or the new, and never with half."""
    unfinished = path.with_name(path.name + ".partial")
    descriptor = os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(path)
    settle_names(path.parent)


@contextmanager
def disk_told(folder: Path) -> Iterator[None]:
    """Turns what a disk refuses into a sentence: no room is mended by room, anything else by another folder."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise PartialError(f"There is no room left in {folder}. Make some, then repeat with --resume.") from None
        raise RefusedError(f"{error.filename or folder}: {error.strerror or type(error).__name__}.") from None
