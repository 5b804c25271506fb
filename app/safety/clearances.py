"""Use cases of clearances."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.service import get_couple, get_couple_in_care, partners_of
from app.safety.models import Clearance, SafetyScreen
from app.safety.rules import CLEARANCE_LASTS, ClearanceAsked, check_clearance, check_screens
from app.safety.schemas import ClearanceCreate, ClearanceRead
from app.safety.service import clearance_ran_out
from app.safety.stops import Stop, announce


def decide_clearance(work: Work, couple_id: UUID, body: ClearanceCreate) -> ClearanceRead:
    """Keeps a therapist's decision; a block pauses homework. Raises ClearanceIncompleteError, ClearanceNeedsScreensError."""
    today = today_of(work, get_couple_in_care(work, couple_id))
    screens = _latest_screens(work, couple_id)
    asked = ClearanceAsked(
        body.decision, body.interviewed_a_on, body.interviewed_b_on, tuple(body.blockers), body.reason is not None
    )
    check_clearance(asked, today, screen_needs_review=any(screen.needs_review for screen in screens if screen))
    if body.decision == "cleared":
        check_screens(*(_is_recent(screen, today) for screen in screens))
    # What ran without a clearance is told so before there is a new one, whether or not anybody looked in between.
    if stop := clearance_ran_out(work, couple_id):
        announce(work, stop)
    clearance = _new_clearance(work, couple_id, body)
    work.session.add(clearance)
    work.session.flush()
    if body.decision == "blocked":
        announce(work, Stop(couple_id, None, "clearance_blocked"))
    return _shown(work, clearance)


def _latest_screens(work: Work, couple_id: UUID) -> tuple[SafetyScreen | None, SafetyScreen | None]:
    query = select(SafetyScreen).where(SafetyScreen.couple_id == couple_id).order_by(SafetyScreen.id)
    latest = {screen.partner_id: screen for screen in work.session.scalars(query)}
    a, b = partners_of(work, couple_id)
    return latest.get(a.id), latest.get(b.id)


def _is_recent(screen: SafetyScreen | None, today: date) -> bool:
    return screen is not None and screen.taken_on >= today - CLEARANCE_LASTS


def _new_clearance(work: Work, couple_id: UUID, body: ClearanceCreate) -> Clearance:
    clearance = Clearance(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        compartment=Compartment.SAFETY,
        decision=body.decision,
        interviewed_a_on=body.interviewed_a_on,
        interviewed_b_on=body.interviewed_b_on,
        blockers=list(dict.fromkeys(body.blockers)),
        decided_by=work.actor.id,
        decided_at=work.now,
        expires_at=work.now + CLEARANCE_LASTS if body.decision == "cleared" else None,
    )
    clearance.reason = None if body.reason is None else work.vault.seal(clearance, "reason", body.reason)
    return clearance


def list_clearances(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[ClearanceRead]:
    """A page of a couple's clearances, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "clearances", couple_id)
    query = select(Clearance).where(Clearance.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Clearance.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_clearance(work: Work, couple_id: UUID, clearance_id: UUID) -> ClearanceRead:
    """One clearance. Raises NotFoundError."""
    get_couple(work, couple_id)
    found = select(Clearance).where(Clearance.couple_id == couple_id, Clearance.id == clearance_id)
    clearance = existing(work.session, found)
    return _shown(work, clearance)


def _shown(work: Work, row: Clearance) -> ClearanceRead:
    return ClearanceRead(
        id=row.id,
        version=row.version,
        decision=row.decision,
        interviewed_a_on=row.interviewed_a_on,
        interviewed_b_on=row.interviewed_b_on,
        blockers=row.blockers,
        reason=work.vault.open(row, "reason", row.reason),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        expires_at=row.expires_at,
    )
