"""Whom a breach touched: what a key, a member or a window of time read and changed, by couple, from the ledger alone."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select

from app.access.permissions import Role
from app.access.work import Work
from app.audit import service as trail
from app.audit.rules import CARE
from app.couples.models import Couple
from app.couples.service import visible_to
from app.errors import Fault, InvalidError
from app.ledger.models import LedgerEvent
from app.ledger.service import OWN_WORK, SERVICE, Aim, log_aggregate
from app.releases.schemas import BreachScope, TouchedCouple

READ: Final = "read"
# The kinds an administrator is told by name, where it was the office that did it. That a screen or a diagnosis was written is
# the care team's to know; for a notice it is enough that it was care, which is health and sex life (GDPR 9).
OF_THE_OFFICE: Final = frozenset(
    {"couple", "partner", "care_team_member", "partner_link", "legal_hold", "retention_fact", "erasure"}
)


class ScopeBackwardsError(InvalidError):
    """The window ends before it begins."""

    code = "scope_backwards"
    detail = "`to_at` lies before `from_at`."


def scope_of(
    work: Work, from_at: datetime, to_at: datetime | None, credential_id: UUID | None, member_id: UUID | None
) -> BreachScope:
    """Every couple with its counts; whoever is no administrator learns of couples they care for. Raises ScopeBackwardsError."""
    until = to_at or work.now
    if until < from_at:
        raise ScopeBackwardsError(faults=(Fault("/query/to_at", "scope_backwards", ScopeBackwardsError.detail),))
    query = _by_couple_for_the_office() if work.actor.role is Role.ADMINISTRATOR else _by_couple(work)
    query = query.where(LedgerEvent.at >= from_at, LedgerEvent.at <= until)
    if credential_id is not None:
        query = query.where(LedgerEvent.credential_id == credential_id)
    if member_id is not None:
        query = query.where(LedgerEvent.actor_id == member_id)
    couples: dict[UUID, TouchedCouple] = {}
    beside: dict[str, int] = {}
    for couple_id, kind, subject, times, first_at, last_at in work.session.execute(query).all():
        if couple_id is None:
            beside[subject] = beside.get(subject, 0) + times
            continue
        touched = couples.setdefault(
            couple_id, TouchedCouple(couple_id=couple_id, reads={}, changes={}, first_at=first_at, last_at=last_at)
        )
        counts = touched.reads if kind == READ else touched.changes
        counts[subject] = counts.get(subject, 0) + times
        touched.first_at, touched.last_at = min(touched.first_at, first_at), max(touched.last_at, last_at)
    log_aggregate(work.session, "ledger_event")
    return BreachScope(
        from_at=from_at,
        to_at=until,
        credential_id=credential_id,
        member_id=member_id,
        couples=list(couples.values()),
        beside_couples=beside,
    )


def _by_couple(work: Work) -> Select[*tuple[Any, ...]]:
    """Every event of the couples that a caller cares for."""
    mine = LedgerEvent.couple_id.in_(select(Couple.id).where(visible_to(work)))
    return _counted(LedgerEvent.kind, LedgerEvent.subject).where(mine)


def _by_couple_for_the_office() -> Select[*tuple[Any, ...]]:
    """What an administrator may know of it: of care what the trail tells them, one event a request and couple.

    More would tell one kind of care from another: a request that screened somebody, or that paused an exercise, leaves another
    number of events than one that did not; a private note, or what fell due by itself, leaves one where others leave none.
    """
    is_desk = LedgerEvent.purpose.is_(None) | LedgerEvent.purpose.in_(trail.NAMED)
    by_the_office = is_desk & (LedgerEvent.actor_kind != SERVICE) & (LedgerEvent.subject != OWN_WORK)
    is_named: ColumnElement[bool] = is_desk & (LedgerEvent.couple_id.is_(None) | LedgerEvent.subject.in_(OF_THE_OFFICE))
    changed = case((LedgerEvent.aim == Aim.CHANGE, literal(Aim.CHANGE.value)), else_=literal(READ))
    kind, subject = case((is_desk, LedgerEvent.kind), else_=changed), case((is_named, LedgerEvent.subject), else_=CARE)
    return _counted(kind, subject).where(or_(trail.is_told(), by_the_office))


def _counted(kind: Any, subject: Any) -> Select[*tuple[Any, ...]]:
    """How many events there are by couple, kind and subject, the first and the last of them."""
    place = (LedgerEvent.couple_id, kind.label("told_kind"), subject.label("told_subject"))
    query = select(*place, func.count(), func.min(LedgerEvent.at), func.max(LedgerEvent.at))
    return query.group_by(LedgerEvent.couple_id, "told_kind", "told_subject").order_by(
        LedgerEvent.couple_id, "told_kind", "told_subject"
    )
