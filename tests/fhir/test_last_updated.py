"""When a resource last changed is what a search by it goes by, for every type."""

import pytest

from app.fhir.resources import resources
from tests.contract.world import World
from tests.fhir.conftest import OF_COUPLES, kept_worlds, world

__all__ = ["kept_worlds", "world"]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_resource_is_found_by_the_moment_it_tells_and_not_before(world: World) -> None:
    software = world.clinic.integration("wide", {"system/*.rs"})
    for type_ in resources():
        for entry in software.get(f"/fhir/{type_}?_count=1").json().get("entry", []):
            fhir_id, moment = entry["resource"]["id"], entry["resource"]["meta"].get("lastUpdated")
            if moment is None:
                continue
            for prefix, total in (("ge", 1), ("lt", 0)):
                found = software.get(f"/fhir/{type_}?_id={fhir_id}&_lastUpdated={prefix}{moment}").json()
                assert found["total"] == len(found.get("entry", [])) == total, (type_, prefix)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_moment_that_is_not_told_cannot_be_found_out_by_asking_nearer_and_nearer(world: World) -> None:
    """Every search with another moment of the same day finds the same; one of the day before and the day after do not."""
    narrow = world.clinic.integration("narrow", {f"system/{one}.rs" for one in resources() if one not in OF_COUPLES})
    untold = 0
    for type_ in resources():
        found = narrow.get(f"/fhir/{type_}?_count=200").json().get("entry", [])
        if not found or any("lastUpdated" in entry["resource"]["meta"] for entry in found):
            continue
        untold += 1
        for prefix in ("", "ge", "gt", "lt", "le", "sa", "eb", "ne"):
            hours = [f"2026-11-22T{hour:02}:30:00.5Z" for hour in (0, 9, 12, 23)]
            totals = {narrow.get(f"/fhir/{type_}?_lastUpdated={prefix}{hour}").json()["total"] for hour in hours}
            assert len(totals) == 1, (type_, prefix)
        for span, total in (("ge2026-11-23", 0), ("le2026-11-21", 0), ("ge2026-11-21", len(found)), ("2026-11-22", len(found))):
            assert narrow.get(f"/fhir/{type_}?_lastUpdated={span}").json()["total"] == total, (type_, span)
    assert untold >= 3
