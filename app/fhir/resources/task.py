"""Task: a stage that was given for some days, for each partner who is to do it.

Where it stands follows from its days, where the couple lives, and from the plan as it shows; what anybody answered about it
moves nothing here, so `completed` says that its days are over and no more.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, not_, or_, select, true, tuple_, type_coerce

from app.access.work import Work
from app.core.database import Moment
from app.core.days import DayBegins
from app.couples.models import Couple, Partner
from app.fhir.conditions import has_code, leads_to
from app.fhir.couples import by_moment, knowing_couples, told_moment
from app.fhir.labels import SEX
from app.fhir.resource import Content, Drawing, Param, Query, Resource
from app.fhir.resources.patient import of_patient
from app.fhir.rows import Rows, later, of_each_partner
from app.fhir.spans import holds, holds_days
from app.fhir.values import Span
from app.homework.models import Assignment, HomeworkPlan
from app.homework.standing import KEPT, STEP, stands_at, was_offered
from app.homework.states import Status
from app.protocols.service import pinned

STATUSES: Final = "http://hl7.org/fhir/task-status"
STAGES: Final = "CodeSystem/homework-stage"
WINDOWS: Final = "CodeSystem/homework-days"
ALONE: Final = "practised_alone"  # kept for as long as a transaction lasts
_begins_at: Final = type_coerce(DayBegins(Assignment.starts_on, 0, Couple.time_zone), Moment())
_over_at: Final = type_coerce(DayBegins(Assignment.ends_on, 1, Couple.time_zone), Moment())
_WAS_CUT_SHORT: Final = STEP.status.in_((Status.COMPLETED, Status.STOPPED)) & (STEP.shown_at < _over_at)
_ends_at: Final = case((_WAS_CUT_SHORT, STEP.shown_at), else_=_over_at)
"""When nothing more is asked: after its last day, or when the plan ended before that."""
# In its own words, because what became of it is told to no software.
DAYS: Final = {
    "requested": ("upcoming", "Its days have not begun"),
    "in-progress": ("open", "Its days are running"),
    "on-hold": ("waiting", "The plan waits"),
    "cancelled": ("withdrawn", "The plan was stopped"),
    "completed": ("over", "Its days are over"),
}


def given(work: Work) -> Query:
    """Assignments that show, once for each partner who is to do them, with the plan as it shows."""
    return _given(work.now, _practised_alone(work))


@lru_cache(maxsize=KEPT)
def _given(now: datetime, alone: frozenset[tuple[str, str, int]]) -> Query:
    query = (
        select(
            Assignment.id,
            Assignment.plan_id,
            Assignment.stage,
            Assignment.starts_on,
            Assignment.ends_on,
            Assignment.shown_at,
            HomeworkPlan.protocol,
            HomeworkPlan.protocol_version,
            HomeworkPlan.therapist_id,
            Partner.id.label("partner_id"),
            Partner.slot,
        )
        .select_from(Assignment)
        .join(HomeworkPlan, (HomeworkPlan.clinic_id == Assignment.clinic_id) & (HomeworkPlan.id == Assignment.plan_id))
        .join(STEP, stands_at(now))
        .join(Couple, (Couple.clinic_id == Assignment.clinic_id) & (Couple.id == Assignment.couple_id))
        .where(Assignment.shown_at <= now, was_offered())
    )
    at = tuple_(HomeworkPlan.protocol, HomeworkPlan.protocol_version, Assignment.stage)
    has_a_part = or_(
        HomeworkPlan.practising_partner_id.is_(None),
        HomeworkPlan.practising_partner_id == Partner.id,
        not_(at.in_(sorted(alone))) if alone else true(),
    )
    return of_each_partner(query, Assignment.couple_id, Assignment.compartment).where(has_a_part)


def _practised_alone(work: Work) -> frozenset[tuple[str, str, int]]:
    """Stages that one partner practises alone, so that the other is asked for nothing, of all plans that name who practises.

    Who that is is no secret between the two, and named for good when the plan is drafted.
    """
    held: frozenset[tuple[str, str, int]] | None = work.session.info.get(ALONE)
    if held is None:
        named = HomeworkPlan.practising_partner_id.is_not(None)
        query = select(HomeworkPlan.protocol, HomeworkPlan.protocol_version).where(named).distinct()
        followed = pinned(work, {(row.protocol, row.protocol_version) for row in work.session.execute(query)})
        held = work.session.info[ALONE] = frozenset(
            (*pin, stage.number)
            for pin, protocol in followed.items()
            for stage in protocol.stages
            if stage.company == "practising_alone"
        )
    return held


def _status(work: Work) -> ColumnElement[str]:
    return case(
        (and_(_ends_at <= work.now, _WAS_CUT_SHORT, STEP.status == Status.STOPPED), "cancelled"),
        (_ends_at <= work.now, "completed"),
        (STEP.status.in_((Status.HELD, Status.PAUSED)), "on-hold"),
        (_begins_at > work.now, "requested"),
        else_="in-progress",
    )


def _updated(work: Work) -> ColumnElement[Any]:
    """When it began to show, its days began or ended, or the plan came to stand elsewhere meanwhile: the latest of these."""
    since_then = later(_begins_at, STEP.shown_at)
    moved = case((_ends_at <= work.now, _ends_at), (_begins_at <= work.now, since_then), else_=STEP.shown_at)
    return later(Assignment.shown_at, moved)


def _query(work: Work) -> Query:
    return given(work).add_columns(_status(work).label("fhir_status"))


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    followed = pinned(drawing.work, {(row.protocol, row.protocol_version) for row in rows})
    drawn = []
    for row in rows:
        stage = followed[row.protocol, row.protocol_version].stage(row.stage)
        code, title = (stage.code, stage.title) if stage else (str(row.stage), "")
        drawn.append(_content(drawing, row, f"{row.protocol}.{code}", title))
    return drawn


def _content(drawing: Drawing, row: Any, code: str, title: str) -> Content:
    patient = drawing.reference("Patient", row.partner_id)
    days, words = DAYS[row.fhir_status]
    return {
        "basedOn": [drawing.reference("CarePlan", row.plan_id, row.slot)],
        "status": row.fhir_status,
        "businessStatus": {"coding": [{"system": drawing.system(WINDOWS), "code": days, "display": words}], "text": words},
        "intent": "plan",
        "code": {"coding": [{"system": drawing.system(STAGES), "code": code, "display": title}], "text": title},
        "description": title,
        "for": patient,
        "executionPeriod": {"start": row.starts_on.isoformat(), "end": row.ends_on.isoformat()},
        "authoredOn": told_moment(drawing, row.shown_at),
        "requester": drawing.reference("Practitioner", row.therapist_id),
        "owner": patient,
    }


def _has_status(drawing: Drawing, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = has_code(STATUSES, _status(drawing.work))(drawing, value)
    return found


def _lasts(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds_days(value, Assignment.starts_on, Assignment.ends_on, drawing.work.now)


def _authored(drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds(value, Assignment.shown_at, drawing.work.now)


RESOURCE: Final = Resource(
    type="Task",
    source=Rows(
        query=_query,
        draw=_draw,
        key=Assignment.id,
        updated=_updated,
        couple_id=Assignment.couple_id,
        slot=Partner.slot,
        labels=lambda _row: (SEX,),
        labelled={SEX: true()},
        sorts={"authored-on": Assignment.shown_at},
        strewn=True,
        dated=knowing_couples,
    ),
    params=(
        Param("patient", "reference", of_patient(Partner.id), ("Patient",), "for"),
        Param("owner", "reference", of_patient(Partner.id), ("Patient",), "owner"),
        Param("based-on", "reference", leads_to("CarePlan", Assignment.plan_id), ("CarePlan",), "basedOn"),
        Param("status", "token", _has_status),
        Param("period", "date", _lasts),
        Param("authored-on", "date", by_moment(_authored)),
    ),
    says=(
        "Homework that was given and shows, for each partner who is to do it. Its status follows from its days and from the "
        "plan as it shows: `completed` says that its days are over, not that it was done. Check-ins and what the therapist "
        "wrote along with it are not here."
    ),
)
