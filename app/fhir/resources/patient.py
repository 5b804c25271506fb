"""Patient: each partner, as a person of their own; who their partner is, only clients learn that may know couples."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, select

from app.access.work import Work
from app.core.crypto import Owner
from app.couples.models import Couple, Partner
from app.fhir.couples import Other, is_other, knowing_couples
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.rows import Rows, later
from app.fhir.tokens import is_so, numbered
from app.fhir.values import Reference

RECORD_NUMBER: Final = "sid/record-number"


def _query(_work: Work) -> Query:
    return (
        select(Partner, Couple.archived_at, Other.id.label("other_id"), Other.erased_at.label("other_erased_at"))
        .join(Couple, (Couple.clinic_id == Partner.clinic_id) & (Couple.id == Partner.couple_id))
        .outerjoin(Other, is_other())
        .where(Partner.erased_at.is_(None))
    )


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    drawing.work.vault.load_keys({(Owner.PARTNER, row.Partner.id) for row in rows})
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    partner = row.Partner
    person = drawing.work.vault.open(partner, "person", partner.person) or {}
    content: Content = {
        "identifier": [{"use": "usual", "system": drawing.system(RECORD_NUMBER), "value": partner.record_number}],
        "active": row.archived_at is None,
    }
    if person.get("name"):
        content["name"] = [{"use": "usual", "text": person["name"]}]
    if telecom := _telecom(person.get("contact") or {}):
        content["telecom"] = telecom
    content["managingOrganization"] = drawing.reference("Organization", partner.clinic_id)
    if drawing.knows_couples and row.other_id is not None and row.other_erased_at is None:
        # The other person who stands for this one in their partner's record: the link leads nowhere but there.
        content["link"] = [{"other": drawing.reference("RelatedPerson", partner.id), "type": "seealso"}]
    return content


def _telecom(contact: dict[str, Any]) -> list[dict[str, str]]:
    pairs = (("phone", contact.get("telephone")), ("email", contact.get("email")))
    return [{"system": system, "value": value} for system, value in pairs if value]


def of_patient(column: Any) -> Any:
    """The condition on rows of a partner whom a reference means: what every `patient` parameter asks."""

    def where(drawing: Drawing, value: Reference) -> ColumnElement[bool]:
        found = drawing.ids.row("Patient", value.id)
        return false() if found is None or value.type not in {None, "Patient"} else column == found

    return where


_care_began = Couple.created_at
RESOURCE: Final = Resource(
    type="Patient",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Partner.id,
        updated=later(
            later(func.coalesce(Partner.changed_at, _care_began), func.coalesce(Couple.changed_at, _care_began)),
            func.coalesce(Other.erased_at, _care_began),
        ),
        couple_id=Partner.couple_id,
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("identifier", "token", numbered(RECORD_NUMBER, Partner.record_number), says="The record number."),
        Param("active", "token", is_so(Couple.archived_at.is_(None)), says="Whether the couple is in care."),
    ),
    says=(
        "Each partner. `link` leads to the RelatedPerson that stands for this one in their partner's record. It, and"
        " `meta.lastUpdated`, which partners often have in common, are for clients that hold RelatedPerson and Group. Names"
        " are sealed one by one, so there is no search by name; birth date, gender and address are not kept here, so there"
        " is none by them either. Search by the record number."
    ),
)
