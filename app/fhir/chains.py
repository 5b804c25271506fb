"""Corrections: administrations of which each supersedes the one before, as the versions of one resource.

A chain is one partner's and of one measure, so whoever may read its newest may read all of it. Few rows are in one at all.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, literal, select

from app.access.work import Work
from app.core.database import RecordSession
from app.measures.models import Administration

_ROW = Administration.__table__.alias("one")
_NEXT = Administration.__table__.alias("another")


@dataclass(frozen=True)
class Standing:
    """Where an administration stands in its chain: which came first, and which version it is, from 1."""

    first: UUID
    version: int = 1
    external_id: str | None = None
    """The last one before it: a correction that brings none of its own goes by that."""


def stands(work: Work, column: Any) -> ColumnElement[bool]:
    """That nothing supersedes the administration a column names. Corrections are few: one list of them is looked through."""
    superseded = select(_NEXT.c.supersedes_id).where(
        _NEXT.c.clinic_id == work.session.reach.clinic_id, _NEXT.c.supersedes_id.is_not(None)
    )
    found: ColumnElement[bool] = column.not_in(superseded)
    return found


def standings(work: Work, superseding: Mapping[UUID, UUID | None]) -> dict[UUID, Standing]:
    """Where administrations stand, given what each supersedes; at most one query for all."""
    found = {one: Standing(one) for one in superseding}
    corrections = [one for one, superseded in superseding.items() if superseded is not None]
    return found | _of_corrections(work.session, corrections) if corrections else found


def _of_corrections(session: RecordSession, ids: Collection[UUID]) -> dict[UUID, Standing]:
    clinic_id = session.reach.clinic_id
    start = select(_ROW.c.id, _ROW.c.supersedes_id.label("first"), literal(2).label("version"))
    back = start.where(_ROW.c.clinic_id == clinic_id, _ROW.c.id.in_(ids)).cte(recursive=True)
    step = select(back.c.id, _NEXT.c.supersedes_id, back.c.version + 1).where(
        _NEXT.c.clinic_id == clinic_id, _NEXT.c.id == back.c.first, _NEXT.c.supersedes_id.is_not(None)
    )
    back = back.union_all(step)
    before = select(back, _NEXT.c.external_id).where(_NEXT.c.clinic_id == clinic_id, _NEXT.c.id == back.c.first)
    found: dict[UUID, Standing] = {}
    # Those further back come later, and the last one is the first of the chain.
    for row in session.execute(before.order_by(back.c.version)):
        nearer = found[row.id].external_id if row.id in found else None
        found[row.id] = Standing(row.first, row.version, nearer or row.external_id)
    return found


def chains_from(work: Work, firsts: Collection[UUID]) -> CTE:
    """Everything in the chains that begin with these administrations: `id` and `version`; of any other there is nothing."""
    clinic_id = work.session.reach.clinic_id
    start = select(_ROW.c.id, literal(1).label("version"))
    start = start.where(_ROW.c.clinic_id == clinic_id, _ROW.c.id.in_(firsts), _ROW.c.supersedes_id.is_(None))
    chain = start.cte(recursive=True)
    step = select(_NEXT.c.id, chain.c.version + 1).where(_NEXT.c.clinic_id == clinic_id, _NEXT.c.supersedes_id == chain.c.id)
    return chain.union_all(step)


def in_chains(work: Work, column: Any, firsts: Collection[UUID]) -> ColumnElement[bool]:
    """The condition on a column that it names something in one of these chains."""
    found: ColumnElement[bool] = column.in_(select(chains_from(work, firsts).c.id))
    return found


def called(work: Work, column: Any, external_id: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition on a column that it names something whose external id meets one, its own or the last one before it."""
    clinic_id = work.session.reach.clinic_id
    start = select(_ROW.c.id).where(_ROW.c.clinic_id == clinic_id, external_id(_ROW.c.external_id))
    chain = start.cte(recursive=True)
    step = select(_NEXT.c.id).where(
        _NEXT.c.clinic_id == clinic_id, _NEXT.c.supersedes_id == chain.c.id, _NEXT.c.external_id.is_(None)
    )
    found: ColumnElement[bool] = column.in_(select(chain.union_all(step).c.id))
    return found
