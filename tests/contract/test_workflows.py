"""The stories of `openapi/workflows` are told about operations that exist, and they come true."""

from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Caller, Wristwatch
from tests.contract.arazzo import Story, stories
from tests.contract.test_openapi import OPERATIONS, ROOT
from tests.homework.records import running

FILES = sorted((ROOT / "openapi" / "workflows").glob("*.arazzo.yaml"))
STORIES = {name: workflow for file in FILES for name, workflow in stories(file).items()}
STEPS = [(name, step) for name, workflow in STORIES.items() for step in workflow["steps"]]
Inputs = dict[str, Any]


def intake_to_first_outcome(_therapist: Caller, clock: Wristwatch) -> Inputs:
    now = clock.moment
    return {
        "today": str(now.date()),
        "in_a_week": str((now + timedelta(days=7)).date()),
        "intake_at": stamp(clock, days=-28),
        "latest_at": stamp(clock, days=-1),
        "hour_from": stamp(clock, minutes=-60),
        "hour_to": stamp(clock, minutes=-10),
    }


def weekly_check_in(therapist: Caller, clock: Wristwatch) -> Inputs:
    course = running(therapist)
    clock.turn(hours=6)  # the rules look at what was since the plan began
    return {
        "couple_id": course.pair.path.rpartition("/")[2],
        "plan_id": course.path.rpartition("/")[2],
        "partner_a": course.pair.a,
        "partner_b": course.pair.b,
        "in_a_week": str((clock.moment + timedelta(days=7)).date()),
        "first_evening": stamp(clock, hours=-3),
        "second_evening": stamp(clock, hours=-1),
    }


PREPARED = {prepare.__name__: prepare for prepare in (intake_to_first_outcome, weekly_check_in)}


def stamp(clock: Wristwatch, **by: float) -> str:
    """A moment away from now, as it is sent."""
    return (clock.moment + timedelta(**by)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_every_story_is_told_here() -> None:
    assert set(STORIES) == set(PREPARED)
    assert [Path(file.name).name.removesuffix(".arazzo.yaml") for file in FILES] == sorted(STORIES)


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[f"{name}.{step['stepId']}" for name, step in STEPS])
def test_a_step_names_an_operation_fills_its_path_and_expects_a_status_it_documents(name: str, step: dict[str, Any]) -> None:
    assert step["operationId"] in OPERATIONS, name
    _method, path, operation = OPERATIONS[step["operationId"]]
    given = [parameter["name"] for parameter in step.get("parameters", []) if parameter["in"] == "path"]
    assert {f"{{{parameter}}}" for parameter in given} == {part for part in path.split("/") if part.startswith("{")}
    statuses = [one["condition"] for one in step["successCriteria"] if one["condition"].startswith("$statusCode == ")]
    assert len(statuses) == 1
    assert statuses[0].removeprefix("$statusCode == ") in operation["responses"]


@pytest.mark.parametrize("name", STORIES)
def test_a_story_comes_true(name: str, therapist: Caller, clock: Wristwatch) -> None:
    outputs = Story(STORIES[name], PREPARED[name](therapist, clock), therapist).run()
    assert outputs
    assert all(value is not None for value in outputs.values())


def test_a_story_is_told_whole_and_an_unmet_criterion_ends_it(therapist: Caller, clock: Wristwatch) -> None:
    story = deepcopy(STORIES["intake_to_first_outcome"])
    inputs = intake_to_first_outcome(therapist, clock)
    story["steps"][-1]["successCriteria"].append({"condition": "$response.body#/on_track/colour == 'red'"})
    with pytest.raises(AssertionError, match=r"read_outcomes: .* == 'red', but found 'green'"):
        Story(story, inputs, therapist).run()
    story["steps"][1]["successCriteria"][0]["condition"] = "$statusCode == 201"
    with pytest.raises(AssertionError, match=r"start_from_the_quarrel: .* == 201, but found 422"):
        Story(story, inputs | {"number": "story-2"}, therapist).run()


def test_a_story_without_its_inputs_is_not_begun(therapist: Caller) -> None:
    with pytest.raises(AssertionError, match="needs"):
        Story(STORIES["weekly_check_in"], {}, therapist)
