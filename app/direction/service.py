"""Asking for an analysis, reading how far it is and what it says, and taking a panel's away again."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from app.access.work import Work
from app.clinical.lags.panel import read_panel
from app.core.chores import want_now
from app.core.paging import Page, Pager
from app.direction.job import ANALYSING
from app.direction.models import DirectionAnalysis
from app.direction.record import scales_of
from app.direction.rules import OwnFiguresStayError, check_one_source, check_scales
from app.direction.schemas import (
    DirectionAnalysisCreate,
    DirectionAnalysisRead,
    DirectionAnalysisStanding,
    ModelRead,
    ScaleNamed,
    X,
    Y,
)
from app.direction.supplied import kept, read_csv
from app.errors import NotFoundError
from app.ledger.service import log_aggregate

CLINIC: Final = "clinic"
PANEL: Final = "panel"


def ask(work: Work, body: DirectionAnalysisCreate) -> DirectionAnalysisRead:
    """Keeps what is asked, and has it done as soon as it is kept. Raises InvalidError."""
    check_one_source(frozenset(name for name in body.model_fields_set if getattr(body, name) is not None))
    row = DirectionAnalysis(
        clinic_id=work.actor.clinic_id,
        source=PANEL if body.brings_a_panel else CLINIC,
        question={"models": list(dict.fromkeys(body.models)), "equal_lags": body.equal_lags},
        requested_at=work.now,
        requested_by_kind=work.actor.kind,
        requested_by=work.actor.id,
        status="queued",
        attempt=0,
    )
    if body.brings_a_panel:
        row.panel, row.as_of = work.vault.seal(row, "panel", _panel(work, body)), work.now
    else:
        x, y = body.x or X, body.y or Y
        check_scales((x.measure, x.scale), (y.measure, y.scale))
        row.scales = scales_of((x.measure, x.scale), (y.measure, y.scale))
        weeks = {"weeks_per_occasion": body.weeks_per_occasion or 1, "weeks_per_wave": body.weeks_per_wave or 1}
        row.question |= {"x": x.model_dump(), "y": y.model_dump(), **weeks}
    work.session.add(row)
    work.session.flush()
    want_now(work.session, ANALYSING)
    return _shown(work, row)


def _panel(work: Work, body: DirectionAnalysisCreate) -> dict[str, Any]:
    most = work.settings.direction_rows
    if body.csv is not None:
        return kept(read_csv(body.csv, most))
    assert body.panel is not None  # noqa: S101 - it brings one, and it is no CSV
    return kept(read_panel(body.panel.columns, body.panel.rows, most_rows=most))


def read_analysis(work: Work, analysis_id: UUID) -> DirectionAnalysisRead:
    """How far it is, and what it says once it is done. Raises NotFoundError."""
    row = _get(work, analysis_id)
    log_aggregate(work.session, "direction_analysis")
    return _shown(work, row)


def list_analyses(work: Work, limit: int, cursor: str | None) -> Page[DirectionAnalysisStanding]:
    """A page of the clinic's and of the caller's own, oldest first."""
    pager = Pager(work.vault, limit, cursor, "direction_analyses", work.actor.id)
    query = pager.cut(select(DirectionAnalysis).where(_within_reach(work)), DirectionAnalysis.id)
    rows, next_cursor = pager.split(list(work.session.scalars(query)))
    return Page(items=[DirectionAnalysisStanding(**_standing(row)) for row in rows], next_cursor=next_cursor)


def delete_analysis(work: Work, analysis_id: UUID) -> None:
    """Deletes what came of a panel, and the panel if it is still there. Raises NotFoundError, OwnFiguresStayError."""
    row = _get(work, analysis_id)
    if row.source == CLINIC:
        raise OwnFiguresStayError
    work.session.delete(row)
    work.session.flush()


def _within_reach(work: Work) -> ColumnElement[bool]:
    """What is over the clinic's own couples is for all who may read analyses; a panel's is for whoever brought it."""
    mine = (DirectionAnalysis.requested_by_kind == work.actor.kind) & (DirectionAnalysis.requested_by == work.actor.id)
    own_clinic: ColumnElement[bool] = DirectionAnalysis.clinic_id == work.actor.clinic_id
    return own_clinic & or_(DirectionAnalysis.source == CLINIC, mine)


def _get(work: Work, analysis_id: UUID) -> DirectionAnalysis:
    found = work.session.scalars(select(DirectionAnalysis).where(DirectionAnalysis.id == analysis_id, _within_reach(work)))
    if (row := found.one_or_none()) is None:
        raise NotFoundError
    return row


def _standing(row: DirectionAnalysis) -> dict[str, Any]:
    question = row.question
    return {
        "id": row.id,
        "status": row.status,
        "source": row.source,
        "models": question["models"],
        "equal_lags": question["equal_lags"],
        "weeks_per_occasion": question.get("weeks_per_occasion"),
        "weeks_per_wave": question.get("weeks_per_wave"),
        **{name: ScaleNamed(**question[name]) if name in question else None for name in "xy"},
        "requested_at": row.requested_at,
        "finished_at": row.finished_at,
        "as_of": row.as_of,
    }


def _shown(work: Work, row: DirectionAnalysis) -> DirectionAnalysisRead:
    found = work.vault.open(row, "result", row.result) or {"results": {}, "notes": []}
    results = {name: ModelRead(**one) for name, one in found["results"].items()}
    return DirectionAnalysisRead(**_standing(row), results=results, notes=found["notes"])
