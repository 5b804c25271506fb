"""The menu of yes, no and maybe over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, MenuId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import CoupleArchivedError
from app.homework import menu_views, menus
from app.homework.menu_rules import MenuItemUnknownError, MenuReplacedError, OwnItemTwiceError
from app.homework.menu_schemas import MenuAnswers, MenuCreate, MenuRead, MenuReceipt, MenuStanding, OverlapsRead

router = RecordRouter("Menu")
MENUS = "/couples/{couple_id}/menus"
MENU = MENUS + "/{menu_id}"
PARTNER = MENU + "/partners/{partner_id}"


@router.creates(MENUS, Permission.HOMEWORK_WRITE, OwnItemTwiceError, CoupleArchivedError)
def open_menu(work: Work, couple_id: CoupleId, body: MenuCreate) -> MenuRead:
    """Open a menu of yes, no and maybe, in place of the one before."""
    return menus.open_menu(work, couple_id, body)


@router.reads(MENUS, Permission.HOMEWORK_READ, CursorInvalidError)
def list_menus(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[MenuRead]:
    """List a couple's menus, oldest first; the last one counts."""
    return menus.list_menus(work, couple_id, limit, cursor)


@router.reads(MENU, Permission.HOMEWORK_READ)
def read_menu(work: Work, couple_id: CoupleId, menu_id: MenuId) -> MenuRead:
    """Read what is on a menu. Do not show it beside its overlaps."""
    return menus.read_menu(work, couple_id, menu_id)


@router.creates(
    PARTNER + "/answers", Permission.CHECK_INS_WRITE, MenuItemUnknownError, MenuReplacedError, CoupleArchivedError, status=200
)
def answer_menu(work: Work, couple_id: CoupleId, menu_id: MenuId, partner_id: PartnerId, body: MenuAnswers) -> MenuReceipt:
    """Keep what one partner answered alone, in place of earlier answers. Nobody can read them back, not even the therapist."""
    return menus.answer_menu(work, couple_id, menu_id, partner_id, body)


@router.creates(PARTNER + "/agreements", Permission.CONSENTS_WRITE, MenuReplacedError, CoupleArchivedError, status=200)
def agree_to_reveal(work: Work, couple_id: CoupleId, menu_id: MenuId, partner_id: PartnerId) -> MenuReceipt:
    """Keep that one partner, asked alone, agrees to show some of what both answered with yes or maybe, once."""
    return menus.agree_to_reveal(work, couple_id, menu_id, partner_id)


@router.creates(PARTNER + "/withdrawals", Permission.CONSENTS_WRITE, status=200)
def withdraw_from_menu(work: Work, couple_id: CoupleId, menu_id: MenuId, partner_id: PartnerId) -> MenuReceipt:
    """Take back one partner's answers and agreement, without a reason. What is shown goes away later, as it does by itself."""
    return menus.withdraw_from_menu(work, couple_id, menu_id, partner_id)


@router.reads(MENU + "/overlaps", Permission.HOMEWORK_READ)
def read_menu_overlaps(work: Work, couple_id: CoupleId, menu_id: MenuId) -> OverlapsRead:
    """Read some of what both answered with yes or maybe, once both agreed. Nothing follows from what is missing."""
    return menu_views.read_overlaps(work, couple_id, menu_id)


@router.reads(MENU + "/standing", Permission.SAFETY_READ)
def read_menu_standing(work: Work, couple_id: CoupleId, menu_id: MenuId) -> MenuStanding:
    """Read who has answered and who agrees to a reveal, as a member of the care team."""
    return menu_views.read_standing(work, couple_id, menu_id)
