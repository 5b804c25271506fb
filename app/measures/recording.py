"""How administrations become rows: recognised, told apart and stored, many at once and without a query each."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.access.work import Work
from app.core.bulk import insert_rows
from app.core.crypto import Owner
from app.core.database import Compartment
from app.core.ids import new_id
from app.couples.models import Couple, Episode
from app.errors import Fault
from app.ledger.service import log_changes
from app.measures.entries import Entry
from app.measures.models import Administration, Score
from app.measures.rules import (
    SIGNAL_KINDS,
    AdministrationDiffersError,
    AnsweredAfterCareError,
    Care,
    SupersededAlreadyError,
    episode_on,
    named,
    recall_window,
)
from app.measures.scoring import can_alert, interpret
from app.safety.signals import Signal, keep_signals


@dataclass
class AnswersPlace:
    """Where the answers of an administration are sealed: the row, before it exists."""

    clinic_id: UUID
    id: UUID
    couple_id: UUID
    partner_id: UUID
    __tablename__: str = Administration.__tablename__


def recognise(work: Work, entries: Sequence[Entry]) -> None:
    """Finds entries that were stored before under the same external id; another content under it is a fault."""
    sent = [entry for entry in entries if entry.is_new and entry.body.external_id is not None]
    if not sent:
        return
    # External ids are unique in the clinic, so a taken one must be known even where its row may not be read.
    with work.session.reaching(frozenset(Compartment)):
        rows = work.session.scalars(
            select(Administration).where(Administration.external_id.in_({entry.body.external_id for entry in sent}))
        ).all()
    work.vault.load_keys({(Owner.PARTNER, entry.partner_id) for entry in sent} if rows else ())
    stored = {row.external_id: row for row in rows}
    first: dict[str | None, Entry] = {}
    for entry in sent:
        row, earlier = stored.get(entry.body.external_id), first.setdefault(entry.body.external_id, entry)
        if row is not None and _is_same(work, entry, row):
            entry.id, entry.stored = row.id, row
        elif row is not None or (earlier is not entry and _told(entry) != _told(earlier)):
            entry.faults.append(named(AdministrationDiffersError, f"{entry.base}/external_id"))
        elif earlier is entry:
            entry.id = new_id()
        else:
            entry.id, entry.twin = earlier.id, earlier


def _told(entry: Entry) -> tuple[object, ...]:
    """All that must be equal for two entries to be one; a time that was left out is the time of the first."""
    body = entry.body
    return (
        *(entry.partner_id, body.measure, body.mode, body.language, body.recall_ends_on, body.supersedes, body.answered_at),
        entry.sealed_content(),
    )


def _is_same(work: Work, entry: Entry, row: Administration) -> bool:
    if row.partner_id != entry.partner_id:  # perhaps out of reach: not even opened
        return False
    answered_at = None if entry.body.answered_at is None else row.answered_at
    ends_on = None if entry.body.recall_ends_on is None else row.recall_ends_on
    plain = (row.partner_id, row.measure_code, row.mode, row.language, ends_on, row.supersedes_id, answered_at)
    return _told(entry) == (*plain, work.vault.open(row, "answers", row.answers))


def check_supersedes(work: Work, entries: Sequence[Entry]) -> None:
    """A correction is of the same partner and measure, and of an administration that nothing has superseded yet."""
    corrections = [entry for entry in entries if entry.is_new and entry.body.supersedes is not None]
    if not corrections:
        return
    wanted = {entry.body.supersedes for entry in corrections}
    rows = work.session.execute(
        select(Administration.id, Administration.partner_id, Administration.measure_code).where(Administration.id.in_(wanted))
    )
    known = {(row.id, row.partner_id, row.measure_code) for row in rows}
    taken = set(work.session.scalars(select(Administration.supersedes_id).where(Administration.supersedes_id.in_(wanted))))
    for entry in corrections:
        target = entry.body.supersedes
        if (target, entry.partner_id, entry.body.measure) not in known:
            sentence = "This partner has no administration of this measure with that id."
            entry.faults.append(Fault(f"{entry.base}/supersedes", "not_found", sentence))
        elif target in taken:
            entry.faults.append(named(SupersededAlreadyError, f"{entry.base}/supersedes"))
        taken.add(target)


def place_in_care(work: Work, entries: Sequence[Entry]) -> None:
    """Finds each new entry's episode of care and recall window; a day after care ended is a fault. One query for all."""
    new = [entry for entry in entries if entry.is_new]
    if not new:
        return
    zones, episodes = _care(work, {entry.couple_id for entry in new})
    for entry in new:
        day = entry.answered_at.astimezone(zones[entry.couple_id]).date()
        if entry.measure is not None:
            entry.recall = recall_window(entry.measure, entry.body.recall_ends_on or day)
        try:
            entry.episode_id = episode_on(episodes[entry.couple_id], day)
        except AnsweredAfterCareError:
            entry.faults.append(named(AnsweredAfterCareError, f"{entry.base}/answered_at"))


def _care(work: Work, couple_ids: set[UUID]) -> tuple[dict[UUID, ZoneInfo], defaultdict[UUID, list[Care]]]:
    rows = work.session.execute(
        select(Couple.id, Couple.time_zone, Episode.id, Episode.opened_on, Episode.closed_on)
        .outerjoin(Episode, and_(Couple.clinic_id == Episode.clinic_id, Couple.id == Episode.couple_id))
        .where(Couple.id.in_(couple_ids))
        .order_by(Episode.opened_on, Episode.id)
    )
    zones: dict[UUID, ZoneInfo] = {}
    episodes: defaultdict[UUID, list[Care]] = defaultdict(list)
    for couple_id, time_zone, episode_id, opened_on, closed_on in rows:
        zones[couple_id] = ZoneInfo(time_zone)
        if episode_id is not None:
            episodes[couple_id].append(Care(episode_id, opened_on, closed_on))
    return zones, episodes


def share_with_twins(entries: Sequence[Entry]) -> None:
    """What is wrong with an entry is wrong with the same one further down in the batch."""
    for entry in entries:
        if entry.twin is not None:
            first = entry.twin
            entry.faults += [
                replace(fault, pointer=entry.base + fault.pointer.removeprefix(first.base)) for fault in first.faults
            ]


def store(work: Work, entries: Sequence[Entry]) -> None:
    """Stores what is new: administrations, their scores, the trail and the signals.

    The trail names administrations; their scores are part of them, made in the same moment and never changed.
    """
    new = [entry for entry in entries if entry.is_new]
    if not new:
        return
    work.vault.load_keys({(Owner.PARTNER, entry.partner_id) for entry in new})
    rows, scores, signals = [], [], []
    for entry in new:
        entry.id = entry.id or new_id()
        rows.append(_row(work, entry, entry.id))
        scores += _scores(entry, entry.id)
        signals += _signals(entry, entry.id)
    insert_rows(work.session, Administration, rows)
    log_changes(work.session, Administration, rows)
    insert_rows(work.session, Score, scores)
    if signals:
        keep_signals(work, signals)


def _row(work: Work, entry: Entry, row_id: UUID) -> dict[str, Any]:
    body, scored, recall = entry.body, entry.scored, entry.recall
    assert scored and recall and entry.measure  # noqa: S101, PT018 - only entries without a fault are stored
    place = AnswersPlace(work.actor.clinic_id, row_id, entry.couple_id, entry.partner_id)
    return {
        "id": row_id,
        "couple_id": entry.couple_id,
        "partner_id": entry.partner_id,
        "compartment": entry.compartment,
        "episode_id": entry.episode_id,
        "supersedes_id": body.supersedes,
        "external_id": body.external_id,
        "measure_code": entry.measure.code,
        "measure_version": entry.measure.version,
        "mode": body.mode,
        "language": body.language,
        "answered_at": entry.answered_at,
        "recorded_at": work.now,
        "recorded_by": work.actor.id,
        "recorded_by_kind": work.actor.kind,
        "recall_starts_on": recall[0],
        "recall_ends_on": recall[1],
        "scored_elsewhere": body.scores_elsewhere is not None,
        "validity": scored.validity,
        "prorated": scored.prorated,
        "scoring_version": scored.scoring_version,
        "answers": work.vault.seal(place, "answers", entry.sealed_content()),
    }


def _scores(entry: Entry, row_id: UUID) -> list[dict[str, Any]]:
    scored = entry.scored
    assert scored is not None  # noqa: S101 - only entries without a fault are stored
    return [
        {
            "id": new_id(),
            "couple_id": entry.couple_id,
            "partner_id": entry.partner_id,
            "administration_id": row_id,
            "compartment": entry.compartment,
            "measure_code": entry.body.measure,
            "scale": scale,
            "answered_at": entry.answered_at,
            "value": value,
            "reason": scored.withheld.get(scale),
            "prorated": scored.prorated,
            "standard_error": scored.errors.get(scale),
        }
        for scale, value in scored.scales.items()
    ]


def _signals(entry: Entry, row_id: UUID) -> list[Signal]:
    measure, scored = entry.measure, entry.scored
    if measure is None or scored is None or not can_alert(measure):
        return []
    told = interpret(measure, entry.content, scored.scales, scored.validity)
    answers = entry.content.answers
    return [
        Signal(
            couple_id=entry.couple_id,
            partner_id=entry.partner_id,
            kind=SIGNAL_KINDS[alert.code],
            value=next((int(answer) for item in alert.items if (answer := answers.get(item)) is not None), None),
            response="review",
            source="administration",
            source_id=row_id,
            at=entry.answered_at,
        )
        for alert in told.alerts
    ]
