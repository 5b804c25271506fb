"""What is hidden is in the feed of nobody until it shows, and then as what everybody can see by then."""

from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from app.caseload.following import keep_figures
from app.core.clock import now as this_moment
from app.core.migrate import config
from app.core.settings import Settings
from app.homework.showing import tell_what_shows
from tests.changes.follower import changed, named, now
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course
from tests.homework.test_hidden_pause import secretly_held
from tests.homework.test_who_stopped import prepared, withdraw
from tests.safety.records import done

PLAN = [("outcomes", "upsert"), ("plan", "upsert")]


@pytest.fixture
def course(therapist: Caller) -> Course:
    return prepared(therapist, "1")


def shows(clinic: Clinic) -> None:
    """What a chore does every few seconds."""
    tell_what_shows(clinic.app.state.runtime, clinic.id)


def of_plans(items: list[Any]) -> list[tuple[str, str]]:
    return sorted(named([item for item in items if item["type"] in {"plan", "outcomes", "assignment"}]))


def test_a_withdrawal_is_told_to_nobody_until_the_pause_shows(
    clinic: Clinic, course: Course, ehr: Caller, clock: Wristwatch
) -> None:
    followers = {caller: now(caller) for caller in (ehr, course.therapist)}
    withdraw(course, "a", ehr)
    shows(clinic)
    assert [changed(caller, token)[0] for caller, token in followers.items()] == [[], []]
    clock.turn(hours=61)
    shows(clinic)
    shows(clinic)
    for caller, token in followers.items():
        items, _ = changed(caller, token)
        assert of_plans(items) == PLAN
    assert course.read(ehr)["status"] == "paused"


def test_a_pause_that_was_overtaken_before_it_showed_is_never_told(
    clinic: Clinic, course: Course, ehr: Caller, clock: Wristwatch
) -> None:
    withdraw(course, "a", ehr)
    done(course.move("stops", ehr), 200)
    token = now(ehr)
    clock.turn(hours=61)
    shows(clinic)
    assert (course.read(ehr)["status"], changed(ehr, token)[0]) == ("stopped", [])


def test_a_pause_and_what_followed_it_in_secret_are_told_once_together(
    clinic: Clinic, course: Course, ehr: Caller, clock: Wristwatch
) -> None:
    done(course.move("holds"), 200)
    token = now(ehr)
    withdraw(course, "a", ehr)
    given = secretly_held(course)
    assert changed(ehr, token)[0] == []
    clock.turn(hours=61)
    shows(clinic)
    items, _ = changed(ehr, token)
    assert of_plans(items) == [("assignment", "upsert"), *PLAN]
    assert [item["id"] for item in items if item["type"] == "assignment"] == [given["id"]]
    assert {ehr.get(item["href"]).status_code for item in items} == {200}


def test_a_plan_whose_clearance_ran_out_is_told_of_though_nobody_looked_at_it(
    clinic: Clinic, course: Course, ehr: Caller, clock: Wristwatch
) -> None:
    token = now(ehr)
    runtime = clinic.app.state.runtime
    keep_figures(runtime, clinic.id)
    for hours in (12 * 7 * 24 + 25, 61):
        clock.turn(hours=hours)
        keep_figures(runtime, clinic.id)
        shows(clinic)
    later = clinic.integration("later")
    assert ("plan", "upsert") in named(changed(later, token)[0])
    assert course.read(later)["status"] == "paused"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_was_hidden_before_an_upgrade_is_told_after_it(
    clinic: Clinic, course: Course, clock: Wristwatch, settings: Settings
) -> None:
    clock.moment = this_moment()  # the upgrade asks the computer's own clock
    course.pair.therapist = clinic.sign_in_again(course.therapist.holder_id)
    later = clinic.integration("later")
    withdraw(course, "a", later)
    token = now(later)
    migrations = config(settings)
    before = ScriptDirectory.from_config(migrations).get_revision("0012").down_revision
    clinic.app.state.runtime.database.close()
    command.downgrade(migrations, str(before))
    command.upgrade(migrations, "head")
    clock.turn(hours=61)
    shows(clinic)
    assert of_plans(changed(clinic.integration("last"), token)[0]) == PLAN
