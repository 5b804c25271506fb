"""The audit trail, alarms and access reports over HTTP."""

from typing import Annotated, Literal

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.audit import access_report, alarms, service
from app.audit.rules import AlarmAcknowledgedError, NotSealedYetError, PeriodInvalidError
from app.audit.schemas import (
    AccessReportRead,
    AcknowledgementCreate,
    AlarmRead,
    AuditEventRead,
    CheckpointRead,
    InclusionProofRead,
)
from app.core.ids import AlarmId, CoupleId, EventId, IntegrationId, MemberId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Day, Moment

router = RecordRouter("Audit")


@router.reads("/audit-events", Permission.AUDIT_READ, CursorInvalidError)
def list_audit_events(  # noqa: PLR0913, PLR0917 - one argument a query parameter
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    member_id: Annotated[MemberId | None, Query(description="Only what this member did.")] = None,
    integration_id: Annotated[IntegrationId | None, Query(description="Only what this integration did.")] = None,
    couple_id: Annotated[CoupleId | None, Query(description="Only what was done to this couple's record.")] = None,
    kind: Annotated[Literal["read", "change"] | None, Query(description="Only reads, or only changes.")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Only from this moment on.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Only before this moment.")] = None,
) -> Page[AuditEventRead]:
    """List who did something, when, and to which couple's record, oldest first; no clinical content, and no kind of care."""
    wanted = service.Wanted(member_id, integration_id, couple_id, kind, since, until)
    return service.list_audit_events(work, wanted, limit, cursor)


@router.reads("/audit-events/{event_id}/inclusion-proof", Permission.AUDIT_READ, NotSealedYetError)
def read_inclusion_proof(work: Work, event_id: EventId) -> InclusionProofRead:
    """Read what shows an auditor that an event is in the tree that the newest checkpoint signs."""
    return service.prove_event(work, event_id)


@router.reads("/checkpoints", Permission.AUDIT_READ, CursorInvalidError)
def list_checkpoints(
    work: Work, limit: Annotated[Limit, Query()] = 50, cursor: Annotated[Cursor | None, Query()] = None
) -> Page[CheckpointRead]:
    """List the signed checkpoints of the audit trail, oldest first."""
    return service.list_checkpoints(work, limit, cursor)


@router.reads("/alarms", Permission.AUDIT_READ, CursorInvalidError)
def list_alarms(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    acknowledged: Annotated[bool | None, Query(description="Only those somebody, or nobody, has looked at.")] = None,
) -> Page[AlarmRead]:
    """List alarms, oldest first."""
    return alarms.list_alarms(work, limit, cursor, acknowledged=acknowledged)


@router.creates("/alarms/{alarm_id}/acknowledgements", Permission.ALARMS_WRITE, AlarmAcknowledgedError, status=200)
def acknowledge_alarm(work: Work, alarm_id: AlarmId, body: AcknowledgementCreate) -> AlarmRead:
    """Say that you looked at an alarm, and what you found."""
    return alarms.acknowledge_alarm(work, alarm_id, body.note)


@router.reads("/couples/{couple_id}/partners/{partner_id}/access-report", Permission.ACCESS_REPORTS_READ, PeriodInvalidError)
def read_access_report(
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    from_on: Annotated[Day | None, Query(description="First day; a year before the last one unless told otherwise.")] = None,
    to_on: Annotated[Day | None, Query(description="Last day; today unless told otherwise.")] = None,
) -> AccessReportRead:
    """Read who opened one partner's record, on which days: to be handed to that partner, and silent about the other."""
    return access_report.read_access_report(work, couple_id, partner_id, from_on, to_on)
