"""Who sees a couple: the seats on its care team, given and ended by its therapists, or by the administrator from outside."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.access.members import get_member
from app.access.models import CareTeamMember
from app.access.people_schemas import SeatRead
from app.access.seats import end_seat, shown
from app.access.work import Work
from app.core.existing import existing
from app.couples.models import Couple
from app.couples.service import get_couple, get_couple_in_care, take_seat
from app.errors import Fault, InvalidError


class CoupleUnknownError(InvalidError):
    """A seat was to be given on the care team of no couple."""

    code = "couple_unknown"
    detail = "The clinic has no such couple."


def add_to_care_team(work: Work, couple_id: UUID, member_id: UUID, until: datetime | None) -> SeatRead:
    """Lets another therapist, or a supervisor for a while, see this couple."""
    get_couple_in_care(work, couple_id)
    return shown(work.session, [take_seat(work, couple_id, member_id, until, "/member_id")])[0]


def list_care_team(work: Work, couple_id: UUID, *, ended: bool) -> list[SeatRead]:
    """Who sees a couple now, or who did, in the order they came."""
    get_couple(work, couple_id)
    held = CareTeamMember.held_at(work.now)
    query = select(CareTeamMember).where(CareTeamMember.couple_id == couple_id, ~held if ended else held)
    return shown(work.session, work.session.scalars(query.order_by(CareTeamMember.id)).all())


def end_seat_of_couple(work: Work, couple_id: UUID, seat_id: UUID) -> SeatRead:
    """Ends a seat, in an archived couple's record too. Raises NotFoundError, LastTherapistError."""
    get_couple(work, couple_id)
    query = select(CareTeamMember).where(CareTeamMember.couple_id == couple_id, CareTeamMember.id == seat_id)
    seat = existing(work.session, query)
    end_seat(work.session, seat, work.now, work.actor.id)
    return shown(work.session, [seat])[0]


def assign(work: Work, member_id: UUID, couple_id: UUID, until: datetime | None) -> SeatRead:
    """The administrator gives a member a seat, reading nothing of the couple. Raises CoupleUnknownError."""
    get_member(work, member_id)
    if work.session.scalars(select(Couple.id).where(Couple.id == couple_id)).one_or_none() is None:
        raise CoupleUnknownError(faults=(Fault("/couple_id", CoupleUnknownError.code, CoupleUnknownError.detail),))
    return shown(work.session, [take_seat(work, couple_id, member_id, until, "/couple_id")])[0]
