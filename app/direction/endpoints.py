"""Analyses of which of two series came first, over HTTP."""

from typing import Annotated, Final

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import DirectionAnalysisId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.direction import service
from app.direction.rules import OwnFiguresStayError
from app.direction.schemas import (
    MOST_ROWS,
    DirectionAnalysisCreate,
    DirectionAnalysisRead,
    DirectionAnalysisStanding,
)

router = RecordRouter("Direction")
ANALYSES: Final = "/clinic/direction-analyses"
ANALYSIS: Final = ANALYSES + "/{analysis_id}"
LARGEST_PANEL_BYTES: Final = 2_097_152


@router.creates(
    ANALYSES,
    Permission.DIRECTION_ANALYSES_WRITE,
    status=202,
    body_bytes=LARGEST_PANEL_BYTES,
    longest_array=MOST_ROWS,
)
def ask_for_direction_analysis(work: Work, body: DirectionAnalysisCreate) -> DirectionAnalysisRead:
    """Ask which of two series came first: in the clinic's own couples, or in a panel you bring.

    It is done beside the requests, most often within two seconds; `Location` is where to look.
    """
    return service.ask(work, body)


@router.reads(ANALYSES, Permission.DIRECTION_ANALYSES_READ, CursorInvalidError)
def list_direction_analyses(
    work: Work, limit: Annotated[Limit, Query()] = 50, cursor: Annotated[Cursor | None, Query()] = None
) -> Page[DirectionAnalysisStanding]:
    """List analyses of the clinic's own data, and those of panels that you brought."""
    return service.list_analyses(work, limit, cursor)


@router.reads(ANALYSIS, Permission.DIRECTION_ANALYSES_READ)
def read_direction_analysis(work: Work, analysis_id: DirectionAnalysisId) -> DirectionAnalysisRead:
    """Read how far an analysis is and what its models say; while it is not done, `Retry-After` says when to look again."""
    return service.read_analysis(work, analysis_id)


@router.ends(ANALYSIS, Permission.DIRECTION_ANALYSES_WRITE, OwnFiguresStayError)
def delete_direction_analysis(work: Work, analysis_id: DirectionAnalysisId) -> None:
    """Delete the analysis of a panel that you brought, and the panel with it if it still waits."""
    service.delete_analysis(work, analysis_id)
