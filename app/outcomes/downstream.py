"""Downstream concerns since the plan began: each partner's own ratings, first, then, and now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.couples.rules import place_of
from app.couples.service import Known
from app.homework.summary import PlanSummary
from app.outcomes.concerns import Said, concerns_of_open_episode, ratings_of
from app.outcomes.cycle_schemas import DownstreamRead, DownstreamSince, SinceThePlanRead

LABEL: Final = (
    "Each is one rating of 0-10, of unknown error: whether a change is more than chance cannot be said, and that the plan "
    "came before it does not make it the cause."
)


def read_downstream(work: Work, couple_id: UUID, partners: Sequence[Known], plans: Sequence[PlanSummary]) -> DownstreamSince:
    """The downstream concerns of the open episode with the ratings that the view reaches; two queries.

    `plans` are those the view shows: the first that was begun in the episode is what ratings are seen from.
    """
    concerns, said = concerns_of_open_episode(work, couple_id), ratings_of(work, couple_id)
    episodes = {concern.episode_id for concern in concerns}
    began_at = min((plan.began_at for plan in plans if plan.began_at and plan.episode_id in episodes), default=None)
    shown = [
        DownstreamRead(
            concern_id=concern.id,
            code=concern.code,
            ratings=[
                since_the_plan(partner.id, said[concern.id][partner.id], began_at)
                for partner in partners
                if partner.id in said[concern.id]
            ],
        )
        for concern in concerns
        if place_of(CONCERNS[concern.code], is_primary=concern.is_primary) == "downstream"
    ]
    return DownstreamSince(began_at=began_at, label=LABEL, concerns=shown)


def since_the_plan(partner_id: UUID, ratings: Said, began_at: datetime | None) -> SinceThePlanRead:
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
        at_plan_start=before[-1] if before else None,
        latest=latest,
        eased=None if reason else before[-1] - latest,
        reason=reason,
        ratings=len(ratings),
    )
