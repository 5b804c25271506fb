"""One table as one answer, straight from a snapshot of the record."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any, ClassVar, Final

from app.access.actor import Actor
from app.access.streams import Streamed, StreamsBusyError
from app.access.work import Runtime, Work
from app.changes.service import couples_changed_since, token_now
from app.changes.tokens import read_token
from app.core.database import Reach
from app.core.ids import encode
from app.errors import Fault, InvalidError
from app.exports.asking import check_may_export, known_tables
from app.exports.choosing import check_format, check_table
from app.exports.engine import stream
from app.exports.formats import formats
from app.exports.reading import Reading, reading
from app.exports.tables import tables
from app.ledger.service import Occasion, begin, log_aggregate, log_reads

JSONL: Final = "jsonl"
STREAMED: Final = ("csv", JSONL)
"""Formats that can be read line by line as they come; others are whole only as a file."""


class SinceNeedsAnEndError(InvalidError):
    """Only what changed was asked for, in a format that cannot say what is stale."""

    code = "export_since_needs_jsonl"
    detail = "With `since`, ask for `format=jsonl`: its last line says which rows you have are stale, and the next token."


class TableBody(Streamed):
    """The rows of a table."""

    answers: ClassVar[Mapping[int, str]] = {200: "The rows."}
    media_types: ClassVar[tuple[str, ...]] = ("text/csv", "application/jsonl")


@dataclass(frozen=True)
class Asked:
    """One table for one caller."""

    actor: Actor
    table: str
    format: str
    since: str | None
    occasion: Occasion


def read_table(work: Work, table: str, file_format: str, since: str | None) -> TableBody:
    """The rows of a table, once the unit of work is committed.

    Raises StepUpRequiredError, TableAbsentError, TableNotAllowedError, FormatUnknownError, SinceNeedsAnEndError,
    CursorInvalidError, StartAnewError; as it is opened, StreamsBusyError.
    """
    check_may_export(work)
    check_table(table, known_tables(), work.actor.permissions)
    check_format(file_format, STREAMED)
    if since is not None:
        if file_format != JSONL:
            raise SinceNeedsAnEndError(faults=(Fault("/query/since", "since_needs_jsonl", SinceNeedsAnEndError.detail),))
        read_token(work, since)
    log_aggregate(work.session, "export")
    asked = Asked(work.actor, table, file_format, since, work.session.info["occasion"])
    form = formats()[file_format]
    named = {"Content-Disposition": f'attachment; filename="{table}.{form.suffix}"'}
    return TableBody(partial(_opened, asked), form.media_type, headers=named)


@contextmanager
def _opened(asked: Asked, runtime: Runtime) -> Iterator[Iterator[bytes]]:
    if not runtime.streams.acquire(blocking=False):
        raise StreamsBusyError
    try:
        with reading(runtime, asked.actor, runtime.clock()) as everything:
            stale = None if asked.since is None else couples_changed_since(everything.work, asked.since)
            read = replace(everything, since=None if stale is None else frozenset(stale))
            _tell_of_reads(runtime, asked, read)
            pieces = stream(read, tables()[asked.table], formats()[asked.format])
            told = [{"couple_id": encode("cpl", one), "reason": str(why)} for one, why in (stale or {}).items()]
            yield _with_end(pieces, token_now(read.work), told) if asked.format == JSONL else pieces
    finally:
        runtime.streams.release()


def _tell_of_reads(runtime: Runtime, asked: Asked, read: Reading) -> None:
    """One event a couple, committed before a byte of it leaves."""
    with runtime.database.transaction(Reach(asked.actor.clinic_id)) as session:
        begin(session, replace(asked.occasion, at=runtime.clock()))
        for page in read.couples():
            log_reads(session, "export", page)


def _with_end(pieces: Iterator[bytes], token: str, stale: list[dict[str, Any]]) -> Iterator[bytes]:
    """The lines and one more, without which they are not all; a line break stands nowhere but at the end of a row."""
    rows, digest = 0, sha256()
    for piece in pieces:
        rows += piece.count(b"\n")
        digest.update(piece)
        yield piece
    end = {"_end": True, "rows": rows, "sha256": digest.hexdigest(), "token": token, "tombstones": stale}
    yield json.dumps(end).encode() + b"\n"
