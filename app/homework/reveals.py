"""The reveal: drawn when both have answered and agreed, kept as it was, and gone again after a while."""

from datetime import datetime
from random import SystemRandom
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.clinical.protocols import PROTOCOLS
from app.core.database import Compartment
from app.couples.models import Couple
from app.homework.menu_rules import next_reveal_from, overlaps, plain, rank, release_round, shown_of, shown_until
from app.homework.menu_schemas import MenuItemRead
from app.homework.menu_states import AGREES, HAS_ANSWERS, SHEET, OfSheet, Sheet, sheet_stands
from app.homework.models import Menu, MenuReveal, MenuSeed, MenuSheet
from app.homework.rules import pause_shows_at
from app.homework.tracks import EVERYTHING
from app.safety.rules import Condition
from app.safety.service import Exercise, unmet
from app.safety.stops import Stop, on_stop

PROTOCOL: Final = "yes_no_maybe_menu"
REVEAL_STAGE: Final = 2
_OF_CONSENT: Final = frozenset({Condition.CONSENT_MISSING_A, Condition.CONSENT_MISSING_B})
_RANDOM: Final = SystemRandom()


def lock_menus(work: Work, couple_id: UUID) -> None:
    """What happens to a couple's menus at the same moment happens one after the other, so that one change sees the other."""
    row = select(Couple.id).where(Couple.id == couple_id)
    work.session.scalars(row.with_for_update(key_share=True)).one()  # rows that only refer to the couple go on being written


def reveal_if_both_agree(work: Work, menu: Menu, items: list[MenuItemRead]) -> None:
    """Draws a reveal if both have answered and agreed, safety allows it and the last one is long enough ago.

    It knows more than its caller may and tells nothing: whether it drew is not to be seen from any answer to a change.
    """
    with work.session.reaching(EVERYTHING):
        sheets = sheets_of(work, menu)
        both = [sheet for sheet in sheets if OfSheet.REVEAL in SHEET[stands(sheet)]]
        may_be_from = next_reveal_from(last_revealed_at(work, menu.couple_id), work.settings.menu_reveal_weeks)
        if len(both) == 2 and (may_be_from is None or may_be_from <= work.now) and not waits_for(work, menu.couple_id):
            _reveal(work, menu, items, both)


def waits_for(work: Work, couple_id: UUID) -> list[str]:
    """Codes of what safety still asks for, as of shared touch: the list invites it. It knows more than its caller may.

    Agreeing to the reveal is the consent here.
    """
    exercise = Exercise(couple_id, PROTOCOLS[PROTOCOL], REVEAL_STAGE, shared_touch=True, practising=None)
    return [fault.code for fault in unmet(work, exercise) if fault.code not in _OF_CONSENT]


def sheets_of(work: Work, menu: Menu) -> list[MenuSheet]:
    """Both partners' sheets, as far as there are any."""
    query = select(MenuSheet).where(MenuSheet.couple_id == menu.couple_id, MenuSheet.menu_id == menu.id)
    return list(work.session.scalars(query))


def stands(sheet: MenuSheet) -> Sheet:
    """Where one partner's sheet stands; for the care team alone."""
    return sheet_stands(answered=sheet.answered_at is not None, agreed=sheet.agreed_at is not None)


def leave(sheet: MenuSheet, event: OfSheet) -> None:
    """Lets go of what a sheet no longer holds after this."""
    left = SHEET[stands(sheet)].get(event, stands(sheet))
    if left not in HAS_ANSWERS:
        sheet.answers = sheet.answered_at = None
    if left not in AGREES:
        sheet.agreed_at = None


def last_revealed_at(work: Work, couple_id: UUID) -> datetime | None:
    """When something was last revealed from any menu of the couple."""
    return work.session.scalars(
        select(MenuReveal.revealed_at).where(MenuReveal.couple_id == couple_id).order_by(MenuReveal.number.desc()).limit(1)
    ).one_or_none()


def _reveal(work: Work, menu: Menu, items: list[MenuItemRead], sheets: list[MenuSheet]) -> None:
    count = select(func.count()).select_from(MenuReveal).where(MenuReveal.couple_id == menu.couple_id)
    reveal = MenuReveal(
        clinic_id=work.actor.clinic_id,
        couple_id=menu.couple_id,
        menu_id=menu.id,
        compartment=Compartment.SAFETY,
        number=work.session.execute(count).scalar_one() + 1,
        revealed_at=work.now,
        shown_until=shown_until(work.now, work.settings.menu_shown_days, _RANDOM),
    )
    one, other = (work.vault.open(sheet, "answers", sheet.answers) for sheet in sheets)
    # The couple's own are drawn for by their words: the same wish on a later menu keeps what was drawn for it.
    drawn_as = {item.code: plain(item.text) if item.group == "own" else item.code for item in items}
    seed = _seed(work, menu.couple_id)
    releases = {code: release_round(seed, name) for code, name in drawn_as.items()}
    ranks = {code: rank(seed, name) for code, name in drawn_as.items()}
    reveal.items = work.vault.seal(reveal, "items", shown_of(overlaps(one, other), reveal.number, releases, ranks))
    work.session.add(reveal)
    for sheet in sheets:
        leave(sheet, OfSheet.REVEAL)
    work.session.flush()


def _seed(work: Work, couple_id: UUID) -> bytes:
    row = work.session.scalars(select(MenuSeed).where(MenuSeed.couple_id == couple_id)).one()
    return bytes.fromhex(work.vault.open(row, "seed", row.seed))


def shown_now(work: Work, menu: Menu) -> list[str]:
    """Codes of what this menu shows now: for anyone who may see the couple's homework."""
    query = select(MenuReveal).where(
        MenuReveal.couple_id == menu.couple_id, MenuReveal.menu_id == menu.id, MenuReveal.shown_until > work.now
    )
    with work.session.reaching(EVERYTHING):
        reveal = work.session.scalars(query.order_by(MenuReveal.number.desc()).limit(1)).one_or_none()
        return [] if reveal is None else list(work.vault.open(reveal, "items", reveal.items))


def end_what_is_shown(work: Work, couple_id: UUID) -> None:
    """Lets what is shown go away, after a random delay: the moment would tell who took it back. Within every reach."""
    query = select(MenuReveal).where(MenuReveal.couple_id == couple_id, MenuReveal.shown_until > work.now)
    for reveal in work.session.scalars(query):
        ends = pause_shows_at(work.now, work.settings.pause_delay_hours, _RANDOM)
        reveal.shown_until = min(reveal.shown_until, ends)


@on_stop
def take_back_agreements(work: Work, stop: Stop) -> None:
    """After a stop nothing is revealed that was agreed to before it, and what is shown goes away.

    A clearance that ran out takes nothing back: the next reveal waits for a new one by itself.
    """
    if stop.protocol not in {None, PROTOCOL} or stop.reason == "clearance_expired":
        return
    lock_menus(work, stop.couple_id)  # meets an agreement that has passed its gate and not committed yet
    with work.session.reaching(EVERYTHING):
        query = select(MenuSheet).where(MenuSheet.couple_id == stop.couple_id, MenuSheet.agreed_at.is_not(None))
        for sheet in work.session.scalars(query):
            leave(sheet, OfSheet.STOP)
        end_what_is_shown(work, stop.couple_id)
        work.session.flush()
