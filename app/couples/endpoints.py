"""Couples, partners, episodes and concerns over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import IfMatch, RecordRouter
from app.access.seats import MemberUnknownError
from app.access.work import Work
from app.core.ids import ConcernId, CoupleId, EpisodeId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import ExternalId
from app.couples import concerns, episodes, service
from app.couples.rules import (
    ConcernOpenError,
    ConcernResolvedError,
    ConcernUnknownError,
    CoupleArchivedError,
    DayInFutureError,
    DaysOutOfOrderError,
    EpisodeClosedError,
    EpisodeOpenError,
    MustStartFromSexualConcernError,
)
from app.couples.schemas import (
    ConcernChange,
    ConcernCreate,
    ConcernRead,
    ConcernResolution,
    CoupleChange,
    CoupleCreate,
    CoupleRead,
    EpisodeClose,
    EpisodeCreate,
    EpisodeRead,
    FramingCreate,
    FramingRead,
    PartnerChange,
    PartnerRead,
    PrimaryConcern,
    RatingCreate,
)
from app.couples.service import ExternalIdTakenError

router = RecordRouter("Couples")
COUPLE = "/couples/{couple_id}"
PARTNER = COUPLE + "/partners/{partner_id}"


@router.creates("/couples", Permission.COUPLES_WRITE, ExternalIdTakenError, MemberUnknownError)
def open_couple(work: Work, body: CoupleCreate) -> CoupleRead:
    """Create a couple with both partners."""
    return service.open_couple(work, body)


@router.reads("/couples", Permission.COUPLES_READ, CursorInvalidError)
def list_couples(
    work: Work,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    external_id: Annotated[ExternalId | None, Query(description="Only the couple with this external id.")] = None,
    archived: Annotated[bool, Query(description="Archived couples instead of those in care.")] = False,  # noqa: FBT002 - a query parameter
) -> Page[CoupleRead]:
    """List the couples you may see, oldest first."""
    return service.list_couples(work, limit, cursor, external_id, archived=archived)


@router.reads(COUPLE, Permission.COUPLES_READ)
def read_couple(work: Work, couple_id: CoupleId) -> CoupleRead:
    """Read a couple."""
    return service.read(work, [service.get_couple(work, couple_id)])[0]


@router.changes(COUPLE, Permission.COUPLES_WRITE, ExternalIdTakenError, CoupleArchivedError)
def change_couple(work: Work, couple_id: CoupleId, if_match: IfMatch, body: CoupleChange) -> CoupleRead:
    """Change a couple (JSON Merge Patch)."""
    return service.change_couple(work, couple_id, if_match, body)


@router.removes(COUPLE, Permission.COUPLES_WRITE, CoupleArchivedError)
def archive_couple(work: Work, couple_id: CoupleId, if_match: IfMatch) -> None:
    """Archive a couple; its record stays and can be restored."""
    service.archive_couple(work, couple_id, if_match)


@router.creates(COUPLE + "/restorations", Permission.COUPLES_WRITE, status=200)
def restore_couple(work: Work, couple_id: CoupleId) -> CoupleRead:
    """Take an archived couple back into care."""
    return service.restore_couple(work, couple_id)


@router.reads(PARTNER, Permission.COUPLES_READ)
def read_partner(work: Work, couple_id: CoupleId, partner_id: PartnerId) -> PartnerRead:
    """Read a partner."""
    return service.read_partner(work, couple_id, partner_id)


@router.changes(PARTNER, Permission.COUPLES_WRITE, ExternalIdTakenError, CoupleArchivedError)
def change_partner(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, if_match: IfMatch, body: PartnerChange
) -> PartnerRead:
    """Change a partner (JSON Merge Patch)."""
    return service.change_partner(work, couple_id, partner_id, if_match, body)


@router.creates(
    COUPLE + "/episodes",
    Permission.COUPLES_WRITE,
    MustStartFromSexualConcernError,
    ConcernUnknownError,
    EpisodeOpenError,
    CoupleArchivedError,
    DayInFutureError,
)
def open_episode(work: Work, couple_id: CoupleId, body: EpisodeCreate) -> EpisodeRead:
    """Open an episode of care on its primary sexual concern."""
    return episodes.open_episode(work, couple_id, body)


@router.reads(COUPLE + "/episodes", Permission.COUPLES_READ)
def list_episodes(work: Work, couple_id: CoupleId) -> Page[EpisodeRead]:
    """List a couple's episodes of care, oldest first."""
    return Page(items=episodes.list_episodes(work, couple_id), next_cursor=None)


@router.reads(COUPLE + "/episodes/{episode_id}", Permission.COUPLES_READ)
def read_episode(work: Work, couple_id: CoupleId, episode_id: EpisodeId) -> EpisodeRead:
    """Read an episode of care with its concerns."""
    return episodes.read_episode(work, couple_id, episode_id)


@router.creates(
    COUPLE + "/episodes/{episode_id}/closures",
    Permission.COUPLES_WRITE,
    EpisodeClosedError,
    CoupleArchivedError,
    DayInFutureError,
    DaysOutOfOrderError,
    status=200,
)
def close_episode(work: Work, couple_id: CoupleId, episode_id: EpisodeId, body: EpisodeClose) -> EpisodeRead:
    """Close an episode of care."""
    return episodes.close_episode(work, couple_id, episode_id, body)


@router.creates(
    COUPLE + "/episodes/{episode_id}/concerns",
    Permission.COUPLES_WRITE,
    ConcernUnknownError,
    EpisodeClosedError,
    CoupleArchivedError,
)
def add_concern(work: Work, couple_id: CoupleId, episode_id: EpisodeId, body: ConcernCreate) -> ConcernRead:
    """Add a concern beside the primary one; a relational one is kept downstream of it."""
    return episodes.add_concern(work, couple_id, episode_id, body)


@router.creates(COUPLE + "/concerns/{concern_id}/ratings", Permission.COUPLES_WRITE, EpisodeClosedError, CoupleArchivedError)
def rate_concern(work: Work, couple_id: CoupleId, concern_id: ConcernId, body: RatingCreate) -> ConcernRead:
    """Keep what one partner says a concern weighs now."""
    return episodes.rate_concern(work, couple_id, concern_id, body)


@router.reads(COUPLE + "/concerns", Permission.COUPLES_READ, CursorInvalidError)
def list_couple_concerns(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    episode_id: Annotated[EpisodeId | None, Query(description="Only of this episode of care.")] = None,
) -> Page[ConcernRead]:
    """List what a couple came with, in the order it was added."""
    return concerns.list_concerns(work, couple_id, limit, cursor, episode_id)


@router.reads(COUPLE + "/concerns/{concern_id}", Permission.COUPLES_READ)
def read_concern(work: Work, couple_id: CoupleId, concern_id: ConcernId) -> ConcernRead:
    """Read a concern."""
    return concerns.read_concern(work, couple_id, concern_id)


@router.changes(COUPLE + "/concerns/{concern_id}", Permission.COUPLES_WRITE, EpisodeClosedError, CoupleArchivedError)
def change_concern(
    work: Work, couple_id: CoupleId, concern_id: ConcernId, if_match: IfMatch, body: ConcernChange
) -> ConcernRead:
    """Change who bears a concern and what contributes to it (JSON Merge Patch)."""
    return concerns.change_concern(work, couple_id, concern_id, if_match, body)


@router.creates(
    COUPLE + "/concerns/{concern_id}/resolutions",
    Permission.COUPLES_WRITE,
    ConcernResolvedError,
    EpisodeClosedError,
    CoupleArchivedError,
    DayInFutureError,
    DaysOutOfOrderError,
    status=200,
)
def resolve_concern(work: Work, couple_id: CoupleId, concern_id: ConcernId, body: ConcernResolution) -> ConcernRead:
    """Settle a concern."""
    return concerns.resolve_concern(work, couple_id, concern_id, body)


@router.creates(
    COUPLE + "/concerns/{concern_id}/reopenings",
    Permission.COUPLES_WRITE,
    ConcernOpenError,
    EpisodeClosedError,
    CoupleArchivedError,
    status=200,
)
def reopen_concern(work: Work, couple_id: CoupleId, concern_id: ConcernId) -> ConcernRead:
    """Take a settled concern up again."""
    return concerns.reopen_concern(work, couple_id, concern_id)


@router.creates(
    COUPLE + "/episodes/{episode_id}/primary-concerns",
    Permission.COUPLES_WRITE,
    MustStartFromSexualConcernError,
    ConcernResolvedError,
    EpisodeClosedError,
    CoupleArchivedError,
    status=200,
)
def change_primary_concern(work: Work, couple_id: CoupleId, episode_id: EpisodeId, body: PrimaryConcern) -> EpisodeRead:
    """Start the work from another sexual concern of the episode; the former one stays beside it."""
    return concerns.change_primary_concern(work, couple_id, episode_id, body.concern_id)


@router.creates(PARTNER + "/framings", Permission.COUPLES_WRITE, EpisodeClosedError, CoupleArchivedError)
def frame_concern(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: FramingCreate) -> FramingRead:
    """Keep a concern in one partner's own words; the other partner may say the opposite, and neither sees the other's."""
    return concerns.frame_concern(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/framings", Permission.COUPLES_READ, CursorInvalidError)
def list_framings(  # noqa: PLR0913, PLR0917 - what the path and the query say
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
    concern_id: Annotated[ConcernId | None, Query(description="Only of this concern.")] = None,
) -> Page[FramingRead]:
    """List what one partner said of the concerns, oldest first."""
    return concerns.list_framings(work, couple_id, partner_id, limit, cursor, concern_id)
