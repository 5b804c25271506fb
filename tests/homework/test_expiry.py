"""Shared touch does not outlive its clearance, whoever looks first, and whether or not anybody does."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Uuid, select, text

from app.access.actor import Actor
from app.access.permissions import GRANTABLE, MACHINE
from app.access.work import Work
from app.core.database import Reach
from app.core.ids import decode, encode, new_id
from app.homework.models import PlanTransition
from app.homework.pauses import pause_what_ran_out, pause_wherever_clearance_ran_out
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course, draft, running
from tests.safety.records import done


@pytest.fixture
def course(therapist: Caller, clock: Wristwatch) -> Course:
    """A plan whose clearance has just run out."""
    found = running(therapist)
    found.consents["assignment"] = done(found.assign())
    clock.turn(weeks=12)
    return found


LOOKS: dict[str, Callable[[Course], Any]] = {
    "list": lambda course: course.therapist.get(course.pair.path + "/plans"),
    "read": lambda course: course.therapist.get(course.path),
    "transitions": lambda course: course.therapist.get(course.path + "/transitions"),
    "assignments": lambda course: course.therapist.get(course.path + "/assignments"),
    "outcomes": lambda course: course.therapist.get(course.pair.path + "/outcomes"),
    "a partner's view": lambda course: course.therapist.get(course.pair.path + "/outcomes?as=partner_a"),
    "a new clearance": lambda course: [course.pair.screen(which) for which in "ab"] + [course.pair.clear()],
    "a check-in": lambda course: course.check_in(course.consents["assignment"], "b", pressure=9),
}


@pytest.mark.parametrize("look", LOOKS)
def test_whoever_looks_first_finds_it_paused_as_of_that_moment(course: Course, clock: Wristwatch, look: str) -> None:
    decided_at = course.therapist.get(course.pair.path + "/clearances").json()["items"][0]["expires_at"]
    clock.turn(hours=3)
    LOOKS[look](course)
    last = course.therapist.get(course.path + "/transitions").json()["items"][-1]
    assert (last["status"], last["reason"], last["stopped_by"]) == ("paused", "clearance_expired", None)
    assert (last["actor_kind"], last["shown_at"]) == ("service", decided_at)
    assert course.reasons().count("clearance_expired") == 1


def test_it_shows_to_others_as_every_pause_does(course: Course, clinic: Clinic, clock: Wristwatch) -> None:
    ehr = clinic.integration()
    before = course.read(ehr)
    assert before["status"] == "active"
    clock.turn(hours=11)
    assert course.read(ehr) == before
    clock.turn(hours=50)
    shown = course.read(ehr)
    assert (shown["status"], shown["reason"]) == ("paused", "paused_by_therapist")
    last = ehr.get(course.path + "/transitions").json()["items"][-1]
    assert (last["actor_kind"], last["stopped_by"]) == ("member", None)


def test_it_stands_in_the_trail_as_a_change_of_the_services_own(course: Course, clinic: Clinic) -> None:
    ehr = clinic.integration()
    course.read(ehr)
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(
            LedgerEvent.couple_id == decode("cpl", course.pair.path.rpartition("/")[2]), LedgerEvent.operation == "read_plan"
        )
        told = [(one.kind, one.actor_kind, one.actor_id, one.compartment) for one in session.scalars(query)]
    assert told.count(("create", "service", None, "safety")) == len([one for one in told if one[0] == "create"]) == 2
    assert {one[1] for one in told if one[0] == "read"} == {"integration"}


def test_two_who_look_at_once_pause_it_once(therapist: Caller, clock: Wristwatch) -> None:
    courses = [running(therapist, str(number)) for number in range(3)]
    clock.turn(weeks=12)
    for course in courses:
        with ThreadPoolExecutor(4) as readers:
            read = list(readers.map(lambda _, course=course: course.read(), range(4)))
        assert {plan["status"] for plan in read} == {"paused"}
        assert course.reasons().count("clearance_expired") == 1


def test_going_on_takes_a_new_clearance_and_a_resumption(course: Course) -> None:
    refused = course.move("resumptions").json()
    assert [fault["code"] for fault in refused["errors"]] == ["clearance_expired"]
    for which in "ab":
        done(course.pair.screen(which))
    done(course.pair.clear())
    assert course.read()["status"] == "paused"
    assert done(course.move("resumptions"), 200)["status"] == "active"


def test_what_is_held_or_shares_no_touch_is_not_paused(therapist: Caller, clock: Wristwatch) -> None:
    held = running(therapist)
    simmering = draft(held.pair, protocol="simmering", practising_partner_id=held.pair.a)
    for course, noun in ((simmering, "offers"), (simmering, "activations"), (held, "holds")):
        done(course.move(noun), 200)
    clock.turn(weeks=12)
    assert (held.read()["status"], simmering.read()["status"]) == ("held", "active")
    assert [fault["code"] for fault in held.move("resumptions").json()["errors"]] == ["clearance_expired"]


def test_a_clearance_renewed_in_time_pauses_nothing(therapist: Caller, clock: Wristwatch) -> None:
    course = running(therapist)
    clock.turn(weeks=11)
    for which in "ab":
        done(course.pair.screen(which))
    done(course.pair.clear())
    clock.turn(days=9)
    assert course.read()["status"] == "active"


def test_before_many_couples_are_read_those_pause_whose_latest_clearance_ran_out_and_no_other(
    course: Course, therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    other = running(therapist, "2")  # cleared now, for twelve weeks to come
    ids = [decode("cpl", one.pair.path.rpartition("/")[2]) for one in (course, other)]
    integration = Actor(clinic.id, new_id(), new_id(), None, GRANTABLE)
    with clinic.at_desk() as (session, vault):
        session.info["reach"] = Reach(clinic.id, MACHINE)
        pause_wherever_clearance_ran_out(Work(session, integration, vault, clock(), clinic.settings), ids)
    steps = "SELECT plan_id FROM plan_transition WHERE reason = 'clearance_expired'"
    with clinic.at_desk() as (session, _vault):
        paused = [encode("pln", row) for row in session.scalars(text(steps).columns(plan_id=Uuid()))]
    assert paused == [course.path.rpartition("/")[2]]


@pytest.mark.usefixtures("course")
def test_it_is_written_in_its_time_though_nobody_looks(clinic: Clinic, clock: Wristwatch) -> None:
    clock.turn(hours=3)
    for _ in range(2):  # the second finds nothing to do
        pause_what_ran_out(clinic.app.state.runtime, clinic.id)
    with clinic.at_desk() as (session, _vault), session.reaching(Reach.whole(clinic.id).compartments):
        reasons = list(session.scalars(select(PlanTransition.reason)))
    assert (reasons.count("clearance_expired"), reasons.count("paused_by_therapist")) == (1, 1)
