"""Opening a couple's record in an emergency, over HTTP, and the queue of those who look at it afterwards."""

from typing import Annotated

from fastapi import Query

from app.access.actor import StepUpRequiredError
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import BreakGlassId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples import break_glass
from app.couples.break_glass import BreakGlassReviewedError, BreakGlassSpentError, OwnOpeningError
from app.couples.break_glass_schemas import BreakGlassCreate, BreakGlassRead, ReviewCreate
from app.couples.schemas import CoupleRead

router = RecordRouter("Break-glass")
OPENINGS = "/break-glass-openings"
OPENING = OPENINGS + "/{opening_id}"


@router.creates(OPENINGS, Permission.BREAK_GLASS_OPEN, StepUpRequiredError, BreakGlassSpentError)
def break_glass_open(work: Work, body: BreakGlassCreate) -> BreakGlassRead:
    """Open one couple's record in an emergency, to read it for 15 to 60 minutes. An alarm goes off, and others review it.

    The answer is the same whether or not there is such a couple; only reading tells.
    """
    return break_glass.open_record(work, body)


@router.reads(OPENINGS, Permission.BREAK_GLASS_READ, CursorInvalidError)
def list_break_glass_openings(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    reviewed: Annotated[bool, Query(description="Those somebody looked at instead of those that wait.")] = False,  # noqa: FBT002 - a query parameter
) -> Page[BreakGlassRead]:
    """List openings that wait for review: all for the administrator, your own and those of your couples for you."""
    return break_glass.list_openings(work, limit, cursor, reviewed=reviewed)


@router.reads(OPENING, Permission.BREAK_GLASS_READ)
def read_break_glass_opening(work: Work, opening_id: BreakGlassId) -> BreakGlassRead:
    """Read an opening, and what was read under it."""
    return break_glass.read_opening(work, opening_id)


@router.reads(OPENING + "/couple", Permission.BREAK_GLASS_OPEN)
def read_opened_couple(work: Work, opening_id: BreakGlassId) -> CoupleRead:
    """Read the couple you opened, while it is open; its id leads on to everything else."""
    return break_glass.read_opened_couple(work, opening_id)


@router.creates(OPENING + "/reviews", Permission.BREAK_GLASS_REVIEW, OwnOpeningError, BreakGlassReviewedError, status=200)
def review_break_glass_opening(work: Work, opening_id: BreakGlassId, body: ReviewCreate) -> BreakGlassRead:
    """Say what you found when you looked at an opening of somebody else; once."""
    return break_glass.review(work, opening_id, body)
