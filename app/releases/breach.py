"""Whom a breach touched: what a key, a member or a window of time read and changed, by couple, from the ledger alone."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.permissions import Role
from app.access.work import Work
from app.couples.models import Couple
from app.couples.service import visible_to
from app.errors import Fault, InvalidError
from app.ledger.models import LedgerEvent
from app.ledger.service import log_aggregate
from app.releases.schemas import BreachScope, TouchedCouple

READ: Final = "read"
CARE: Final = "care"
# The kinds an administrator is told by name. That a screen or a diagnosis was written is the care team's to know; for a notice
# it is enough that it was care, which is health and sex life (GDPR 9).
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
    count, first, last = func.count(), func.min(LedgerEvent.at), func.max(LedgerEvent.at)
    query = select(LedgerEvent.couple_id, LedgerEvent.kind, LedgerEvent.subject, count, first, last).where(
        LedgerEvent.at >= from_at, LedgerEvent.at <= until
    )
    if credential_id is not None:
        query = query.where(LedgerEvent.credential_id == credential_id)
    if member_id is not None:
        query = query.where(LedgerEvent.actor_id == member_id)
    if work.actor.role is not Role.ADMINISTRATOR:
        query = query.where(LedgerEvent.couple_id.in_(select(Couple.id).where(visible_to(work))))
    found = work.session.execute(
        query.group_by(LedgerEvent.couple_id, LedgerEvent.kind, LedgerEvent.subject).order_by(
            LedgerEvent.couple_id, LedgerEvent.kind, LedgerEvent.subject
        )
    ).all()
    couples: dict[UUID, TouchedCouple] = {}
    beside: dict[str, int] = {}
    for couple_id, kind, subject, times, first_at, last_at in found:
        if couple_id is None:
            beside[subject] = beside.get(subject, 0) + times
            continue
        touched = couples.setdefault(
            couple_id, TouchedCouple(couple_id=couple_id, reads={}, changes={}, first_at=first_at, last_at=last_at)
        )
        counts = touched.reads if kind == READ else touched.changes
        told = subject if work.actor.role is not Role.ADMINISTRATOR or subject in OF_THE_OFFICE else CARE
        counts[told] = counts.get(told, 0) + times
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
