"""Whoever cannot see a pause moves the plan as if there were none, and nothing that was paused goes on because of it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.ids import decode
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course
from tests.homework.test_who_stopped import masked, prepared, told_outside_safety, withdraw
from tests.safety.records import done


@pytest.fixture
def worlds(therapist: Caller, ehr: Caller) -> tuple[Course, Course]:
    """Two couples alike but for a pause of the first that is not shown yet."""
    couples = prepared(therapist, "1"), prepared(therapist, "2")
    withdraw(couples[0], "a", ehr)
    return couples


def lived(course: Course, nouns: tuple[str, ...], ehr: Caller) -> list[str]:
    """How a machine account's moves are answered, and what it reads after each."""
    found = []
    for noun in nouns:
        answers: list[Any] = [course.move(noun, ehr)]
        answers += [ehr.get(path) for path in (course.path, course.path + "/transitions", course.path + "/assignments")]
        found += [masked(course, f"{answer.status_code} {answer.headers.get('etag')} {answer.text}") for answer in answers]
    return found


STORIES = [("holds",), ("completions",), ("stops",), ("holds", "completions"), ("pauses", "pauses", "holds", "stops")]


@pytest.mark.parametrize("nouns", STORIES, ids="-".join)
def test_moves_are_answered_and_read_and_followed_as_without_a_pause(
    worlds: tuple[Course, Course], ehr: Caller, clinic: Clinic, nouns: tuple[str, ...]
) -> None:
    first, second = (lived(course, nouns, ehr) for course in worlds)
    assert first == second
    assert {answer[:3] for answer in first} == {"200"}
    assert told_outside_safety(clinic, worlds[0]) == told_outside_safety(clinic, worlds[1])


def test_a_held_plan_stays_paused_in_truth_and_shows_as_paused_later(
    worlds: tuple[Course, Course], ehr: Caller, clock: Wristwatch
) -> None:
    course = worlds[0]
    assert done(course.move("holds", ehr), 200)["version"] == 4
    assert (course.read()["status"], course.read()["reason"]) == ("paused", "consent_withdrawn")
    refused = course.move("resumptions", ehr)
    assert (refused.json()["code"], refused.json()["errors"]) == ("plan_cannot_go_on_now", [])
    clock.turn(hours=61)
    assert course.reasons(ehr)[-2:] == ["held_by_therapist", "paused_by_therapist"]
    assert course.read(ehr)["version"] == 5


def test_what_the_therapist_paused_is_not_set_going_by_who_does_not_know_though_every_gate_is_open(
    therapist: Caller, ehr: Caller
) -> None:
    course = prepared(therapist, "1")
    done(course.move("pauses"), 200)
    done(course.move("holds", ehr), 200)
    assert course.move("resumptions", ehr).json()["code"] == "plan_cannot_go_on_now"
    assert course.read()["status"] == "paused"
    assert done(course.move("resumptions"), 200)["status"] == "active"


def test_a_completion_ends_it_truly(worlds: tuple[Course, Course], ehr: Caller, clock: Wristwatch) -> None:
    done(worlds[0].move("completions", ehr), 200)
    assert worlds[0].read()["status"] == "completed"
    clock.turn(hours=61)
    assert worlds[0].reasons(ehr)[-1] == "completed"


def test_after_a_secret_resumption_a_hold_is_answered_at_once(
    worlds: tuple[Course, Course], ehr: Caller, clock: Wristwatch
) -> None:
    worlds[0].pair.consent("a")
    done(worlds[0].move("resumptions"), 200)
    assert lived(worlds[0], ("holds",), ehr) == lived(worlds[1], ("holds",), ehr)
    assert worlds[0].read()["status"] == "held"
    clock.turn(hours=61)
    assert lived(worlds[0], ("resumptions",), ehr) == lived(worlds[1], ("resumptions",), ehr)


def test_a_pause_asked_for_while_another_is_hidden_shows_no_sooner_than_any(
    worlds: tuple[Course, Course], ehr: Caller, clock: Wristwatch
) -> None:
    clock.turn(hours=11)
    done(worlds[0].move("pauses", ehr), 200)
    clock.turn(hours=11.9)
    assert worlds[0].read(ehr)["status"] == "active"
    clock.turn(hours=49)
    assert worlds[0].reasons(ehr).count("paused_by_therapist") == 1


def secretly_held(course: Course) -> dict[str, Any]:
    """Given in secret: on a plan that everyone else sees held, and that was stopped and resumed meanwhile."""
    course.pair.consent("a")
    done(course.move("resumptions"), 200)
    given: dict[str, Any] = done(course.assign(occasions=3))
    return given


def told_by_id(assignment: str) -> datetime:
    """The moment that a UUIDv7 tells: ids sort by it, so an id of the moment it was made would tell of the secret."""
    return datetime.fromtimestamp((decode("asg", assignment).int >> 80) / 1000, UTC)


def test_what_is_given_in_secret_is_read_by_nobody_outside_until_it_tells_nothing(
    therapist: Caller, ehr: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    course = prepared(therapist, "1")
    done(course.move("holds"), 200)
    withdraw(course, "a", ehr)
    before = told_outside_safety(clinic, course)
    given = secretly_held(course)
    path, listed = f"{course.path}/assignments/{given['id']}", course.path + "/assignments"
    assert told_outside_safety(clinic, course)[: len(before)] == before
    assert "assignment" not in [row[4] for row in told_outside_safety(clinic, course)[len(before) :]]
    assert ehr.get(path).status_code == course.check_in(given, "b", ehr).status_code == 404
    assert (len(ehr.get(listed).json()["items"]), len(therapist.get(listed).json()["items"])) == (1, 2)
    clock.turn(hours=61)
    shown = done(ehr.get(path), 200)
    assert shown["created_at"] == course.read(ehr)["since"] > done(therapist.get(path), 200)["created_at"]
    assert told_by_id(shown["id"]) == datetime.fromisoformat(shown["created_at"])
