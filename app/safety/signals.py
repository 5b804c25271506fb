"""Keeps signals, in bulk too, without its caller being able to read them back."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.core.bulk import insert_rows
from app.core.database import Compartment
from app.core.existing import existing
from app.core.ids import new_id
from app.core.paging import Page, Pager
from app.couples.service import get_couple, get_couple_in_care
from app.ledger.service import log_changes
from app.safety.models import SafetySignal
from app.safety.schemas import SignalRead, SignalReview
from app.safety.stops import Stop, announce

SignalKind = Literal["pressure", "force", "fear", "self_harm"]
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


def keep_signals(work: Work, signals: Sequence[Signal]) -> None:
    """Stores signals in the safety compartment, in the caller's transaction; one that calls for a pause stops homework."""
    blank = {"reviewed_at": None, "reviewed_by": None, "review_note": None, "recorded_at": work.now, "version": 1}
    rows = [{"id": new_id(), "compartment": Compartment.SAFETY, **blank, **vars(signal)} for signal in signals]
    insert_rows(work.session, SafetySignal, rows)
    log_changes(work.session, SafetySignal, rows)
    stops = [Stop(signal.couple_id, signal.partner_id, signal.kind) for signal in signals if signal.response == "pause"]
    for stop in dict.fromkeys(stops):
        announce(work, stop)


def list_signals(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[SignalRead]:
    """A page of the signals that ask for attention, oldest first; low answers are kept for verdicts and are none."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "safety-signals", couple_id)
    query = select(SafetySignal).where(SafetySignal.couple_id == couple_id, SafetySignal.response != "none")
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, SafetySignal.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def review_signal(work: Work, couple_id: UUID, signal_id: UUID, body: SignalReview) -> SignalRead:
    """Notes that a therapist attended to a signal; a second review changes nothing. Raises NotFoundError."""
    get_couple_in_care(work, couple_id)
    found = select(SafetySignal).where(SafetySignal.couple_id == couple_id, SafetySignal.id == signal_id)
    signal = existing(work.session, found)
    if signal.reviewed_at is None:
        signal.reviewed_at, signal.reviewed_by = work.now, work.actor.id
        signal.review_note = None if body.note is None else work.vault.seal(signal, "review_note", body.note)
        work.session.flush()
    return _shown(work, signal)


def _shown(work: Work, row: SafetySignal) -> SignalRead:
    return SignalRead(
        id=row.id,
        version=row.version,
        partner_id=row.partner_id,
        kind=row.kind,
        value=row.value,
        response=row.response,
        at=row.at,
        reviewed_at=row.reviewed_at,
        reviewed_by=row.reviewed_by,
        review_note=work.vault.open(row, "review_note", row.review_note),
    )


def count_open_signals(work: Work, couple_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Signals of each couple that ask for review or paused something and that nobody has looked at, or had.

    There are none where safety is out of reach.
    """
    rows = work.session.execute(
        select(SafetySignal.couple_id, func.count())
        .where(
            SafetySignal.couple_id.in_(couple_ids),
            SafetySignal.response != "none",
            work.has_happened(SafetySignal.at),
            work.has_not_happened(SafetySignal.reviewed_at),
        )
        .group_by(SafetySignal.couple_id)
    )
    return Counter(dict(rows.all()))
