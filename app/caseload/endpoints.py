"""A caseload over HTTP."""

from typing import Annotated, Literal

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.caseload import service as caseload
from app.caseload.schemas import CaseloadPage
from app.caseload.service import Filters, FilterUnknownError
from app.clinical.on_track import Colour
from app.core.ids import MemberId
from app.core.paging import Cursor, CursorInvalidError, Limit
from app.core.schemas import Code
from app.couples.rules import ConcernUnknownError
from app.homework.states import Status
from app.protocols.rules import ProtocolUnknownError

router = RecordRouter("Outcomes")
REFUSED = (CursorInvalidError, FilterUnknownError, ConcernUnknownError, ProtocolUnknownError)


@router.reads("/caseload", Permission.CASELOAD_READ, *REFUSED)
def read_caseload(  # noqa: PLR0913, PLR0917 - one argument a parameter of the query
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    colour: Annotated[Colour | None, Query(description="Only couples of this colour.", examples=["red"])] = None,
    concern: Annotated[Code | None, Query(description="Only this primary concern.", examples=["desire_discrepancy"])] = None,
    protocol: Annotated[
        Code | None, Query(description="Only where this was the last protocol begun.", examples=["sensate_focus"])
    ] = None,
    rule: Annotated[Code | None, Query(description="Only where this rule gave the colour.", examples=["tasks_missed"])] = None,
    plan_status: Annotated[
        Status | None, Query(description="Only where the newest plan stands so.", examples=["active"])
    ] = None,
    therapist: Annotated[MemberId | None, Query(description="Only couples whose care team this member is on.")] = None,
    include: Annotated[
        Literal["total"] | None, Query(description="`total` counts all couples, and by colour.", examples=["total"])
    ] = None,
    *,
    in_care: Annotated[
        bool, Query(description="False for couples whose care has ended or has not begun.", examples=[True])
    ] = True,
) -> CaseloadPage:
    """List the couples within reach, those that most need a look first: why, a few last points, homework, one suggestion.

    Within a colour by how far, together, they are past what raised their flags. A walk through the pages passes each place
    once: a couple that is reckoned anew in between is met again only if it moved ahead, and missed only if it moved back.
    It shows both partners side by side, so there is no partner's view of it.
    """
    filters = Filters(in_care, colour, concern, protocol, rule, plan_status, therapist)
    return caseload.read_caseload(work, filters, limit, cursor, with_total=include == "total")
