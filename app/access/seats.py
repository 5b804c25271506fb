"""Seats on care teams: who gives them, how long a supervisor's lasts, and what ends them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.access.models import CareTeamMember, Member
from app.access.people_schemas import SeatRead
from app.access.permissions import Role
from app.core.database import RecordSession
from app.errors import ConflictError, Fault, InvalidError


class MemberUnknownError(InvalidError):
    """Somebody was to see a couple who is no therapist or supervisor of the clinic."""

    code = "member_unknown"
    detail = "Only therapists and supervisors of this clinic can be on a care team, and supervisors only by a member's grant."


class GrantEndsWronglyError(InvalidError):
    """A grant was to end in the past, too late, or not at all as its kind asks."""

    code = "grant_ends_wrongly"
    detail = "A supervisor's grant ends in the future and as soon as the clinic asks; a therapist's seat has no end."


class LastTherapistError(ConflictError):
    """A couple would be left without a therapist."""

    code = "last_therapist"
    detail = "This couple would be left without a therapist. Put another one on its care team first."


def join_care_team(  # noqa: PLR0913 - who sees whom, who says so, and for how long
    session: RecordSession,
    couple_id: UUID,
    member_id: UUID,
    now: datetime,
    pointer: str,
    *,
    by: UUID | None,
    longest: timedelta | None,
    until: datetime | None = None,
) -> CareTeamMember:
    """Lets a therapist, or a supervisor for a while, see a couple. Raises MemberUnknownError, GrantEndsWronglyError.

    `longest` is the longest grant of a supervisor; None where none may be given. A therapist who has a seat keeps it, and
    so does a supervisor unless another end is named: then the grant ends and a new one begins. `pointer` is where the
    request named the member.
    """
    member = _eligible(session, member_id, pointer, supervisors=longest is not None)
    if member.role == Role.THERAPIST and until is not None:
        raise _wrong_end()
    held = session.scalars(seats_held(now).where(_seat_of(couple_id, member_id))).one_or_none()
    if held is not None and until in {None, held.until}:
        return held
    ends = None if longest is None or member.role == Role.THERAPIST else _grant_end(now, until, longest)
    if held is not None:
        held.until, held.ended_by = now, by
    seat = CareTeamMember(couple_id=couple_id, member_id=member_id, since=now, until=ends, granted_by=by)
    session.add(seat)
    session.flush()
    return seat


def _eligible(session: RecordSession, member_id: UUID, pointer: str, *, supervisors: bool) -> Member:
    """The member, locked: a departure at the same moment comes before or after, and nobody gets two seats at once."""
    found = select(Member).where(Member.id == member_id, Member.ended_at.is_(None))
    member = session.scalars(found.with_for_update(key_share=True)).one_or_none()
    roles = {Role.THERAPIST, Role.SUPERVISOR} if supervisors else {Role.THERAPIST}
    if member is None or member.role not in roles:
        raise MemberUnknownError(faults=(Fault(pointer, "member_unknown", MemberUnknownError.detail),))
    return member


def _seat_of(couple_id: UUID, member_id: UUID) -> ColumnElement[bool]:
    return (CareTeamMember.couple_id == couple_id) & (CareTeamMember.member_id == member_id)


def _grant_end(now: datetime, until: datetime | None, longest: timedelta) -> datetime:
    if until is None:
        return now + longest
    if not now < until <= now + longest:
        raise _wrong_end()
    return until


def _wrong_end() -> GrantEndsWronglyError:
    return GrantEndsWronglyError(faults=(Fault("/until", "grant_ends_wrongly", GrantEndsWronglyError.detail),))


def seats_held(now: datetime) -> Select[CareTeamMember]:
    """Seats that are held at this moment."""
    return select(CareTeamMember).where(CareTeamMember.held_at(now))


def end_seat(session: RecordSession, seat: CareTeamMember, now: datetime, by: UUID | None) -> None:
    """Ends a seat now; one that has ended stays as it was. Raises LastTherapistError."""
    if seat.until is not None and seat.until <= now:
        return
    if seat.member_id in (left := therapists_of(session, seat.couple_id, now)) and len(left) == 1:
        raise LastTherapistError
    seat.until, seat.ended_by = now, by
    session.flush()


def therapists_of(session: RecordSession, couple_id: UUID, now: datetime) -> set[UUID]:
    """The therapists who see a couple, their seats locked, so that the last two cannot end at once."""
    query = seats_held(now).where(CareTeamMember.couple_id == couple_id).order_by(CareTeamMember.id)
    seats = session.scalars(query.with_for_update()).all()
    current = select(Member.id).where(
        Member.id.in_([seat.member_id for seat in seats]), Member.role == Role.THERAPIST, Member.ended_at.is_(None)
    )
    return set(session.scalars(current))


def shown(session: RecordSession, seats: Sequence[CareTeamMember]) -> list[SeatRead]:
    """Seats as the wire shows them; one query for all roles."""
    ids = {seat.member_id for seat in seats}
    roles = {row.id: row.role for row in session.execute(select(Member.id, Member.role).where(Member.id.in_(ids)))}
    return [
        SeatRead(
            id=seat.id,
            couple_id=seat.couple_id,
            member_id=seat.member_id,
            role=roles[seat.member_id],
            since=seat.since,
            until=seat.until,
            granted_by=seat.granted_by,
            ended_by=seat.ended_by,
        )
        for seat in seats
    ]
