"""Care teams over HTTP: from the couple's side for its therapists, from the member's side for the administrator."""

from typing import Annotated

from fastapi import Query

from app.access.people_schemas import SeatAssign, SeatCreate, SeatRead
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.seats import GrantEndsWronglyError, LastTherapistError, MemberUnknownError
from app.access.work import Work
from app.core.ids import CoupleId, MemberId, SeatId
from app.core.paging import Page
from app.couples import seats
from app.couples.rules import CoupleArchivedError

router = RecordRouter("Care teams")
CARE_TEAM = "/couples/{couple_id}/care-team"


@router.creates(CARE_TEAM, Permission.COUPLES_WRITE, MemberUnknownError, GrantEndsWronglyError, CoupleArchivedError)
def add_to_care_team(work: Work, couple_id: CoupleId, body: SeatCreate) -> SeatRead:
    """Let another therapist of the clinic see this couple, or a supervisor until the grant ends."""
    return seats.add_to_care_team(work, couple_id, body.member_id, body.until)


@router.reads(CARE_TEAM, Permission.COUPLES_READ)
def list_care_team(
    work: Work,
    couple_id: CoupleId,
    ended: Annotated[bool, Query(description="Seats that ended instead of those that are held.")] = False,  # noqa: FBT002 - a query parameter
) -> Page[SeatRead]:
    """List who sees a couple, in the order they came."""
    return Page(items=seats.list_care_team(work, couple_id, ended=ended), next_cursor=None)


@router.creates(CARE_TEAM + "/{seat_id}/endings", Permission.CARE_TEAMS_WRITE, LastTherapistError, status=200)
def end_seat(work: Work, couple_id: CoupleId, seat_id: SeatId) -> SeatRead:
    """End a seat, or revoke a supervisor's grant; from the next request on its holder finds nothing of the couple."""
    return seats.end_seat_of_couple(work, couple_id, seat_id)


@router.creates(
    "/members/{member_id}/seats", Permission.MEMBERS_WRITE, MemberUnknownError, GrantEndsWronglyError, seats.CoupleUnknownError
)
def assign_seat(work: Work, member_id: MemberId, body: SeatAssign) -> SeatRead:
    """Put a member on a couple's care team without seeing anything of the couple."""
    return seats.assign(work, member_id, body.couple_id, body.until)
