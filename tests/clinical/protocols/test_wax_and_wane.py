from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

WAX = PROTOCOLS["wax_and_wane"]
GOOD = {"worry_on_loss": 3}
FINE: dict[str, Any] = {}
CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "at_ease"),
    ([FINE] * 2, "hold", "not_yet"),
    ([{"worry_on_loss": 4}, FINE, FINE], "hold", "not_yet"),
    ([FINE, FINE, {"worry_on_loss": 4}], "hold", "uneasy"),
    ([FINE, FINE, {"worry_on_loss": 6}], "hold", "uneasy"),
    ([{"worry_on_loss": 7}, FINE, FINE], "step_back", "worried"),
    ([FINE, {"pressure": 3}, FINE], "step_back", "pressure"),
    ([FINE, {"pressure": 2}, FINE], "advance", "at_ease"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
    ([FINE, FINE, {"done": "not_within_rules"}], "hold", "not_yet"),
]
BESIDE_CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "accompanied"),
    ([FINE] * 2, "hold", "not_yet"),
    ([FINE, FINE, {"done": "partly"}], "hold", "not_yet"),
    ([FINE, FINE, {"pressure": 3}], "step_back", "pressure"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_worry_decides(stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert practised(WAX, stage, GOOD, *spoilt) == (verdict, rule)


@pytest.mark.parametrize(("spoilt", "verdict", "rule"), BESIDE_CASES)
def test_the_one_who_accompanies_is_asked_of_rules_and_pressure_alone(
    spoilt: list[dict[str, Any]], verdict: str, rule: str
) -> None:
    assert accompanied(WAX, 2, {}, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in WAX.rules} <= {rule for _, _, rule in CASES + BESIDE_CASES}


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(WAX, 2, GOOD, 3) == []


@pytest.mark.parametrize("regained", [True, False, None])
def test_getting_it_back_is_not_asked_for(regained: bool | None) -> None:
    assert is_loggable(WAX, GOOD | {"cycles": 3, "regained": regained})
    assert practised(WAX, 1, GOOD, *[{"cycles": 3, "regained": regained}] * 3) == ("advance", "at_ease")


def test_it_is_rehearsed_alone_then_both_are_waited_for() -> None:
    good = sessions(GOOD, *[{}] * 3)
    assert [couple(WAX, stage, good).verdict for stage in (1, 2)] == ["advance", "hold"]
    assert couple(WAX, 3, good, sessions({}, *[{}] * 3)).completes


def test_a_new_erectile_problem_is_checked_by_a_doctor_first() -> None:
    assert [one.code for one in WAX.preconditions] == ["new_erectile_problem_checked"]
