"""Hands out files of exports, whole or in parts, and removes them with the export they are of."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from app.access.streams import Streamed
from app.access.work import Work
from app.exports import files
from app.exports.models import Export
from app.exports.ranges import Part, is_same, span_of
from app.exports.rules import ExportGoneError


class FileBody(Streamed):
    """A file of an export, or a part of it."""

    answers: ClassVar[Mapping[int, str]] = {
        200: "The file.",
        206: "The part of it that `Range` asked for.",
        304: "Unchanged: the ETag in `If-None-Match` is the one there is.",
    }


def file_body(work: Work, row: Export, file: Mapping[str, Any], part: Part, media_type: str) -> FileBody:
    """A file of an export that is kept, or the span of it that is asked for; its ETag is its SHA-256.

    Raises ExportGoneError, RangeOutsideError.
    """
    name, tag, size = str(file["name"]), f'"{file["sha256"]}"', int(file["bytes"])
    headers = {"ETag": tag, "Accept-Ranges": "bytes", "Content-Disposition": f'attachment; filename="{name}"'}
    if is_same(part.if_none_match, tag):
        return FileBody(_nothing, media_type, 304, headers)
    span = span_of(part.asked, part.if_range, tag, size)
    folder = files.folder_of(work.settings, row.clinic_id, row.id, row.attempt)
    if not files.is_whole(folder, name, size):
        raise ExportGoneError
    sent = range(size) if span is None else span
    headers["Content-Length"] = str(len(sent))
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    key = bytes.fromhex(work.vault.open(row, "key", row.key))
    return FileBody(partial(_opened, folder, name, key, size, sent), media_type, 200 if span is None else 206, headers)


def drop(work: Work, row: Export) -> None:
    """Ends an export that is under way, or forgets one that is not; its files go with the commit."""
    clinic_id, export_id, attempt, settings = row.clinic_id, row.id, row.attempt, work.settings
    gone = partial(_remove, *(files.folder_of(settings, clinic_id, export_id, one + 1) for one in range(attempt)))
    work.session.info.setdefault("after_commit", []).append(gone)
    work.session.delete(row)
    work.session.flush()


def _remove(*folders: Path) -> None:
    for folder in folders:
        files.remove(folder)


@contextmanager
def _opened(folder: Path, name: str, key: bytes, size: int, span: range, _runtime: Any) -> Iterator[Iterator[bytes]]:
    with closing(files.open_sealed(folder, name)) as source:
        yield files.pieces(source, key, name, size, span)


@contextmanager
def _nothing(_runtime: Any) -> Iterator[Iterator[bytes]]:
    yield iter(())
