"""Use cases of one concern: whether it is settled, whether the work starts from it, and each partner's words for it."""

from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.core.paging import Page, Pager
from app.couples.episodes import (
    get_concern,
    get_open_episode,
    latest_ratings,
    place_beside,
    shown,
    shown_concern,
    today_of,
)
from app.couples.models import Concern, ConcernFraming, Couple, Episode
from app.couples.rules import (
    ConcernOpenError,
    ConcernResolvedError,
    check_can_start_from,
    check_not_before,
    check_not_in_future,
)
from app.couples.schemas import ConcernChange, ConcernRead, ConcernResolution, EpisodeRead, FramingCreate, FramingRead
from app.couples.service import get_couple, get_couple_in_care, get_known, get_partner
from app.errors import NotFoundError, StaleVersionError


def read_concern(work: Work, couple_id: UUID, concern_id: UUID) -> ConcernRead:
    """One concern with the latest ratings within reach."""
    get_couple(work, couple_id)
    return _shown(work, get_concern(work, couple_id, concern_id))


def list_concerns(
    work: Work, couple_id: UUID, limit: int, cursor: str | None, episode_id: UUID | None = None
) -> Page[ConcernRead]:
    """A page of what a couple came with, in all episodes or one, in the order it was added."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "concerns", couple_id, episode_id)
    query = select(Concern).where(Concern.couple_id == couple_id)
    if episode_id is not None:
        query = query.where(Concern.episode_id == episode_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Concern.id))))
    ratings = latest_ratings(work, couple_id)
    return Page(items=[shown_concern(row, ratings) for row in rows], next_cursor=next_cursor)


def _shown(work: Work, concern: Concern) -> ConcernRead:
    return shown_concern(concern, latest_ratings(work, concern.couple_id))


def _in_care(work: Work, couple_id: UUID, concern_id: UUID) -> tuple[Couple, Episode, Concern]:
    couple = get_couple_in_care(work, couple_id)
    concern = get_concern(work, couple_id, concern_id)
    return couple, get_open_episode(work, couple_id, concern.episode_id), concern


def change_concern(work: Work, couple_id: UUID, concern_id: UUID, version: int, body: ConcernChange) -> ConcernRead:
    """Changes what was sent and nothing else. Raises StaleVersionError, EpisodeClosedError."""
    _couple, _episode, concern = _in_care(work, couple_id, concern_id)
    if concern.version != version:
        raise StaleVersionError
    if "bearer" in body.model_fields_set:
        concern.bearer = body.bearer
    if "contributing_factors" in body.model_fields_set:
        concern.contributing_factors = list(dict.fromkeys(body.contributing_factors))
    work.session.flush()
    return _shown(work, concern)


def resolve_concern(work: Work, couple_id: UUID, concern_id: UUID, body: ConcernResolution) -> ConcernRead:
    """Settles a concern. Raises ConcernResolvedError, EpisodeClosedError, DayInFutureError, DaysOutOfOrderError."""
    couple, episode, concern = _in_care(work, couple_id, concern_id)
    if concern.resolved_on is not None:
        raise ConcernResolvedError
    today = today_of(work, couple)
    resolved_on = body.resolved_on or today
    check_not_in_future(resolved_on, today, "/resolved_on")
    check_not_before(resolved_on, episode.opened_on, "/resolved_on")
    concern.resolved_on = resolved_on
    work.session.flush()
    return _shown(work, concern)


def reopen_concern(work: Work, couple_id: UUID, concern_id: UUID) -> ConcernRead:
    """Takes a settled concern up again. Raises ConcernOpenError, EpisodeClosedError."""
    _couple, _episode, concern = _in_care(work, couple_id, concern_id)
    if concern.resolved_on is None:
        raise ConcernOpenError
    concern.resolved_on = None
    work.session.flush()
    return _shown(work, concern)


def change_primary_concern(work: Work, couple_id: UUID, episode_id: UUID, concern_id: UUID) -> EpisodeRead:
    """Starts the work from another concern of the episode; the former one stays beside it, and one already primary stays.

    Raises MustStartFromSexualConcernError, ConcernResolvedError, EpisodeClosedError.
    """
    get_couple_in_care(work, couple_id)
    episode = get_open_episode(work, couple_id, episode_id)
    chosen = get_concern(work, couple_id, concern_id)
    if chosen.episode_id != episode.id:
        raise NotFoundError
    check_can_start_from(CONCERNS[chosen.code], "/concern_id")
    if chosen.resolved_on is not None:
        raise ConcernResolvedError
    primary = work.session.scalars(select(Concern).where(Concern.episode_id == episode_id, Concern.is_primary)).one()
    if primary.id != chosen.id:
        primary.is_primary, chosen.is_primary = False, True
        work.session.flush()
    return shown(work, episode)


def frame_concern(work: Work, couple_id: UUID, partner_id: UUID, body: FramingCreate) -> FramingRead:
    """Keeps a concern in one partner's own words; earlier words stay. Raises EpisodeClosedError."""
    _couple, _episode, concern = _in_care(work, couple_id, body.concern_id)
    partner = get_partner(work, couple_id, partner_id)
    framing = ConcernFraming(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        concern_id=concern.id,
        partner_id=partner.id,
        compartment=place_beside(concern, partner),
        said_at=work.now,
    )
    framing.words = work.vault.seal(framing, "words", body.words)
    work.session.add(framing)
    work.session.flush()
    return _shown_framing(work, framing)


def list_framings(  # noqa: PLR0913, PLR0917 - whose, which page, and of which concern
    work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None, concern_id: UUID | None
) -> Page[FramingRead]:
    """A page of what one partner said of the concerns, oldest first."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "framings", couple_id, partner_id, concern_id)
    query = select(ConcernFraming).where(ConcernFraming.couple_id == couple_id, ConcernFraming.partner_id == partner_id)
    if concern_id is not None:
        query = query.where(ConcernFraming.concern_id == concern_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, ConcernFraming.id))))
    return Page(items=[_shown_framing(work, row) for row in rows], next_cursor=next_cursor)


def _shown_framing(work: Work, row: ConcernFraming) -> FramingRead:
    return FramingRead(
        id=row.id,
        partner_id=row.partner_id,
        concern_id=row.concern_id,
        words=work.vault.open(row, "words", row.words),
        said_at=row.said_at,
    )
