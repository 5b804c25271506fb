"""Members of the clinic, as the administrator keeps them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from app.access import service
from app.access.models import CareTeamMember, Member
from app.access.people_schemas import MemberChange, MemberCreate, MemberRead, SeatRead
from app.access.permissions import Role
from app.access.seats import end_seat, seats_held, shown
from app.access.work import Work
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.errors import ConflictError, StaleVersionError


class OwnStandingError(ConflictError):
    """Somebody was about to decide what they themselves may do."""

    code = "own_standing"
    detail = "Somebody else has to change your own role, competence and standing."


class MemberEndedError(ConflictError):
    """The member has left."""

    code = "member_ended"
    detail = "This member has left the clinic and stays as they were. Somebody who comes back is a new member."


class CaseloadHeldError(ConflictError):
    """A member with couples was to become something else."""

    code = "caseload_held"
    detail = "This member still has seats on care teams. End them or hand their couples over first."


def list_members(work: Work, limit: int, cursor: str | None, *, ended: bool) -> Page[MemberRead]:
    """A page of those who work here, or of those who left, in the order they joined."""
    pager = Pager(work.vault, limit, cursor, "members", ended)
    query: Select[Any] = select(Member).where(Member.ended_at.is_not(None) if ended else Member.ended_at.is_(None))
    members, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Member.id))))
    return Page(items=[MemberRead.model_validate(member) for member in members], next_cursor=next_cursor)


def add_member(work: Work, body: MemberCreate) -> MemberRead:
    """A new member; their competence is attested by the caller. Raises NameTakenError."""
    role = Role(body.role)
    member = service.add_member(work.session, body.login, role, body.competence, work.now, attested_by=work.actor.id)
    return MemberRead.model_validate(member)


def get_member(work: Work, member_id: UUID, *, to_change: bool = False) -> Member:
    """A member of the clinic; `to_change` makes others wait their turn. Raises NotFoundError."""
    query = select(Member).where(Member.id == member_id)
    return existing(work.session, query.with_for_update(key_share=True) if to_change else query)


def read_member(work: Work, member_id: UUID) -> MemberRead:
    """One member."""
    return MemberRead.model_validate(get_member(work, member_id))


def read_own(work: Work) -> MemberRead:
    """The caller's own record; there is none of software. Raises NotFoundError."""
    return read_member(work, work.actor.id)


def change_member(work: Work, member_id: UUID, version: int, body: MemberChange) -> MemberRead:
    """Changes role or competence. Raises OwnStandingError, MemberEndedError, CaseloadHeldError, StaleVersionError."""
    member = get_member(work, member_id, to_change=True)
    if member.id == work.actor.id:
        raise OwnStandingError
    if member.ended_at is not None:
        raise MemberEndedError
    if member.version != version:
        raise StaleVersionError
    if "role" in body.model_fields_set and body.role != member.role:
        if work.session.scalars(seats_held(work.now).where(CareTeamMember.member_id == member.id).limit(1)).first():
            raise CaseloadHeldError
        member.role = Role(body.role)
    if "competence" in body.model_fields_set:
        member.competence = body.competence
        member.competence_attested_by, member.competence_attested_at = work.actor.id, work.now
    work.session.flush()
    return MemberRead.model_validate(member)


def list_seats(work: Work, member_id: UUID, limit: int, cursor: str | None, *, ended: bool) -> Page[SeatRead]:
    """A page of a member's seats that are held, or that ended."""
    get_member(work, member_id)
    pager = Pager(work.vault, limit, cursor, "seats of a member", member_id, ended)
    held = CareTeamMember.held_at(work.now)
    query: Select[Any] = select(CareTeamMember).where(CareTeamMember.member_id == member_id, ~held if ended else held)
    seats, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, CareTeamMember.id))))
    return Page(items=shown(work.session, seats), next_cursor=next_cursor)


def end_member_seat(work: Work, member_id: UUID, seat_id: UUID) -> SeatRead:
    """Ends one seat of a member. Raises NotFoundError, LastTherapistError."""
    query = select(CareTeamMember).where(CareTeamMember.member_id == member_id, CareTeamMember.id == seat_id)
    seat = existing(work.session, query)
    end_seat(work.session, seat, work.now, work.actor.id)
    return shown(work.session, [seat])[0]
