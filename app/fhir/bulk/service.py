"""Use cases of bulk exports: asked for, followed, fetched and dropped, each by the client that asked and no other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.chores import want_now
from app.core.existing import existing
from app.core.ids import decode, encode
from app.errors import NotAllowedError, NotFoundError
from app.exports import sending
from app.exports.asking import Result, asked_by, new_export, opened_result, waiting
from app.exports.job import EXPORTING
from app.exports.models import Export
from app.exports.ranges import Part
from app.exports.rules import MOST_WAITING, WAITING, ExportGoneError, ExportNotDoneError
from app.fhir.bulk.making import COUPLES, DELETED, ERRORS, FHIR, WHOLE, held
from app.fhir.bulk.orders import Order, OrderReading, allowed_types
from app.fhir.bulk.polling import LOOKS
from app.fhir.bulk.rules import NDJSON, SENTENCES, AsyncMissingError, BulkFailedError, BulkWaitingError
from app.fhir.queries import Pairs
from app.fhir.resource import Drawing
from app.fhir.searching import drawing_for
from app.ledger.service import log_aggregate

DESTINATIONS: Final = frozenset({FHIR})
RESPOND_ASYNC: Final = "respond-async"
LENIENT: Final = "handling=lenient"
PREFIX: Final = "exp"
OUTCOMES: Final = "OperationOutcome"


@dataclass(frozen=True)
class Kickoff:
    """How a bulk export is asked for: for whom, by which parameters, and what the client prefers."""

    level: str
    pairs: Pairs
    is_posted: bool
    accepts_fhir: bool
    preferred: frozenset[str]
    group: str | None = None


@dataclass(frozen=True)
class Standing:
    """How far an export is: what is told of its progress, or why it failed, or its manifest."""

    progress: str | None = None
    wait: int = 0
    failed: BulkFailedError | None = None
    manifest: dict[str, Any] | None = None
    expires_at: datetime | None = None


def ask(work: Work, kickoff: Kickoff) -> str:
    """Keeps what is asked, and has it made as soon as it is kept; the address of how far it is.

    Raises, in this order, NotAllowedError, AsyncMissingError, NotFoundError, BulkParameterError, BulkWaitingError.
    """
    allowed = allowed_types(work.actor.smart, kickoff.level)
    if not kickoff.accepts_fhir or RESPOND_ASYNC not in kickoff.preferred:
        raise AsyncMissingError
    drawing = drawing_for(work)
    reading = OrderReading(drawing, kickoff.level, allowed, LENIENT in kickoff.preferred, kickoff.group)
    order = reading.read(kickoff.pairs, is_posted=kickoff.is_posted)
    if waiting(work, DESTINATIONS) >= MOST_WAITING:
        raise BulkWaitingError
    row = _kept(work, order)
    want_now(work.session, EXPORTING)
    return f"{drawing.base}/bulk/{encode(PREFIX, row.id)}"


def _kept(work: Work, order: Order) -> Export:
    question = {"formats": [], "tables": list(order.types), "since": order.since, "destination": FHIR, "level": order.level}
    row = new_export(work, question, sorted(map(str, work.actor.smart)), len(order.types))
    row.words = work.vault.seal(row, "words", order.keepable)
    work.session.add(row)
    work.session.flush()
    return row


def standing(work: Work, export_id: str) -> Standing:
    """How far an export is. Raises NotFoundError, ExportGoneError, PolledTooFastError."""
    row = _get(work, export_id)
    log_aggregate(work.session, "export")
    wait = work.settings.bulk_poll_seconds
    if row.status in WAITING:
        LOOKS.take(row.id, work.now, wait)
        return Standing(progress=f"{row.done} of {row.total} resource types", wait=max(1, wait))
    if row.status == "failed":
        return Standing(failed=BulkFailedError(SENTENCES.get(row.failure or "", BulkFailedError.detail)))
    result = _result(work, row)
    order = Order.kept(work.vault.open(row, "words", row.words))
    return Standing(manifest=_manifest(drawing_for(work), row, order, result), expires_at=row.expires_at)


def _manifest(drawing: Drawing, row: Export, order: Order, result: Result) -> dict[str, Any]:
    at = f"{drawing.base}/bulk/{encode(PREFIX, row.id)}"

    def told(kind: str | None, type_: str) -> list[dict[str, Any]]:
        found = [one for one in result.files if kind in {None, one["table"]}]
        of_records = [one for one in found if kind is not None or one["table"] not in {DELETED, ERRORS}]
        return [{"type": type_ or one["table"], "url": f"{at}/{one['name']}", "count": one["rows"]} for one in of_records]

    return {
        "transactionTime": result.token,
        "request": order.request,
        "requiresAccessToken": True,
        "output": told(None, ""),
        "deleted": told(DELETED, "Bundle"),
        "error": told(ERRORS, OUTCOMES),
    }


def read_file(work: Work, export_id: str, name: str, part: Part) -> sending.FileBody:
    """A file, or the span of it that is asked for, to the client that asked and as its scopes are now.

    Raises NotFoundError, ExportNotDoneError, NotAllowedError, ExportGoneError, RangeOutsideError.
    """
    row = _get(work, export_id)
    if row.status in WAITING or row.status == "failed":
        raise ExportNotDoneError
    result = _result(work, row)
    file = result.file(name)
    if file is None:
        raise NotFoundError
    _check_still_allowed(work, result, file["table"])
    log_aggregate(work.session, "export")
    return sending.file_body(work, row, file, part, NDJSON)


def drop(work: Work, export_id: str) -> None:
    """Ends an export that is under way, or forgets one that is not; its files go with the commit. Raises NotFoundError."""
    sending.drop(work, _get(work, export_id))


def _get(work: Work, export_id: str) -> Export:
    try:
        row_id: UUID = decode(PREFIX, export_id)
    except ValueError:
        raise NotFoundError from None
    return existing(work.session, select(Export).where(Export.id == row_id, asked_by(work, DESTINATIONS)))


def _result(work: Work, row: Export) -> Result:
    if row.key is None or row.expires_at is None or row.expires_at <= work.now:
        raise ExportGoneError
    return opened_result(work, row)


def _check_still_allowed(work: Work, result: Result, kind: str) -> None:
    """That the client may still read what a file holds as it was drawn. Raises NotAllowedError."""
    drawing = drawing_for(work)
    if kind == ERRORS:
        return
    types = [one for one in result.rests_on if one != COUPLES] if kind == DELETED else [kind]
    for type_ in types:
        now, then = set(held(drawing, type_)), set(result.rests_on[type_])
        if WHOLE not in now and not then <= now:
            raise NotAllowedError
    if COUPLES in result.rests_on and not drawing.knows_couples:
        raise NotAllowedError
