"""Practitioner: members of the clinic who treat or supervise."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.models import Member
from app.access.permissions import Role
from app.access.work import Work
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.organization import named
from app.fhir.rows import Rows
from app.fhir.tokens import is_so, numbered

LOGIN: Final = "sid/login"
PRACTISING: Final = (Role.THERAPIST, Role.SUPERVISOR)


def _query(_work: Work) -> Query:
    return select(Member.login, Member.ended_at).where(Member.role.in_(PRACTISING))


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [
        {
            "identifier": [{"system": drawing.system(LOGIN), "value": row.login}],
            "active": row.ended_at is None,
            "name": [{"text": row.login}],
        }
        for row in rows
    ]


def practitioners_among(work: Work, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of some people and machines who are practitioners here, so that a reference to them leads somewhere."""
    if not ids:
        return frozenset()
    return frozenset(work.session.scalars(select(Member.id).where(Member.id.in_(ids), Member.role.in_(PRACTISING))))


RESOURCE: Final = Resource(
    type="Practitioner",
    source=Rows(query=_query, draw=_draw, key=Member.id, updated=func.coalesce(Member.changed_at, Member.created_at)),
    params=(
        Param("identifier", "token", numbered(LOGIN, Member.login), says="The login."),
        Param("name", "string", named(Member.login), says="The login: no other name of a member is kept."),
        Param("active", "token", is_so(Member.ended_at.is_(None))),
    ),
    of_patients=False,
    says="Therapists and supervisors, also those who have left. They have no name here but their login.",
)
