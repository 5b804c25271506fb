"""What each scope opens, as a table: every type, every interaction, every way of saying a scope."""

from collections.abc import Iterator

import pytest

from app.access.smart import CATEGORISED, TYPES
from app.fhir.resources import resources
from tests.conftest import Caller, Clinic
from tests.contract.world import World
from tests.fhir.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]

NOBODY = "0" * 32
# A scope by its letters, in both versions of SMART, and what it lets a client do with its type.
OPENS = {
    "rs": {"read", "search"},
    "r": {"read"},
    "s": {"search"},
    "read": {"read", "search"},
}
# Of types that both are needed for, one scope alone opens nothing.
TOGETHER = frozenset({"Group", "RelatedPerson"})


def does(caller: Caller, type_: str) -> set[str]:
    """What a client gets through to with a type; what is not there is 404, what is not allowed 403."""
    found = set()
    reads = [caller.get(path).status_code for path in (f"/fhir/{type_}/{NOBODY}", f"/fhir/{type_}/{NOBODY}/_history/1")]
    searches = [caller.get(f"/fhir/{type_}").status_code, caller.post(f"/fhir/{type_}/_search").status_code]
    assert set(reads) in ({404}, {403}), (type_, reads)
    assert set(searches) in ({200}, {403}), (type_, searches)
    found |= {"read"} if reads[0] == 404 else set()
    return found | ({"search"} if searches[0] == 200 else set())


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("letters", OPENS)
def test_a_scope_opens_its_type_for_what_its_letters_say_and_nothing_else(clinic: Clinic, letters: str) -> None:
    for type_ in resources():
        caller = clinic.integration(f"of {type_}", {f"system/{type_}.{letters}"})
        for other in resources():
            expected = OPENS[letters] if other == type_ else set()
            if other in TOGETHER:
                assert does(caller, other) <= expected, (type_, other)
            else:
                assert does(caller, other) == expected, (type_, other)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("letters", OPENS)
def test_a_scope_for_every_type_opens_each(clinic: Clinic, letters: str) -> None:
    caller = clinic.integration("of every type", {f"system/*.{letters}"})
    for type_ in resources():
        assert does(caller, type_) == OPENS[letters], type_


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


def test_every_type_that_can_be_granted_is_there_and_every_type_that_is_there_can_be_granted() -> None:
    assert resources().keys() <= set(TYPES)
