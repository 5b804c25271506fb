"""The policy as a table of callers, operations and compartments, held against what the service really answers."""

from typing import Any

import pytest

from app.core.database import Compartment
from tests.conftest import Caller
from tests.contract.callers import Standing, everybody, nothing_kept
from tests.contract.calls import call
from tests.contract.test_openapi import BY_KEY
from tests.contract.test_walk import same
from tests.contract.world import World, sign

AUTHORS_ALONE = "/psychotherapy-"
# What a path names besides the couple and is only there for some: an opening, to whoever may know of it.
OF_SOME = {"read_break_glass_opening", "review_break_glass_opening", "read_opened_couple"}


def about_the_couple(name: str) -> bool:
    """Whether the couple stands in the path of an operation."""
    return "{couple_id}" in BY_KEY[name][1]


def writes(name: str) -> bool:
    """Whether an operation changes something."""
    return BY_KEY[name][0] != "get"


def contradicted(who: str, standing: Standing, name: str, world: World) -> str | None:
    """What the service answers where the table says something else."""
    one = call(name, world.ids)
    permission = BY_KEY[name][2]["x-permission"]
    expected = standing.expected(permission, about_the_couple=about_the_couple(name), writes=writes(name))
    found = one.send(standing.caller)
    let_through = found.status_code not in {401, 403, 404, 500}
    code = "step_up_required" if found.status_code == 403 and found.json()["code"] == "step_up_required" else None
    right = let_through or code is not None if expected is None else found.status_code == expected
    return None if right else f"{who}: {name} is {found.status_code}, and the table says {expected or 'through'}"


def test_every_caller_gets_from_every_operation_what_the_table_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(world)  # a draft is its author's alone, which other tests show
    callers = everybody(world)
    names = [name for name in BY_KEY if name not in OF_SOME and AUTHORS_ALONE not in BY_KEY[name][1]]
    with nothing_kept(monkeypatch):
        wrong = [contradicted(who, standing, name, world) for who, standing in callers.items() for name in names]
    assert [one for one in wrong if one] == []
    assert len(wrong) > 1_000


def test_a_table_that_says_something_else_would_be_contradicted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = everybody(world)
    swapped = {
        "therapist": callers["therapist without a seat"].caller,
        "supervisor whose grant is over": callers["supervisor with a grant"].caller,
        "departed therapist": callers["therapist"].caller,
        "therapist in an emergency": callers["therapist whose emergency is over"].caller,
        "therapist whose emergency is over": callers["therapist in an emergency"].caller,
        "analyst": callers["therapist"].caller,
        "integration without scopes": callers["integration"].caller,
    }
    with nothing_kept(monkeypatch):
        for who, caller in swapped.items():
            claimed = Standing(**{**vars(callers[who]), "caller": caller})
            assert contradicted(who, claimed, "read_couple", world), who


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_does_not_see_the_couple_is_told_what_is_told_of_one_that_does_not_exist(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = world.ids | {"couple_id": "cpl_00000000000000000000000000"}
    blind = [one for one in everybody(world).values() if not one.sees and not one.opened]
    with nothing_kept(monkeypatch):
        for name in filter(about_the_couple, BY_KEY):
            for standing in blind:
                hidden, missing = (call(name, ids).send(standing.caller) for ids in (world.ids, absent))
                assert (hidden.status_code, same(hidden.json())) == (missing.status_code, same(missing.json())), name


READ = {  # where rows of each compartment come back, if they are within reach
    Compartment.CONJOINT: "/plans",
    Compartment.INDIVIDUAL_A: "/partners/{a}/administrations",
    Compartment.INDIVIDUAL_B: "/partners/{b}/administrations",
    Compartment.SAFETY: "/clearances",
}


def rows(world: World, caller: Caller, compartment: Compartment) -> int:
    """How many rows of a compartment somebody is shown."""
    path = READ[compartment].format(a=world.partners[0], b=world.partners[1])
    found = caller.get(world.couple + path)
    return len(found.json()["items"]) if found.status_code == 200 else 0


def test_rows_of_a_compartment_come_to_those_alone_who_reach_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    answers: dict[str, Any] = {"measure": "gmsex", "answers": {str(item): 4 for item in range(1, 6)}}
    world.post(f"{world.couple}/partners/{world.partners[1]}/administrations", answers)
    callers = everybody(world)
    with nothing_kept(monkeypatch):
        for who, standing in callers.items():
            may = standing.works_here and (standing.sees or standing.opened)
            for compartment in Compartment:
                if compartment not in READ:
                    continue
                path = READ[compartment].rpartition("/")[2]
                needed = {"plans": "homework:read", "administrations": "administrations:read", "clearances": "safety:read"}
                reads = may and needed[path] in {str(one) for one in standing.permissions}
                reached = reads and compartment in standing.compartments
                assert (rows(world, standing.caller, compartment) > 0) == reached, (who, compartment)
