"""Exports over HTTP: as a job with files, or one table at once."""

from typing import Annotated, Final

from fastapi import Header, Query

from app.access.actor import StepUpRequiredError
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.streams import StreamsBusyError
from app.access.work import Work
from app.changes.tokens import StartAnewError
from app.core.ids import ExportId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.problems import RangeOutsideError
from app.exports import sending, service, streaming
from app.exports.deidentified.rules import DeidentifiedSinceError, TooFewCouplesError, TooLittleChangedError
from app.exports.extras import ExtraMissingError
from app.exports.ranges import Part
from app.exports.rules import (
    ExportGoneError,
    ExportNotDoneError,
    ExportsWaitingError,
    FormatUnknownError,
    NoTableError,
    RecipientMissingError,
    RecipientNotSinceError,
    TableAbsentError,
    TableNotAllowedError,
    TableUnknownError,
)
from app.exports.schemas import ExportCreate, ExportRead, ExportStanding, FileName, FormatCode, TableName, Token

router = RecordRouter("Exports")
EXPORTS: Final = "/exports"
EXPORT: Final = EXPORTS + "/{export_id}"


@router.creates(
    EXPORTS,
    Permission.EXPORTS_WRITE,
    StepUpRequiredError,
    FormatUnknownError,
    ExtraMissingError,
    TableUnknownError,
    TableNotAllowedError,
    NoTableError,
    RecipientMissingError,
    RecipientNotSinceError,
    ExportsWaitingError,
    DeidentifiedSinceError,
    TooFewCouplesError,
    TooLittleChangedError,
    CursorInvalidError,
    StartAnewError,
    status=202,
)
def ask_for_export(work: Work, body: ExportCreate) -> ExportRead:
    """Ask for tables of the record as files, all of one moment.

    They are made beside the requests; `Location` is where to look. A member has to have signed in strongly within five minutes.
    """
    return service.ask(work, body)


@router.reads(EXPORTS, Permission.EXPORTS_READ, CursorInvalidError)
def list_exports(
    work: Work, limit: Annotated[Limit, Query()] = 50, cursor: Annotated[Cursor | None, Query()] = None
) -> Page[ExportStanding]:
    """List the exports that you asked for."""
    return service.list_exports(work, limit, cursor)


@router.reads(EXPORT, Permission.EXPORTS_READ)
def read_export(work: Work, export_id: ExportId) -> ExportRead:
    """Read how far an export is and which files it has; while it is not done, `Retry-After` says when to look again."""
    return service.read_export(work, export_id)


@router.reads(
    EXPORT + "/files/{name}",
    Permission.EXPORTS_READ,
    StepUpRequiredError,
    ExportNotDoneError,
    ExportGoneError,
    TableNotAllowedError,
    RangeOutsideError,
)
def read_export_file(  # noqa: PLR0913, PLR0917 - a file, and what RFC 9110 lets one ask of it
    work: Work,
    export_id: ExportId,
    name: FileName,
    byte_range: Annotated[
        str | None, Header(alias="Range", description="One span of bytes.", max_length=64, examples=["bytes=0-"])
    ] = None,
    if_range: Annotated[
        str | None,
        Header(description="The ETag that the span goes on from; another gives the whole.", max_length=128, examples=[None]),
    ] = None,
    if_none_match: Annotated[str | None, Header(description="The ETag you have.", max_length=1_024, examples=[None])] = None,
) -> sending.FileBody:
    """Fetch a file of an export, or go on with one where it was cut off; its ETag is its SHA-256."""
    return service.read_file(work, export_id, name, Part(byte_range, if_range, if_none_match))


@router.ends(EXPORT, Permission.EXPORTS_WRITE)
def delete_export(work: Work, export_id: ExportId) -> None:
    """End an export that is under way, or delete one with its files before its time."""
    service.drop(work, export_id)


@router.reads(
    "/tables/{table}",
    Permission.EXPORTS_READ,
    StepUpRequiredError,
    TableAbsentError,
    TableNotAllowedError,
    FormatUnknownError,
    streaming.SinceNeedsAnEndError,
    StreamsBusyError,
    CursorInvalidError,
    StartAnewError,
)
def read_table(
    work: Work,
    table: TableName,
    file_format: Annotated[FormatCode, Query(alias="format", description="`csv` or `jsonl`.")] = "csv",
    since: Annotated[Token | None, Query()] = None,
) -> streaming.TableBody:
    """Read one whole table at once, of one moment and without a job: for what is small.

    JSON Lines end with a line `{"_end": true, "rows", "sha256", "token", "tombstones"}`, its digest over all bytes before it;
    an answer that was cut off has none. In CSV a cut shows in the transfer alone: chunks without the last one.
    """
    return streaming.read_table(work, table, file_format, since)
