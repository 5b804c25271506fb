"""RelatedPerson: each partner as they stand in the other one's record, by no more than that they are the partner."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select

from app.access.work import Work
from app.couples.models import Couple, Partner
from app.fhir.couples import CoupleRows, Other, is_other
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.tokens import always, is_so

ROLES: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
# It is the one code there that is true of every couple, and claims neither marriage nor one household.
PARTNER: Final = {"system": ROLES, "code": "SIGOTHR", "display": "significant other"}


def _query(_work: Work) -> Query:
    return (
        select(Other.id.label("patient_id"), Couple.archived_at)
        .select_from(Partner)
        .join(Couple, (Couple.clinic_id == Partner.clinic_id) & (Couple.id == Partner.couple_id))
        .join(Other, is_other())
        .where(Partner.erased_at.is_(None), Other.erased_at.is_(None))
    )


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [
        {
            "active": row.archived_at is None,
            "patient": drawing.reference("Patient", row.patient_id),
            "relationship": [{"coding": [PARTNER], "text": "Partner"}],
        }
        for row in rows
    ]


RESOURCE: Final = Resource(
    type="RelatedPerson",
    source=CoupleRows(
        query=_query,
        draw=_draw,
        key=Partner.id,
        updated=func.coalesce(Couple.changed_at, Couple.created_at),
        couple_id=Partner.couple_id,
    ),
    params=(
        Param("patient", "reference", of_patient(Other.id), ("Patient",), "patient", "In whose record."),
        Param("relationship", "token", always(ROLES, PARTNER["code"])),
        Param("active", "token", is_so(Couple.archived_at.is_(None)), says="Whether the couple is in care."),
    ),
    says=(
        "Each partner as they stand in the other one's record: `patient` is the other, and the partner's own Patient has a"
        " `link` to this. Neither name nor contact: these are in their own Patient. Only for clients that hold RelatedPerson"
        " and Group; for others there is none."
    ),
)
