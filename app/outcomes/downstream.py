"""Downstream concerns since the plan began: each partner's own ratings, first, then, and now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.couples.models import Concern, ConcernRating
from app.couples.rules import place_of
from app.couples.service import Known
from app.outcomes.cycle_schemas import DownstreamRead, DownstreamSince, SinceThePlanRead

LABEL: Final = (
    "Each is one rating of 0-10, of unknown error: whether a change is more than chance cannot be said, and that the plan "
    "came before it does not make it the cause."
)


def read_downstream(
    work: Work, couple_id: UUID, episode_id: UUID | None, partners: Sequence[Known], began_at: datetime | None
) -> DownstreamSince:
    """The downstream concerns of an episode with the ratings that the view reaches, since its first plan began; two queries."""
    concerns = work.session.scalars(
        select(Concern).where(Concern.couple_id == couple_id, Concern.episode_id == episode_id).order_by(Concern.id)
    ).all()
    rows = work.session.execute(
        select(ConcernRating.concern_id, ConcernRating.partner_id, ConcernRating.rated_at, ConcernRating.severity)
        .where(ConcernRating.couple_id == couple_id)
        .order_by(ConcernRating.rated_at, ConcernRating.id)
    )
    said: defaultdict[tuple[UUID, UUID], list[tuple[datetime, int]]] = defaultdict(list)
    for concern_id, partner_id, rated_at, severity in rows:
        said[concern_id, partner_id].append((rated_at, severity))
    shown = [
        DownstreamRead(
            concern_id=concern.id,
            code=concern.code,
            ratings=[
                since_the_plan(partner.id, said[concern.id, partner.id], began_at)
                for partner in partners
                if (concern.id, partner.id) in said
            ],
        )
        for concern in concerns
        if place_of(CONCERNS[concern.code], is_primary=concern.is_primary) == "downstream"
    ]
    return DownstreamSince(began_at=began_at, label=LABEL, concerns=shown)


def since_the_plan(partner_id: UUID, ratings: Sequence[tuple[datetime, int]], began_at: datetime | None) -> SinceThePlanRead:
    """One partner's ratings in order of time, seen from when the plan began."""
    before = [severity for at, severity in ratings if began_at is not None and at <= began_at]
    reason = None
    if began_at is None:
        reason = "no_plan_begun"
    elif not before:
        reason = "not_rated_before"
    elif len(before) == len(ratings):
        reason = "not_rated_since"
    first, latest = ratings[0][1], ratings[-1][1]
    return SinceThePlanRead(
        partner_id=partner_id,
        first=first,
        at_start=before[-1] if before else None,
        latest=latest,
        eased=None if reason else before[-1] - latest,
        reason=reason,
        ratings=len(ratings),
    )
