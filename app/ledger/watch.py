"""Sees, at each read, whether a member opens unusually many different couples; what it costs does not grow with the trail."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.core.bulk import put_row
from app.core.database import RecordSession, lock_key
from app.ledger.alarms import raise_alarm
from app.ledger.models import Alarm, RecentReading

WINDOW: Final = timedelta(hours=1)
FRESH: Final = timedelta(minutes=5)  # a couple noted so lately is not noted again
MANY_COUPLES: Final = "many_couples_read"


def watch(session: RecordSession, member_id: UUID, couple_ids: list[UUID], now: datetime) -> None:
    """Notes which couples a member opened; raises the alarm `many_couples_read` once an hour, in this very transaction.

    One look by key where the couple was opened in the last minutes. How many couples are too many is on the session, from the
    settings; without it nobody is watched.
    """
    most: int | None = session.info.get("couples_an_hour")
    if not most:
        return
    anew = [couple_id for couple_id in couple_ids if _note(session, member_id, couple_id, now)]
    if anew:
        _raise_if_too_many(session, member_id, now, most)


def _note(session: RecordSession, member_id: UUID, couple_id: UUID, now: datetime) -> bool:
    """Whether this couple counts anew within the window."""
    mine = (RecentReading.member_id == member_id, RecentReading.couple_id == couple_id)
    before = session.execute(select(RecentReading.read_at).where(*mine)).scalar_one_or_none()
    if before is None or now - before >= FRESH:
        put_row(session, RecentReading, {"member_id": member_id, "couple_id": couple_id, "read_at": now})
    return before is None or now - before >= WINDOW


def _raise_if_too_many(session: RecordSession, member_id: UUID, now: datetime, most: int) -> None:
    since = now - WINDOW
    couples = select(func.count()).select_from(RecentReading)
    opened = session.execute(couples.where(RecentReading.member_id == member_id, RecentReading.read_at > since)).scalar_one()
    if opened <= most or not lock_key(session, int.from_bytes(member_id.bytes[-7:], "big")):
        return
    raised = select(Alarm.id).where(Alarm.member_id == member_id, Alarm.code == MANY_COUPLES, Alarm.raised_at > since)
    if session.execute(raised.limit(1)).first() is None:
        raise_alarm(session, MANY_COUPLES, couple_id=None, member_id=member_id)
