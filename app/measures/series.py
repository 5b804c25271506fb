"""Scores over time, with their gaps; superseded administrations are left out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, select, tuple_

from app.access.work import Work
from app.clinical.scoring import WHOLLY
from app.clinical.weeks import Rating
from app.core.database import Compartment
from app.core.paging import CursorInvalidError, Page, Pager
from app.couples.care import read_care
from app.couples.models import Slot
from app.couples.service import get_couple, get_known
from app.measures.models import Administration, Score
from app.measures.schemas import ScorePoint


@dataclass(frozen=True)
class Point:
    """One score; a gap has no value and a reason."""

    administration_id: UUID
    answered_at: datetime
    value: float | None
    reason: str | None
    prorated: bool = False
    standard_error: float | None = None


@dataclass(frozen=True)
class Series:
    """One partner's scores on one scale, oldest first."""

    partner_id: UUID
    slot: Slot
    measure: str
    scale: str
    points: tuple[Point, ...]

    @property
    def valid(self) -> tuple[Point, ...]:
        """The points that have a score which may be read."""
        return tuple(point for point in self.points if point.value is not None and point.reason is None)


# First what makes a series, then the fields of a point in their order.
_COLUMNS = (
    Score.compartment,
    Score.partner_id,
    Score.measure_code,
    Score.scale,
    Score.administration_id,
    Score.answered_at,
    Score.value,
    Score.reason,
    Score.prorated,
    Score.standard_error,
)
_OF_SERIES = itemgetter(slice(4))
_IN_ORDER = (*_COLUMNS[:4], Score.answered_at, Score.id)


# The table itself, because scores may be shared alone; put together once, because that takes longer than asking.
_LATER = Administration.__table__.alias("later")
STANDS = ~exists().where(and_(_LATER.c.clinic_id == Score.clinic_id, _LATER.c.supersedes_id == Score.administration_id))


def _standing(couples: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Scores of these couples whose administration nothing supersedes."""
    return select(*_COLUMNS).where(couples, STANDS)


def read_series(work: Work, couple_id: UUID) -> list[Series]:
    """Every series of a couple that is within reach already, in one query within the caller's compartments; A's first.

    Looking back, a score that was corrected since is left out all the same: the correction says what was true then.
    """
    query = _standing(Score.couple_id == couple_id).where(work.has_happened(Score.answered_at))
    return _series(work, work.session.execute(query.order_by(*_IN_ORDER)).all())


def read_series_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, list[Series]]:
    """The same of many couples, in one query; of a couple without scores there is nothing."""
    query = _standing(Score.couple_id.in_(couple_ids)).where(work.has_happened(Score.answered_at))
    rows = work.session.execute(query.add_columns(Score.couple_id).order_by(Score.couple_id, *_IN_ORDER))
    return {couple_id: _series(work, own) for couple_id, own in groupby(rows, itemgetter(-1))}


def _series(work: Work, rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Series]:
    """Rows in their order, as series."""
    own, found = work.session.reach.compartments, []
    for (compartment, partner_id, code, scale), points in groupby(rows, _OF_SERIES):
        slot = Slot.A if compartment == Compartment.INDIVIDUAL_A else Slot.B
        found.append(Series(partner_id, slot, code, scale, tuple(_point(row, own) for row in points)))
    return found


def read_ratings(
    work: Work, couple_id: UUID, measure: str, scales: Iterable[str]
) -> dict[Compartment, dict[str, list[Rating]]]:
    """What was scored on some scales of a measure, by whose it is and by scale, in the same reach; gaps are left out."""
    columns = (Score.compartment, Score.scale, Score.answered_at, Score.administration_id, Score.value)
    query = (
        _standing(Score.couple_id == couple_id)
        .with_only_columns(*columns)
        .where(
            Score.measure_code == measure,
            Score.scale.in_(scales),
            Score.value.is_not(None),
            Score.reason.is_(None),
            work.has_happened(Score.answered_at),
        )
    )
    found: dict[Compartment, dict[str, list[Rating]]] = {}
    for compartment, scale, at, administration_id, value in work.session.execute(query):
        own = found.setdefault(Compartment(compartment), {})
        if value is not None:
            own.setdefault(scale, []).append(Rating(at, administration_id.int, value))
    return found


def _point(row: Row[*tuple[Any, ...]], own: frozenset[Compartment]) -> Point:
    """A score as its reader may know it: whether what another lets them see was declined is that one's own."""
    point = Point(*row[4:10])
    return point if point.reason not in WHOLLY or row[0] in own else replace(point, reason="too_few_answers")


def list_scores(
    work: Work, couple_id: UUID, partner_id: UUID, page: tuple[int, str | None], of: tuple[str | None, str | None]
) -> Page[ScorePoint]:
    """A page of one partner's scores, oldest answers first."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    pager = Pager(work.vault, *page, "scores", couple_id, partner_id, *of)
    query = _of_partner(couple_id, partner_id, *of)
    if pager.after is not None:
        query = query.where(tuple_(Score.answered_at, Score.id) > _place_of(work, couple_id, pager.after))
    query = query.add_columns(Score.id).order_by(Score.answered_at, Score.id).limit(pager.limit + 1)
    rows, next_cursor = pager.split(list(work.session.execute(query).all()))
    items = [
        ScorePoint(measure=row.measure_code, scale=row.scale, **vars(_point(row, work.session.reach.compartments)))
        for row in rows
    ]
    return Page(items=items, next_cursor=next_cursor)


def _of_partner(couple_id: UUID, partner_id: UUID, measure: str | None, scale: str | None) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = _standing(Score.couple_id == couple_id).where(Score.partner_id == partner_id)
    if measure is not None:
        query = query.where(Score.measure_code == measure)
    return query if scale is None else query.where(Score.scale == scale)


def _place_of(work: Work, couple_id: UUID, score_id: UUID) -> tuple[datetime, UUID]:
    """Where a page ended; scores never change, so it is still there."""
    found = work.session.scalars(
        select(Score.answered_at).where(Score.couple_id == couple_id, Score.id == score_id)
    ).one_or_none()
    if found is None:
        raise CursorInvalidError
    return found, score_id


def valid_points(work: Work, couple_id: UUID, partner_id: UUID, measure: str, scale: str) -> list[Point]:
    """The scores of one series that were not withheld, oldest first: of the open or the last episode of care alone."""
    query = _of_partner(couple_id, partner_id, measure, scale).where(Score.value.is_not(None), Score.reason.is_(None))
    if since := read_care(work, couple_id).since:
        query = query.where(Score.answered_at >= since)
    return [
        _point(row, work.session.reach.compartments)
        for row in work.session.execute(query.order_by(Score.answered_at, Score.id))
    ]
