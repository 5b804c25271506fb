import pytest

from app.clinical.check_ins import LogValue
from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course, Found

SIMMERING = PROTOCOLS["simmering"]
CALM: dict[str, LogValue] = {"cues_noticed": 3, "moments": 1, "guilt": 0, "intrusive_thoughts": 0}
DAYS = Course(SIMMERING, 1, 10, CALM)
STAGES = pytest.mark.parametrize("stage", [1, 2, 3, 4])


@STAGES
def test_a_moment_on_ten_days_leads_on_and_on_nine_does_not(stage: int) -> None:
    course = Course(SIMMERING, stage, 10, CALM)
    assert course.found(course.sessions()) == ("advance", "simmered")
    assert course.found(course.sessions(9)) == ("hold", "not_yet")


def test_the_ten_days_lie_within_a_fortnight() -> None:
    spread = Course(SIMMERING, 1, 10, CALM, every=2)
    assert spread.found(spread.sessions()) == ("hold", "not_yet")


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"guilt": 5}, ("advance", "simmered")),
        ({"guilt": 6}, ("step_back", "troubled")),
        ({"intrusive_thoughts": 5}, ("advance", "simmered")),
        ({"intrusive_thoughts": 6}, ("step_back", "troubled")),
        ({"pleasantness": 0, "cues_noticed": 0, "shared": False}, ("advance", "simmered")),
        ({"moments": 0}, ("hold", "not_yet")),
        ({"done": "partly"}, ("hold", "not_yet")),
        ({"guilt": None}, ("hold", "missing_answers")),
        ({"intrusive_thoughts": None}, ("hold", "missing_answers")),
        ({"pressure": None}, ("advance", "simmered")),
        ({"pressure": 3}, ("hold", "pressure_review")),
        ({"pressure": 7}, ("stop", "pressure_pause")),
    ],
)
def test_the_last_day_decides(spoilt: dict[str, LogValue], found: Found) -> None:
    assert DAYS.found(DAYS.spoilt(0, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


def test_guilt_that_has_passed_for_three_days_no_longer_leads_back() -> None:
    assert DAYS.found(DAYS.spoilt(2, guilt=9)) == ("step_back", "troubled")
    assert DAYS.found(DAYS.spoilt(3, guilt=9)) == ("advance", "simmered")


@pytest.mark.parametrize(("empty", "found"), [(2, ("hold", "not_yet")), (3, ("hold", "few_sparks"))])
def test_three_days_without_a_moment_hold(empty: int, found: Found) -> None:
    days = [*DAYS.sessions(7), *(DAYS.session(7 + place, moments=0) for place in range(empty))]
    assert DAYS.found(days) == found


def test_the_partner_who_does_not_practise_is_not_waited_for() -> None:
    assert DAYS.decide(DAYS.sessions(), []).verdict == "advance"
    assert DAYS.decide([], DAYS.sessions()).verdict == "hold"


def test_pressure_to_practise_is_never_lost_on_the_way_on() -> None:
    pressed = DAYS.decide(DAYS.spoilt(0, pressure=4))
    assert (pressed.verdict, pressed.flags) == ("hold", ("pressure_review",))
