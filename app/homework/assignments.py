"""Use cases of assignments."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select

from app.access.work import Work
from app.core.database import Compartment
from app.core.existing import existing
from app.core.ids import new_id, new_id_at
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.service import get_couple
from app.homework.awaiting import await_showing
from app.homework.models import Assignment, HomeworkPlan
from app.homework.plans import check_may_be_given, get_plan, get_plan_to_change, protocol_of
from app.homework.rules import check_window, plissit_of
from app.homework.schemas import AssignmentCreate, AssignmentRead
from app.homework.telling import given_shows_at
from app.homework.tracks import Tracks
from app.ledger.service import log_changes, unwatched


def create_assignment(work: Work, couple_id: UUID, plan_id: UUID, body: AssignmentCreate) -> AssignmentRead:
    """Gives the plan's stage for a window. Raises WindowInvalidError, and whatever keeps the plan from going on."""
    today = today_of(work, get_couple(work, couple_id))
    starts_on = body.starts_on or today
    check_window(starts_on, body.ends_on)
    plan, tracks = get_plan_to_change(work, couple_id, plan_id)
    check_may_be_given(work, plan, tracks)
    assignment = _new_assignment(work, plan, tracks, body, starts_on)
    work.session.add(assignment)
    if assignment.shown_at == work.now:
        work.session.flush()
    else:
        _flush_unseen(work, assignment)
    return _shown(work, assignment)


def _new_assignment(work: Work, plan: HomeworkPlan, tracks: Tracks, body: AssignmentCreate, starts_on: date) -> Assignment:
    shown_at = given_shows_at(tracks.truth, tracks.shown, work.now)
    assignment = Assignment(
        # Ids are in the order of what they name, and tell when it was made.
        id=new_id() if shown_at == work.now else new_id_at(shown_at),
        clinic_id=work.actor.clinic_id,
        couple_id=plan.couple_id,
        plan_id=plan.id,
        compartment=Compartment.CONJOINT,
        stage=tracks.truth.stage,
        plissit=plissit_of(protocol_of(work, plan), tracks.truth.stage),
        starts_on=starts_on,
        ends_on=body.ends_on,
        occasions=body.occasions,
        created_at=work.now,
        shown_at=shown_at,
    )
    assignment.note = None if body.note is None else work.vault.seal(assignment, "note", body.note)
    return assignment


def _flush_unseen(work: Work, assignment: Assignment) -> None:
    """The trail of what is not shown yet stays with the care team, as that of a hidden pause does."""
    told = {"id": assignment.id, "couple_id": assignment.couple_id, "compartment": Compartment.SAFETY}
    with unwatched(work.session):
        work.session.flush()
    log_changes(work.session, Assignment, [told])
    await_showing(work.session, [vars(assignment)])


def given(work: Work, couple_id: UUID) -> Select[Assignment]:
    """The assignments of a couple that this caller may read."""
    return given_to_each(work, [couple_id])


def given_to_each(work: Work, couple_ids: Collection[UUID]) -> Select[Assignment]:
    """The same of many couples: the one place that leaves out what is not shown yet."""
    query = select(Assignment).where(Assignment.couple_id.in_(couple_ids), work.has_happened(Assignment.created_at))
    return query if work.sees_safety else query.where(Assignment.shown_at <= work.moment)


def get_assignment(work: Work, couple_id: UUID, plan_id: UUID, assignment_id: UUID) -> Assignment:
    """An assignment of a couple that is within reach already. Raises NotFoundError."""
    query = given(work, couple_id).where(Assignment.plan_id == plan_id, Assignment.id == assignment_id)
    return existing(work.session, query)


def list_assignments(work: Work, couple_id: UUID, plan_id: UUID, limit: int, cursor: str | None) -> Page[AssignmentRead]:
    """A page of a plan's assignments, oldest first."""
    get_couple(work, couple_id)
    plan = get_plan(work, couple_id, plan_id)
    pager = Pager(work.vault, limit, cursor, "assignments", plan.id)
    query = given(work, couple_id).where(Assignment.plan_id == plan.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Assignment.id))))
    return Page(items=[_shown(work, row) for row in rows], next_cursor=next_cursor)


def read_assignment(work: Work, couple_id: UUID, plan_id: UUID, assignment_id: UUID) -> AssignmentRead:
    """One assignment."""
    get_couple(work, couple_id)
    return _shown(work, get_assignment(work, couple_id, plan_id, assignment_id))


def _shown(work: Work, row: Assignment) -> AssignmentRead:
    return AssignmentRead(
        id=row.id,
        version=row.version,
        plan_id=row.plan_id,
        stage=row.stage,
        plissit=row.plissit,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        occasions=row.occasions,
        note=work.vault.open(row, "note", row.note),
        # Like its id, for everyone else it dates from the moment it shows.
        created_at=row.created_at if work.sees_safety else row.shown_at,
    )
