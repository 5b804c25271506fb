from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import Log, advances_without, couple, is_loggable, practised, sessions

FLOOR = PROTOCOLS["pelvic_floor_training"]
GOOD: Log = {"variant": "strengthening", "sets": 3}
FINE: dict[str, Any] = {}
FEWER, LEFT_OUT = {"sets": 2}, {"done": "not_done"}
CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 10, "advance", "kept"),
    ([FINE] * 9, "hold", "not_yet"),
    ([LEFT_OUT] * 4 + [FINE] * 10, "advance", "kept"),
    ([FINE] + [LEFT_OUT] * 5 + [FINE] * 9, "hold", "not_yet"),
    ([FEWER] * 4 + [FINE] * 10, "advance", "kept"),
    ([FEWER] * 5 + [FINE] * 9, "hold", "partial"),
    ([{"done": "partly"}] * 4 + [FINE] * 9, "hold", "not_yet"),
    ([FINE] * 9 + [{"pain": 1}], "step_back", "pain"),
    ([{"pain": 1}] + [FINE] * 13, "step_back", "pain"),
    ([FINE] * 9 + [{"force": True}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_ten_full_days_of_fourteen_without_pain_lead_on(
    stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str
) -> None:
    assert practised(FLOOR, stage, GOOD, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in FLOOR.rules} <= {rule for *_, rule in CASES}


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(FLOOR, 1, GOOD, 10) == []
    assert is_loggable(FLOOR, {**GOOD, "hold_seconds": 6})
    assert not is_loggable(FLOOR, {"sets": 3})


def test_the_other_is_never_waited_for() -> None:
    assert all(couple(FLOOR, stage, sessions(GOOD, *[{}] * 10)).verdict == "advance" for stage in range(1, 5))


def test_every_stage_tells_how_to_let_go_instead() -> None:
    assert all(any("letting go" in line for line in stage.instructions) for stage in FLOOR.stages)
    assert "only letting go" in FLOOR.hard_rules[0]
