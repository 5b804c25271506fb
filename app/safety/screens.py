"""Use cases of safety screens."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import ScoreSheet, score
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.rules import check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.errors import Fault
from app.safety.models import SafetyScreen
from app.safety.rules import NotAScreenError, ScreenNotAloneError
from app.safety.schemas import ScreenCreate, ScreenCutoff, ScreenRead
from app.safety.stops import Stop, announce


def record_screen(work: Work, couple_id: UUID, partner_id: UUID, body: ScreenCreate) -> ScreenRead:
    """Keeps a screen; one that asks for review pauses homework. Raises NotAScreenError, ScreenNotAloneError."""
    couple = get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    measure = _screening_measure(body.measure)
    if not body.taken_alone:
        raise ScreenNotAloneError(faults=(Fault("/taken_alone", "not_alone", ScreenNotAloneError.detail),))
    today = today_of(work, couple)
    check_not_in_future(body.taken_on or today, today, "/taken_on")
    screen = _new_screen(work, measure, partner.id, couple_id, body.taken_on or today, body)
    work.session.add(screen)
    work.session.flush()
    if screen.needs_review:
        announce(work, Stop(couple_id, partner.id, "screen_needs_review"))
    return _shown(work, screen)


def _screening_measure(code: str) -> Measure:
    measure = MEASURES.get(code)
    if measure is None or measure.kind != "safety_screen":
        raise NotAScreenError(faults=(Fault("/measure", "not_a_safety_screen", NotAScreenError.detail),))
    return measure


def _new_screen(  # noqa: PLR0913, PLR0917 - what a screen is made of
    work: Work, measure: Measure, partner_id: UUID, couple_id: UUID, taken_on: date, body: ScreenCreate
) -> SafetyScreen:
    given = {"answers": body.answers, "reasons": body.reasons}
    sheet = _sheet(measure, given)
    screen = SafetyScreen(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        partner_id=partner_id,
        compartment=Compartment.SAFETY,
        measure=measure.code,
        measure_version=measure.version,
        taken_on=taken_on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
        meanings=sorted(sheet.meanings),
        needs_review=bool(sheet.meanings or sheet.alerts),
    )
    screen.answers = work.vault.seal(screen, "answers", given)
    return screen


def _sheet(measure: Measure, given: Mapping[str, Any]) -> ScoreSheet:
    answers, reasons = ({int(number): told for number, told in given[name].items()} for name in ("answers", "reasons"))
    return score(measure, answers, reasons)


def list_screens(work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None) -> Page[ScreenRead]:
    """A page of one partner's screens, oldest first."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "safety-screens", partner.id)
    query = select(SafetyScreen).where(SafetyScreen.couple_id == couple_id, SafetyScreen.partner_id == partner.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, SafetyScreen.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_screen(work: Work, couple_id: UUID, partner_id: UUID, screen_id: UUID) -> ScreenRead:
    """One screen. Raises NotFoundError."""
    get_couple(work, couple_id)
    found = select(SafetyScreen).where(
        SafetyScreen.couple_id == couple_id, SafetyScreen.partner_id == partner_id, SafetyScreen.id == screen_id
    )
    screen = existing(work.session, found)
    return _shown(work, screen)


def _shown(work: Work, row: SafetyScreen) -> ScreenRead:
    given = work.vault.open(row, "answers", row.answers)
    return ScreenRead(
        id=row.id,
        version=row.version,
        partner_id=row.partner_id,
        measure=row.measure,
        measure_version=row.measure_version,
        taken_on=row.taken_on,
        recorded_at=row.recorded_at,
        answers=given["answers"],
        cutoffs=_cutoffs(row, given),
        meanings=row.meanings,
        needs_review=row.needs_review,
    )


def _cutoffs(row: SafetyScreen, given: Mapping[str, Any]) -> list[ScreenCutoff]:
    measure = MEASURES.get(row.measure)
    if measure is None or measure.version != row.measure_version:
        return []
    # The sum itself is not told: a screen is a gate, and a number invites a chart.
    return [ScreenCutoff.model_validate(found) for found in _sheet(measure, given).cutoffs]
