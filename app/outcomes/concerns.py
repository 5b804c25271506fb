"""The concerns of the open episode, and how each partner's rating of them moved."""

from collections import defaultdict
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.couples.episodes import PLACES
from app.couples.models import Concern, ConcernRating, Episode
from app.couples.rules import place_of
from app.outcomes.schemas import ConcernOutcome, RatingOutcome


def read_concerns(work: Work, couple_id: UUID) -> list[ConcernOutcome]:
    """Concerns of the open episode, primary first, with the ratings that the view reaches; two queries."""
    concerns = work.session.scalars(
        select(Concern)
        .join(Episode, (Episode.id == Concern.episode_id) & Episode.closed_on.is_(None))
        .where(Concern.couple_id == couple_id)
        .order_by(Concern.id)
    ).all()
    rows = work.session.execute(
        select(ConcernRating.concern_id, ConcernRating.partner_id, ConcernRating.severity)
        .where(ConcernRating.couple_id == couple_id)
        .order_by(ConcernRating.rated_at, ConcernRating.id)
    )
    said: defaultdict[UUID, defaultdict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    for concern_id, partner_id, severity in rows:
        said[concern_id][partner_id].append(severity)
    shown = [
        ConcernOutcome(
            concern_id=concern.id,
            code=concern.code,
            place=place_of(CONCERNS[concern.code], is_primary=concern.is_primary),
            ratings=[
                RatingOutcome(partner_id=partner_id, first=ratings[0], latest=ratings[-1], ratings=len(ratings))
                for partner_id, ratings in said[concern.id].items()
            ],
        )
        for concern in concerns
    ]
    return sorted(shown, key=lambda concern: PLACES.index(concern.place))
