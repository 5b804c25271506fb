"""Observation: one score of a measure that a partner answered, read as the published lines of its scale read it.

A correction has scores of its own, and those of what it corrects are gone: they are no longer what is known. What is read is
the score alone: alerts, and cut-offs of single answers, say more than the score does and are not here.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import ColumnElement, and_, exists, false, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.access.work import Work
from app.fhir.chains import in_chains, standings, stands
from app.fhir.codes import measures_bearing, scores_meant, sensitivities
from app.fhir.labels import MH, SEX
from app.fhir.measured import SHOWN
from app.fhir.readings import absence, interpretation, quantity, unchanging
from app.fhir.resource import Content, Drawing, Gone, Param, Query, Resource, Written
from app.fhir.resources.questionnaire_response import TYPE as RESPONSE
from app.fhir.resources.questionnaire_response import of_person
from app.fhir.rows import Rows, instant
from app.fhir.spans import holds
from app.fhir.tokens import always, coded_as
from app.fhir.values import Reference, Span, Token
from app.measures.models import Administration, Score

TYPE: Final = "Observation"
CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
STATUSES: Final = "http://hl7.org/fhir/observation-status"
SURVEY: Final = "survey"
CATEGORY: Final = [{"coding": [{"system": CATEGORIES, "code": SURVEY, "display": "Survey"}]}]
FINAL, AMENDED = "final", "amended"
PRORATED: Final = [{"text": "Unanswered items were filled with the person's own mean, as the measure's rule allows."}]

# Of the administration of a score, by subqueries: what counts scores need not look at administrations.
_ADMINISTERED: Final = aliased(Administration)
_OF: Final = Administration.__table__.alias("administered")
_IS_OF: Final = and_(_OF.c.clinic_id == Score.clinic_id, _OF.c.id == Score.administration_id)
RECORDED_AT: Final = select(_OF.c.recorded_at).where(_IS_OF).scalar_subquery()
SUPERSEDES: Final = select(_OF.c.supersedes_id).where(_IS_OF).scalar_subquery()
IS_CORRECTED: Final = exists().where(_IS_OF, _OF.c.supersedes_id.is_not(None))
COLUMNS: Final = (
    Score.partner_id,
    Score.administration_id,
    Score.measure_code,
    Score.scale,
    Score.answered_at,
    Score.value,
    Score.reason,
    Score.prorated,
)


def _query(work: Work) -> Query:
    query = select(*COLUMNS, SUPERSEDES.label("supersedes_id"))
    return query.where(stands(work, Score.administration_id), Score.measure_code.in_(SHOWN))


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Written]:
    """Each as the text of its JSON: what scores of a scale have in common, and what a value means, is written once for all."""
    corrections = {row.administration_id: row.supersedes_id for row in rows if row.supersedes_id is not None}
    at = standings(drawing.work, corrections)
    firsts = [row.administration_id if row.supersedes_id is None else at[row.administration_id].first for row in rows]
    patients = drawing.ids.of_all("Patient", [row.partner_id for row in rows])
    responses = drawing.ids.of_all(RESPONSE, firsts)
    base = drawing.base
    return [
        (
            f"{_before(base, row.measure_code, row.scale, row.supersedes_id is not None)}{patient}"
            f'"}},"effectiveDateTime":"{instant(row.answered_at)}","issued":"{instant(row.fhir_updated)}"'
            f"{_said(base, row.measure_code, row.scale, row.value, row.reason, row.prorated)}"
            f',"derivedFrom":[{{"reference":"{RESPONSE}/{response}"}}]}}'
        ).encode()
        for row, patient, response in zip(rows, patients, responses, strict=True)
    ]


@lru_cache(maxsize=2_048)
def _before(base: str, measure: str, scale: str, is_correction: bool) -> str:  # noqa: FBT001 - a key of a cache
    """What stands before the id of the patient."""
    code, _ranges = unchanging(base, measure, scale)
    status = AMENDED if is_correction else FINAL
    content: Content = {"status": status, "category": CATEGORY, "code": code, "subject": {"reference": "Patient/"}}
    return to_json(content).decode().removesuffix('"}}')


@lru_cache(maxsize=16_384)
def _said(  # noqa: PLR0913, PLR0917 - the key of a cache
    base: str,
    measure: str,
    scale: str,
    value: float | None,
    reason: str | None,
    prorated: bool,  # noqa: FBT001 - the same
) -> str:
    """The value with what it means, or why there is none to be read."""
    if value is None or reason is not None:
        said: Content = {"dataAbsentReason": absence(base, reason)}
    else:
        said = {"valueQuantity": quantity(value)}
        if read := interpretation(base, measure, scale, value):
            said["interpretation"] = read
        if prorated:
            said["note"] = PRORATED
        if ranges := unchanging(base, measure, scale)[1]:
            said["referenceRange"] = ranges
    return "," + to_json(said).decode()[1:-1]


def _coded(drawing: Drawing, value: Token) -> ColumnElement[bool]:
    by_scale: dict[str, list[str]] = {}
    for measure, scale in scores_meant(drawing.base, value):
        by_scale.setdefault(scale, []).append(measure)
    return or_(false(), *(and_(Score.scale == scale, Score.measure_code.in_(measures)) for scale, measures in by_scale.items()))


def _dated(_drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds(value, Score.answered_at)


def _of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The scores of administrations that meet it. Their couples are named as well, for the index begins with them."""
    those = select(_ADMINISTERED.couple_id, _ADMINISTERED.id).where(condition)
    return tuple_(Score.couple_id, Score.administration_id).in_(those)


def _derived(drawing: Drawing, values: Sequence[Reference]) -> ColumnElement[bool]:
    apt = [one.id for one in values if one.type in {None, RESPONSE}]
    firsts = [row for one in apt if (row := drawing.ids.row(RESPONSE, one)) is not None]
    return _of(in_chains(drawing.work, _ADMINISTERED.id, firsts))


def _gone(drawing: Drawing, since: datetime) -> Iterator[Gone]:
    """The scores of answers that were corrected since a moment."""
    correction = aliased(Administration)
    superseded = select(correction.supersedes_id).where(correction.supersedes_id.is_not(None), correction.recorded_at >= since)
    query = select(Score.id, Score.couple_id, Score.partner_id).where(_of(_ADMINISTERED.id.in_(superseded)))
    query = query.where(Score.measure_code.in_(SHOWN))
    for score_id, couple_id, partner_id in drawing.work.session.execute(query):
        yield Gone(drawing.ids.of(TYPE, score_id), couple_id, partner_id)


PATIENT: Final = of_person(Score)
RESOURCE: Final = Resource(
    type=TYPE,
    source=Rows(
        query=_query,
        draw=_draw,
        key=Score.id,
        updated=RECORDED_AT,
        changed=lambda span: _of(holds(span, _ADMINISTERED.recorded_at)),
        couple_id=Score.couple_id,
        labels=lambda row: sensitivities(SHOWN[row.measure_code]),
        labelled={label: Score.measure_code.in_(measures_bearing(label)) for label in (SEX, MH)},
        sorts={"date": Score.answered_at},
    ),
    params=(
        Param("patient", "reference", PATIENT, targets=("Patient",), path="subject"),
        Param("subject", "reference", PATIENT, targets=("Patient",), path="subject"),
        Param("category", "token", always(CATEGORIES, SURVEY), says="`survey`: there is no other."),
        Param("code", "token", _coded, says="A score, by LOINC where it has a code there, or by our own."),
        Param("date", "date", _dated, says="When the measure was answered."),
        Param(
            "status",
            "token",
            coded_as(STATUSES, {FINAL: ~IS_CORRECTED, AMENDED: IS_CORRECTED}),
            says="`final`, or `amended` where answers were corrected.",
        ),
        Param(
            "derived-from",
            "reference",
            lambda drawing, value: _derived(drawing, [value]),
            targets=(RESPONSE,),
            path="derivedFrom",
            says="The answers it was scored from.",
            any_of=_derived,
        ),
    ),
    gone=_gone,
    says=(
        "One score of one scale, with how its published lines read it. One that is withheld, or not to be read, has a reason "
        "and no value. Of screens of safety and of couples there are no scores here."
    ),
)
