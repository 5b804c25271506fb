"""DocumentReference: that there is a signed note about an hour of both, and never a word of it."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, true

from app.couples.models import Partner
from app.fhir.conditions import has_code, leads_to
from app.fhir.couples import by_moment, knowing_couples
from app.fhir.labels import MH
from app.fhir.resource import Content, Drawing, Param, Resource
from app.fhir.resources.encounter import SIGNED_AT, hours, taken_back
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, instant
from app.fhir.spans import holds
from app.fhir.values import Span
from app.notes.models import SessionNote

LOINC: Final = "http://loinc.org"
PROGRESS_NOTE: Final = "11506-3"  # in the value sets us-core-clinical-note-type (US Core) and ProgressNoteDocumentTypeCode
CATEGORIES: Final = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"
CLINICAL_NOTE: Final = "clinical-note"
STATUSES: Final = "http://hl7.org/fhir/document-reference-status"
CURRENT: Final = "current"


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    # An instant cannot be told as its day, and the very moment of a signature is one of both partners alone.
    signed = {"date": instant(row.signed_at)} if drawing.knows_couples else {}
    return {
        "status": CURRENT,
        "docStatus": "final",
        "type": {
            "coding": [{"system": LOINC, "code": PROGRESS_NOTE, "display": "Progress note"}],
            "text": "Progress note",
        },
        "category": [{"coding": [{"system": CATEGORIES, "code": CLINICAL_NOTE, "display": "Clinical Note"}]}],
        "subject": drawing.reference("Patient", row.partner_id),
        **signed,
        "author": [drawing.reference("Practitioner", row.author_id)],
        "custodian": drawing.reference("Organization", row.clinic_id),
        "content": [{"attachment": {"contentType": "text/plain", "title": "Session note; its words do not leave the record"}}],
        "context": {"encounter": [drawing.reference("Encounter", row.id, row.slot)]},
    }


def _signed(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds(value, SIGNED_AT, drawing.work.now)


RESOURCE: Final = Resource(
    type="DocumentReference",
    source=Rows(
        query=hours,
        draw=_draw,
        key=SessionNote.id,
        updated=SIGNED_AT,
        couple_id=SessionNote.couple_id,
        slot=Partner.slot,
        labels=lambda _row: (MH,),
        labelled={MH: true()},
        sorts={"date": SIGNED_AT},
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "subject"),
        Param("category", "token", has_code(CATEGORIES, CLINICAL_NOTE)),
        Param("type", "token", has_code(LOINC, PROGRESS_NOTE)),
        Param("status", "token", has_code(STATUSES, CURRENT)),
        Param("date", "date", by_moment(_signed)),
        Param("encounter", "reference", leads_to("Encounter", SessionNote.id), ("Encounter",), "context.encounter"),
    ),
    gone=partial(taken_back, "DocumentReference"),
    says=(
        "That a signed session note about both partners exists and by whom, and to clients that hold RelatedPerson and Group "
        "when it was signed: no text, no address, no hash. Drafts, notes about one partner and psychotherapy notes are not "
        "here."
    ),
)
