import pytest

from app.clinical.check_ins import LogValue
from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course, Found

INVITING = PROTOCOLS["initiation_protocol"]
SAFE: dict[str, LogValue] = {"felt_safe": 7}
TURNS = Course(INVITING, 3, 4, SAFE, every=4)


@pytest.mark.parametrize("stage", [1, 2, 4])
@pytest.mark.parametrize(
    ("felt", "found"),
    [
        (7, ("advance", "agreed")),
        (6, ("hold", "half_safe")),
        (5, ("hold", "half_safe")),
        (4, ("step_back", "not_safe")),
        (None, ("hold", "missing_answers")),
    ],
)
def test_talking_it_over_once_is_enough_if_it_felt_safe(stage: int, felt: int | None, found: Found) -> None:
    course = Course(INVITING, stage, 1)
    assert course.found([course.session(0, felt_safe=felt)]) == found


def test_four_safe_invitations_lead_on_and_three_do_not() -> None:
    assert TURNS.found(TURNS.sessions()) == ("advance", "safe")
    assert TURNS.found(TURNS.sessions(3)) == ("hold", "not_yet")


@pytest.mark.parametrize("answer", ["yes", "not_now", "other", None])
def test_what_the_answer_was_changes_nothing(answer: str | None) -> None:
    answered = [TURNS.session(place, answer=answer) for place in range(4)]
    assert TURNS.found(answered) == ("advance", "safe")


@pytest.mark.parametrize(
    ("back", "spoilt", "found"),
    [
        (3, {"felt_safe": 6}, ("hold", "not_yet")),
        (0, {"felt_safe": 6}, ("hold", "half_safe")),
        (0, {"felt_safe": 5}, ("hold", "half_safe")),
        (3, {"felt_safe": 4}, ("step_back", "not_safe")),
        (0, {"felt_safe": None}, ("hold", "missing_answers")),
        (3, {"pressure": 2}, ("advance", "safe")),
        (3, {"pressure": 3}, ("step_back", "pressure")),
        (3, {"pressure": 7}, ("stop", "pressure_pause")),
        (0, {"pressure": None}, ("hold", "missing_answers")),
        (1, {"done": "not_within_rules"}, ("hold", "not_yet")),
    ],
)
def test_one_invitation_of_the_four_may_decide(back: int, spoilt: dict[str, LogValue], found: Found) -> None:
    assert TURNS.found(TURNS.spoilt(back, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


@pytest.mark.parametrize(("every", "found"), [(3, ("hold", "too_many")), (4, ("advance", "safe"))])
def test_a_third_invitation_within_seven_days_is_slowed_down(every: int, found: Found) -> None:
    course = Course(INVITING, 3, 4, SAFE, every=every)
    assert course.found(course.sessions()) == found


def test_both_partners_must_feel_safe() -> None:
    assert TURNS.decide(TURNS.sessions(), TURNS.spoilt(0, felt_safe=6)).verdict == "hold"
    assert TURNS.decide(TURNS.sessions(), []).verdict == "hold"


def test_how_safe_it_felt_is_for_the_care_team_alone() -> None:
    assert {field.code for field in INVITING.log_fields if field.privacy == "safety"} == {"felt_safe"}
