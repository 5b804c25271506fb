"""The caseload of the invented clinic has those on top that need a look first, and each couple stands in it once."""

import pytest

from tests.demo.clinic.conftest import PLANTED, Json, Told

pytestmark = PLANTED


@pytest.fixture(scope="session")
def caseload(told: Told) -> list[Json]:
    """Every couple in care, page by page."""
    told.catch_up()
    return list(told.therapist.every("/v1/caseload?limit=20"))


def test_who_worsens_and_who_was_pressed_stand_on_top_in_red_and_nobody_else(told: Told, caseload: list[Json]) -> None:
    red = [item["external_id"] for item in caseload if item["colour"] == "red"]
    assert set(red) == told.with_role("worsening", "pressed")
    assert [item["external_id"] for item in caseload[: len(red)]] == red
    by_rule = {item["external_id"]: item["rule"] for item in caseload}
    assert {by_rule[label] for label in told.with_role("worsening")} == {"deteriorated_twice"}
    assert {by_rule[label] for label in told.with_role("pressed")} == {"safety_signal_open"}


def test_each_couple_in_care_stands_there_once_and_those_who_left_apart(told: Told, caseload: list[Json]) -> None:
    stay = {pair.label for pair in told.year.pairs if pair.leaves_in is None}
    assert sorted(item["external_id"] for item in caseload) == sorted(stay)
    left = [item["external_id"] for item in told.therapist.every("/v1/caseload?in_care=false&limit=20")]
    assert sorted(left) == sorted({pair.label for pair in told.year.pairs} - stay)


def test_a_couple_stands_in_the_caseload_as_in_its_own_outcomes(told: Told, caseload: list[Json]) -> None:
    for item in caseload:
        outcomes = told.outcomes[item["external_id"]]
        assert (item["colour"], item["rule"]) == (outcomes["on_track"]["colour"], outcomes["on_track"]["rule"])
        assert set(item["flags"]) == {flag["code"] for flag in outcomes["flags"]}
        assert item["visits"] == outcomes["visits"]
        assert item["current"]


def test_the_rabbit_holes_are_found_by_their_flag(told: Told, caseload: list[Json]) -> None:
    assert {item["external_id"] for item in caseload if "rabbit_hole" in item["flags"]} == told.with_role("rabbit_hole")


@pytest.mark.usefixtures("caseload")
def test_filters_let_through_what_they_name(told: Told) -> None:
    for concern in {pair.concern for pair in told.year.pairs}:
        planted = {pair.label for pair in told.year.pairs if pair.concern == concern and pair.leaves_in is None}
        found = {item["external_id"] for item in told.therapist.every(f"/v1/caseload?limit=50&concern={concern}")}
        assert found == planted
    missed = {item["external_id"] for item in told.therapist.every("/v1/caseload?rule=tasks_missed")}
    assert missed <= told.with_role("tasks_missed")
