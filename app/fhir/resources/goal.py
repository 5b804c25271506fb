"""Goal: a concern of an episode, for each partner whom it belongs to; how much it weighs on either is in none."""

from collections.abc import Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, select, true

from app.access.work import Work
from app.clinical.concerns import CONCERNS
from app.core.days import DayOf
from app.couples.models import Concern, Couple, Episode, Partner
from app.fhir.conditions import has_code
from app.fhir.couples import knowing_couples
from app.fhir.labels import SEX
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, later, of_each_partner
from app.fhir.spans import holds_day
from app.fhir.values import Span

LIFECYCLE: Final = "http://hl7.org/fhir/goal-status"
CODES: Final = "CodeSystem/concern"
STATUS: Final = case(
    (Concern.resolved_on.is_not(None), "completed"), (Episode.closed_on.is_not(None), "cancelled"), else_="active"
)
"""A concern is pursued until it is settled, or until the episode ends without that."""
STARTED: Final = func.coalesce(DayOf(Concern.added_at, Couple.time_zone), Episode.opened_on)


def _query(_work: Work) -> Query:
    query = (
        select(
            Concern.id,
            Concern.code,
            Concern.added_at,
            Concern.resolved_on,
            Episode.opened_on,
            Episode.closed_on,
            Couple.time_zone,
            STATUS.label("status"),
            Partner.id.label("partner_id"),
        )
        .select_from(Concern)
        .join(Episode, (Episode.clinic_id == Concern.clinic_id) & (Episode.id == Concern.episode_id))
        .join(Couple, (Couple.clinic_id == Concern.clinic_id) & (Couple.id == Concern.couple_id))
    )
    return of_each_partner(query, Concern.couple_id, Concern.compartment)


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row) for row in rows]


def _content(drawing: Drawing, row: Any) -> Content:
    name = CONCERNS[row.code].name
    started = row.opened_on if row.added_at is None else row.added_at.astimezone(ZoneInfo(row.time_zone)).date()
    content: Content = {
        "lifecycleStatus": row.status,
        "description": {"coding": [{"system": drawing.system(CODES), "code": row.code, "display": name}], "text": name},
        "subject": drawing.reference("Patient", row.partner_id),
        "startDate": started.isoformat(),
    }
    if ended := row.resolved_on or row.closed_on:
        content["statusDate"] = ended.isoformat()
    return content


def _started(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds_day(value, STARTED, drawing.work.now)


RESOURCE: Final = Resource(
    type="Goal",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Concern.id,
        updated=later(
            func.coalesce(Concern.changed_at, Concern.added_at, Couple.created_at),
            func.coalesce(Episode.changed_at, Couple.created_at),
        ),
        couple_id=Concern.couple_id,
        slot=Partner.slot,
        labels=lambda _row: (SEX,),
        labelled={SEX: true()},
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "subject"),
        Param("lifecycle-status", "token", has_code(LIFECYCLE, STATUS)),
        Param("start-date", "date", _started),
    ),
    says=(
        "What a couple came with, for each partner: `completed` when it is settled, `cancelled` when the episode ended without "
        "that. How much it weighs on either partner, and in whose words, is not here; a suspicion of violence never is."
    ),
)
