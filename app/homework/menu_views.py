"""What is seen of a menu: the overlaps by both partners, how far it is by the care team alone."""

from uuid import UUID

from app.access.work import Work
from app.couples.service import get_couple, partners_of
from app.homework.menu_rules import next_reveal_from
from app.homework.menu_schemas import MenuStanding, OverlapsRead, PartnerMenuStanding
from app.homework.menus import get_menu, items_of
from app.homework.reveals import last_revealed_at, sheets_of, shown_now, waits_for


def read_overlaps(work: Work, couple_id: UUID, menu_id: UUID) -> OverlapsRead:
    """What is shown now. An empty reveal and none at all read the same."""
    get_couple(work, couple_id)
    menu = get_menu(work, couple_id, menu_id)
    shown = set(shown_now(work, menu))
    items = [item for item in items_of(work, menu) if item.code in shown]
    return OverlapsRead(status="shown" if items else "not_yet", items=items)


def read_standing(work: Work, couple_id: UUID, menu_id: UUID) -> MenuStanding:
    """Who has answered and who agrees, for callers who see the safety compartment."""
    get_couple(work, couple_id)
    menu = get_menu(work, couple_id, menu_id)
    sheets = {sheet.partner_id: sheet for sheet in sheets_of(work, menu)}
    last = last_revealed_at(work, couple_id)
    partners = [
        PartnerMenuStanding(
            partner_id=partner.id,
            has_answered=(sheet := sheets.get(partner.id)) is not None and sheet.answered_at is not None,
            agrees=sheet is not None and sheet.agreed_at is not None,
        )
        for partner in partners_of(work, couple_id)
    ]
    may_be_from = next_reveal_from(last, work.settings.menu_reveal_weeks)
    return MenuStanding(
        menu_id=menu.id,
        partners=partners,
        waits_for=waits_for(work, couple_id),
        revealed_at=last,
        next_reveal_from=may_be_from,
    )
