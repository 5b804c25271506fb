"""Links for the clinic under `/v1`, and what partners do with them under `/p/{link}`."""

from typing import Annotated

from fastapi import Depends, Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, LinkId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import CoupleArchivedError
from app.homework.rules import CheckInTooEarlyError, CheckInTwiceError, MomentInFutureError
from app.measures.rules import AdministrationInvalidError, MeasureUnknownError, SafetyScreenApartError
from app.partner_pages import answers, pages, service
from app.partner_pages.door import LinkDoor, in_path
from app.partner_pages.rules import AnswersDoNotFitError, LinkAsksError
from app.partner_pages.schemas import LinkCreate, LinkMade, LinkRead, PageAnswers, PageRead, PageReceipt
from app.safety.rules import ConsentScopeError

router = RecordRouter("Partner links")
LINKS = "/couples/{couple_id}/partners/{partner_id}/links"
LINK = LINKS + "/{link_id}"
door = RecordRouter("Partner pages", prefix="/p/{link}", door=LinkDoor(), dependencies=[Depends(in_path)])


@router.creates(
    LINKS,
    Permission.LINKS_WRITE,
    LinkAsksError,
    MeasureUnknownError,
    SafetyScreenApartError,
    ConsentScopeError,
    CoupleArchivedError,
)
def create_partner_link(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: LinkCreate) -> LinkMade:
    """Make a link for one partner. It also takes the permission to do directly what the link is for."""
    return service.create_link(work, couple_id, partner_id, body)


@router.reads(LINKS, Permission.LINKS_READ, CursorInvalidError)
def list_partner_links(
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[LinkRead]:
    """List one partner's links, oldest first, without their secrets."""
    return service.list_links(work, couple_id, partner_id, limit, cursor)


@router.reads(LINK, Permission.LINKS_READ)
def read_partner_link(work: Work, couple_id: CoupleId, partner_id: PartnerId, link_id: LinkId) -> LinkRead:
    """Read a link, without its secret."""
    return service.read_link(work, couple_id, partner_id, link_id)


@router.creates(LINK + "/revocations", Permission.LINKS_WRITE, status=200)
def revoke_partner_link(work: Work, couple_id: CoupleId, partner_id: PartnerId, link_id: LinkId) -> LinkRead:
    """Revoke a link for good."""
    return service.revoke_link(work, couple_id, partner_id, link_id)


@door.reads("", Permission.PARTNER_PAGE)
def read_partner_page(work: Work) -> PageRead:
    """Read what a link asks. Reading it spends nothing."""
    return pages.read_page(work)


@door.creates(
    "/answers",
    Permission.PARTNER_PAGE,
    AnswersDoNotFitError,
    AdministrationInvalidError,
    CheckInTooEarlyError,
    CheckInTwiceError,
    MomentInFutureError,
    status=200,
)
def answer_partner_page(work: Work, body: PageAnswers) -> PageReceipt:
    """Answer what a link asks, once. Whatever was said, the receipt is the same."""
    return answers.take_answers(work, body)


@door.creates("/stop", Permission.PARTNER_PAGE, status=200)
def stop_by_link(work: Work) -> PageReceipt:
    """Stop: takes back what this partner agreed to and pauses homework at once, without a reason, as often as one likes."""
    return answers.stop(work)
