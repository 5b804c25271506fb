"""Keeps signals, in bulk too, without its caller being able to read them back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.core.database import Compartment, insert_rows
from app.core.ids import new_id
from app.ledger.service import log_changes
from app.safety.models import SafetySignal

SignalKind = Literal["pressure", "force", "self_harm"]
Response = Literal["none", "review", "pause"]


@dataclass(frozen=True)
class Signal:
    """What was answered, by whom, where, and what it calls for."""

    couple_id: UUID
    partner_id: UUID
    kind: SignalKind
    value: int | None
    response: Response
    source: str
    source_id: UUID
    at: datetime


def keep_signals(work: Work, signals: list[Signal]) -> None:
    """Stores signals in the safety compartment, in the caller's transaction."""
    rows = [{"id": new_id(), "compartment": Compartment.SAFETY, "reviewed_at": None, **vars(signal)} for signal in signals]
    insert_rows(work.session, SafetySignal, rows)
    log_changes(work.session, SafetySignal, rows)


def count_open_signals(work: Work, couple_id: UUID) -> int:
    """Signals that ask for review or paused something and that nobody has looked at; 0 where safety is out of reach."""
    return work.session.execute(
        select(func.count())
        .select_from(SafetySignal)
        .where(SafetySignal.couple_id == couple_id, SafetySignal.response != "none", SafetySignal.reviewed_at.is_(None))
    ).scalar_one()
