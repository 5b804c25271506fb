"""What an erasure destroys: keys, and every row with the plain columns that no key protects.

Scores, dates, codes and states are not encrypted and are as personal as what is: destroying keys alone would leave them. Rows
are found by their table's columns, so that a table nobody thought of here is deleted too.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select

from app.access.work import Work
from app.caseload.models import CoupleStanding
from app.core.crypto import KeyName, Owner
from app.core.database import Base, RecordSession, TenantRow
from app.core.erasing import erase_rows, values_of
from app.core.idempotency import StoredAnswer
from app.core.shredding import destroy_keys
from app.couples.models import Couple, Partner
from app.disclosures.service import EVERYTHING
from app.homework.models import CheckIn, MenuSheet
from app.partner_pages.models import LinkUse, PartnerLink
from app.psychotherapy.models import PsychotherapyFile
from app.releases.models import Erasure

# They say that and when something was done, and nothing of whom: the proof, the trail, and the alarms of the trail.
KEPT: Final = frozenset({"erasure", "ledger_event", "ledger_salt", "alarm"})
# They may tell of both partners, so they go with either; what is reckoned is reckoned again from what is left.
OF_BOTH: Final = frozenset({StoredAnswer.__tablename__, CoupleStanding.__tablename__})
REASON: Final = "erasure"
Condition = ColumnElement[bool]
Listener = Callable[[RecordSession], None]
Watcher = Callable[[Work, Erasure], Callable[[], None]]
_listeners: list[Listener] = []
_watchers: list[Watcher] = []


def on_erasure(listener: Listener) -> Listener:
    """Registers what else has to go with an erasure: copies that stand above releases. It commits, or fails, with it.

    It is called once keys and rows are gone.
    """
    _listeners.append(listener)
    return listener


def around_erasure(watcher: Watcher) -> Watcher:
    """Registers who looks at what is there before rows go; what it returns is called once they are gone, and keys are not yet.

    So the trail can keep what else is told to be gone by what stands above releases. It commits, or fails, with the erasure.
    """
    _watchers.append(watcher)
    return watcher


def tables_of_couples() -> list[type[TenantRow]]:
    """Every table whose rows are of one couple, children before what they refer to; the couple's own row is not among them."""
    by_table = {mapper.local_table: mapper.class_ for mapper in Base.registry.mappers}
    ordered = [table for table in reversed(Base.metadata.sorted_tables) if table.name not in KEPT]
    return [by_table[table] for table in ordered if "couple_id" in table.c or _parents(table)]


def _parents(table: Table) -> list[tuple[str, Table]]:
    """Tables of couples that a table without a couple of its own refers to, with the column that does."""
    if "couple_id" in table.c:
        return []
    referred = [(key.column_keys[-1], key.referred_table) for key in table.foreign_key_constraints]
    return [(column, parent) for column, parent in referred if "couple_id" in parent.c and parent.name not in KEPT]


def condition_on(model: type[TenantRow], erasure: Erasure) -> Condition | None:
    """Which rows of a table are erased: all of the couple's, or one partner's. None where a table has no such rows."""
    table = Base.metadata.tables[model.__tablename__]  # type: ignore[attr-defined]  # every mapped class names its table
    if parents := _parents(table):
        column, parent = parents[0]
        inside = _of(parent, erasure)
        within = select(parent.c.id).where(parent.c.clinic_id == erasure.clinic_id)
        return None if inside is None else table.c[column].in_(within.where(inside))
    return _of(table, erasure)


def _of(table: Table, erasure: Erasure) -> Condition | None:
    couple = table.c.couple_id == erasure.couple_id
    if erasure.partner_id is None or table.name in OF_BOTH:
        return couple
    own = [table.c.partner_id == erasure.partner_id] if "partner_id" in table.c else []
    own += [table.c.compartment == erasure.compartment] if "compartment" in table.c else []
    if table.name == Partner.__tablename__ or not own:
        return None
    return couple & (own[0] if len(own) == 1 else own[0] | own[1])


def destroy(work: Work, erasure: Erasure) -> dict[str, Any]:
    """Deletes the rows and destroys the keys, in the caller's transaction; what was destroyed, for the tombstone."""
    with work.session.reaching(EVERYTHING):
        names = list(_keys_of(work, erasure))
        when_gone = [watcher(work, erasure) for watcher in _watchers]
        rows = delete_rows(work.session, erasure, work.now)
        for tell in when_gone:
            tell()
        destroy_keys(work.session, work.vault, names, REASON, work.now)
        for listener in _listeners:
            listener(work.session)
    return {"keys": sorted(f"{owner} {owner_id}" for owner, owner_id in names), "rows": rows}


def _keys_of(work: Work, erasure: Erasure) -> Iterator[KeyName]:
    if erasure.partner_id is not None:
        yield Owner.PARTNER, erasure.partner_id
        return
    yield Owner.COUPLE, erasure.couple_id
    for partner_id in values_of(work.session, Partner.__tablename__, "id", erasure.couple_id):
        yield Owner.PARTNER, partner_id
    for file_id in values_of(work.session, PsychotherapyFile.__tablename__, "id", erasure.couple_id):
        yield Owner.PSYCHOTHERAPY, file_id


def delete_rows(session: RecordSession, erasure: Erasure, now: datetime) -> int:
    """Deletes the rows alone; how many."""
    erasure.deleting = "all"
    session.flush()
    rows = 0
    for model in tables_of_couples():
        condition = condition_on(model, erasure)
        rows += 0 if condition is None else erase_rows(session, model, erasure.id, condition)
    _end_of(session, erasure, now)
    erasure.deleting = None
    session.flush()
    return rows


def _end_of(session: RecordSession, erasure: Erasure, now: datetime) -> None:
    """The couple's row goes last, through the session, so that the trail has the end of it; a partner's stays, emptied.

    The other partner's record needs to know that there were two: a number drawn anew stands where the record number stood.
    """
    if erasure.partner_id is None:
        session.delete(session.scalars(select(Couple).where(Couple.id == erasure.couple_id)).one())
        return
    partner = session.scalars(select(Partner).where(Partner.id == erasure.partner_id)).one()
    partner.record_number, partner.person, partner.erased_at = f"erased-{erasure.id.hex}", None, now


def delete_optional(work: Work, erasure: Erasure) -> None:
    """Deletes what is kept by consent alone: what partners wrote beside a check-in, answers to menus, links."""
    with work.session.reaching(EVERYTHING):
        for check_in in work.session.scalars(_theirs(CheckIn, erasure)):
            answers = work.vault.open(check_in, "answers", check_in.answers)
            if answers["note"] is not None:
                check_in.answers = work.vault.seal(check_in, "answers", answers | {"note": None})
        for sheet in work.session.scalars(_theirs(MenuSheet, erasure)):
            sheet.answers = sheet.answered_at = sheet.agreed_at = None
        erasure.deleting = "optional"
        work.session.flush()
        for model in (LinkUse, PartnerLink):
            if (condition := condition_on(model, erasure)) is not None:
                erase_rows(work.session, model, erasure.id, condition)
        erasure.deleting = None
        work.session.flush()


def _theirs(model: Any, erasure: Erasure) -> Any:
    query = select(model).where(model.couple_id == erasure.couple_id)
    return query if erasure.partner_id is None else query.where(model.partner_id == erasure.partner_id)
