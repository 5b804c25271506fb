import pytest

from app.clinical.check_ins import LogValue
from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.courses import Course, Found

MENU = PROTOCOLS["yes_no_maybe_menu"]
LISTS = Course(MENU, 1, 1, {"completed": True})
LATER = pytest.mark.parametrize("stage", [2, 3, 4])


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({}, ("advance", "list_done")),
        ({"completed": False}, ("hold", "unfinished")),
        ({"completed": None}, ("hold", "missing_answers")),
        ({"done": "not_done"}, ("hold", "not_done")),
        ({"done": "partly"}, ("hold", "not_yet")),
    ],
)
def test_a_finished_list_leads_on(spoilt: dict[str, LogValue], found: Found) -> None:
    assert LISTS.found(LISTS.spoilt(0, **spoilt)) == found  # type: ignore[arg-type]  # `done` is one of the ways


def test_the_lists_are_answered_by_both_and_each_alone() -> None:
    assert MENU.stages[0].company == "each_alone"
    assert LISTS.decide(LISTS.sessions(), []).verdict == "hold"
    assert LISTS.decide(LISTS.sessions(), [LISTS.session(0, completed=False)]).verdict == "hold"


@LATER
def test_a_later_step_is_done_once_and_by_both(stage: int) -> None:
    course = Course(MENU, stage, 1)
    assert course.found(course.sessions()) == ("advance", "step_done")
    assert course.found([course.session(0, done="not_done")]) == ("hold", "not_done")
    assert course.decide(course.sessions(), []).verdict == "hold"


@LATER
@pytest.mark.parametrize("how", ["within_rules", "declined", "not_done"])
def test_taking_back_leads_back_whatever_came_of_the_step(stage: int, how: str) -> None:
    course = Course(MENU, stage, 1)
    taken = course.session(1, takes_back=True, done=how)  # type: ignore[arg-type]  # one of the ways
    assert course.found([course.session(0), taken]) == ("step_back", "taken_back")


@LATER
@pytest.mark.parametrize(
    ("pressure", "found"),
    [
        (2, ("advance", "step_done")),
        (3, ("step_back", "pressure")),
        (7, ("stop", "pressure_pause")),
        (None, ("hold", "missing_answers")),
    ],
)
def test_pressure_leads_back_to_answering_alone(stage: int, pressure: int | None, found: Found) -> None:
    course = Course(MENU, stage, 1)
    assert course.found([course.session(0, pressure=pressure)]) == found


def test_the_couple_reads_the_same_whoever_takes_back() -> None:
    course = Course(MENU, 2, 1)
    taken = [course.session(0, takes_back=True)]
    one, other = course.decide(taken, course.sessions()), course.decide(course.sessions(), taken)
    assert (one.verdict, one.shared_sentence) == (other.verdict, other.shared_sentence)


def test_no_answer_of_the_list_is_ever_in_the_log() -> None:
    assert {field.code for field in MENU.log_fields} == {"completed", "chosen", "how_it_was", "takes_back"}
    assert not any({"yes", "no", "maybe"} & set(field.choices) for field in MENU.log_fields)


def test_taking_back_is_for_the_care_team_alone() -> None:
    assert {field.code for field in MENU.log_fields if field.privacy == "safety"} == {"takes_back"}
