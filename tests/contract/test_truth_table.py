"""The policy as a table of callers, operations and compartments, held against what the service really answers."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.database import Compartment
from tests.client import LOOP
from tests.conftest import Caller
from tests.contract.callers import Standing, everybody, nothing_kept
from tests.contract.calls import call
from tests.contract.probes import Answer, answered, request
from tests.contract.test_openapi import BY_KEY
from tests.contract.world import World, sign

AUTHORS_ALONE = "/psychotherapy-"
# What is there for some alone, or only later: one's own opening, drafts, panels and endpoints, a file that was made, a proof.
NAMED_ELSEWHERE = {
    *("read_break_glass_opening", "review_break_glass_opening", "read_opened_couple", "read_my_member"),
    *("read_copy_file", "read_erasure_proof", "read_inclusion_proof", "list_note_versions"),
    *("read_direction_analysis", "delete_direction_analysis"),
    *("read_export", "read_export_file", "delete_export"),  # the asker's own
    *("read_webhook_endpoint", "change_webhook_endpoint", "remove_webhook_endpoint", "add_webhook_secret"),
    *("ping_webhook_endpoint", "read_webhook_delivery", "redeliver_webhook"),
}
CHANGED = {
    *("supervisor with a grant", "supervisor whose grant is over", "supervisor whose grant was revoked"),
    *("therapist whose seat was ended", "departed therapist", "therapist in an emergency", "therapist whose emergency is over"),
}
OF_SOME = {"sign_ins"}  # one's own sign-ins, of which a key has none


def about_the_couple(name: str) -> bool:
    """Whether an operation names a couple: in its path, by the erasure of its record, or in its body."""
    return any(one in str(BY_KEY[name][1]) for one in ("{couple_id}", "{erasure_id}")) or name == "request_erasure"


def writes(name: str) -> bool:
    """Whether an operation changes something."""
    return str(BY_KEY[name][0]) != "get"


def contradicted(who: str, standing: Standing, name: str, answer: Answer) -> str | None:
    """What the service answers where the table says something else."""
    expected = standing.expected(permission(name), about_the_couple=about_the_couple(name), writes=writes(name))
    status, _headers, body = answer
    let_through = status not in {401, 403, 404, 500} or b'"step_up_required"' in body
    right = let_through if expected is None else status == expected and b'"step_up_required"' not in body
    return None if right else f"{who}: {name} is {status}, and the table says {expected or 'through'}"


def permission(name: str) -> str:
    """What an operation asks for."""
    return str(BY_KEY[name][2]["x-permission"])


def contradictions(world: World, asked: list[tuple[str, Standing, str]]) -> list[str]:
    """Where the service and the table disagree: who, as whom, by which operation."""

    async def all_of_them() -> list[str | None]:
        sent = (
            (who, standing, name, request(standing.caller, call(name, ids_for(world, name)))) for who, standing, name in asked
        )
        return [contradicted(who, one, name, await answered(world.clinic.app, it)) for who, one, name, it in sent]

    return [one for one in LOOP.run(all_of_them()) if one]


def ids_for(world: World, name: str) -> dict[str, str]:
    """The ids of the record; a member's seat is asked for below the member who has it."""
    seated = {"member_id": world.ids["supervisor_id"]} if name == "end_member_seat" else {}
    return world.ids | seated


@pytest.mark.timeout(600)
def test_every_caller_gets_from_every_operation_what_the_table_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sign(world)  # a draft is its author's alone, which other tests show
    callers = everybody(world)
    if world.clinic.settings.sqlite_file is None:  # what a change of standing does is asked on both engines, the rest on one
        callers = {who: one for who, one in callers.items() if who in CHANGED}
    names = [name for name in BY_KEY if permission(name) not in OF_SOME and AUTHORS_ALONE not in BY_KEY[name][1]]
    asked = [(who, standing, name) for who, standing in callers.items() for name in names if name not in NAMED_ELSEWHERE]
    with nothing_kept(monkeypatch):
        assert contradictions(world, asked) == []
    assert len(asked) > 600


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
    asked = [(who, replace(callers[who], caller=caller), "read_couple") for who, caller in swapped.items()]
    with nothing_kept(monkeypatch):
        assert len(contradictions(world, asked)) == len(swapped)


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
