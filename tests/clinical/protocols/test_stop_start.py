from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

STOP_START = PROTOCOLS["stop_start"]
GOOD = {"minutes": 15, "pauses": 3, "control": 6, "over_before_pause": False, "distress": 2}
BESIDE = {"partner_distress": 2}
FINE: dict[str, Any] = {}
SHORT = {"minutes": 14}
EARLY = {"minutes": 3, "pauses": 0, "control": 1, "over_before_pause": True}
CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "steady"),
    ([FINE] * 2, "hold", "not_yet"),
    ([SHORT, FINE, FINE, FINE], "advance", "steady"),
    ([FINE, FINE, FINE, SHORT], "advance", "steady"),
    ([FINE, SHORT, FINE, SHORT], "hold", "uneven"),
    ([{"pauses": 4}, FINE, {"pauses": 4}], "hold", "uneven"),
    ([{"control": 5}, FINE, {"control": 5}], "hold", "uneven"),
    ([SHORT, {"control": 5}, FINE, FINE], "hold", "not_yet"),
    ([FINE, FINE, {"done": "partly"}, {"done": "not_within_rules"}], "hold", "not_yet"),
    ([EARLY, FINE, EARLY], "step_back", "over_before_pause"),
    ([EARLY, FINE, FINE, EARLY], "hold", "uneven"),
    ([EARLY, FINE, FINE, FINE], "advance", "steady"),
    ([FINE, FINE, {"distress": 7}], "hold", "distressed"),
    ([FINE, FINE, {"distress": 6}], "advance", "steady"),
    ([FINE, FINE, {"pain": 4}], "step_back", "pain"),
    ([FINE, FINE, {"pain": 3}], "advance", "steady"),
    ([FINE, FINE, {"pressure": 3}], "step_back", "pressure"),
    ([FINE, FINE, {"pressure": 2}], "advance", "steady"),
    ([{"pressure": 3}, FINE, FINE, FINE, FINE], "advance", "steady"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
    ([FINE, FINE, {"force": True}], "stop", "pressure_pause"),
]
BESIDE_CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "accompanied"),
    ([FINE] * 2, "hold", "not_yet"),
    ([FINE, FINE, {"partner_distress": 7}], "hold", "partner_distressed"),
    ([FINE, FINE, {"partner_distress": 6}], "advance", "accompanied"),
    ([FINE, FINE, {"partner_distress": None}], "hold", "missing_answers"),
    ([FINE, FINE, {"pain": 4}], "step_back", "pain"),
    ([FINE, FINE, {"pressure": 3}], "step_back", "pressure"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize("stage", [1, 5])
@pytest.mark.parametrize(("spoilt", "verdict", "rule"), CASES)
def test_what_the_one_who_practises_tells_decides(stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert practised(STOP_START, stage, GOOD, *spoilt) == (verdict, rule)


@pytest.mark.parametrize(("spoilt", "verdict", "rule"), BESIDE_CASES)
def test_what_the_one_who_accompanies_tells_decides_too(spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert accompanied(STOP_START, 3, BESIDE, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in STOP_START.rules} <= {rule for _, _, rule in CASES + BESIDE_CASES}


def test_a_missing_answer_never_advances() -> None:
    assert advances_without(STOP_START, 3, GOOD, 3) == []


def test_the_log_takes_what_each_is_asked() -> None:
    assert is_loggable(STOP_START, GOOD | {"time_to_first_pause": 4.5, "arousal_at_pause": 7, "ielt_estimate": 2.5})
    assert is_loggable(STOP_START, BESIDE, "accompanying")
    assert not is_loggable(STOP_START, BESIDE)


def test_the_first_two_stages_are_practised_alone_and_do_not_wait_for_the_other() -> None:
    good = sessions(GOOD, *[{}] * 3)
    assert [stage.company for stage in STOP_START.stages] == ["practising_alone"] * 2 + ["together"] * 5
    assert [couple(STOP_START, stage, good).verdict for stage in (1, 2, 3)] == ["advance", "advance", "hold"]


def test_the_step_to_the_partners_hand_needs_both_consents_and_a_clearance() -> None:
    good = sessions(GOOD, *[{}] * 3)
    assert couple(STOP_START, 1, good).requires == ()
    assert couple(STOP_START, 2, good).requires == ("consent_of_each_partner_to_the_next_stage", "current_clearance")


def test_the_last_stage_completes_when_both_are_there() -> None:
    verdict = couple(STOP_START, 7, sessions(GOOD, *[{}] * 3), sessions(BESIDE, *[{}] * 3))
    assert (verdict.verdict, verdict.completes) == ("advance", True)


@pytest.mark.parametrize("name", ["minutes_advance", "control_advance"])
def test_a_clinic_may_ask_for_less_and_never_for_more(name: str) -> None:
    (threshold,) = [one for one in STOP_START.thresholds if one.name == name]
    assert threshold.high == threshold.value > threshold.low


def test_how_long_it_lasted_is_noted_and_read_by_no_rule() -> None:
    assert practised(STOP_START, 7, GOOD, *[{"ielt_estimate": 0}] * 3) == ("advance", "steady")
