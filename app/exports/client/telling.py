"""What an export says while it works: bars on a terminal, a line of JSON a part where a program reads it, or nothing."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.exports.client.ends import ExportEndedError
from app.exports.client.files import File


class Telling:
    """Says nothing; the others say more."""

    def step(self, of: str, done: int, total: int | None = None) -> None:
        """How far something is: so many of its parts, bytes or rows."""

    def part(self, file: File) -> None:
        """A file of the export is whole and checked."""

    def note(self, sentence: str) -> None:
        """Something to know that stops nothing."""

    def done(self, folder: Path, files: tuple[File, ...], **more: Any) -> None:
        """The export is in place."""

    def ended(self, error: ExportEndedError) -> None:
        """The export did not come to its end."""
        sys.stderr.write(plain(str(error)) + "\n")


class Lines(Telling):
    """One JSON object a line, as things happen."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def part(self, file: File) -> None:
        """The part, with its rows and its SHA-256."""
        told = {"name": file.name, "table": file.table, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256}
        self._say(event="part", **told)

    def note(self, sentence: str) -> None:
        """The sentence."""
        self._say(event="note", detail=sentence)

    def done(self, folder: Path, files: tuple[File, ...], **more: Any) -> None:
        """Where it lies, and how much it is."""
        self._say(event="done", folder=str(folder), **_sums(files), **more)

    def ended(self, error: ExportEndedError) -> None:
        """The reason and the exit code."""
        self._say(event="ended", code=error.code, exit_code=error.exit_code, detail=str(error))
        super().ended(error)

    def _say(self, **told: Any) -> None:
        self._out.write(json.dumps(told) + "\n")
        self._out.flush()


class Bars(Telling):
    """Bars, one for each thing that is waited for."""

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console, self._progress = console, progress
        self._tasks: dict[str, TaskID] = {}

    def step(self, of: str, done: int, total: int | None = None) -> None:
        """Moves the bar of it."""
        if of not in self._tasks:
            self._tasks[of] = self._progress.add_task(of, total=total)
        self._progress.update(self._tasks[of], completed=done, total=total)

    def note(self, sentence: str) -> None:
        """A line above the bars."""
        self._console.print(plain(sentence), markup=False, highlight=False)

    def done(self, folder: Path, files: tuple[File, ...], **more: Any) -> None:
        """One line below them."""
        sums = _sums(files)
        since = " changed since the last" if more.get("since") else ""
        self.note(f"{folder}: {sums['rows']:,} rows{since} in {sums['files']} files, {sums['bytes']:,} bytes.")

    def ended(self, error: ExportEndedError) -> None:
        """The sentence."""
        self.note(str(error))


@contextmanager
def telling(out: IO[str], *, quiet: bool) -> Iterator[Telling]:
    """How this run speaks: as asked, and as whoever reads it can use it."""
    if quiet:
        yield Telling()
    elif not out.isatty():
        yield Lines(out)
    else:
        console = Console(file=out)
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
            yield Bars(console, progress)


def plain(text: str) -> str:
    """Text from elsewhere, its lines kept, without what would steer a terminal."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def _sums(files: tuple[File, ...]) -> dict[str, int]:
    return {
        "files": len(files),
        "rows": sum(file.rows or 0 for file in files),
        "bytes": sum(file.bytes for file in files),
    }
