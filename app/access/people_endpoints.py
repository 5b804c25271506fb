"""Members and integrations over HTTP, for the administrator; and one's own record, for everybody."""

from typing import Annotated

from fastapi import Query

from app.access import departures, integrations, members
from app.access.departures import CaseloadLeftError, NotTheirsError
from app.access.integrations import IntegrationEndedError
from app.access.members import CaseloadHeldError, MemberEndedError, OwnStandingError
from app.access.people_schemas import (
    DepartureCreate,
    DepartureRead,
    IntegrationChange,
    IntegrationCreate,
    IntegrationRead,
    MemberChange,
    MemberCreate,
    MemberRead,
    SeatRead,
)
from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.seats import LastTherapistError, MemberUnknownError
from app.access.service import NameTakenError, ScopeUnknownError
from app.access.work import Work
from app.core.ids import IntegrationId, MemberId, SeatId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page

router = RecordRouter("People")
MEMBER = "/members/{member_id}"
INTEGRATION = "/integrations/{integration_id}"
Ended = Annotated[bool, Query(description="Those that ended instead of those that stand.")]


@router.reads("/me/member", Permission.CATALOGUE_READ)
def read_my_member(work: Work) -> MemberRead:
    """Read what the clinic keeps about you; software has no such record."""
    return members.read_own(work)


@router.creates("/members", Permission.MEMBERS_WRITE, NameTakenError)
def add_member(work: Work, body: MemberCreate) -> MemberRead:
    """Add a member, whose competence you attest by it."""
    return members.add_member(work, body)


@router.reads("/members", Permission.MEMBERS_READ, CursorInvalidError)
def list_members(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    ended: Ended = False,  # noqa: FBT002 - a query parameter
) -> Page[MemberRead]:
    """List who works at the clinic, or who left."""
    return members.list_members(work, limit, cursor, ended=ended)


@router.reads(MEMBER, Permission.MEMBERS_READ)
def read_member(work: Work, member_id: MemberId) -> MemberRead:
    """Read a member."""
    return members.read_member(work, member_id)


@router.changes(MEMBER, Permission.MEMBERS_WRITE, OwnStandingError, MemberEndedError, CaseloadHeldError)
def change_member(work: Work, member_id: MemberId, if_match: IfMatch, body: MemberChange) -> MemberRead:
    """Change what a member is, or attest another competence (JSON Merge Patch); both count from the next request on."""
    return members.change_member(work, member_id, if_match, body)


@router.creates(
    MEMBER + "/departures",
    Permission.MEMBERS_WRITE,
    OwnStandingError,
    MemberEndedError,
    CaseloadLeftError,
    NotTheirsError,
    MemberUnknownError,
    status=200,
)
def depart_member(work: Work, member_id: MemberId, body: DepartureCreate) -> DepartureRead:
    """End a member: seats and keys end and every couple is handed over, all at once or not at all."""
    return departures.leave(work, member_id, body)


@router.reads(MEMBER + "/seats", Permission.MEMBERS_READ, CursorInvalidError)
def list_seats(
    work: Work,
    member_id: MemberId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    ended: Ended = False,  # noqa: FBT002 - a query parameter
) -> Page[SeatRead]:
    """List on which care teams a member is, or was; nothing of the couples is told but their ids."""
    return members.list_seats(work, member_id, limit, cursor, ended=ended)


@router.creates(MEMBER + "/seats/{seat_id}/endings", Permission.MEMBERS_WRITE, LastTherapistError, status=200)
def end_member_seat(work: Work, member_id: MemberId, seat_id: SeatId) -> SeatRead:
    """End a member's seat on a care team; from the next request on they find nothing of the couple."""
    return members.end_member_seat(work, member_id, seat_id)


@router.creates("/integrations", Permission.INTEGRATIONS_WRITE, NameTakenError, ScopeUnknownError)
def add_integration(work: Work, body: IntegrationCreate) -> IntegrationRead:
    """Add a machine account of clinic software."""
    return integrations.add_integration(work, body)


@router.reads("/integrations", Permission.INTEGRATIONS_READ, CursorInvalidError)
def list_integrations(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    ended: Ended = False,  # noqa: FBT002 - a query parameter
) -> Page[IntegrationRead]:
    """List the machine accounts of clinic software, or those that ended."""
    return integrations.list_integrations(work, limit, cursor, ended=ended)


@router.reads(INTEGRATION, Permission.INTEGRATIONS_READ)
def read_integration(work: Work, integration_id: IntegrationId) -> IntegrationRead:
    """Read a machine account."""
    return IntegrationRead.model_validate(integrations.get_integration(work, integration_id))


@router.changes(INTEGRATION, Permission.INTEGRATIONS_WRITE, ScopeUnknownError, IntegrationEndedError)
def change_integration(
    work: Work, integration_id: IntegrationId, if_match: IfMatch, body: IntegrationChange
) -> IntegrationRead:
    """Say anew what a machine account may do (JSON Merge Patch); it counts from its next request on."""
    return integrations.change_integration(work, integration_id, if_match, body)


@router.creates(INTEGRATION + "/endings", Permission.INTEGRATIONS_WRITE, status=200)
def end_integration(work: Work, integration_id: IntegrationId) -> IntegrationRead:
    """End a machine account and its keys."""
    return integrations.end_integration(work, integration_id)
