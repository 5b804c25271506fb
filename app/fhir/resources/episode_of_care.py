"""EpisodeOfCare: each episode of a couple, once under each partner."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, String, func, literal, select

from app.access.work import Work
from app.core.database import Compartment
from app.couples.models import Couple, Episode, Partner
from app.fhir.couples import knowing_couples, shared_identifier, sharing
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, of_each_partner
from app.fhir.spans import holds_days
from app.fhir.tokens import coded_as
from app.fhir.values import Span

KIND: Final = "episode"
STATUSES: Final = "http://hl7.org/fhir/episode-of-care-status"
OF_BOTH: Final = literal(Compartment.CONJOINT, String(16))


def _query(_work: Work) -> Query:
    same = (Couple.clinic_id == Episode.clinic_id) & (Couple.id == Episode.couple_id)
    return of_each_partner(
        select(Episode, Partner.id.label("partner_id")).select_from(Episode).join(Couple, same), Episode.couple_id, OF_BOTH
    )


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    return [_content(drawing, row.Episode, row.partner_id) for row in rows]


def _content(drawing: Drawing, episode: Episode, partner_id: Any) -> Content:
    period = {"start": episode.opened_on.isoformat()}
    if episode.closed_on is not None:
        period["end"] = episode.closed_on.isoformat()
    return {
        **shared_identifier(drawing, KIND, episode.id),
        "status": "active" if episode.closed_on is None else "finished",
        "patient": drawing.reference("Patient", partner_id),
        "managingOrganization": drawing.reference("Organization", episode.clinic_id),
        "period": period,
    }


def _lies(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds_days(value, Episode.opened_on, Episode.closed_on, drawing.work.now)


RESOURCE: Final = Resource(
    type="EpisodeOfCare",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Episode.id,
        updated=func.coalesce(Episode.changed_at, Couple.created_at),
        couple_id=Episode.couple_id,
        slot=Partner.slot,
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "patient"),
        Param(
            "status",
            "token",
            coded_as(STATUSES, {"active": Episode.closed_on.is_(None), "finished": Episode.closed_on.is_not(None)}),
        ),
        Param("date", "date", _lies, says="Days on which it ran."),
        Param("identifier", "token", sharing(KIND, Episode.id), says="What both partners' episodes have in common."),
    ),
    says=(
        "Each episode of care, once under each partner. The identifier they have in common is shown to clients that hold"
        " RelatedPerson and Group, and so is `meta.lastUpdated`. What the couple came with is in Goal; why an episode ended is"
        " not told."
    ),
)
