"""Organization: the clinic itself."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from app.access.models import Clinic
from app.access.work import Work
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.rows import Rows
from app.fhir.values import Text

TYPES: Final = "http://terminology.hl7.org/CodeSystem/organization-type"
PROVIDER: Final = {"coding": [{"system": TYPES, "code": "prov", "display": "Healthcare Provider"}]}


def _query(work: Work) -> Query:
    return select(Clinic.clinic_id, Clinic.name).where(Clinic.clinic_id == work.actor.clinic_id)


def _draw(_drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [{"active": True, "type": [PROVIDER], "name": row.name} for row in rows]


def named(column: Any) -> Any:
    """The condition on rows whose name, of which nothing is sealed, is what a text asks for."""

    def where(_drawing: Drawing, value: Text) -> ColumnElement[bool]:
        match value.how:
            case "exact":
                found: ColumnElement[bool] = column == value.words
            case "contains":
                found = column.icontains(value.words, autoescape=True)
            case _:
                found = column.istartswith(value.words, autoescape=True)
        return found

    return where


RESOURCE: Final = Resource(
    type="Organization",
    source=Rows(query=_query, draw=_draw, key=Clinic.clinic_id, updated=Clinic.created_at),
    params=(Param("name", "string", named(Clinic.name)),),
    of_patients=False,
    says="The clinic, which every Patient, Group and EpisodeOfCare names as theirs.",
)
