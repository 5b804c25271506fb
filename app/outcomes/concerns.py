"""The concerns of the episode that is looked at, and how each partner's rating of them moved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Row, or_, select

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.couples.episodes import PLACES
from app.couples.models import Concern, ConcernRating, Episode
from app.couples.rules import place_of
from app.homework.summary import PlanSummary
from app.outcomes.schemas import ConcernOutcome, RatingOutcome

Said = Sequence[tuple[datetime, int]]


def read_concerns(work: Work, couple_id: UUID, plans: Sequence[PlanSummary]) -> list[ConcernOutcome]:
    """Concerns of the episode that was open, primary first, with the ratings that the view reaches; two queries.

    `plans` are those the view shows: the first that was begun in the episode is what ratings are seen from.
    """
    concerns = concerns_of_open_episode(work, couple_id)
    said = ratings_of(work, couple_id)
    began = [plan.began_at for plan in plans if plan.began_at and concerns and plan.episode_id == concerns[0].episode_id]
    shown = [
        ConcernOutcome(
            concern_id=concern.id,
            code=concern.code,
            place=place_of(CONCERNS[concern.code], is_primary=concern.is_primary),
            resolved_on=None
            if work.past and concern.resolved_on and concern.resolved_on > work.past.day
            else concern.resolved_on,
            ratings=[_rated(partner_id, ratings, min(began, default=None)) for partner_id, ratings in said[concern.id].items()],
        )
        for concern in concerns
    ]
    return sorted(shown, key=lambda concern: PLACES.index(concern.place))


def concerns_of_open_episode(work: Work, couple_id: UUID) -> Sequence[Row[UUID, UUID, str, bool, date | None]]:
    """In the order they were told. An episode that was entered late may overlap the one before it: the later is meant."""
    is_open = work.has_happened(Episode.opened_on) & work.has_not_happened(Episode.closed_on)
    episode = select(Episode.id).where(Episode.couple_id == couple_id, is_open)
    latest = episode.order_by(Episode.opened_on.desc(), Episode.id.desc()).limit(1).scalar_subquery()
    return work.session.execute(
        select(Concern.id, Concern.episode_id, Concern.code, Concern.is_primary, Concern.resolved_on)
        .where(
            Concern.couple_id == couple_id,
            Concern.episode_id == latest,
            or_(Concern.added_at.is_(None), work.has_happened(Concern.added_at)),
        )
        .order_by(Concern.id)
    ).all()


def ratings_of(work: Work, couple_id: UUID) -> Mapping[UUID, Mapping[UUID, Said]]:
    """By concern and partner, oldest first, as far as the view reaches."""
    rows = work.session.execute(
        select(ConcernRating.concern_id, ConcernRating.partner_id, ConcernRating.rated_at, ConcernRating.severity)
        .where(ConcernRating.couple_id == couple_id, work.has_happened(ConcernRating.rated_at))
        .order_by(ConcernRating.rated_at, ConcernRating.id)
    )
    said: defaultdict[UUID, defaultdict[UUID, list[tuple[datetime, int]]]] = defaultdict(lambda: defaultdict(list))
    for concern_id, partner_id, rated_at, severity in rows:
        said[concern_id][partner_id].append((rated_at, severity))
    return said


def _rated(partner_id: UUID, ratings: Said, began_at: datetime | None) -> RatingOutcome:
    before = [severity for at, severity in ratings if began_at is not None and at <= began_at]
    return RatingOutcome(
        partner_id=partner_id,
        first=ratings[0][1],
        at_plan_start=before[-1] if before else None,
        latest=ratings[-1][1],
        ratings=len(ratings),
    )
