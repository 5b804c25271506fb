"""CarePlan: a homework plan as it shows outside the care team, for each partner.

A pause that does not show yet, and what was overtaken before it showed, changes no byte here: where a plan stands, and since
when, is read from the steps that show alone. What a plan addresses is a diagnosis of that very partner, and named only to
clients that may read diagnoses.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select, true

from app.access.smart import categories
from app.access.work import Work
from app.couples.models import Concern, Partner
from app.diagnoses.models import Diagnosis
from app.fhir.conditions import has_code
from app.fhir.couples import by_moment, knowing_couples, shared_identifier, sharing, told_moment
from app.fhir.labels import SEX
from app.fhir.narrative import narrative
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.resources.task import given
from app.fhir.rows import Rows, later, of_each_partner
from app.fhir.spans import holds_between
from app.fhir.values import Span
from app.homework.models import Assignment, HomeworkPlan
from app.homework.standing import KEPT, STEP, began, stands_at, was_offered
from app.homework.states import TRANSITIONS, Status
from app.protocols.service import pinned

SYSTEM: Final = "http://hl7.org/fhir/request-status"
CATEGORIES: Final = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
CATEGORY: Final = "assess-plan"
PLAN: Final = "plan"
# A plan exists here from when it was offered; before, it is the therapist's thinking.
STATUSES: Final = {
    Status.OFFERED: "draft",
    Status.ACTIVE: "active",
    Status.HELD: "on-hold",
    Status.PAUSED: "on-hold",
    Status.COMPLETED: "completed",
    Status.STOPPED: "revoked",
}
ENDED: Final = tuple(status for status, moves in TRANSITIONS.items() if not moves)
STATUS: Final = case({str(status): code for status, code in STATUSES.items()}, value=STEP.status)


def _query(work: Work) -> Query:
    return _plans(work.now)


@lru_cache(maxsize=KEPT)
def _plans(now: datetime) -> Query:
    query = (
        select(HomeworkPlan, Concern.code, STEP.status, STEP.stage, STEP.shown_at, began(now).label("began"))
        .add_columns(STATUS.label("fhir_status"), Partner.id.label("partner_id"), Partner.slot)
        .select_from(HomeworkPlan)
        .join(Concern, (Concern.clinic_id == HomeworkPlan.clinic_id) & (Concern.id == HomeworkPlan.concern_id))
        .join(STEP, stands_at(now))
        .where(was_offered())
    )
    return of_each_partner(query, HomeworkPlan.couple_id, HomeworkPlan.compartment)


def _updated(work: Work) -> ColumnElement[Any]:
    """The latest of when the plan came to stand where it shows to, an assignment began to show, or a diagnosis changed."""
    given_at = select(func.max(Assignment.shown_at)).where(
        Assignment.clinic_id == HomeworkPlan.clinic_id,
        Assignment.couple_id == HomeworkPlan.couple_id,
        Assignment.plan_id == HomeworkPlan.id,
        Assignment.shown_at <= work.now,
    )
    latest = _or(given_at.correlate(HomeworkPlan), STEP.shown_at)
    if not _tells_of_diagnoses(work):
        return latest
    diagnosed_at = select(func.max(func.coalesce(Diagnosis.changed_at, Diagnosis.recorded_at))).where(
        Diagnosis.clinic_id == Partner.clinic_id,
        Diagnosis.couple_id == Partner.couple_id,
        Diagnosis.partner_id == Partner.id,
    )
    return _or(diagnosed_at.correlate(Partner), latest)


def _or(query: Any, moment: Any) -> ColumnElement[Any]:
    """The later of what a query finds, if it does, and a moment."""
    return later(moment, func.coalesce(query.scalar_subquery(), moment))


def _tells_of_diagnoses(work: Work) -> bool:
    return categories(work.actor.smart, "Condition", "r") is None


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    work = drawing.work
    followed = pinned(work, {(row.HomeworkPlan.protocol, row.HomeworkPlan.protocol_version) for row in rows})
    tasks: defaultdict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    plans = {row.HomeworkPlan.id for row in rows}
    for task in work.session.execute(given(work).where(Assignment.plan_id.in_(plans)).order_by(Assignment.id)):
        tasks[task.plan_id, task.partner_id].append(task.id)
    diagnoses = _diagnoses(work, rows) if _tells_of_diagnoses(work) else {}
    drawn = []
    for row in rows:
        protocol = followed[row.HomeworkPlan.protocol, row.HomeworkPlan.protocol_version]
        stage = protocol.stage(row.stage)
        content = _content(drawing, row, protocol.name, stage.title if stage else "")
        if given_here := tasks[row.HomeworkPlan.id, row.partner_id]:
            content["activity"] = [{"reference": drawing.reference("Task", one, row.slot)} for one in given_here]
        if found := diagnoses.get((row.partner_id, row.code)):
            content["addresses"] = [drawing.reference("Condition", one) for one in found]
        drawn.append(content)
    return drawn


def _diagnoses(work: Work, rows: Sequence[Any]) -> dict[tuple[UUID, str], list[UUID]]:
    """Diagnoses by partner and concern; what was refuted is addressed by nothing."""
    query = select(Diagnosis.id, Diagnosis.partner_id, Diagnosis.concern).where(
        Diagnosis.couple_id.in_({row.HomeworkPlan.couple_id for row in rows}),
        Diagnosis.concern.in_({row.code for row in rows}),
        Diagnosis.status != "refuted",
    )
    found: defaultdict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for row in work.session.execute(query.order_by(Diagnosis.id)):
        found[row.partner_id, row.concern].append(row.id)
    return found


def _content(drawing: Drawing, row: Any, title: str, stage: str) -> Content:
    plan = row.HomeworkPlan
    content: Content = {
        "text": narrative(line for line in (title, row.fhir_status, stage) if line),
        "status": row.fhir_status,
        "intent": "plan",
        "category": [{"coding": [{"system": CATEGORIES, "code": CATEGORY}]}],
        "title": title,
        "subject": drawing.reference("Patient", row.partner_id),
        "created": told_moment(drawing, plan.opened_at),
        "author": drawing.reference("Practitioner", plan.therapist_id),
        "goal": [drawing.reference("Goal", plan.concern_id, row.slot)],
        **shared_identifier(drawing, PLAN, plan.id),
    }
    if row.began is not None:
        content["period"] = {"start": told_moment(drawing, row.began)}
        if row.status in ENDED:
            content["period"]["end"] = told_moment(drawing, row.shown_at)
    return content


def _ran(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    begins = began(drawing.work.now)
    ends = case((STEP.status.in_(ENDED), STEP.shown_at), else_=None)
    return and_(begins.is_not(None), holds_between(value, begins, ends, drawing.work.now))


RESOURCE: Final = Resource(
    type="CarePlan",
    source=Rows(
        query=_query,
        draw=_draw,
        key=HomeworkPlan.id,
        updated=_updated,
        couple_id=HomeworkPlan.couple_id,
        slot=Partner.slot,
        labels=lambda _row: (SEX,),
        labelled={SEX: true()},
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "subject"),
        Param("category", "token", has_code(CATEGORIES, CATEGORY)),
        Param("status", "token", has_code(SYSTEM, STATUS)),
        Param("date", "date", by_moment(_ran), says="While the plan ran."),
        Param("identifier", "token", sharing(PLAN, HomeworkPlan.id), says="What two share."),
    ),
    says=(
        "Homework plans from when they are offered, as they show outside the care team: a pause shows after a delay and in "
        "neutral words, whatever led to it. What partners consented to, answered and decided is not here."
    ),
)
