"""Group: the couple, its two partners as members."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import aliased

from app.access.work import Work
from app.couples.models import Couple, Partner, Slot
from app.fhir.couples import CoupleRows, members
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import later
from app.fhir.tokens import always, is_so, meant, numbered
from app.fhir.values import Reference, Token

KINDS: Final = "CodeSystem/group"
COUPLE: Final = "couple"
EXTERNAL: Final = "sid/couple"
PartnerA, PartnerB = aliased(Partner, name="partner_a"), aliased(Partner, name="partner_b")
TYPES: Final = "http://hl7.org/fhir/group-type"


_Gone = aliased(Partner, name="gone_partner")
# A member goes with an erasure, which leaves the couple's own row as it was.
ERASED_AT: Final = (
    select(func.max(_Gone.erased_at))
    .where(_Gone.clinic_id == Couple.clinic_id, _Gone.couple_id == Couple.id)
    .correlate(Couple)
    .scalar_subquery()
)


def _is(partner: Any, slot: Slot) -> ColumnElement[bool]:
    same = (partner.clinic_id == Couple.clinic_id) & (partner.couple_id == Couple.id)
    is_it: ColumnElement[bool] = same & (partner.slot == slot) & partner.erased_at.is_(None)
    return is_it


def _query(_work: Work) -> Query:
    return (
        select(Couple, PartnerA.id.label("a_id"), PartnerB.id.label("b_id"))
        .outerjoin(PartnerA, _is(PartnerA, Slot.A))
        .outerjoin(PartnerB, _is(PartnerB, Slot.B))
        .where(or_(PartnerA.id.is_not(None), PartnerB.id.is_not(None)))
    )


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    couple, who = row.Couple, members(drawing, (row.a_id, row.b_id))
    coding = {"system": drawing.system(KINDS), "code": COUPLE, "display": "Couple"}
    content: Content = {
        "active": couple.archived_at is None,
        "type": "person",
        "actual": True,
        "code": {"coding": [coding], "text": "Couple"},
        "quantity": len(who),
        "managingEntity": drawing.reference("Organization", couple.clinic_id),
        "member": who,
    }
    if couple.external_id is not None:
        content["identifier"] = [{"use": "usual", "system": drawing.system(EXTERNAL), "value": couple.external_id}]
    return content


def _has(drawing: Drawing, value: Reference) -> ColumnElement[bool]:
    return or_(of_patient(PartnerA.id)(drawing, value), of_patient(PartnerB.id)(drawing, value))


def _coded(drawing: Drawing, value: Token) -> ColumnElement[bool]:
    return meant(value, drawing.system(KINDS), {COUPLE: true()})


RESOURCE: Final = Resource(
    type="Group",
    source=CoupleRows(
        query=_query,
        draw=_draw,
        key=Couple.id,
        updated=later(func.coalesce(Couple.changed_at, Couple.created_at), func.coalesce(ERASED_AT, Couple.created_at)),
        couple_id=Couple.id,
    ),
    params=(
        Param("member", "reference", _has, ("Patient",), "member.entity", "Of which couple a patient is."),
        Param("identifier", "token", numbered(EXTERNAL, Couple.external_id), says="The couple's id in other software."),
        Param("code", "token", _coded, says="`couple`: there are no other groups."),
        Param("type", "token", always(TYPES, "person")),
        Param("actual", "token", is_so(Couple.id.is_not(None))),
    ),
    says=(
        "Each couple. No resource has it as its subject: what belongs to both stands under each of them, with an identifier in"
        " common. Only for clients that hold RelatedPerson and Group; for others there is none."
    ),
)
