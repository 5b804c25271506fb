"""When a resource last changed is what a search by it goes by, for every type; moments that would tell who is whose partner."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column

from app.core.database import Moment
from app.fhir.resources import resources
from app.fhir.rows import Rows
from app.fhir.spans import holds, holds_between, whole_days
from app.fhir.values import read_span
from tests.conftest import Caller
from tests.contract.world import World
from tests.fhir.conftest import OF_COUPLES, kept_worlds, world
from tests.fhir.test_work import signed

__all__ = ["kept_worlds", "world"]

PREFIXES = ("", "ge", "gt", "lt", "le", "sa", "eb", "ne", "ap")
EXACT = re.compile(r"T\d\d:\d\d")
# Hours are told as they were held, and two at one time with one therapist stay such (docs/decisions/0039).
TOLD_BY_THE_HOUR = {"Encounter"}


def client(world: World) -> Caller:
    """A client that reads every type but the two that say who is whose partner."""
    return world.clinic.integration("narrow", {f"system/{one}.rs" for one in resources() if one not in OF_COUPLES})


def of_both() -> Iterator[str]:
    """Types of which two partners each have a resource of one row."""
    for type_, resource in resources().items():
        if isinstance(resource.source, Rows) and resource.source.slot is not None and type_ not in TOLD_BY_THE_HOUR:
            yield type_


def entries(software: Caller, path: str) -> list[dict[str, Any]]:
    """What a search finds, in its order."""
    answer = software.get(path)
    assert answer.status_code == 200, (path, answer.text)
    return [entry["resource"] for entry in answer.json().get("entry", [])]


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
    narrow = client(world)
    untold = 0
    for type_ in resources():
        found = narrow.get(f"/fhir/{type_}?_count=200").json().get("entry", [])
        if not found or any("lastUpdated" in entry["resource"]["meta"] for entry in found):
            continue
        untold += 1
        for prefix in PREFIXES[:-1]:
            hours = [f"2026-11-22T{hour:02}:30:00.5Z" for hour in (0, 9, 12, 23)]
            totals = {narrow.get(f"/fhir/{type_}?_lastUpdated={prefix}{hour}").json()["total"] for hour in hours}
            assert len(totals) == 1, (type_, prefix)
        for span, total in (("ge2026-11-23", 0), ("le2026-11-21", 0), ("ge2026-11-21", len(found)), ("2026-11-22", len(found))):
            assert narrow.get(f"/fhir/{type_}?_lastUpdated={span}").json()["total"] == total, (type_, span)
    assert untold >= 3


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_moment_that_both_have_in_common_is_neither_told_nor_found_out_by_any_parameter(world: World) -> None:
    """Of all types that stand under both: no moment, and every search with another moment of the same day finds the same."""
    narrow = client(world)
    signed(world.therapist, world.couple)
    asked = set()
    for type_ in of_both():
        found = entries(narrow, f"/fhir/{type_}?_count=200")
        assert not EXACT.search(json.dumps(found)), type_
        for param in resources()[type_].params if found else ():
            for prefix in ("", "ge", "lt") if param.type == "date" else ():
                hours = [f"2026-11-22T{hour:02}:30:00.5Z" for hour in (0, 23)]
                totals = [narrow.get(f"/fhir/{type_}?{param.name}={prefix}{hour}").json()["total"] for hour in hours]
                assert len(set(totals)) == 1, (type_, param.name, prefix, totals)
                asked.add((type_, param.name))
    assert {("CarePlan", "date"), ("Task", "authored-on"), ("DocumentReference", "date")} <= asked


def test_two_of_one_moment_are_no_neighbours_in_any_order(world: World) -> None:
    """All of one day stand in the order of the unsorted search, which tells nothing."""
    narrow, wide = client(world), world.clinic.integration("wide", {"system/*.rs"})
    for minutes in range(7, 56, 7):
        world.clinic.clock.turn(minutes=minutes)
        body = {"ends_on": "2026-11-24", "occasions": 1}
        assert world.therapist.post(f"{world.plan}/assignments", json=body).status_code == 201
        signed(world.therapist, world.couple)
    for type_ in of_both():
        for name in resources()[type_].source.sorts:
            unsorted = [one["id"] for one in entries(narrow, f"/fhir/{type_}?_count=200")]
            for sort in (name, f"-{name}"):
                assert [one["id"] for one in entries(narrow, f"/fhir/{type_}?_count=200&_sort={sort}")] == unsorted, (
                    type_,
                    sort,
                )
                first = narrow.get(f"/fhir/{type_}?_count=1&_sort={sort}").json()
                assert [one["resource"]["id"] for one in first.get("entry", [])] == unsorted[:1]
    first, second = entries(wide, "/fhir/Task?_count=2&_sort=authored-on")
    assert first["authoredOn"] == second["authoredOn"], "the control: by the very moment they are"


MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))  # noqa: DTZ001 - hypothesis takes none with a zone


@given(st.sampled_from(PREFIXES), MOMENTS, MOMENTS)
def test_a_span_by_whole_days_asks_for_midnights_alone_whatever_the_time_is(
    prefix: str, moment: datetime, now: datetime
) -> None:
    span, begins, ends = (
        whole_days(read_span(f"{prefix}{moment.isoformat()}Z")),
        column("begins", Moment()),
        column("ends", Moment()),
    )
    for condition in (holds(span, begins, now.replace(tzinfo=UTC)), holds_between(span, begins, ends, now.replace(tzinfo=UTC))):
        asked = [value for value in condition.compile().params.values() if isinstance(value, datetime)]
        assert asked
        assert {value.time() for value in asked} == {time.min}
