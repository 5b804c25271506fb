from itertools import product

import pytest

from app.clinical.check_ins import LogValue
from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course, Found

WILLING = PROTOCOLS["willingness_responsive_desire"]
TRIALS = Course(WILLING, 4, 3, {"glad_i_did": 6}, every=7)
GLAD: Found = ("advance", "glad")
BROKEN: Found = ("step_back", "begun_against_the_rule")


@pytest.mark.parametrize("stage", [1, 2, 3, 5])
def test_a_step_without_touch_is_done_once(stage: int) -> None:
    course = Course(WILLING, stage, 1)
    assert course.found(course.sessions()) == ("advance", "step_done")
    assert course.found([course.session(0, done="partly")]) == ("hold", "not_yet")


def test_three_glad_neutral_starts_lead_on_and_two_do_not() -> None:
    assert TRIALS.found(TRIALS.sessions()) == GLAD
    assert TRIALS.found(TRIALS.sessions(2)) == ("hold", "not_yet")


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"glad_i_did": 5}, ("hold", "half_glad")),
        ({"glad_i_did": 4}, ("hold", "half_glad")),
        ({"glad_i_did": 3}, ("hold", "half_glad")),
        ({"willingness": 5}, GLAD),
        ({"willingness": 4}, BROKEN),
        ({"pressure": 1}, GLAD),
        ({"pressure": 2}, BROKEN),
        ({"pressure": 7}, ("stop", "pressure_pause")),
        ({"pain": 3}, GLAD),
        ({"pain": 4}, ("step_back", "pain")),
        ({"out_of_duty": True}, ("step_back", "out_of_duty")),
        ({"out_of_duty": False}, GLAD),
        ({"wanting_before": 0, "wanting_during": 0, "mood_before": 4, "stopped_at_min": 10}, GLAD),
        ({"glad_i_did": None}, ("hold", "missing_answers")),
        ({"willingness": None}, ("hold", "missing_answers")),
        ({"pressure": None}, ("hold", "missing_answers")),
        ({"pain": None}, ("hold", "missing_answers")),
        ({"done": "not_within_rules"}, ("hold", "not_yet")),
    ],
)
def test_the_last_neutral_start_decides(spoilt: dict[str, LogValue], found: Found) -> None:
    assert TRIALS.found(TRIALS.spoilt(0, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


@pytest.mark.parametrize(
    ("glad", "found"),
    [
        ((3, 3, 6), ("step_back", "not_glad_twice")),
        ((3, 6, 3), ("step_back", "not_glad_twice")),
        ((4, 4, 6), ("hold", "not_yet")),
        ((3, 6, 6), ("hold", "not_yet")),
        ((6, 6, 6), GLAD),
    ],
)
def test_gladness_below_four_twice_leaves_the_neutral_start(glad: tuple[int, ...], found: Found) -> None:
    assert TRIALS.found([TRIALS.session(place, glad_i_did=one) for place, one in enumerate(glad)]) == found


@pytest.mark.parametrize(("every", "found"), [(6, ("hold", "too_many")), (7, GLAD)])
def test_more_than_one_in_seven_days_is_slowed_down(every: int, found: Found) -> None:
    course = Course(WILLING, 4, 3, {"glad_i_did": 9}, every=every)
    assert course.found(course.sessions()) == found


def test_no_start_below_willing_5_or_above_pressure_1_ever_leads_on() -> None:
    for willing, pressure in product(range(11), range(11)):
        leads_on = TRIALS.of(TRIALS.spoilt(0, willingness=willing, pressure=pressure)).verdict == "advance"
        assert leads_on == (willing >= 5 and pressure <= 1)


def test_a_declined_start_costs_nothing() -> None:
    assert TRIALS.found([*TRIALS.sessions(), TRIALS.session(3, done="declined", glad_i_did=None)]) == GLAD


def test_what_tells_of_gladness_and_duty_is_for_the_care_team_alone() -> None:
    private = {field.code for field in WILLING.log_fields if field.privacy == "safety"}
    assert private == {"glad_i_did", "out_of_duty"}


@pytest.mark.parametrize(
    ("name", "looser"), [("willing_to_begin", 4), ("pressure_to_begin", 2), ("glad_step_back", 3), ("trials_needed", 2)]
)
def test_the_rules_to_begin_can_be_stricter_and_never_looser(name: str, looser: float) -> None:
    bounds = next(threshold for threshold in WILLING.thresholds if threshold.name == name)
    assert not bounds.low <= looser <= bounds.high
