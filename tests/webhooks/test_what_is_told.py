"""Software is told of what it may read and of nothing else: not of safety, and not of a pause before it shows."""

from collections import Counter
from typing import Any

import pytest

from app.access.permissions import GRANTABLE
from app.homework.showing import tell_what_shows
from app.webhooks.happenings import TYPES
from tests.conftest import Caller
from tests.homework.records import Course
from tests.homework.test_who_stopped import STOPPERS, Stopper, leave_therapy, prepared, withdraw
from tests.releases.records import ask_to_erase, couple_id, ended, shred
from tests.safety.records import done, new_pair
from tests.webhooks.records import Hooks

KINDS = sorted({name.partition(".")[0] for name in TYPES})


@pytest.fixture
def everything(hooks: Hooks) -> tuple[Caller, dict[str, Any]]:
    """Software with every scope there is, that wants to be told of everything."""
    software = hooks.clinic.integration("everything", {str(scope) for scope in GRANTABLE})
    return software, hooks.endpoint(software, sorted(TYPES))


def told(hooks: Hooks, endpoint: dict[str, Any]) -> Counter[str]:
    """What is told now, by type."""
    return Counter(one.told[0] for one in hooks.pass_on(endpoint))


def calm(course: Course, _which: str, caller: Caller) -> Any:
    """Both check in, and all is well."""
    return [done(course.check_in(course.consents["assignment"], one, caller)) for one in "ab"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("stop", STOPPERS)
def test_a_pause_that_is_not_shown_tells_nothing(
    hooks: Hooks, therapist: Caller, everything: tuple[Caller, dict[str, Any]], stop: Stopper
) -> None:
    software, endpoint = everything
    worlds = prepared(therapist, "1"), prepared(therapist, "2"), prepared(therapist, "3")
    assert told(hooks, endpoint)["couple.changed"] == 3
    found = []
    for course, which in zip(worlds[:2], "ab", strict=True):
        stop(course, which, software)
        found.append(told(hooks, endpoint))
    if stop not in {withdraw, leave_therapy}:
        calm(worlds[2], "a", software)
    found.append(told(hooks, endpoint))
    assert found[0] == found[1] == found[2]
    assert not {name for one in found for name in one if name.startswith("plan.")}


def test_a_pause_is_told_of_when_it_shows(hooks: Hooks, therapist: Caller, everything: tuple[Caller, dict[str, Any]]) -> None:
    course = prepared(therapist, "1")
    told(hooks, everything[1])
    withdraw(course, "a", everything[0])
    hooks.clinic.clock.turn(hours=61)
    tell_what_shows(hooks.runtime, hooks.clinic.id)
    assert told(hooks, everything[1])["plan.changed"] == 1


def test_an_erased_partner_and_an_erased_couple_are_told_of_as_deleted(
    hooks: Hooks, therapist: Caller, everything: tuple[Caller, dict[str, Any]]
) -> None:
    pair = ended(hooks.clinic, new_pair(therapist))
    told(hooks, everything[1])
    shred(hooks.clinic, pair, ask_to_erase(pair, "a"))
    assert ("partner.deleted", pair.a) in {one.told for one in hooks.pass_on(everything[1])}
    shred(hooks.clinic, pair, ask_to_erase(pair))
    assert ("couple.deleted", couple_id(pair)) in {one.told for one in hooks.pass_on(everything[1])}


def test_nothing_of_safety_is_ever_told(hooks: Hooks, therapist: Caller, everything: tuple[Caller, dict[str, Any]]) -> None:
    pair = new_pair(therapist)
    told(hooks, everything[1])
    pair.ready()
    pair.lower(pair.flag("psychosis"))
    pair.found("pelvic_examination", met=True)
    for which in "ab":
        done(pair.screen(which, {str(item): 4 for item in range(1, 6)}))
    pair.clear()
    assert told(hooks, everything[1]) == Counter()


def test_who_reads_couples_alone_is_told_of_couples_alone(hooks: Hooks, ehr: Caller, therapist: Caller) -> None:
    narrow = hooks.clinic.integration("narrow", {"couples:read", "webhooks:write"})
    types = [name for name, kind in TYPES.items() if kind.permission == "couples:read"]
    endpoint, other = hooks.endpoint(narrow, types), hooks.endpoint(ehr, ["check_in.changed", "plan.changed"])
    prepared(therapist, "1")
    assert {name.partition(".")[0] for name in told(hooks, endpoint)} <= {"couple", "partner", "episode", "concern", "framing"}
    assert set(told(hooks, other)) == {"check_in.changed", "plan.changed"}


def test_no_type_is_of_what_no_software_may_read() -> None:
    assert [
        *("administration", "assignment", "check_in", "concern", "couple", "diagnosis", "episode", "framing"),
        *("outcomes", "partner", "plan"),
    ] == KINDS
