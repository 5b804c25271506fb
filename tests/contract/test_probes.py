"""Those who may not see a record learn nothing of it, not a byte: from other teams, from other clinics, by each layer alone.

The gate sends 20,000 probes; `REKINDLE_PROBES=1000000` sends more.
"""

import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import true

from app.access.permissions import Role
from app.core.database import read_within_reach
from app.core.ids import decode
from app.couples import break_glass, service
from tests.conftest import Clinic
from tests.contract.callers import everybody, nothing_kept
from tests.contract.probes import Found, Prober, Target, probe, probes
from tests.contract.test_openapi import BY_KEY
from tests.contract.world import World, sign
from tests.core.two_clinics import Two, without, without_row_level_security

PROBES: Final = int(os.environ.get("REKINDLE_PROBES", "20000"))
SEED: Final = 20_261_122 if PROBES == 20_000 else None
SHARE: Final = {"other teams": 0.6, "both": 0.16, "policy": 0.08, "orm": 0.08, "row-level security": 0.08}
BLIND: Final = (
    "supervisor without a grant",
    "administrator",
    "analyst",
    "supervisor whose grant is over",
    "supervisor whose grant was revoked",
    "therapist whose seat was ended",
    "departed therapist",
    "therapist whose emergency is over",
)


def number_of(name: str) -> int:
    """How many probes this part sends."""
    return int(PROBES * SHARE[name])


def of_the_couple(name: str) -> bool:
    """Whether an operation names something of a couple."""
    return "{couple_id}" in str(BY_KEY[name][1])


def names_something(name: str, target: Target) -> bool:
    """Whether an operation names anything of the record, in its path or its body."""
    parameters = [one["name"] for one in BY_KEY[name][2].get("parameters", []) if one["in"] == "path"]
    content = BY_KEY[name][2].get("requestBody", {}).get("content", {}).get("application/json", {})
    told = str(content.get("example", ""))
    return any(target.ids.get(one, "")[3:4] == "_" for one in parameters) or any(f"'{kind}_" in told for kind in target.rows)


def other_teams(world: World) -> list[Prober]:
    """Everybody in the clinic who may not see the couple."""
    callers = everybody(world)
    found = [Prober(who, callers[who].caller, role=callers[who].role) for who in BLIND]
    return [*found, Prober.with_a_couple("another therapist", callers["therapist without a seat"].caller, "own")]


def other_clinic(clinic: Clinic) -> list[Prober]:
    """Everybody in another clinic, with all that their roles may do."""
    found = [Prober.with_a_couple("their therapist", clinic.member("tom"), "own", same_clinic=False)]
    found.append(Prober.with_a_couple("their software", clinic.integration(), "ehr", same_clinic=False))
    roles = (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.ANALYST)
    return found + [Prober(f"their {role}", clinic.member(role, role), same_clinic=False) for role in roles]


def seen_before(probers: list[Prober]) -> None:
    """The use of each key is noted once, so that it need not be noted again."""
    for prober in probers:
        assert prober.caller.get("/v1/me").status_code in {200, 401}


@contextmanager
def without_the_policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets everybody see every couple and every opening, so that the layers below stand alone."""
    with monkeypatch.context() as patched:
        for module, name in ((service, "visible_to"), (break_glass, "visible_to"), (break_glass, "told_to")):
            patched.setattr(module, name, lambda _work: true())
        yield


class Field:
    """A record, those who may not see it, and the operations that name something of it."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, other: Clinic | None = None) -> None:
        sign(world)
        self.world = world
        self.monkeypatch = monkeypatch
        # before there is a couple of anybody else
        self.target = Target.of(world.clinic, {name: value for name, value in world.ids.items() if name != "link"})
        self.probers = other_teams(world) + (other_clinic(other) if other else [])
        seen_before(self.probers)

    def sent(self, number: int, *, couples_only: bool, same_clinic: bool | None = None) -> Found:
        """So many probes, by those of the same clinic, of the other one, or by all."""
        names = [name for name in BY_KEY if names_something(name, self.target) and (of_the_couple(name) or not couples_only)]
        probers = [one for one in self.probers if same_clinic is None or one.same_clinic is same_clinic]
        drawn = probes(self.target, probers, names, random.Random(SEED))  # noqa: S311 - drawn again by its seed
        with nothing_kept(self.monkeypatch):
            return probe(self.world.clinic.app, drawn, number)


def told(part: str, found: Found) -> None:
    """Nothing leaked; for a long run also how many there were."""
    assert found.leaks == []
    if SEED is None:
        print(f"{part}: {found.sent} probes, no byte leaked, answered {dict(sorted(found.answers.items()))}")  # noqa: T201 - a long run is watched


def shown(found: Found) -> list[str]:
    """Leaks that showed what is there, and did not only stumble over it."""
    return [leak for leak in found.leaks if " 200, not " in leak]


@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_is_on_no_care_team_learns_nothing_of_its_couple(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    field = Field(world, monkeypatch)
    told("other teams", field.sent(number_of("other teams"), couples_only=True))
    with without_the_policy(monkeypatch):  # the control
        assert shown(field.sent(200, couples_only=True))


@pytest.fixture
def field(world: World, new_clinic: Callable[[], Clinic], monkeypatch: pytest.MonkeyPatch) -> Field:
    """A record in one clinic, and everybody in it and in another who may not see it."""
    return Field(world, monkeypatch, new_clinic())


@contextmanager
def alone(field: Field, layer: str) -> Iterator[Callable[[], Any]]:
    """One of the three layers without the other two, and a way to take it away as well."""
    clinic = field.world.clinic
    couple = decode("cpl", field.world.ids["couple_id"])
    two = Two(clinic, clinic, couple, couple, field.world.therapist)
    layers: dict[str, Callable[[], Any]] = {
        "policy": lambda: without_the_policy(field.monkeypatch),
        "orm": lambda: without(read_within_reach, "do_orm_execute"),
        "row-level security": lambda: without_row_level_security(two),
    }
    with ExitStack() as off:
        for name, taken_away in layers.items():
            if name != layer:
                off.enter_context(taken_away())
        yield layers[layer]


@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_neither_another_team_nor_another_clinic_learns_anything_of_a_couple(field: Field) -> None:
    half = number_of("both") // 2
    told("other teams", field.sent(half, couples_only=True, same_clinic=True))
    told("other clinics", field.sent(half, couples_only=False, same_clinic=False))


@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("layer", ["policy", "orm", "row-level security"])
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_each_layer_alone_tells_another_clinic_nothing(field: Field, layer: str) -> None:
    couples_only = layer == "policy"  # which speaks of couples alone; what is the clinic's own, the other two keep
    with alone(field, layer) as taken_away:
        told(
            f"{layer} alone",
            field.sent(number_of(layer), couples_only=couples_only, same_clinic=None if couples_only else False),
        )
        with taken_away():  # the control
            assert shown(field.sent(200, couples_only=couples_only, same_clinic=False))
