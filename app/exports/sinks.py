"""Where the files of an export go; one is there under its name only when it is whole."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from app.core.disk import settle_names

PARTIAL: Final = ".partial"


class File(Protocol):
    """A file that is being written."""

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""

    def finish(self) -> None:
        """Makes it durable, and only then puts it under its name."""

    def abort(self) -> None:
        """Leaves nothing of it."""


class Sink(Protocol):
    """What takes the files of one export."""

    def open(self, name: str) -> File:
        """Begins a file."""


class FileInDirectory:
    """A file of a directory, under a name of its own until it is whole."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(target.name + PARTIAL)
        self._file: BinaryIO = os.fdopen(os.open(self._partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb")

    def write(self, piece: bytes) -> None:
        """Takes the next bytes."""
        self._file.write(piece)

    def finish(self) -> None:
        """Makes it durable, and only then puts it under its name."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._target)
        settle_names(self._target.parent)

    def abort(self) -> None:
        """Leaves nothing of it."""
        with suppress(OSError):  # what was buffered may find no room either, and is thrown away anyway
            self._file.close()
        self._partial.unlink(missing_ok=True)


class Directory:
    """A directory that takes files, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path

    def open(self, name: str) -> FileInDirectory:
        """Begins a file of this name."""
        return FileInDirectory(self.path / name)
