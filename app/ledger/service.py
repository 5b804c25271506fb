"""Writes the trail in the transaction it speaks of, and reads it back in commit order."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import UOWTransaction

from app.core.database import RecordSession, TenantRow, UntoldRow, insert_rows, rows_in_commit_order
from app.core.ids import new_id
from app.ledger.models import LedgerEvent

SERVICE: Final = "service"
OWN_WORK: Final = "own_work"  # all that is told of rows that are their author's alone: subject and operation, of no couple
UNTOLD = frozenset({"ledger_event", "stored_answer", "data_key", "signing_key"})


@dataclass(frozen=True)
class Occasion:
    """Who is at work, through which operation, and when."""

    actor_kind: str
    actor_id: UUID | None
    credential_id: UUID | None
    operation: str
    request_id: str
    at: datetime


def begin(session: RecordSession, occasion: Occasion) -> None:
    """Names the occasion of everything this transaction does."""
    session.info["occasion"] = occasion


@contextmanager
def by_the_service(session: RecordSession) -> Iterator[None]:
    """Changes that fell due and that nobody made: they stand in the trail as the service's own, not as the reader's."""
    before: Occasion = session.info["occasion"]
    session.info["occasion"] = replace(before, actor_kind=SERVICE, actor_id=None, credential_id=None)
    try:
        yield
        session.flush()
    finally:
        session.info["occasion"] = before


def log_reads(session: RecordSession, subject: str, couple_ids: Iterable[UUID]) -> None:
    """One event a couple that was read."""
    insert_rows(
        session,
        LedgerEvent,
        [_event(session, "read", subject, couple_id=couple_id, subject_id=couple_id) for couple_id in couple_ids],
    )


def log_aggregate(session: RecordSession, subject: str) -> None:
    """One event of figures that were computed over many couples, none of which is named."""
    insert_rows(session, LedgerEvent, [_event(session, "read", subject)])


def log_changes(session: RecordSession, table: type[TenantRow], rows: Iterable[dict[str, Any]]) -> None:
    """One event a row that was inserted in bulk, which the session does not see by itself."""
    subject = str(table.__tablename__)  # type: ignore[attr-defined]  # every mapped class names its table
    insert_rows(session, LedgerEvent, [_of_values(session, subject, values) for values in rows])


def log_own_work(session: RecordSession) -> None:
    """One event a transaction that a member worked on what is theirs alone: not what, nor of whom, nor read or written."""
    if not session.info.get(OWN_WORK):
        session.info[OWN_WORK] = True
        insert_rows(session, LedgerEvent, [_event(session, "work", OWN_WORK)])


def log_replay(session: RecordSession) -> None:
    """One event of an answer that was sent again; with it the replay, too, waits until the first commit is durable."""
    insert_rows(session, LedgerEvent, [_event(session, "read", "stored_answer")])


@contextmanager
def unwatched(session: RecordSession) -> Iterator[None]:
    """Changes that are no change of the record: when a token was last used."""
    session.info["unwatched"] = True
    try:
        yield
        session.flush()
    finally:
        session.info["unwatched"] = False


@event.listens_for(RecordSession, "before_flush")
def log_what_changes(session: RecordSession, _context: UOWTransaction, _instances: object) -> None:
    """Writes an event for every row that a flush adds, changes or removes; no service can forget it."""
    if session.info.get("unwatched"):
        return
    changes = [("create", row) for row in session.new]
    changes += [("update", row) for row in session.dirty if session.is_modified(row)]
    changes += [("delete", row) for row in session.deleted]
    for kind, row in changes:
        subject = getattr(row, "__tablename__", "")
        if isinstance(row, UntoldRow):
            log_own_work(session)
        elif isinstance(row, TenantRow) and subject not in UNTOLD:
            session.add(LedgerEvent(**_event(session, kind, subject, **_told(kind, row))))


def _told(kind: str, row: Any) -> dict[str, Any]:
    version = getattr(row, "version", None)
    return {
        "couple_id": getattr(row, "couple_id", None),
        "compartment": getattr(row, "compartment", None),
        "subject_id": getattr(row, "id", None),
        "subject_version": 1 if version is None else version + (kind == "update"),
    }


def _of_values(session: RecordSession, subject: str, values: dict[str, Any]) -> dict[str, Any]:
    told = {key: values.get(key) for key in ("couple_id", "compartment")}
    return _event(session, "create", subject, subject_id=values.get("id"), subject_version=1, **told)


def _event(session: RecordSession, kind: str, subject: str, **told: Any) -> dict[str, Any]:
    occasion: Occasion = session.info["occasion"]
    blank = {"couple_id": None, "compartment": None, "subject_id": None, "subject_version": None}
    return blank | {
        "clinic_id": session.reach.clinic_id,
        "id": new_id(),
        "at": occasion.at,
        "operation": occasion.operation,
        "kind": kind,
        "actor_kind": occasion.actor_kind,
        "actor_id": occasion.actor_id,
        "credential_id": occasion.credential_id,
        "request_id": occasion.request_id,
        "subject": subject,
        **told,
    }


def events_in_commit_order(session: RecordSession, after: tuple[int, UUID] | None, limit: int) -> list[tuple[Any, ...]]:
    """Settled events after a position: (position, id, kind, subject, subject_id, couple_id); none can still come before."""
    columns = (LedgerEvent.id, LedgerEvent.kind, LedgerEvent.subject, LedgerEvent.subject_id, LedgerEvent.couple_id)
    return rows_in_commit_order(session, LedgerEvent, columns, after, limit)
