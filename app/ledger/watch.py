"""Sees, at each read, whether a member opens unusually many different couples; what it costs does not grow with the trail."""

import threading
from collections import OrderedDict
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
REMEMBERED: Final = 10_000  # readings a process keeps in mind, so that the same couple, read again, costs no look-up
Reading = tuple[UUID, UUID, UUID]


class Lately:
    """What this process knows to be noted: (clinic, member, couple) and when; bounded, the oldest makes room."""

    def __init__(self) -> None:
        self._noted: OrderedDict[Reading, datetime] = OrderedDict()
        self._lock = threading.Lock()

    def is_fresh(self, reading: Reading, now: datetime) -> bool:
        """Whether the record is known to hold a note that need not be made again."""
        noted = self._noted.get(reading)
        return noted is not None and timedelta(0) <= now - noted < FRESH

    def keep(self, reading: Reading, noted: datetime) -> None:
        """Remembers a note that is committed."""
        with self._lock:
            self._noted[reading] = noted
            self._noted.move_to_end(reading)
            if len(self._noted) > REMEMBERED:
                self._noted.popitem(last=False)


LATELY: Final = Lately()


def watch(session: RecordSession, member_id: UUID, couple_ids: list[UUID], now: datetime) -> None:
    """Notes which couples a member opened; raises the alarm `many_couples_read` once an hour, in this very transaction.

    Nothing is looked up where this process knows that the couple was opened in the last minutes. How many couples are too many
    is on the session, from the settings; without it nobody is watched.
    """
    most: int | None = session.info.get("couples_an_hour")
    if not most:
        return
    clinic_id = session.reach.clinic_id
    unknown = [one for one in couple_ids if not LATELY.is_fresh((clinic_id, member_id, one), now)]
    anew = [couple_id for couple_id in unknown if _note(session, member_id, couple_id, now)]
    if anew:
        _raise_if_too_many(session, member_id, now, most)


def _note(session: RecordSession, member_id: UUID, couple_id: UUID, now: datetime) -> bool:
    """Whether this couple counts anew within the window."""
    mine = (RecentReading.member_id == member_id, RecentReading.couple_id == couple_id)
    before = session.execute(select(RecentReading.read_at).where(*mine)).scalar_one_or_none()
    noted = before
    if noted is None or now - noted >= FRESH:
        put_row(session, RecentReading, {"member_id": member_id, "couple_id": couple_id, "read_at": now})
        noted = now
    reading, at = (session.reach.clinic_id, member_id, couple_id), noted
    session.info.setdefault("after_commit", []).append(lambda: LATELY.keep(reading, at))
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
