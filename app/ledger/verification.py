"""Recomputes a clinic's tree from its rows, compares it with everything that was signed, and names the first bad leaf."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, NoReturn, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.core.commit_order import rows_in_commit_order
from app.core.crypto import Vault
from app.core.database import RecordSession
from app.core.signing import Purpose, public_keys
from app.ledger.checkpoints import CheckpointBrokenError, Statement, newest_checkpoint, origin_of, read_statement
from app.ledger.leaves import COLUMNS, NAMES, Salts, commitment, leaf
from app.ledger.merkle import Tree
from app.ledger.models import Checkpoint, LedgerEvent, LedgerLeaf
from app.ledger.sealing import size_of

PAGE: Final = 1_000

Open = Callable[[], AbstractContextManager[tuple[RecordSession, Vault]]]
T = TypeVar("T")


class SignedVerified(Protocol):
    """What a slice says of the rows it signed: how they are called who are not what was signed, never a word of them."""

    @property
    def altered(self) -> Sequence[str]:
        """Ids of the rows that are not what was signed."""
        ...


VerifySigned = Callable[[RecordSession, Vault], SignedVerified]


class Wrong(StrEnum):
    """What is wrong with the first bad leaf."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    ROLLED_BACK = "rolled_back"
    FORGED = "forged"


@dataclass(frozen=True)
class Finding:
    """The first bad leaf, counted from 0, the event that stands or stood there, and what is wrong with it.

    With `until`, a checkpoint alone tells: the first bad leaf is one of those from `number` to `until`.
    """

    wrong: Wrong
    number: int
    event_id: UUID | None
    sentence: str
    until: int | None = None


@dataclass
class Verified:
    """What was looked at: `erased` events have no salt any more, `unsealed` ones are not in the tree yet."""

    size: int = 0
    root: bytes = b""
    checkpoints: int = 0
    erased: int = 0
    unsealed: int = 0
    finding: Finding | None = None


@dataclass(frozen=True)
class Found:
    """An event as it stands in the order of commits, with the salt of its couple if that still exists."""

    fields: dict[str, Any]
    salt: bytes | None
    erased: bool

    @property
    def id(self) -> UUID:
        """The id of the event."""
        event_id: UUID = self.fields["id"]
        return event_id


class FirstBadLeafError(Exception):
    """Ends the walk."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.wrong)
        self.finding = finding


def verify_ledger(open_record: Open, clinic_id: UUID, against: Sequence[str] = (), page: int = PAGE) -> Verified:
    """Walks through events, leaves and checkpoints side by side; holds a page of each, and no transaction for longer.

    `against` are checkpoints that were kept elsewhere. Raises CheckpointBrokenError when one of them is none of this clinic's.
    """
    walk = _Walk(open_record, clinic_id, [_of_this_clinic(note, clinic_id) for note in against], page)
    try:
        walk.run()
    except FirstBadLeafError as found:
        walk.verified.finding = found.finding
    walk.verified.size, walk.verified.root = walk.tree.size, walk.tree.root
    return walk.verified


def _of_this_clinic(note: str, clinic_id: UUID) -> Statement:
    statement = read_statement(note)
    if statement.origin != origin_of(clinic_id):
        raise CheckpointBrokenError("This checkpoint is one of another ledger.")
    return statement


@dataclass
class _Walk:
    open_record: Open
    clinic_id: UUID
    outside: list[Statement]
    page: int
    keys: dict[UUID, bytes] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)
    verified: Verified = field(default_factory=Verified)
    kept: int = 0  # how many leaves the last stored checkpoint stands for, and the last given one
    given: int = 0
    ends: tuple[int, int] = (0, 0)  # leaves and newest checkpoint at the beginning; what is sealed meanwhile is not looked at

    def run(self) -> None:
        with self.open_record() as (session, _vault):
            self.keys = public_keys(session, Purpose.CHECKPOINT)
            newest = newest_checkpoint(session)
            self.ends = (size_of(session), newest.size if newest else 0)
        for statement in self.outside:
            if not statement.is_signed_by(self.keys):
                self._bad(Wrong.FORGED, statement.size - 1, None, "The given checkpoint is not signed by this clinic.")
        events, checkpoints = self._events(), self._checkpoints()
        due = next(checkpoints, None)
        for sealed in self._leaves():
            self._look(sealed, next(events, None))
            while due is not None and due.size <= self.tree.size:
                self._compare_kept(due)
                due = next(checkpoints, None)
            self._compare_outside()
        self._look_at_the_end(events, due)

    def _look(self, sealed: LedgerLeaf, event: Found | None) -> None:
        number = self.tree.size
        if sealed.number > number:
            self._bad(Wrong.REMOVED, number, event.id if event else None, "Its place in the tree was removed.")
        if sealed.number < number:
            self._bad(Wrong.INSERTED, number, sealed.event_id, "A place was inserted into the tree.")
        if event is None or event.id != sealed.event_id:
            self._look_for(number, sealed, event)
        self._look_at_fields(number, sealed, event)
        if self.tree.append(sealed.leaf) != sealed.subtree:
            self._bad(Wrong.CHANGED, number, event.id, "The tree above it was changed.")

    def _look_for(self, number: int, sealed: LedgerLeaf, event: Found | None) -> NoReturn:
        """The event that belongs here does not stand here: finds out where it is, and what stands here instead."""
        with self.open_record() as (session, _vault):
            elsewhere = session.execute(select(LedgerEvent.id).where(LedgerEvent.id == sealed.event_id)).first()
            known = event and session.execute(select(LedgerLeaf.number).where(LedgerLeaf.event_id == event.id)).first()
        if event is None and elsewhere is None:
            self._bad(Wrong.TRUNCATED, number, sealed.event_id, "This event and all after it are gone.")
        if event is not None and not known:
            self._bad(Wrong.INSERTED, number, event.id, "An event that was never sealed stands among sealed ones.")
        if elsewhere is None:
            self._bad(Wrong.REMOVED, number, sealed.event_id, "The event is gone.")
        self._bad(Wrong.REORDERED, number, sealed.event_id, "The event stands at another place.")

    def _look_at_fields(self, number: int, sealed: LedgerLeaf, event: Found) -> None:
        if leaf(self.clinic_id, number, event.fields, sealed.commitment) != sealed.leaf:
            self._bad(Wrong.CHANGED, number, event.id, "The event, or its seal, was changed.")
        if event.salt is not None:
            if commitment(event.salt, number, event.fields) != sealed.commitment:
                self._bad(Wrong.CHANGED, number, event.id, "The event, or its seal, was changed.")
        elif event.erased:
            self.verified.erased += 1
        else:
            self._bad(Wrong.REMOVED, number, event.id, "Its salt is gone, though the key of its couple was never destroyed.")

    def _compare_kept(self, kept: Checkpoint) -> None:
        self._compare(self._signed(kept), self.kept)
        self.verified.checkpoints += 1
        self.kept = kept.size

    def _signed(self, kept: Checkpoint) -> Statement:
        """What a stored checkpoint says, if the clinic signed it."""
        with suppress(CheckpointBrokenError):
            statement = read_statement(kept.note)
            mine = (statement.origin, statement.size) == (origin_of(self.clinic_id), kept.size)
            if mine and statement.is_signed_by(self.keys):
                return statement
        told = "The checkpoint over this leaf does not carry the clinic's signature."
        raise FirstBadLeafError(Finding(Wrong.FORGED, max(kept.size - 1, 0), None, told))

    def _compare_outside(self) -> None:
        for statement in self.outside:
            if statement.size == self.tree.size:
                self._compare(statement, self.given)
                self.given = statement.size

    def _compare(self, statement: Statement, since: int) -> None:
        if statement.size != self.tree.size or statement.root != self.tree.root:
            told = "Not what a signed checkpoint says: the event and its seal were both changed."
            self._bad(Wrong.CHANGED, since, None, told, until=statement.size - 1)

    def _look_at_the_end(self, events: Iterator[Found], due: Checkpoint | None) -> None:
        size = self.tree.size
        missing = next(events, None)
        told = missing.id if missing else None
        if due is not None:
            self._signed(due)
            self._bad(Wrong.TRUNCATED, size, told, f"A signed checkpoint tells of {due.size} events.")
        for statement in self.outside:
            if statement.size > size:
                self._bad(Wrong.ROLLED_BACK, size, told, f"The given checkpoint tells of {statement.size} events.")
        self.verified.unsealed = (missing is not None) + sum(1 for _ in events)

    def _bad(self, wrong: Wrong, number: int, event_id: UUID | None, sentence: str, until: int | None = None) -> NoReturn:
        raise FirstBadLeafError(Finding(wrong, max(number, 0), event_id, sentence, until))

    def _leaves(self) -> Iterator[LedgerLeaf]:
        def fetch(session: RecordSession, _vault: Vault, last: LedgerLeaf | None) -> list[LedgerLeaf]:
            query = select(LedgerLeaf).where(LedgerLeaf.number < self.ends[0]).order_by(LedgerLeaf.number).limit(self.page)
            if last is not None:
                query = query.where(LedgerLeaf.number > last.number)
            return list(session.scalars(query))

        return self._every(fetch)

    def _checkpoints(self) -> Iterator[Checkpoint]:
        def fetch(session: RecordSession, _vault: Vault, last: Checkpoint | None) -> list[Checkpoint]:
            query = select(Checkpoint).where(Checkpoint.size <= self.ends[1]).order_by(Checkpoint.size).limit(self.page)
            if last is not None:
                query = query.where(Checkpoint.size > last.size)
            return list(session.scalars(query))

        return self._every(fetch)

    def _events(self) -> Iterator[Found]:
        place: tuple[int, UUID] | None = None

        def fetch(session: RecordSession, vault: Vault, _last: Found | None) -> list[Found]:
            nonlocal place
            rows = rows_in_commit_order(session, LedgerEvent, COLUMNS, place, self.page)
            events = [dict(zip(NAMES, row[1:], strict=True)) for row in rows]
            salts = Salts(session, vault)
            salts.load({event["couple_id"] for event in events})
            place = (rows[-1][0], events[-1]["id"]) if rows else place
            return [_found(salts, event) for event in events]

        return self._every(fetch)

    def _every(self, fetch: Callable[[RecordSession, Vault, T | None], list[T]]) -> Iterator[T]:
        last: T | None = None
        while True:
            with self.open_record() as (session, vault):
                some = fetch(session, vault, last)
                session.expunge_all()
            yield from some
            if len(some) < self.page:
                return
            last = some[-1]


def _found(salts: Salts, event: dict[str, Any]) -> Found:
    salt = salts.get(event["couple_id"])
    return Found(event, salt, erased=salt is None and salts.is_erased(event["couple_id"]))
