"""Use cases of episodes of care and their concerns."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.work import Work
from app.clinical.concern import Concern as Clinical
from app.clinical.concern import Domain
from app.clinical.concerns import CONCERNS
from app.core.database import Compartment
from app.core.existing import existing
from app.couples.models import Concern, ConcernRating, Couple, Episode, Partner
from app.couples.rules import (
    EpisodeClosedError,
    EpisodeOpenError,
    check_can_start_from,
    check_not_before,
    check_not_in_future,
    find_concern,
    place_of,
)
from app.couples.schemas import ConcernCreate, ConcernRead, EpisodeClose, EpisodeCreate, EpisodeRead, RatingCreate, RatingRead
from app.couples.service import get_couple, get_couple_in_care, get_partner

PLACES = ("primary", "sexual", "downstream")


def compartment_of(concern: Clinical) -> Compartment:
    """Where a concern is kept: a suspicion of violence belongs to the care team, not to what both partners may read."""
    return Compartment.SAFETY if concern.domain is Domain.SAFETY else Compartment.CONJOINT


def place_beside(concern: Concern, partner: Partner) -> Compartment:
    """Where one partner's word on a concern is kept: their own compartment, and the care team's if the concern itself is."""
    return Compartment.SAFETY if concern.compartment == Compartment.SAFETY else partner.compartment


def today_of(work: Work, couple: Couple) -> date:
    """The day it is where the couple lives."""
    return work.now.astimezone(ZoneInfo(couple.time_zone)).date()


def open_episode(work: Work, couple_id: UUID, body: EpisodeCreate) -> EpisodeRead:
    """Opens an episode on a sexual concern. Raises MustStartFromSexualConcernError, EpisodeOpenError, DayInFutureError."""
    couple = get_couple_in_care(work, couple_id)
    pointer = "/primary_concern/code"
    check_can_start_from(find_concern(body.primary_concern.code, pointer), pointer)
    for number, other in enumerate(body.other_concerns):
        find_concern(other.code, f"/other_concerns/{number}/code")
    today = today_of(work, couple)
    opened_on = body.opened_on or today
    check_not_in_future(opened_on, today, "/opened_on")
    if work.session.scalars(select(Episode.id).where(Episode.couple_id == couple_id, Episode.closed_on.is_(None))).first():
        raise EpisodeOpenError
    episode = Episode(couple_id=couple_id, opened_on=opened_on)
    work.session.add(episode)
    work.session.flush()
    _add_concern(work, episode, body.primary_concern, is_primary=True)
    for other in body.other_concerns:
        _add_concern(work, episode, other, is_primary=False)
    return shown(work, episode)


def _add_concern(
    work: Work, episode: Episode, body: ConcernCreate, *, is_primary: bool, added_at: datetime | None = None
) -> Concern:
    concern = Concern(
        couple_id=episode.couple_id,
        episode_id=episode.id,
        compartment=compartment_of(CONCERNS[body.code]),
        code=body.code,
        is_primary=is_primary,
        bearer=body.bearer,
        contributing_factors=list(dict.fromkeys(body.contributing_factors)),
        added_at=added_at,
    )
    work.session.add(concern)
    work.session.flush()
    for rating in body.ratings:
        _add_rating(work, concern, rating)
    return concern


def _add_rating(work: Work, concern: Concern, body: RatingCreate) -> None:
    partner = get_partner(work, concern.couple_id, body.partner_id)
    work.session.add(
        ConcernRating(
            couple_id=concern.couple_id,
            concern_id=concern.id,
            partner_id=partner.id,
            compartment=place_beside(concern, partner),
            severity=body.severity,
            distressed=body.distressed,
            rated_at=work.now,
        )
    )
    work.session.flush()


def get_episode(work: Work, couple_id: UUID, episode_id: UUID) -> Episode:
    """An episode of a couple that is within reach already. Raises NotFoundError."""
    return existing(work.session, select(Episode).where(Episode.couple_id == couple_id, Episode.id == episode_id))


def get_open_episode(work: Work, couple_id: UUID, episode_id: UUID) -> Episode:
    """The same, for changes. Raises EpisodeClosedError."""
    episode = get_episode(work, couple_id, episode_id)
    if episode.closed_on is not None:
        raise EpisodeClosedError
    return episode


def get_concern(work: Work, couple_id: UUID, concern_id: UUID) -> Concern:
    """A concern of a couple that is within reach already. Raises NotFoundError."""
    return existing(work.session, select(Concern).where(Concern.couple_id == couple_id, Concern.id == concern_id))


def read_episode(work: Work, couple_id: UUID, episode_id: UUID) -> EpisodeRead:
    """One episode with its concerns."""
    get_couple(work, couple_id)
    return shown(work, get_episode(work, couple_id, episode_id))


def list_episodes(work: Work, couple_id: UUID) -> list[EpisodeRead]:
    """All episodes of a couple, oldest first; there are a handful."""
    get_couple(work, couple_id)
    episodes = work.session.scalars(select(Episode).where(Episode.couple_id == couple_id).order_by(Episode.id))
    return [shown(work, episode) for episode in episodes]


def close_episode(work: Work, couple_id: UUID, episode_id: UUID, body: EpisodeClose) -> EpisodeRead:
    """Ends an episode. Raises EpisodeClosedError, DayInFutureError, DaysOutOfOrderError."""
    couple = get_couple_in_care(work, couple_id)
    episode = get_open_episode(work, couple_id, episode_id)
    today = today_of(work, couple)
    closed_on = body.closed_on or today
    check_not_in_future(closed_on, today, "/closed_on")
    check_not_before(closed_on, episode.opened_on, "/closed_on")
    episode.closed_on, episode.close_reason = closed_on, body.reason
    work.session.flush()
    return shown(work, episode)


def add_concern(work: Work, couple_id: UUID, episode_id: UUID, body: ConcernCreate) -> ConcernRead:
    """Adds a concern beside or downstream of the primary one."""
    get_couple_in_care(work, couple_id)
    find_concern(body.code, "/code")
    concern = _add_concern(work, get_open_episode(work, couple_id, episode_id), body, is_primary=False, added_at=work.now)
    return shown_concern(concern, latest_ratings(work, couple_id))


def rate_concern(work: Work, couple_id: UUID, concern_id: UUID, body: RatingCreate) -> ConcernRead:
    """Keeps what one partner says a concern weighs now; earlier ratings stay.

    The answer holds this partner's alone: whoever sends it for one partner may show them what comes back.
    """
    get_couple_in_care(work, couple_id)
    concern = get_concern(work, couple_id, concern_id)
    get_open_episode(work, couple_id, concern.episode_id)
    _add_rating(work, concern, body)
    own = {body.partner_id: latest_ratings(work, couple_id)[concern.id][body.partner_id]}
    return shown_concern(concern, {concern.id: own})


def latest_ratings(work: Work, couple_id: UUID) -> dict[UUID, dict[UUID, RatingRead]]:
    """The latest rating within reach, by concern and partner."""
    rows = work.session.scalars(
        select(ConcernRating).where(ConcernRating.couple_id == couple_id).order_by(ConcernRating.rated_at, ConcernRating.id)
    )
    latest: dict[UUID, dict[UUID, RatingRead]] = {}
    for row in rows:
        latest.setdefault(row.concern_id, {})[row.partner_id] = RatingRead.model_validate(row)
    return latest


def shown(work: Work, episode: Episode) -> EpisodeRead:
    """An episode with its concerns, as far as they are within reach."""
    concerns = work.session.scalars(select(Concern).where(Concern.episode_id == episode.id).order_by(Concern.id)).all()
    ratings = latest_ratings(work, episode.couple_id)
    shown = [shown_concern(concern, ratings) for concern in concerns]
    return EpisodeRead(
        id=episode.id,
        version=episode.version,
        couple_id=episode.couple_id,
        opened_on=episode.opened_on,
        closed_on=episode.closed_on,
        close_reason=episode.close_reason,
        concerns=sorted(shown, key=lambda concern: PLACES.index(concern.place)),
    )


def shown_concern(concern: Concern, ratings: dict[UUID, dict[UUID, RatingRead]]) -> ConcernRead:
    """A concern with the latest ratings within reach."""
    known = CONCERNS[concern.code]
    return ConcernRead(
        id=concern.id,
        version=concern.version,
        episode_id=concern.episode_id,
        code=concern.code,
        domain=known.domain,
        place=place_of(known, is_primary=concern.is_primary),
        bearer=concern.bearer,
        contributing_factors=concern.contributing_factors,
        ratings=list(ratings.get(concern.id, {}).values()),
        resolved_on=concern.resolved_on,
    )
