"""The audit trail as an administrator reads it: who did something, when, and to which couple."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.access.permissions import ALLOWED, Role
from app.access.work import Work
from app.audit.rules import CARE, NotSealedYetError
from app.audit.schemas import AuditEventRead, CheckpointRead, InclusionProofRead, Who
from app.core.ids import encode
from app.core.paging import Page, Pager
from app.errors import NotFoundError
from app.ledger.checkpoints import newest_checkpoint, read_statement
from app.ledger.leaves import COLUMNS, NAMES, leaf_data
from app.ledger.merkle import inclusion
from app.ledger.models import Checkpoint, LedgerEvent, LedgerLeaf
from app.ledger.sealing import proven
from app.ledger.service import SERVICE, Aim, log_aggregate

# Operations an administrator may do are named to administrators. Every other is one of care, and none of them is told from
# another: a name, a count of rows or a second entry would tell that a couple was screened.
NAMED: Final = frozenset(str(permission) for permission in ALLOWED[Role.ADMINISTRATOR])
PREFIXES: Final = {"member": "mem", "integration": "int"}


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for."""

    member_id: UUID | None = None
    integration_id: UUID | None = None
    couple_id: UUID | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def narrow(self, query: Select[Any]) -> Select[Any]:
        """The query for these events alone."""
        if self.member_id is not None:
            query = query.where(LedgerEvent.actor_kind == "member", LedgerEvent.actor_id == self.member_id)
        if self.integration_id is not None:
            query = query.where(LedgerEvent.actor_kind == "integration", LedgerEvent.actor_id == self.integration_id)
        if self.couple_id is not None:
            query = query.where(LedgerEvent.couple_id == self.couple_id)
        if self.kind is not None:
            changes = LedgerEvent.aim == Aim.CHANGE
            query = query.where(changes if self.kind == "change" else ~changes)
        if self.since is not None:
            query = query.where(LedgerEvent.at >= self.since)
        if self.until is not None:
            query = query.where(LedgerEvent.at < self.until)
        return query


def is_told() -> ColumnElement[bool]:
    """THE condition on what administrators read: one entry a request and couple, of what people and programs did.

    What fell due by itself at a couple, as a pause that shows at last, nobody did; and what care leaves behind beside a
    couple, as an answer that was sent again, would tell one kind of care from another.
    """
    desk = LedgerEvent.purpose.is_(None) | LedgerEvent.purpose.in_(NAMED)
    about_a_couple = LedgerEvent.couple_id.is_not(None) & (LedgerEvent.actor_kind != SERVICE)
    return LedgerEvent.aim.is_not(None) & (about_a_couple | (LedgerEvent.couple_id.is_(None) & desk))


def list_audit_events(work: Work, wanted: Wanted, limit: int, cursor: str | None) -> Page[AuditEventRead]:
    """A page of what was done, in the order it was begun; that somebody asks is told as well."""
    pager = Pager(work.vault, limit, cursor, "audit", *vars(wanted).values())
    found = work.session.scalars(pager.cut(wanted.narrow(select(LedgerEvent).where(is_told())), LedgerEvent.id))
    events, next_cursor = pager.split(list(found))
    log_aggregate(work.session, "ledger_event")
    return Page(items=[_shown(event) for event in events], next_cursor=next_cursor)


def _shown(event: LedgerEvent) -> AuditEventRead:
    prefix = PREFIXES.get(event.actor_kind)
    who = encode(prefix, event.actor_id) if prefix and event.actor_id else None
    return AuditEventRead(
        id=event.id,
        at=event.at,
        who=Who(kind=event.actor_kind, id=who, role=event.actor_role),
        kind="change" if event.aim == Aim.CHANGE else "read",
        operation=event.operation if event.purpose is None or event.purpose in NAMED else CARE,
        couple_id=event.couple_id,
        request_id=event.request_id,
        break_glass_id=event.break_glass_id,
    )


def list_checkpoints(work: Work, limit: int, cursor: str | None) -> Page[CheckpointRead]:
    """A page of what was signed, the smallest tree first."""
    pager = Pager(work.vault, limit, cursor, "checkpoints")
    query = select(Checkpoint).order_by(Checkpoint.size).limit(limit + 1)
    if pager.after is not None:
        query = query.where(Checkpoint.size > pager.after.int)
    rows, next_cursor = pager.split([_Signed(row.size, row.note) for row in work.session.scalars(query)])
    log_aggregate(work.session, "checkpoint")
    items = [CheckpointRead(size=row.size, root=read_statement(row.note).root.hex(), note=row.note) for row in rows]
    return Page(items=items, next_cursor=next_cursor)


@dataclass(frozen=True)
class _Signed:
    size: int
    note: str

    @property
    def id(self) -> UUID:
        """What a cursor holds."""
        return UUID(int=self.size)


def prove_event(work: Work, event_id: UUID) -> InclusionProofRead:
    """What shows that an event is under the newest checkpoint. Raises NotFoundError, NotSealedYetError."""
    row = work.session.execute(select(*COLUMNS).where(LedgerEvent.id == event_id, is_told())).first()
    if row is None:
        raise NotFoundError
    log_aggregate(work.session, "ledger_leaf")
    placed = work.session.scalars(select(LedgerLeaf).where(LedgerLeaf.event_id == event_id)).one_or_none()
    newest = newest_checkpoint(work.session)
    if placed is None or newest is None or placed.number >= newest.size:
        raise NotSealedYetError
    number, size = placed.number, newest.size
    data = leaf_data(work.actor.clinic_id, number, dict(zip(NAMES, row, strict=True)), placed.commitment)
    proof = proven(work.session, lambda subtree: inclusion(number, size, subtree))
    return InclusionProofRead(
        event_id=event_id, number=number, leaf=data.decode(), proof=[step.hex() for step in proof], checkpoint=newest.note
    )
