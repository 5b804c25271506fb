"""One file fetched from the service: in pieces, gone on with where it was cut off, and under its name only once it is whole."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from app.core.disk import settle_names
from app.exports.client.calling import Patience, away, is_busy, refusal, seconds_of
from app.exports.client.ends import PartialError
from app.exports.client.files import File, digest

Told = Callable[[int], None]
"""Told of how many bytes of a file there are."""


@dataclass(frozen=True)
class Fetching:
    """Where files are fetched from, and with how much patience."""

    client: httpx.Client
    patience: Patience

    def fetch(self, path: str, file: File, into: Path, told: Told) -> None:
        """Puts the file into a folder. Raises Refusal, and PartialError when it does not arrive, or arrives damaged twice."""
        partial = into / f"{file.name}.partial"
        for _ in range(2):
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_RDWR, 0o600), "r+b") as out:
                self._arrive(path, file, out, told)
            if digest(partial) == file.sha256:
                partial.replace(into / file.name)
                settle_names(into)
                return
            partial.unlink()  # what was there before it was cut off was not sound, or the way here is not: from the start
        raise PartialError(f"{file.name} arrived damaged twice. Repeat the command with --resume.")

    def _arrive(self, path: str, file: File, out: BinaryIO, told: Told) -> None:
        """Goes on until as many bytes as the file has are on the disk."""
        at = out.seek(0, os.SEEK_END)
        while at < file.bytes:
            told(at)
            try:
                why, pause = self._receive(path, file, out, told)
            except httpx.RequestError as error:
                why, pause = away(error), 0.0
            before, at = at, out.tell()
            if at > before:
                self.patience.renew()
            if at < file.bytes:
                self.patience.lose(why, pause)
        out.flush()
        os.fsync(out.fileno())

    def _receive(self, path: str, file: File, out: BinaryIO, told: Told) -> tuple[str, float]:
        """Writes what one answer brings; tells why there may be more to ask for, and how long to wait before."""
        at = out.tell()
        headers = {"Range": f"bytes={at}-", "If-Range": f'"{file.sha256}"'} if at else {}
        with self.client.stream("GET", path, headers=headers) as answer:
            if is_busy(answer):
                return f"The service is busy ({answer.status_code}).", seconds_of(answer)
            if answer.status_code == 416 or (at and answer.status_code == 200):
                out.truncate(0)
                out.seek(0)
            if answer.status_code == 416:
                return "The service has less of a file than it said.", 0.0
            if not answer.is_success:
                answer.read()
                raise refusal(answer)
            for piece in answer.iter_raw():
                out.write(piece)
                told(out.tell())
                if out.tell() > file.bytes:
                    break
        return "The service sent less of a file than it said.", 0.0
