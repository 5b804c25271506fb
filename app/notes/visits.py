"""Visits as outcomes read them: when, with whom, and how the hour was spent; no text."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.notes.models import ABOUT, SessionNote
from app.notes.rules import About
from app.notes.states import NO_VISIT


@dataclass(frozen=True)
class Visit:
    """One hour that a signed note tells of."""

    held_on: date
    about: About
    minutes_by_topic: Mapping[str, int]
    length_minutes: int
    began_at: datetime
    note_id: UUID


def read_visits(work: Work, couple_id: UUID) -> list[Visit]:
    """The visits of a couple that is within reach already, in order, in one query."""
    return read_visits_of_each(work, [couple_id]).get(couple_id, [])


def read_visits_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, list[Visit]]:
    """The visits of many couples, in one query; of a couple without any there is nothing.

    Drafts tell nothing yet, and what was entered in error tells nothing at all; looking back, what is signed by now counts.
    """
    rows = work.session.execute(
        select(
            SessionNote.couple_id,
            SessionNote.id,
            SessionNote.held_on,
            SessionNote.compartment,
            SessionNote.minutes_by_topic,
            SessionNote.started_at,
            SessionNote.ended_at,
        )
        .where(
            SessionNote.couple_id.in_(couple_ids), SessionNote.status.not_in(NO_VISIT), work.has_happened(SessionNote.held_on)
        )
        .order_by(SessionNote.held_on, SessionNote.id)
    )
    found: dict[UUID, list[Visit]] = {}
    for couple_id, note_id, held_on, compartment, minutes, started_at, ended_at in rows:
        if started_at is not None and ended_at is not None:
            length = int((ended_at - started_at).total_seconds()) // 60
            visit = Visit(held_on, ABOUT[Compartment(compartment)], minutes, length, started_at, note_id)
            found.setdefault(couple_id, []).append(visit)
    return found
