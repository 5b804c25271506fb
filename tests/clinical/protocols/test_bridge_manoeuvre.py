from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

BRIDGE = PROTOCOLS["bridge_manoeuvre"]
GOOD = {"satisfaction": 6, "frustration": 2}
FINE: dict[str, Any] = {}
LESS = {"satisfaction": 5}
CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "content"),
    ([FINE] * 2, "hold", "not_yet"),
    ([FINE, LESS, FINE, FINE], "advance", "content"),
    ([FINE, LESS, FINE, LESS], "hold", "uneven"),
    ([FINE, {"done": "partly"}, FINE, {"done": "not_within_rules"}], "hold", "uneven"),
    ([LESS, {"done": "partly"}, FINE, FINE], "hold", "not_yet"),
    ([FINE, {"frustration": 7}, FINE, FINE], "step_back", "frustrated"),
    ([FINE, {"frustration": 6}, FINE, FINE], "advance", "content"),
    ([{"pressure": 3}, FINE, FINE, FINE], "step_back", "pressure"),
    ([{"pressure": 2}, FINE, FINE, FINE], "advance", "content"),
    ([{"pressure": 3}, FINE, FINE, FINE, FINE], "advance", "content"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize("stage", [1, 4])
@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_three_of_four_occasions_with_both_content_lead_on(
    stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str
) -> None:
    assert practised(BRIDGE, stage, GOOD, *spoilt) == accompanied(BRIDGE, stage, GOOD, *spoilt) == (verdict, rule)


def test_one_content_and_one_not_stays() -> None:
    verdict = couple(BRIDGE, 2, sessions(GOOD, *[{}] * 3), sessions(GOOD, *[LESS] * 3))
    assert verdict.verdict == "hold"


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in BRIDGE.rules} <= {rule for _, _, rule in CASES}


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(BRIDGE, 1, GOOD, 3) == []
    assert is_loggable(BRIDGE, GOOD)
    assert not is_loggable(BRIDGE, {"satisfaction": 6})


def test_nothing_sets_a_deadline_or_a_required_end() -> None:
    assert BRIDGE.dose.weeks is None
    assert "never a required end point" in BRIDGE.hard_rules[0]
