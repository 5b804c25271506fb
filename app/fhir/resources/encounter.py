"""Encounter: hours of both together, one for each partner.

That one partner came alone is told to no software, and neither is who of the two was late or absent.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select, true

from app.access.work import Work
from app.core.database import Compartment
from app.couples.models import Partner
from app.fhir.conditions import has_code
from app.fhir.couples import shared_identifier, sharing
from app.fhir.labels import MH
from app.fhir.resource import Content, Drawing, Gone, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, instant, of_each_partner
from app.fhir.spans import holds_between
from app.fhir.values import Span
from app.notes.models import SessionNote
from app.notes.states import NO_VISIT, NoteStatus

SESSION: Final = "session"
STATUSES: Final = "http://hl7.org/fhir/encounter-status"
FINISHED: Final = "finished"
ACT: Final = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
AMBULATORY: Final = "AMB"
TYPES: Final = "CodeSystem/encounter-type"
TYPE: Final = "couple_session"
TITLE: Final = "Session with both partners"
SIGNED_AT: Final = func.coalesce(SessionNote.signed_at, SessionNote.created_at)
"""When the hour came to be told of: what is told of it never changes, and what is added to its note is nobody's to know."""


def hours(_work: Work) -> Query:
    """Hours of both together that a signed note tells of, once for each partner; those entered in error never were."""
    query = (
        select(
            SessionNote.clinic_id,
            SessionNote.id,
            SessionNote.author_id,
            SessionNote.started_at,
            SessionNote.ended_at,
            SIGNED_AT.label("signed_at"),
            Partner.id.label("partner_id"),
            Partner.slot,
        )
        .select_from(SessionNote)
        .where(
            SessionNote.compartment == Compartment.CONJOINT,
            SessionNote.status.not_in(NO_VISIT),
            SessionNote.started_at.is_not(None),
            SessionNote.ended_at.is_not(None),
        )
    )
    return of_each_partner(query, SessionNote.couple_id, SessionNote.compartment)


def taken_back(type_: str, drawing: Drawing, since: datetime) -> Iterator[Gone]:
    """Hours whose signed notes were entered in error, as it turned out since: what was shown of them is gone."""
    columns = (SessionNote.id, SessionNote.couple_id, Partner.id.label("partner_id"), Partner.slot)
    query = (
        select(*columns)
        .select_from(SessionNote)
        .where(
            SessionNote.compartment == Compartment.CONJOINT,
            SessionNote.status == NoteStatus.ENTERED_IN_ERROR,
            SessionNote.signed_at.is_not(None),
            SessionNote.started_at.is_not(None),
            SessionNote.ended_at.is_not(None),
            SessionNote.changed_at >= since,
        )
    )
    for row in drawing.work.session.execute(of_each_partner(query, SessionNote.couple_id, SessionNote.compartment)):
        yield Gone(drawing.ids.of(type_, row.id, row.slot), row.couple_id, row.partner_id)


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    return {
        "status": FINISHED,
        "class": {"system": ACT, "code": AMBULATORY, "display": "ambulatory"},
        "type": [{"coding": [{"system": drawing.system(TYPES), "code": TYPE, "display": TITLE}], "text": TITLE}],
        "subject": drawing.reference("Patient", row.partner_id),
        "participant": [{"individual": drawing.reference("Practitioner", row.author_id)}],
        "period": {"start": instant(row.started_at), "end": instant(row.ended_at)},
        "serviceProvider": drawing.reference("Organization", row.clinic_id),
        **shared_identifier(drawing, SESSION, row.id),
    }


def _held(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds_between(value, SessionNote.started_at, SessionNote.ended_at, drawing.work.now)


RESOURCE: Final = Resource(
    type="Encounter",
    source=Rows(
        query=hours,
        draw=_draw,
        key=SessionNote.id,
        updated=SIGNED_AT,
        couple_id=SessionNote.couple_id,
        slot=Partner.slot,
        labels=lambda _row: (MH,),
        labelled={MH: true()},
        sorts={"date": SessionNote.started_at},
        strewn=True,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "subject"),
        Param("date", "date", _held),
        Param("status", "token", has_code(STATUSES, FINISHED)),
        Param("class", "token", has_code(ACT, AMBULATORY)),
        Param("type", "token", has_code(TYPES, TYPE)),
        Param("identifier", "token", sharing(SESSION, SessionNote.id), says="What two share."),
    ),
    gone=partial(taken_back, "Encounter"),
    says=(
        "Hours of both partners together that a signed session note tells of, one Encounter for each partner. Hours with one "
        "partner alone are told to no software, and neither is who of the two was late or absent."
    ),
)
