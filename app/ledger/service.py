"""Writes the trail in the transaction it speaks of, and reads it back in commit order."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import event, insert
from sqlalchemy.orm import UOWTransaction

from app.core.bulk import insert_rows
from app.core.chores import Holds
from app.core.commit_order import lies_ahead, rows_in_commit_order
from app.core.crypto import Vault
from app.core.database import Compartment, Database, Reach, RecordSession, TenantRow, UntoldRow
from app.core.ids import encode, new_id
from app.core.snapshots import IS_SNAPSHOT
from app.ledger.dated import DatedRow
from app.ledger.models import LedgerEvent
from app.ledger.watch import watch

SERVICE: Final = "service"
OWN_WORK: Final = "own_work"  # all that is told of rows that are their author's alone: of no couple
SEALS: Final = frozenset({"ledger_salt", "ledger_leaf", "checkpoint"})
DELIVERY: Final = frozenset({"webhook_followed", "webhook_delivery"})  # that what is told was told again elsewhere
KEPT_FIGURES: Final = frozenset({"couple_standing", "series_outcome", "followed"})  # reckoned from rows that are told
UNTOLD = (
    frozenset({"ledger_event", "stored_answer", "key_epoch", "signing_key", "chore_run", "recent_reading", "awaited_showing"})
    | {"deidentified_cohort"}
    | SEALS
    | KEPT_FIGURES
    | DELIVERY
)
OF_ONE: Final = frozenset({Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})


class Aim(StrEnum):
    """What an operation was after when it came to a couple."""

    CHANGE = "change"
    COUPLE = "couple"
    PARTNER = "partner"
    ITEM = "item"
    LIST = "list"


@dataclass(frozen=True)
class Occasion:
    """Who is at work, through which operation, and when; `aim` and `partner_id` are what the operation's path named."""

    actor_kind: str
    actor_id: UUID | None
    credential_id: UUID | None
    operation: str
    request_id: str
    at: datetime
    purpose: str | None = None
    actor_role: str | None = None
    aim: Aim | None = None
    partner_id: UUID | None = None
    break_glass_id: UUID | None = None

    @property
    def opens_a_couple(self) -> bool:
        """Whether somebody asked for one couple by its id, and not for a list."""
        return self.aim in {Aim.COUPLE, Aim.PARTNER, Aim.ITEM}


def begin(session: RecordSession, occasion: Occasion) -> None:
    """Names the occasion of everything this transaction does."""
    session.info["occasion"] = occasion


def under_break_glass(session: RecordSession, break_glass_id: UUID) -> None:
    """Marks everything this transaction still does: it happens only because somebody opened the record in an emergency."""
    session.info["occasion"] = replace(session.info["occasion"], break_glass_id=break_glass_id)


def about_partner(session: RecordSession, partner_id: UUID) -> None:
    """Marks everything this transaction still does as about one partner, where more than the path of a request says so."""
    session.info["occasion"] = replace(session.info["occasion"], aim=Aim.PARTNER, partner_id=partner_id)


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


@contextmanager
def chore_at_work(
    runtime: Holds, clinic_id: UUID, operation: str, compartments: frozenset[Compartment] = frozenset()
) -> Iterator[tuple[RecordSession, Vault, datetime]]:
    """One transaction of a chore, in the service's own name; more compartments only where the chore needs them."""
    now = runtime.clock()
    with runtime.database.transaction(Reach(clinic_id, compartments)) as session:
        begin(session, Occasion(SERVICE, None, None, operation, encode("req", new_id()), now))
        yield session, Vault(session, runtime.cache), now


def log_reads(session: RecordSession, subject: str, couple_ids: Iterable[UUID]) -> None:
    """One event a couple that was read; a read of only one partner's side says which.

    In a snapshot none: whoever takes one tells in a transaction of its own, before, what will be read.
    """
    if session.info.get(IS_SNAPSHOT):
        return
    occasion: Occasion = session.info["occasion"]
    sides = session.reach.compartments & OF_ONE
    told = {"partner_id": occasion.partner_id, "compartment": next(iter(sides)) if len(sides) == 1 else None}
    ids = list(couple_ids)
    insert_rows(
        session,
        LedgerEvent,
        [_event(session, "read", subject, couple_id=couple_id, subject_id=couple_id, **told) for couple_id in ids],
    )
    if occasion.actor_kind == "member" and occasion.actor_id and occasion.opens_a_couple:
        watch(session, occasion.actor_id, ids, occasion.at)


def log_aggregate(session: RecordSession, subject: str) -> None:
    """One event of figures that were computed over many couples, none of which is named; in a snapshot none, as above."""
    if session.info.get(IS_SNAPSHOT):
        return
    insert_rows(session, LedgerEvent, [_event(session, "read", subject)])


def log_changes(session: RecordSession, table: type[TenantRow], rows: Iterable[dict[str, Any]]) -> None:
    """One event a row that was inserted in bulk, which the session does not see by itself."""
    subject = str(table.__tablename__)  # type: ignore[attr-defined]  # every mapped class names its table
    insert_rows(session, LedgerEvent, [_of_values(session, subject, values) for values in rows])


def log_showing(session: RecordSession, table: type[TenantRow], rows: Iterable[dict[str, Any]]) -> None:
    """One event a row of what shows outside the care team from now on; nobody did it, so no list of doings names it."""
    subject = str(table.__tablename__)  # type: ignore[attr-defined]  # every mapped class names its table
    told = [{key: values.get(key) for key in ("couple_id", "subject_id", "compartment")} for values in rows]
    insert_rows(session, LedgerEvent, [_event(session, "update", subject, aim=None, **one) for one in told])


def log_gone(session: RecordSession, rows: Sequence[dict[str, Any]]) -> None:
    """One event a thing that others were told of under an id of its own, and that went with the rows it was made of.

    It has no aim: what went is told by the erasure itself.
    """
    told = [{key: values.get(key) for key in ("couple_id", "partner_id", "subject_id")} for values in rows]
    subjects = [values["subject"] for values in rows]
    events = [_event(session, "delete", subject, aim=None, **one) for subject, one in zip(subjects, told, strict=True)]
    insert_rows(session, LedgerEvent, events)


def log_own_work(session: RecordSession) -> None:
    """One event a transaction that a member worked on what is theirs alone: not what, nor of whom, nor read or written.

    It has no aim, so administrators' lists leave it out: beside the reads of a couple its moment would tell whom it was about.
    """
    if not session.info.get(OWN_WORK):
        session.info[OWN_WORK] = True
        insert_rows(session, LedgerEvent, [_event(session, "work", OWN_WORK, aim=None)])


def log_replay(session: RecordSession) -> None:
    """One event of an answer that was sent again; with it the replay, too, waits until the first commit is durable."""
    insert_rows(session, LedgerEvent, [_event(session, "read", "stored_answer")])


def log_refusal(session: RecordSession, subject: str, subject_id: UUID | None = None) -> None:
    """One event of somebody who was turned away; it never says what they showed.

    The statement is the same whether or not it is known whom they claimed to be.
    """
    told = _event(session, "refuse", subject, subject_id=subject_id)
    session.execute(insert(LedgerEvent).execution_options(render_nulls=True), [told])


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
            if isinstance(row, DatedRow) and kind != "delete":
                row.changed_at = session.info["occasion"].at
            session.add(LedgerEvent(**_event(session, kind, subject, **_told(kind, row))))


def _told(kind: str, row: Any) -> dict[str, Any]:
    version = getattr(row, "version", None)
    return {
        "couple_id": getattr(row, "couple_id", None),
        "partner_id": getattr(row, "partner_id", None),
        "compartment": getattr(row, "compartment", None),
        "subject_id": getattr(row, "id", None),
        "subject_version": 1 if version is None else version + (kind == "update"),
    }


def _of_values(session: RecordSession, subject: str, values: dict[str, Any]) -> dict[str, Any]:
    told = {key: values.get(key) for key in ("couple_id", "partner_id", "compartment")}
    return _event(session, "create", subject, subject_id=values.get("id"), subject_version=1, **told)


def _event(session: RecordSession, kind: str, subject: str, **told: Any) -> dict[str, Any]:
    occasion: Occasion = session.info["occasion"]
    blank = dict.fromkeys(("couple_id", "partner_id", "compartment", "subject_id", "subject_version"))
    return blank | {
        "clinic_id": session.reach.clinic_id,
        "id": new_id(),
        "at": occasion.at,
        "operation": occasion.operation,
        "purpose": occasion.purpose,
        "kind": kind,
        "actor_kind": occasion.actor_kind,
        "actor_id": occasion.actor_id,
        "actor_role": occasion.actor_role,
        "credential_id": occasion.credential_id,
        "request_id": occasion.request_id,
        "break_glass_id": occasion.break_glass_id,
        "subject": subject,
        "aim": _aim(session, occasion, kind, told.get("couple_id")),
        **told,
    }


def _aim(session: RecordSession, occasion: Occasion, kind: str, couple_id: UUID | None) -> Aim | None:
    """What the operation was after, on the first event about this couple, or about none, in this transaction."""
    led: set[UUID | None] = session.info.setdefault("led", set())
    if couple_id in led:
        return None
    led.add(couple_id)
    return occasion.aim or (Aim.LIST if kind == "read" else Aim.CHANGE)


def is_ahead_of_the_server(database: Database) -> bool:
    """Whether the trail of some clinic was restored from a dump, and would get new events before its last ones."""
    for clinic_id in database.clinic_ids() if database.is_postgresql else ():
        with database.transaction(Reach(clinic_id), durable=False) as session:
            if lies_ahead(session, LedgerEvent):
                return True
    return False


def events_in_commit_order(session: RecordSession, after: tuple[int, UUID] | None, limit: int) -> list[tuple[Any, ...]]:
    """Settled events after a position: (position, id, kind, subject, subject_id, couple_id); none can still come before."""
    columns = (LedgerEvent.id, LedgerEvent.kind, LedgerEvent.subject, LedgerEvent.subject_id, LedgerEvent.couple_id)
    return rows_in_commit_order(session, LedgerEvent, columns, after, limit)
