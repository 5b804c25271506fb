from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from app.clinical.safety import UNIVERSAL_BLOCKERS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

DILATOR = PROTOCOLS["graded_dilator"]
GOOD = {"full_time": True, "anxiety_max": 3, "bleeding": False, "last_size": True, "invited_by_me": True}
FINE: dict[str, Any] = {}
SMALLER = {"last_size": False}
SIZES, WITH_PARTNER = 4, 6
CASES: list[tuple[int, list[dict[str, Any]], str, str]] = [
    (1, [FINE] * 3, "advance", "calm"),
    (1, [FINE] * 2, "hold", "not_yet"),
    (5, [{"pain": 2}] * 3, "advance", "calm"),
    (1, [{"full_time": False}, FINE, FINE], "hold", "not_yet"),
    (1, [{"pain": 3}, FINE, FINE], "hold", "not_yet"),
    (1, [FINE, FINE, {"pain": 3}], "hold", "some_pain_or_anxiety"),
    (1, [FINE, FINE, {"pain": 4}], "hold", "some_pain_or_anxiety"),
    (1, [FINE, FINE, {"anxiety_max": 4}], "hold", "some_pain_or_anxiety"),
    (1, [{"pain": 5}, FINE, FINE], "step_back", "pain"),
    (1, [{"anxiety_max": 7}, FINE, FINE], "step_back", "anxious"),
    (1, [{"anxiety_max": 6}, FINE, FINE], "hold", "not_yet"),
    (1, [FINE, FINE, {"bleeding": True}], "stop", "bleeding"),
    (1, [{"bleeding": True}, *[FINE] * 27], "stop", "bleeding"),
    (1, [{"bleeding": True}, *[FINE] * 28], "advance", "calm"),
    (1, [FINE, FINE, {"bleeding": True, "pain": 9}], "stop", "bleeding"),
    (SIZES, [SMALLER] * 3, "hold", "next_size"),
    (SIZES, [SMALLER, SMALLER, FINE], "hold", "not_yet"),
    (SIZES, [FINE] * 3, "advance", "calm_at_the_last_size"),
    (WITH_PARTNER, [FINE] * 3, "advance", "calm_and_invited"),
    (WITH_PARTNER, [{"invited_by_me": False}, FINE, FINE], "step_back", "not_invited"),
    (WITH_PARTNER, [{"pressure": 3}, FINE, FINE], "step_back", "pressure"),
    (WITH_PARTNER, [{"pressure": 2}, FINE, FINE], "advance", "calm_and_invited"),
    (WITH_PARTNER, [{"pressure": 7}, FINE, FINE], "stop", "pressure_pause"),
]
BESIDE_CASES: list[tuple[list[dict[str, Any]], str, str]] = [
    ([FINE] * 3, "advance", "accompanied"),
    ([FINE] * 2, "hold", "not_yet"),
    ([FINE, FINE, {"pain": 5}], "step_back", "pain"),
    ([FINE, FINE, {"pressure": 3}], "step_back", "pressure"),
    ([FINE, FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize(("stage", "spoilt", "verdict", "rule"), CASES)
def test_what_the_one_who_practises_tells_decides(stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert practised(DILATOR, stage, GOOD, *spoilt) == (verdict, rule)


@pytest.mark.parametrize(("spoilt", "verdict", "rule"), BESIDE_CASES)
def test_who_was_invited_has_a_voice_and_sets_no_pace(spoilt: list[dict[str, Any]], verdict: str, rule: str) -> None:
    assert accompanied(DILATOR, WITH_PARTNER, {}, *spoilt) == (verdict, rule)


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in DILATOR.rules} <= {rule for *_, rule in [*CASES, *BESIDE_CASES]}


@pytest.mark.parametrize("stage", [1, SIZES, 5, WITH_PARTNER])
def test_a_missing_answer_never_advances(stage: int) -> None:
    assert advances_without(DILATOR, stage, GOOD, 3) == []


def test_bleeding_told_of_a_session_that_did_not_come_about_stops_too() -> None:
    assert practised(DILATOR, 1, GOOD, FINE, FINE, FINE, {"done": "not_done", "bleeding": True}) == ("stop", "bleeding")


def test_the_log_takes_what_is_asked() -> None:
    more = {"size": 3, "minutes": 20, "muscle_tension": 4, "lubricant": True, "breathing_used": True}
    assert is_loggable(DILATOR, GOOD | more)


def test_who_invited_is_for_the_care_team_alone() -> None:
    assert [field.code for field in DILATOR.log_fields if field.privacy == "safety"] == ["invited_by_me"]


def test_five_stages_alone_wait_for_nobody_and_the_partner_comes_in_with_consent() -> None:
    good = sessions(GOOD, *[{}] * 3)
    found = [couple(DILATOR, stage, good) for stage in range(1, 7)]
    assert [one.verdict for one in found] == ["advance"] * 5 + ["hold"]
    assert [bool(one.requires) for one in found] == [False] * 4 + [True, False]


def test_what_forbids_it_forbids_it_alone_as_well() -> None:
    blockers = set(UNIVERSAL_BLOCKERS) & set(DILATOR.contraindications)
    assert {one.code for one in blockers} == {"unexplained_pain_or_bleeding", "untreated_infection", "recent_surgery_or_birth"}
    assert [one.code for one in DILATOR.preconditions] == ["pelvic_examination"]
