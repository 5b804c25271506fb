import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course

READING = PROTOCOLS["erotic_education_bibliotherapy"]
STAGES = pytest.mark.parametrize("stage", [1, 2, 3, 4, 5, 6])


@STAGES
def test_a_module_done_leads_on(stage: int) -> None:
    course = Course(READING, stage, 1)
    assert course.found(course.sessions()) == ("advance", "module_done")


@STAGES
def test_a_module_not_finished_holds(stage: int) -> None:
    course = Course(READING, stage, 1)
    assert course.found([course.session(0, done="not_done")]) == ("hold", "not_done")
    assert course.found([course.session(0, done="partly")]) == ("hold", "not_done")


def test_a_module_finished_in_the_end_leads_on() -> None:
    course = Course(READING, 1, 2)
    assert course.found(course.spoilt(1, done="not_done")) == ("advance", "module_done")
    assert course.found(course.spoilt(0, done="not_done")) == ("hold", "not_done")


def test_a_declined_module_changes_nothing() -> None:
    course = Course(READING, 1, 1)
    assert course.found([course.session(0, done="declined")]) == ("hold", "not_yet")
    assert course.found([*course.sessions(), course.session(1, done="declined")]) == ("advance", "module_done")


def test_it_never_leads_back_and_is_complete_after_the_last_theme() -> None:
    assert {rule.verdict for rule in READING.rules} == {"hold", "advance"}
    course = Course(READING, len(READING.stages), 1)
    assert course.decide(course.sessions()).completes


@pytest.mark.parametrize(
    ("pressure", "found"),
    [(2, ("advance", "module_done")), (3, ("hold", "pressure_review")), (7, ("stop", "pressure_pause"))],
)
def test_pressure_to_read_is_heard(pressure: int, found: tuple[str, str]) -> None:
    course = Course(READING, 1, 1)
    assert course.found([course.session(0, pressure=pressure)]) == found


def test_the_partner_who_does_not_read_is_not_waited_for() -> None:
    course = Course(READING, 1, 1)
    assert course.decide(course.sessions(), []).verdict == "advance"


def test_any_depth_of_training_may_give_it() -> None:
    assert {stage.plissit for stage in READING.stages} == {"LI"}
    assert not READING.shared_touch
