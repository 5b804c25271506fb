import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import advances_without, practised
from tests.clinical.protocols.test_stop_start import BESIDE_CASES, CASES, FINE, GOOD

SQUEEZE, STOP_START = PROTOCOLS["squeeze"], PROTOCOLS["stop_start"]
AS_STOP_START = [case for case in CASES if not any("pain" in told for told in case[0])]


@pytest.mark.parametrize(("spoilt", "verdict", "rule"), AS_STOP_START)
def test_its_rules_are_those_of_stop_start(spoilt: list[dict[str, object]], verdict: str, rule: str) -> None:
    assert practised(SQUEEZE, 1, GOOD, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here_or_there() -> None:
    assert SQUEEZE.rules == STOP_START.rules
    assert {rule.code for rule in SQUEEZE.rules} <= {rule for _, _, rule in CASES + BESIDE_CASES}


@pytest.mark.parametrize(("pain", "verdict"), [(0, "advance"), (1, "step_back"), (9, "step_back")])
def test_any_pain_leads_back(pain: int, verdict: str) -> None:
    assert practised(SQUEEZE, 1, GOOD, FINE, FINE, {"pain": pain})[0] == verdict


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(SQUEEZE, 3, GOOD, 3) == []


def test_every_stage_says_how_to_press_and_that_it_must_not_hurt() -> None:
    for stage in SQUEEZE.stages:
        assert any("three or four seconds" in line for line in stage.instructions)
        assert any("must not hurt" in line for line in stage.rules)


def test_it_differs_from_stop_start_in_what_forbids_it_and_what_is_known() -> None:
    assert [flag.code for flag in SQUEEZE.contraindications] == ["penile_pain"]
    assert SQUEEZE.preconditions == STOP_START.preconditions
    assert "nothing that the squeeze adds" in SQUEEZE.evidence.text
