"""Visits as outcomes read them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import event

from app.access.actor import Actor
from app.access.permissions import Role
from app.access.work import Work
from app.core.database import Compartment
from app.core.ids import decode, new_id
from app.notes.rules import About
from app.notes.visits import Visit, read_visits
from tests.conftest import Caller, Clinic
from tests.notes.records import open_couple, path_of, retract_note, sign_note, write_note

NIL = UUID(int=0)
MINUTES = {"sexual_concern": 30, "homework": 20}


def visits(clinic: Clinic, couple_id: str, compartments: frozenset[Compartment]) -> tuple[list[Visit], int]:
    """The visits within these compartments, and how many statements it took to read them."""
    runtime, statements = clinic.app.state.runtime, []
    actor = Actor(clinic.id, new_id(), new_id(), Role.THERAPIST, frozenset())
    with clinic.at_desk() as (session, vault), session.reaching(compartments):
        work = Work(session, actor, vault, clinic.clock(), clinic.settings)
        counted = lambda *_parts: statements.append(1)  # noqa: E731 - the very function has to be removed again
        event.listen(runtime.database.engine, "before_cursor_execute", counted)
        found = read_visits(work, decode("cpl", couple_id))
        event.remove(runtime.database.engine, "before_cursor_execute", counted)
    return found, len(statements)


def test_visits_are_those_of_signed_notes_that_still_stand_in_order_and_one_query(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    day = {"held_on": "2026-11-19", "started_at": "2026-11-19T17:00:00Z", "ended_at": "2026-11-19T18:30:00Z"}
    sign_note(therapist, write_note(therapist, couple))
    sign_note(therapist, write_note(therapist, couple, "partner_b", minutes_by_topic={"individual": 90}, **day))
    write_note(therapist, couple)
    retract_note(therapist, sign_note(therapist, write_note(therapist, couple)))
    therapist.delete(path_of(write_note(therapist, couple)), headers={"If-Match": '"1"'})
    found, statements = visits(clinic, couple["id"], frozenset(Compartment))
    assert [replace(visit, note_id=NIL) for visit in found] == [
        Visit(date(2026, 11, 19), About.PARTNER_B, {"individual": 90}, 90, datetime(2026, 11, 19, 17, tzinfo=UTC), NIL),
        Visit(date(2026, 11, 20), About.COUPLE, MINUTES, 50, datetime(2026, 11, 20, 17, tzinfo=UTC), NIL),
    ]
    assert statements == 1


def test_visits_in_a_compartment_out_of_reach_do_not_exist(clinic: Clinic, therapist: Caller) -> None:
    couple = open_couple(therapist)
    for about in ("couple", "partner_a", "partner_b"):
        sign_note(therapist, write_note(therapist, couple, about))
    found, _statements = visits(clinic, couple["id"], frozenset({Compartment.CONJOINT, Compartment.INDIVIDUAL_A}))
    assert sorted(visit.about for visit in found) == ["couple", "partner_a"]
