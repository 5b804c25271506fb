"""Alarms: what somebody at the clinic has to look at, written in the transaction that gave the reason."""

from uuid import UUID

from app.core.database import RecordSession, insert_rows
from app.ledger.models import LedgerEvent
from app.ledger.service import _event


def raise_alarm(session: RecordSession, code: str, *, couple_id: UUID | None, member_id: UUID | None) -> None:
    """Writes an alarm that commits, or is undone, with the transaction's occasion; `code` says what happened, stably."""
    insert_rows(session, LedgerEvent, [_event(session, "alarm", code, couple_id=couple_id, subject_id=member_id)])
