"""Alarms: what somebody at the clinic has to look at, written in the transaction that gave the reason."""

from uuid import UUID

from app.core.database import RecordSession
from app.ledger.models import Alarm


def raise_alarm(session: RecordSession, code: str, *, couple_id: UUID | None, member_id: UUID | None) -> None:
    """Writes an alarm that commits, or is undone, with the transaction's occasion; `code` says what happened, stably.

    It names whom it concerns and never what was read or written.
    """
    occasion = session.info["occasion"]
    alarm = Alarm(
        clinic_id=session.reach.clinic_id,
        code=code,
        couple_id=couple_id,
        member_id=member_id,
        raised_at=occasion.at,
        operation=occasion.operation,
        request_id=occasion.request_id,
    )
    session.add(alarm)
    session.flush()
