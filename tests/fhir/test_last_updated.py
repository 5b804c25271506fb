"""When a resource last changed is what a search by it goes by, for every type."""

import pytest

from app.fhir.resources import resources
from tests.contract.world import World
from tests.fhir.conftest import kept_worlds, world

__all__ = ["kept_worlds", "world"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_resource_is_found_by_the_moment_it_tells_and_not_before(world: World) -> None:
    software = world.clinic.integration("wide", {"system/*.rs"})
    for type_ in resources():
        for entry in software.get(f"/fhir/{type_}?_count=1").json().get("entry", []):
            fhir_id, moment = entry["resource"]["id"], entry["resource"]["meta"]["lastUpdated"]
            for prefix, total in (("ge", 1), ("lt", 0)):
                found = software.get(f"/fhir/{type_}?_id={fhir_id}&_lastUpdated={prefix}{moment}").json()
                assert found["total"] == len(found.get("entry", [])) == total, (type_, prefix)
