"""Use cases of exports: asked for, followed, fetched file by file, and dropped, each by the one who asked and nobody else."""

from typing import Any, Final, get_args
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.changes.tokens import read_token
from app.core.chores import want_now
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.models import Couple
from app.couples.service import visible_to
from app.disclosures.service import Recipient
from app.errors import Fault, NotFoundError
from app.exports import sending
from app.exports.asking import Result, asked_by, check_may_export, known_tables, new_export, opened_result, waiting
from app.exports.choosing import check_formats, check_tables
from app.exports.deidentified.rules import DeidentifiedSinceError
from app.exports.deidentified.shape import DEIDENTIFIED
from app.exports.deidentified.standing import all_agree, settle
from app.exports.extras import check_installed
from app.exports.formats import formats
from app.exports.job import EXPORTING
from app.exports.models import Export
from app.exports.ranges import Part
from app.exports.released import still_covered
from app.exports.rules import (
    MOST_WAITING,
    WAITING,
    ExportGoneError,
    ExportNotDoneError,
    ExportsWaitingError,
    RecipientMissingError,
    RecipientNotSinceError,
)
from app.exports.schemas import Destination, ExportCreate, ExportProgress, ExportRead, ExportRecipient, ExportStanding
from app.exports.tables import tables
from app.ledger.service import log_aggregate

# Exports of what stands above are asked for, told of and handed out there.
DESTINATIONS: Final = frozenset(get_args(Destination))
OF_JSON: Final = "application/json"
MEDIA_TYPES: Final = {
    "json": OF_JSON,
    "csv": "text/csv; charset=utf-8",
    "py": "text/x-python",
    "R": "text/plain; charset=utf-8",
}


def ask(work: Work, body: ExportCreate) -> ExportRead:
    """Keeps what is asked, and has it made as soon as it is kept.

    Raises StepUpRequiredError, FormatUnknownError, ExtraMissingError, TableUnknownError, TableNotAllowedError, NoTableError,
    RecipientMissingError, ExportsWaitingError, TooFewCouplesError, TooLittleChangedError, and what reading the token raises.
    """
    check_may_export(work)
    is_deidentified = body.destination == DEIDENTIFIED
    asked_formats = check_formats(body.formats, formats())
    for code in asked_formats:
        check_installed(formats()[code])
    asked_tables = check_tables(body.tables, known_tables(body.destination), work.actor.permissions)
    if (body.destination == "recipient") is not (body.recipient is not None):
        raise RecipientMissingError(faults=(Fault("/recipient", "recipient_invalid", RecipientMissingError.detail),))
    if body.since is not None:
        check_since(work, body)
    if waiting(work, DESTINATIONS) >= MOST_WAITING:
        raise ExportsWaitingError
    if is_deidentified:
        settle(work, anew=True)
    question = {
        "formats": list(asked_formats),
        "tables": list(asked_tables),
        "since": body.since,
        "destination": body.destination,
    }
    total = (len(asked_tables) + (not is_deidentified)) * len(asked_formats)
    row = new_export(work, question, sorted(work.actor.permissions), total)
    if body.recipient is not None:
        row.words = work.vault.seal(row, "words", body.recipient.model_dump())
    work.session.add(row)
    work.session.flush()
    want_now(work.session, EXPORTING)
    return _shown(work, row)


def check_since(work: Work, body: ExportCreate) -> None:
    """Raises RecipientNotSinceError, DeidentifiedSinceError, CursorInvalidError, StartAnewError."""
    if body.destination == DEIDENTIFIED:
        raise DeidentifiedSinceError(faults=(Fault("/since", "deidentified_not_since", DeidentifiedSinceError.detail),))
    if body.recipient is not None:
        raise RecipientNotSinceError(faults=(Fault("/since", "recipient_not_since", RecipientNotSinceError.detail),))
    read_token(work, body.since or "")


def read_export(work: Work, export_id: UUID) -> ExportRead:
    """How far it is, and its files once it is done. Raises NotFoundError."""
    row = _get(work, export_id)
    log_aggregate(work.session, "export")
    return _shown(work, row)


def list_exports(work: Work, limit: int, cursor: str | None) -> Page[ExportStanding]:
    """A page of the caller's own, oldest first."""
    pager = Pager(work.vault, limit, cursor, "exports", work.actor.id)
    rows, next_cursor = pager.split(
        list(work.session.scalars(pager.cut(select(Export).where(asked_by(work, DESTINATIONS)), Export.id)))
    )
    return Page(items=[ExportStanding(**_standing(work, row)) for row in rows], next_cursor=next_cursor)


def drop(work: Work, export_id: UUID) -> None:
    """Ends an export that is under way, or forgets one that is not; its files go with the commit. Raises NotFoundError."""
    sending.drop(work, _get(work, export_id))


def read_file(work: Work, export_id: UUID, name: str, part: Part) -> sending.FileBody:
    """A file, or the span of it that is asked for, to the one who asked for the export and as they stand now.

    Raises StepUpRequiredError, NotFoundError, ExportNotDoneError, ExportGoneError, TableNotAllowedError, RangeOutsideError.
    """
    row = _get(work, export_id)
    result = _fetchable(work, row)
    file = result.file(name)
    if file is None:
        raise NotFoundError
    log_aggregate(work.session, "export")
    media_type = MEDIA_TYPES.get(name.rpartition(".")[2]) or next(
        (one.media_type for one in formats().values() if name.endswith("." + one.suffix)), "application/octet-stream"
    )
    return sending.file_body(work, row, file, part, media_type)


def _fetchable(work: Work, row: Export) -> Result:
    """What came of an export, if its files may be handed out now."""
    check_may_export(work, row.credential_id)
    if row.status in WAITING or row.status == "failed":
        raise ExportNotDoneError
    check_tables(row.question["tables"], known_tables(row.question["destination"]), work.actor.permissions)
    if row.key is None or row.expires_at is None or row.expires_at <= work.now:
        raise ExportGoneError
    result = opened_result(work, row)
    if not (_all_visible(work, result) and _all_covered(work, row, result)):
        raise ExportGoneError
    return result


def _all_visible(work: Work, result: Result) -> bool:
    return result.seen is None or result.seen <= set(work.session.scalars(select(Couple.id).where(visible_to(work))))


def _all_covered(work: Work, row: Export, result: Result) -> bool:
    """Whether what left the clinic's hands on paper may still leave them: either partner can have ended it since."""
    if row.question["destination"] == DEIDENTIFIED:
        return all_agree(work, {UUID(one): sides for one, sides in result.rests_on.items()})
    words = work.vault.open(row, "words", row.words)
    if words is None:
        return True
    rests_on = {UUID(couple_id): frozenset(map(UUID, ids)) for couple_id, ids in result.rests_on.items()}
    kinds = {tables()[name].kind for name in row.question["tables"]}
    return still_covered(work, Recipient(words["kind"], words["name"]), rests_on, kinds)


def _get(work: Work, export_id: UUID) -> Export:
    return existing(work.session, select(Export).where(Export.id == export_id, asked_by(work, DESTINATIONS)))


def _standing(work: Work, row: Export) -> dict[str, Any]:
    is_over = row.status == "done" and row.expires_at is not None and row.expires_at <= work.now
    words = work.vault.open(row, "words", row.words)
    return {
        "id": row.id,
        "status": "expired" if is_over else row.status,
        "failure": row.failure,
        "formats": row.question["formats"],
        "tables": row.question["tables"],
        "is_incremental": row.question["since"] is not None,
        "destination": row.question["destination"],
        "recipient": None if words is None else ExportRecipient(**words),
        "progress": ExportProgress(done=row.done, total=row.total, unit="tables"),
        "requested_at": row.requested_at,
        "finished_at": row.finished_at,
        "expires_at": row.expires_at,
    }


def _shown(work: Work, row: Export) -> ExportRead:
    told = _standing(work, row)
    if told["status"] != "done":
        return ExportRead(**told, files=[], token=None, left_out=[])
    result = opened_result(work, row)
    return ExportRead(**told, files=result.files, token=result.token, left_out=result.left_out)
