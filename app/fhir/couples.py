"""Who is whose partner: told only to clients whose scopes hold both resources that say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import aliased

from app.couples.models import Partner
from app.fhir.resource import Asked, Content, Drawing, Drawn, Where
from app.fhir.rows import Place, Rows, instant
from app.fhir.spans import whole_days
from app.fhir.values import Token

Other = aliased(Partner, name="other_partner")
"""The partner of a partner."""


def is_other() -> ColumnElement[bool]:
    """The condition on which `Other` is the partner of the row's `Partner`."""
    return (Other.clinic_id == Partner.clinic_id) & (Other.couple_id == Partner.couple_id) & (Other.id != Partner.id)


@dataclass(frozen=True)
class CoupleRows(Rows):
    """Rows that say who is whose partner: to whom they are not told, there are none, and nothing is looked up."""

    def count(self, drawing: Drawing, type_: str, asked: Asked) -> int:
        """How many rows there are for this client."""
        return super().count(drawing, type_, asked) if drawing.knows_couples else 0

    def page(self, drawing: Drawing, type_: str, asked: Asked, after: Place | None, limit: int) -> list[Drawn]:
        """The next rows for this client."""
        return super().page(drawing, type_, asked, after, limit) if drawing.knows_couples else []

    def pages(self, drawing: Drawing, type_: str, asked: Asked, at_once: int) -> Iterator[list[Drawn]]:
        """All rows for this client."""
        return super().pages(drawing, type_, asked, at_once) if drawing.knows_couples else iter(())


def knowing_couples(drawing: Drawing) -> bool:
    """Whether a client may know what the same moment in two people's records would tell."""
    return drawing.knows_couples


def told_moment(drawing: Drawing, moment: datetime) -> str:
    """A moment that both partners' resources of one row have in common; for whom it would tell too much, its day."""
    return instant(moment) if drawing.knows_couples else moment.date().isoformat()


def by_moment(where: Where) -> Where:
    """A search by a moment that both partners' resources have in common; for whom it would tell too much, by whole days."""
    return lambda drawing, value: where(drawing, value if drawing.knows_couples else whole_days(value))


def shared_identifier(drawing: Drawing, kind: str, row_id: UUID) -> Content:
    """The identifier that both partners' resources of one row have in common; nothing for whom it would tell too much."""
    if not drawing.knows_couples:
        return {}
    return {"identifier": [{"system": drawing.system(f"sid/{kind}"), "value": drawing.ids.of(kind, row_id)}]}


def sharing(kind: str, column: Any) -> Where:
    """The condition on rows with such an identifier; there are none for a client that is not shown it."""

    def where(drawing: Drawing, value: Token) -> ColumnElement[bool]:
        if not drawing.knows_couples or not value.is_of(drawing.system(f"sid/{kind}"), value.code):
            return false()
        found = drawing.ids.row(kind, value.code)
        if found is None:
            return false() if value.code else column.is_not(None)
        is_it: ColumnElement[bool] = column == found
        return is_it

    return where


def members(drawing: Drawing, partner_ids: Sequence[UUID | None]) -> list[Content]:
    """Those partners there are, as members of a Group."""
    return [{"entity": drawing.reference("Patient", one)} for one in partner_ids if one is not None]
