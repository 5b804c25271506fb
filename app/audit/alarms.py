"""Alarms as an administrator reads them, and that somebody looked at one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.audit.rules import AlarmAcknowledgedError
from app.audit.schemas import AlarmRead
from app.core.database import lock_key
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.ledger.models import Alarm, AlarmAcknowledgement
from app.ledger.service import log_aggregate


def list_alarms(work: Work, limit: int, cursor: str | None, *, acknowledged: bool | None) -> Page[AlarmRead]:
    """A page of alarms, oldest first: all, or only those somebody, or nobody, has looked at."""
    pager = Pager(work.vault, limit, cursor, "alarms", acknowledged)
    query = select(Alarm)
    if acknowledged is not None:
        seen = Alarm.id.in_(select(AlarmAcknowledgement.alarm_id))
        query = query.where(seen if acknowledged else ~seen)
    alarms, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Alarm.id))))
    log_aggregate(work.session, "alarm")
    return Page(items=_shown(work, alarms), next_cursor=next_cursor)


def acknowledge_alarm(work: Work, alarm_id: UUID, note: str) -> AlarmRead:
    """Says that the caller looked at an alarm. Raises NotFoundError, AlarmAcknowledgedError."""
    alarm = existing(work.session, select(Alarm).where(Alarm.id == alarm_id))
    if not lock_key(work.session, int.from_bytes(alarm_id.bytes[-7:], "big")):
        raise AlarmAcknowledgedError  # somebody is about to; a row that nobody may change cannot be locked
    if work.session.scalars(select(AlarmAcknowledgement.id).where(AlarmAcknowledgement.alarm_id == alarm_id)).first():
        raise AlarmAcknowledgedError
    seen = AlarmAcknowledgement(
        clinic_id=work.actor.clinic_id, alarm_id=alarm_id, member_id=work.actor.id, acknowledged_at=work.now
    )
    seen.note = work.vault.seal(seen, "note", note)
    work.session.add(seen)
    work.session.flush()
    return _shown(work, [alarm])[0]


def _shown(work: Work, alarms: Sequence[Alarm]) -> list[AlarmRead]:
    query = select(AlarmAcknowledgement).where(AlarmAcknowledgement.alarm_id.in_([alarm.id for alarm in alarms]))
    looks = {look.alarm_id: look for look in work.session.scalars(query)}
    return [_one(work, alarm, looks.get(alarm.id)) for alarm in alarms]


def _one(work: Work, alarm: Alarm, look: AlarmAcknowledgement | None) -> AlarmRead:
    return AlarmRead(
        id=alarm.id,
        code=alarm.code,
        raised_at=alarm.raised_at,
        member_id=alarm.member_id,
        couple_id=alarm.couple_id,
        request_id=alarm.request_id,
        acknowledged_at=look.acknowledged_at if look else None,
        acknowledged_by=look.member_id if look else None,
        note=work.vault.open(look, "note", look.note) if look else None,
    )
