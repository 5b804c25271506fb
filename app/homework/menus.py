"""Use cases of the menu: opening it, answering alone, agreeing alone, and what both get to see."""

import secrets
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.menu import MENU, MENU_VERSION
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.homework.menu_rules import MenuReplacedError, check_items_known, check_own_items, plain
from app.homework.menu_schemas import MenuAnswers, MenuCreate, MenuItemRead, MenuRead, MenuReceipt
from app.homework.menu_states import OfSheet
from app.homework.models import Menu, MenuSeed, MenuSheet
from app.homework.reveals import end_what_is_shown, leave, lock_menus, reveal_if_both_agree
from app.homework.tracks import EVERYTHING


def open_menu(work: Work, couple_id: UUID, body: MenuCreate) -> MenuRead:
    """Opens a menu, in place of the one before. Raises OwnItemTwiceError."""
    couple = get_couple_in_care(work, couple_id)
    check_own_items(body.own_items)
    menu = Menu(
        clinic_id=work.actor.clinic_id,
        couple_id=couple.id,
        compartment=Compartment.CONJOINT,
        menu_version=MENU_VERSION,
        opened_at=work.now,
    )
    # Sorted, because the order in which they were asked for could tell by whom.
    menu.own_items = work.vault.seal(menu, "own_items", sorted(body.own_items, key=plain))
    work.session.add(menu)
    _ensure_seed(work, couple_id)
    work.session.flush()
    return read(work, menu)


def _ensure_seed(work: Work, couple_id: UUID) -> None:
    lock_menus(work, couple_id)
    with work.session.reaching(EVERYTHING):
        if work.session.scalars(select(MenuSeed.id).where(MenuSeed.couple_id == couple_id)).one_or_none() is not None:
            return
    row = MenuSeed(clinic_id=work.actor.clinic_id, couple_id=couple_id, compartment=Compartment.SAFETY)
    row.seed = work.vault.seal(row, "seed", secrets.token_hex(32))
    work.session.add(row)


def list_menus(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[MenuRead]:
    """A page of the couple's menus, oldest first; the last one counts."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "menus", couple_id)
    query = select(Menu).where(Menu.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Menu.id))))
    return Page(items=[read(work, row) for row in rows], next_cursor=next_cursor)


def read_menu(work: Work, couple_id: UUID, menu_id: UUID) -> MenuRead:
    """One menu. Raises NotFoundError."""
    get_couple(work, couple_id)
    return read(work, get_menu(work, couple_id, menu_id))


def get_menu(work: Work, couple_id: UUID, menu_id: UUID) -> Menu:
    """A menu of a couple that is within reach already. Raises NotFoundError."""
    return existing(work.session, select(Menu).where(Menu.couple_id == couple_id, Menu.id == menu_id))


def read(work: Work, menu: Menu) -> MenuRead:
    """A menu as the wire shows it."""
    return MenuRead(id=menu.id, menu_version=menu.menu_version, opened_at=menu.opened_at, items=items_of(work, menu))


def items_of(work: Work, menu: Menu) -> list[MenuItemRead]:
    """Everything on a menu, the couple's own last."""
    own = enumerate(work.vault.open(menu, "own_items", menu.own_items), start=1)
    return [MenuItemRead(code=item.code, group=item.group, text=item.text) for item in MENU] + [
        MenuItemRead(code=f"own_{number}", group="own", text=text) for number, text in own
    ]


def answer_menu(work: Work, couple_id: UUID, menu_id: UUID, partner_id: UUID, body: MenuAnswers) -> MenuReceipt:
    """Keeps one partner's answers, in place of earlier ones. Raises MenuItemUnknownError, MenuReplacedError."""
    menu, sheet = _get_sheet(work, couple_id, menu_id, partner_id)
    items = items_of(work, menu)
    check_items_known(body.answers, [item.code for item in items])
    sheet.answers, sheet.answered_at = work.vault.seal(sheet, "answers", body.answers), work.now
    return _received(work, menu, items, sheet)


def agree_to_reveal(work: Work, couple_id: UUID, menu_id: UUID, partner_id: UUID) -> MenuReceipt:
    """Keeps that one partner agrees to the next reveal. Raises MenuReplacedError."""
    menu, sheet = _get_sheet(work, couple_id, menu_id, partner_id)
    sheet.agreed_at = work.now
    return _received(work, menu, items_of(work, menu), sheet)


def withdraw_from_menu(work: Work, couple_id: UUID, menu_id: UUID, partner_id: UUID) -> MenuReceipt:
    """Takes one partner's answers and agreement back; of any menu, and in an archived couple's record too."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    get_menu(work, couple_id, menu_id)
    with work.session.reaching(EVERYTHING):
        lock_menus(work, couple_id)
        query = select(MenuSheet).where(MenuSheet.couple_id == couple_id, MenuSheet.partner_id == partner.id)
        for sheet in work.session.scalars(query):
            leave(sheet, OfSheet.WITHDRAW)
        end_what_is_shown(work, couple_id)
        work.session.flush()
    return MenuReceipt(menu_id=menu_id, partner_id=partner.id, received_at=work.now)


def _get_sheet(work: Work, couple_id: UUID, menu_id: UUID, partner_id: UUID) -> tuple[Menu, MenuSheet]:
    """One partner's sheet of the couple's last menu, with the couple's sheets locked until the end of the transaction."""
    get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    menu = get_menu(work, couple_id, menu_id)
    with work.session.reaching(EVERYTHING):
        lock_menus(work, couple_id)
        last = select(Menu.id).where(Menu.couple_id == couple_id).order_by(Menu.id.desc()).limit(1)
        if work.session.scalars(last).one() != menu.id:
            raise MenuReplacedError
        query = select(MenuSheet).where(
            MenuSheet.couple_id == couple_id, MenuSheet.menu_id == menu.id, MenuSheet.partner_id == partner.id
        )
        found = work.session.scalars(query).one_or_none()
    if found is not None:
        return menu, found
    new = {"couple_id": couple_id, "menu_id": menu.id, "partner_id": partner.id, "compartment": Compartment.SAFETY}
    sheet = MenuSheet(clinic_id=work.actor.clinic_id, answers=None, answered_at=None, agreed_at=None, **new)
    work.session.add(sheet)
    return menu, sheet


def _received(work: Work, menu: Menu, items: list[MenuItemRead], sheet: MenuSheet) -> MenuReceipt:
    work.session.flush()
    reveal_if_both_agree(work, menu, items)
    return MenuReceipt(menu_id=menu.id, partner_id=sheet.partner_id, received_at=work.now)
