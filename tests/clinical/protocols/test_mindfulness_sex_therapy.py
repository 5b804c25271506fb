import pytest

from app.clinical.check_ins import LogValue
from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course, Found

MINDFUL = PROTOCOLS["mindfulness_sex_therapy"]
CALM: dict[str, LogValue] = {"dissociated": False, "panicked": False}
WEEK = Course(MINDFUL, 1, 5, CALM)
TOUCH = Course(MINDFUL, 6, 2, CALM)
TOUCHED: Found = ("advance", "touched_with_attention")


@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5])
def test_five_days_of_practice_in_a_week_lead_on_and_four_do_not(stage: int) -> None:
    course = Course(MINDFUL, stage, 5, CALM)
    assert course.found(course.sessions()) == ("advance", "practised")
    assert course.found(course.sessions(4)) == ("hold", "not_yet")


def test_five_days_over_more_than_a_week_do_not_lead_on() -> None:
    spread = Course(MINDFUL, 1, 5, CALM, every=2)
    assert spread.found(spread.sessions()) == ("hold", "not_yet")


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"dissociated": True}, ("step_back", "dissociated")),
        ({"panicked": True}, ("step_back", "panicked")),
        ({"dissociated": None}, ("hold", "missing_answers")),
        ({"panicked": None}, ("hold", "missing_answers")),
        ({"mind_wandering": 10, "judgement": 10, "arousal_awareness": 0}, ("advance", "practised")),
        ({"done": "not_within_rules"}, ("hold", "not_yet")),
        ({"pressure": 3}, ("hold", "pressure_review")),
        ({"pressure": 7}, ("stop", "pressure_pause")),
        ({"pressure": None}, ("hold", "missing_answers")),
    ],
)
def test_the_last_practice_decides(spoilt: dict[str, LogValue], found: Found) -> None:
    assert WEEK.found(WEEK.spoilt(0, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


def test_dissociation_is_remembered_for_five_practices() -> None:
    assert WEEK.found(WEEK.spoilt(4, dissociated=True)) == ("step_back", "dissociated")
    since = [WEEK.session(0, dissociated=True), *(WEEK.session(place) for place in range(1, 6))]
    assert WEEK.found(since) == ("advance", "practised")


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({}, TOUCHED),
        ({"pressure": 2}, TOUCHED),
        ({"pressure": 3}, ("step_back", "pressure")),
        ({"pain": 3}, TOUCHED),
        ({"pain": 4}, ("step_back", "pain")),
        ({"pain": None}, ("hold", "missing_answers")),
        ({"panicked": True}, ("step_back", "panicked")),
        ({"done": "partly"}, ("hold", "not_yet")),
    ],
)
def test_touch_has_rules_on_pressure_and_pain(spoilt: dict[str, LogValue], found: Found) -> None:
    assert TOUCH.found(TOUCH.spoilt(1, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


def test_one_session_of_touch_is_too_few() -> None:
    assert TOUCH.found(TOUCH.sessions(1)) == ("hold", "not_yet")


def test_touch_waits_for_both_and_practice_alone_does_not() -> None:
    assert TOUCH.decide(TOUCH.sessions(), []).verdict == "hold"
    assert WEEK.decide(WEEK.sessions(), []).verdict == "advance"


def test_going_on_to_touch_asks_for_both_consents_and_clearance() -> None:
    last_alone = Course(MINDFUL, 5, 5, CALM)
    assert last_alone.decide(last_alone.sessions(), []).requires == (
        "consent_of_each_partner_to_the_next_stage",
        "current_clearance",
    )
