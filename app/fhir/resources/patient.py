"""Patient: each partner, as a person of their own; who their partner is, only clients learn that may know couples."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, or_, select

from app.access.work import Work
from app.core.crypto import Owner
from app.couples.models import Couple, Partner
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.rows import Rows, later
from app.fhir.values import Reference, Token

RECORD_NUMBER: Final = "sid/record-number"


def _query(_work: Work) -> Query:
    return (
        select(Partner, Couple.archived_at)
        .join(Couple, (Couple.clinic_id == Partner.clinic_id) & (Couple.id == Partner.couple_id))
        .where(Partner.erased_at.is_(None))
    )


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    drawing.work.vault.load_keys({(Owner.PARTNER, row.Partner.id) for row in rows})
    return [_content(drawing, row.Partner, is_active=row.archived_at is None) for row in rows]


def _content(drawing: Drawing, partner: Partner, *, is_active: bool) -> Content:
    person = drawing.work.vault.open(partner, "person", partner.person) or {}
    content: Content = {
        "identifier": [{"use": "usual", "system": drawing.system(RECORD_NUMBER), "value": partner.record_number}],
        "active": is_active,
    }
    if person.get("name"):
        content["name"] = [{"use": "usual", "text": person["name"]}]
    if telecom := _telecom(person.get("contact") or {}):
        content["telecom"] = telecom
    if drawing.knows_couples:
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


def _numbered(drawing: Drawing, value: Token) -> ColumnElement[bool]:
    return Partner.record_number == value.code if value.is_of(drawing.system(RECORD_NUMBER), value.code) else false()


def _is_active(_drawing: Drawing, value: Token) -> ColumnElement[bool]:
    in_care: ColumnElement[bool] = Couple.archived_at.is_(None)
    return or_(
        in_care if value.code == "true" else false(), Couple.archived_at.is_not(None) if value.code == "false" else false()
    )


RESOURCE: Final = Resource(
    type="Patient",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Partner.id,
        updated=later(
            func.coalesce(Partner.changed_at, Couple.created_at), func.coalesce(Couple.changed_at, Couple.created_at)
        ),
        couple_id=Partner.couple_id,
    ),
    params=(
        Param("identifier", "token", _numbered, says="The record number."),
        Param("active", "token", _is_active),
    ),
    says="Each partner. Birth date, gender and address are not kept here, so they are not searched for either.",
)
