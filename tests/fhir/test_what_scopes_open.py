"""What a scope opens of what searches bring along, and of one category alone: for every type that there is."""

from collections.abc import Iterator

import pytest

from app.access.smart import CATEGORISED
from app.fhir.resources import resources
from tests.contract.world import World
from tests.fhir.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]

# Of types that both are needed for, one scope alone opens nothing.
TOGETHER = frozenset({"Group", "RelatedPerson"})


def brought_by(type_: str) -> Iterator[tuple[str, str, str]]:
    """Ways in which a search of a type brings others along: how, which, and the letter that it takes."""
    for param in resources()[type_].params:
        yield from (("_include=" + f"{type_}:{param.name}", target, "r") for target in param.targets if param.path)
    for other in resources().values():
        yield from (
            (f"_revinclude={other.type}:{one.name}", other.type, "s")
            for one in other.params
            if type_ in one.targets and one.path
        )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_brought_along_takes_a_scope_of_its_own(world: World) -> None:
    """A search with it is answered all the same, without."""
    wide = world.clinic.integration("wide", {"system/*.rs"})
    for type_ in resources():
        alone = world.clinic.integration(f"{type_} alone", {f"system/{type_}.rs"})
        for how, brought, letter in brought_by(type_):
            both = world.clinic.integration(f"{how}", {f"system/{type_}.rs", f"system/{brought}.{letter}"})
            path = f"/fhir/{type_}?_count=200&{how}"
            types = [
                {one["resource"]["resourceType"] for one in caller.get(path).json().get("entry", [])}
                for caller in (alone, both, wide)
            ]
            assert types[0] <= {type_}, path
            if not {type_, brought} & TOGETHER:
                assert types[1] == types[2] & {type_, brought}, path


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_scope_of_a_category_shows_what_a_filter_by_it_would_and_reads_nothing_else(world: World) -> None:
    wide = world.clinic.integration("wide", {"system/*.rs"})
    for type_ in CATEGORISED & resources().keys():
        found = [entry["resource"] for entry in wide.get(f"/fhir/{type_}?_count=200").json().get("entry", [])]
        codes = {
            f"{one['system']}|{one['code']}" for each in found for category in each["category"] for one in category["coding"]
        }
        for code in (*sorted(codes), "http://example.org|none"):
            caller = world.clinic.integration(f"{type_} {code}", {f"system/{type_}.rs?category={code}"})
            told = {one["resource"]["id"] for one in caller.get(f"/fhir/{type_}?_count=200").json().get("entry", [])}
            within = {
                one["id"]
                for one in found
                if code in {f"{c['system']}|{c['code']}" for each in one["category"] for c in each["coding"]}
            }
            assert told == within, (type_, code)
            for one in found:
                assert caller.get(f"/fhir/{type_}/{one['id']}").status_code == (200 if one["id"] in within else 404)
