"""A member leaves: everything of theirs ends, and their couples are handed over, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from app.access.members import MemberEndedError, OwnStandingError
from app.access.models import CareTeamMember, Member, Password
from app.access.people_schemas import DepartureCreate, DepartureRead, Handover
from app.access.permissions import Role
from app.access.seats import join_care_team, seats_held, therapists_of
from app.access.service import end_keys
from app.access.sign_ins import end_all
from app.access.work import Work
from app.core.database import RecordSession
from app.core.existing import existing
from app.core.ids import encode
from app.errors import ConflictError, Fault, InvalidError


class CaseloadLeftError(ConflictError):
    """Couples would be left without a therapist."""

    code = "caseload_left"
    detail = "Couples would be left without a therapist; `errors` name the first of them. Hand them over."


class NotTheirsError(InvalidError):
    """A couple was to be handed over that the member does not see."""

    code = "not_in_caseload"
    detail = "This couple is not among those the member sees."


@dataclass(frozen=True)
class Departure:
    """Who leaves, at whose word, and who takes over: `handovers` couple by couple, `handed_to` all others."""

    member_id: UUID
    by: UUID | None
    handed_to: UUID | None = None
    handovers: Mapping[UUID, UUID] = field(default_factory=dict)


def leave(work: Work, member_id: UUID, body: DepartureCreate) -> DepartureRead:
    """The same, as the administrator asks for it over HTTP. Raises OwnStandingError."""
    if member_id == work.actor.id:
        raise OwnStandingError
    handovers = {one.couple_id: one.member_id for one in body.handovers}
    return depart(work.session, Departure(member_id, work.actor.id, body.handed_to, handovers), work.now)


def depart(session: RecordSession, departure: Departure, now: datetime) -> DepartureRead:
    """Ends a member. Raises NotFoundError, MemberEndedError, NotTheirsError, MemberUnknownError, CaseloadLeftError.

    The links they handed to partners stay with the couple, and what they wrote stays in the record.
    """
    member = _locked(session, departure.member_id)
    member.ended_at = now  # first, so that nobody is handed over to who is leaving
    session.flush()
    seats = session.scalars(seats_held(now).where(CareTeamMember.member_id == member.id).order_by(CareTeamMember.id)).all()
    for seat in seats:
        seat.until, seat.ended_by = now, departure.by
    session.flush()
    is_therapist = member.role == Role.THERAPIST
    handed_over = _hand_over(session, departure, [seat.couple_id for seat in seats], now, is_therapist=is_therapist)
    return DepartureRead(
        member_id=member.id,
        ended_at=now,
        credentials_ended=end_keys(session, member, now),
        sign_ins_ended=_shut_out(session, member, now),
        seats_ended=len(seats),
        handed_over=handed_over,
    )


def _locked(session: RecordSession, member_id: UUID) -> Member:
    query = select(Member).where(Member.id == member_id)
    member = existing(session, query.with_for_update(key_share=True))
    if member.ended_at is not None:
        raise MemberEndedError
    return member


def _hand_over(
    session: RecordSession, departure: Departure, couple_ids: list[UUID], now: datetime, *, is_therapist: bool
) -> list[Handover]:
    """Seats for those who take over; every couple of a therapist keeps a therapist, or nothing happens at all.

    Who supervised leaves no couple alone, and theirs pass to somebody only where they are named.
    """
    if not set(departure.handovers) <= set(couple_ids):
        raise NotTheirsError(faults=(Fault("/handovers", NotTheirsError.code, NotTheirsError.detail),))
    handed_over, left = [], []
    for couple_id in couple_ids:
        taker = departure.handovers.get(couple_id, departure.handed_to if is_therapist else None)
        if taker is not None:
            pointer = "/handovers" if couple_id in departure.handovers else "/handed_to"
            join_care_team(session, couple_id, taker, now, pointer, by=departure.by, longest=None)
            handed_over.append(Handover(couple_id=couple_id, member_id=taker))
        elif is_therapist and not therapists_of(session, couple_id, now):
            left.append(couple_id)
    if left:
        alone = (f"{encode('cpl', one)} would be left without a therapist." for one in left)
        raise CaseloadLeftError(faults=tuple(Fault("/handovers", "left_alone", sentence) for sentence in alone))
    return handed_over


def _shut_out(session: RecordSession, member: Member, now: datetime) -> int:
    """Ends the member's sign-ins and forgets their password; how many sign-ins still opened."""
    session.execute(delete(Password).where(Password.member_id == member.id))
    return end_all(session, member.id, now)
