"""Writes the figures that are kept of couples, one after the other, for one audience."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from app.access.work import Work
from app.caseload.models import CoupleStanding, SeriesOutcome
from app.caseload.standing import Reckoned, not_reckoned, reckon
from app.core.crypto import Owner
from app.core.database import Base
from app.core.ids import encode
from app.core.logs import log
from app.couples.models import Couple, Partner
from app.homework.showing import next_shown_at


def keep_rows(work: Work, couple_ids: Sequence[UUID]) -> None:
    """Reckons and writes the rows of this work's audience, couple by couple; one that is gone is passed over."""
    if not couple_ids:
        return
    # Held against an erasure of the couple: what is reckoned from a record that is being destroyed would outlive it.
    held = select(Couple.id).where(Couple.id.in_(couple_ids)).order_by(Couple.id)
    there = list(work.session.scalars(held.with_for_update(read=True, key_share=True)))
    partners = work.session.scalars(select(Partner.id).where(Partner.couple_id.in_(there)))
    work.vault.load_keys([*((Owner.COUPLE, one) for one in there), *((Owner.PARTNER, one) for one in partners)])
    standings = select(CoupleStanding).where(CoupleStanding.couple_id.in_(there))
    kept = {row.couple_id: row for row in work.session.scalars(standings)}
    for couple_id in there:
        row = kept.get(couple_id)
        if not _attempt(work, couple_id, row, reckon):
            _attempt(work, couple_id, row, not_reckoned)


def _attempt(work: Work, couple_id: UUID, row: CoupleStanding | None, reckoning: Callable[[Work, UUID], Reckoned]) -> bool:
    """Whether the couple's rows could be reckoned and written; what fails is logged and keeps nobody else from theirs."""
    try:
        with work.session.begin_nested():
            _write(work, couple_id, row, reckoning(work, couple_id))
    except Exception as error:  # noqa: BLE001 - one couple's trouble is not the others'
        clinic = encode("cln", work.session.reach.clinic_id)
        log.error("couple_not_reckoned", operation="keep_figures", clinic=clinic, error=type(error).__name__)
        return False
    return True


def _write(work: Work, couple_id: UUID, kept: CoupleStanding | None, found: Reckoned) -> None:
    row = kept or CoupleStanding(clinic_id=work.session.reach.clinic_id, couple_id=couple_id, of_safety=work.sees_safety)
    for name, value in found.columns.items():
        setattr(row, name, value)
    if kept:  # written whether or not it is what it was: which columns a statement names would tell of what is hidden
        flag_modified(row, "fresh_until")
    row.shown = work.vault.seal(row, "shown", found.shown)
    work.session.add(row)
    if work.sees_safety:
        _wake_the_other(work, couple_id)
    else:
        _write_series(work, couple_id, found)
    work.session.flush()


def _wake_the_other(work: Work, couple_id: UUID) -> None:
    """Has the row outside the care team reckoned when what is hidden comes to show; nothing else of it is touched."""
    at = next_shown_at(work, couple_id)
    table = Base.metadata.tables[CoupleStanding.__tablename__]
    of_couple = (table.c.clinic_id == work.session.reach.clinic_id) & (table.c.couple_id == couple_id)
    if at is not None:
        later = ~table.c.of_safety & (table.c.fresh_until > at)
        work.session.connection().execute(update(table).where(of_couple, later).values(fresh_until=at))


def _write_series(work: Work, couple_id: UUID, found: Reckoned) -> None:
    query = select(SeriesOutcome).where(SeriesOutcome.couple_id == couple_id)
    kept = {(row.partner_id, row.measure_code, row.scale): row for row in work.session.scalars(query)}
    for place, values in found.series.items():
        row = kept.pop(place, None)
        if row is None:
            names: dict[str, Any] = dict(zip(("partner_id", "measure_code", "scale"), place, strict=True))
            row = SeriesOutcome(couple_id=couple_id, **names)
            work.session.add(row)
        for name, value in values.items():
            setattr(row, name, value)
    for row in kept.values():
        work.session.delete(row)
