from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

RETRAINING = PROTOCOLS["delayed_ejaculation_retraining"]
GOOD = {"effort": 2}
FINE: dict[str, Any] = {}
CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "kept"),
    ([FINE] * 2, "hold", "not_yet"),
    ([FINE, {"done": "partly"}, FINE, FINE], "advance", "kept"),
    ([FINE, {"done": "partly"}, FINE, {"done": "not_within_rules"}], "hold", "uneven"),
    ([FINE, FINE, {"effort": 7}], "step_back", "effortful"),
    ([FINE, FINE, {"effort": 6}], "advance", "kept"),
    ([FINE, FINE, {"pressure": 3}], "step_back", "pressure"),
    ([FINE, FINE, {"pressure": 2}], "advance", "kept"),
    ([{"pressure": 3}, FINE, FINE, FINE, FINE], "advance", "kept"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize("stage", [1, 2, 4])
@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_three_of_four_occasions_without_hard_work_lead_on(
    stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str
) -> None:
    assert practised(RETRAINING, stage, GOOD, *spoilt) == (verdict, rule)


@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_the_one_who_accompanies_has_the_same_voice(spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert accompanied(RETRAINING, 3, GOOD, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in RETRAINING.rules} <= {rule for _, _, rule in CASES}


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(RETRAINING, 3, GOOD, 3) == []
    assert is_loggable(RETRAINING, GOOD | {"style": "lighter", "minutes": 20, "arousal_max": 6})


def test_two_stages_are_practised_alone_and_from_the_third_both_consent() -> None:
    good = sessions(GOOD, *[{}] * 3)
    assert [couple(RETRAINING, stage, good).verdict for stage in (1, 2, 3)] == ["advance", "advance", "hold"]
    assert couple(RETRAINING, 2, good).requires == ("consent_of_each_partner_to_the_next_stage", "current_clearance")


def test_medication_is_reviewed_first() -> None:
    assert [one.code for one in RETRAINING.preconditions] == ["medication_reviewed"]
