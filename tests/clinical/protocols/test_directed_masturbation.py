from typing import Any

import pytest

from app.clinical.protocols import PROTOCOLS
from tests.clinical.protocols.practice import accompanied, advances_without, couple, is_loggable, practised, sessions

DIRECTED = PROTOCOLS["directed_masturbation"]
GOOD = {"anxiety": 3, "pleasure": 5, "flashback": False}
BESIDE = {"anxiety": 3, "flashback": False}
FINE: dict[str, Any] = {}
EXPLORING, TOUCHING, SHARING = [1, 2, 3], [4, 5, 6], [7, 8, 9]
CASES: list[tuple[int, list[dict[str, Any]], str, str]] = [
    (1, [FINE] * 2, "advance", "at_ease"),
    (1, [FINE], "hold", "not_yet"),
    (3, [{"pleasure": 0}] * 2, "advance", "at_ease"),
    (4, [FINE] * 2, "advance", "pleasant"),
    (4, [FINE, {"pleasure": 4}], "hold", "not_yet"),
    (6, [{"anxiety": 4}, FINE], "advance", "pleasant"),
    (7, [FINE] * 2, "advance", "at_ease"),
    (2, [FINE, {"anxiety": 4}], "hold", "uneasy"),
    (5, [FINE, {"anxiety": 6}], "hold", "uneasy"),
    (2, [{"anxiety": 4}, FINE], "hold", "not_yet"),
    (2, [{"anxiety": 7}, FINE], "step_back", "anxious"),
    (2, [{"anxiety": 6}, FINE], "hold", "not_yet"),
    (5, [{"flashback": True}, FINE], "step_back", "flashback"),
    (5, [FINE, {"asks_to_go_back": True}], "step_back", "asked_to_go_back"),
    (5, [FINE, {"asks_to_go_back": False}], "advance", "pleasant"),
    (8, [FINE, {"pressure": 3}], "step_back", "pressure"),
    (8, [FINE, {"pressure": 2}], "advance", "at_ease"),
    (8, [FINE, {"pressure": 7}], "stop", "pressure_pause"),
]


@pytest.mark.parametrize(("stage", "spoilt", "verdict", "rule"), CASES)
def test_ease_leads_on_at_first_and_pleasure_from_the_fourth_stage(
    stage: int, spoilt: list[dict[str, Any]], verdict: str, rule: str
) -> None:
    assert practised(DIRECTED, stage, GOOD, *spoilt) == (verdict, rule)


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        ([FINE] * 2, ("advance", "at_ease")),
        ([FINE, {"anxiety": 4}], ("hold", "uneasy")),
        ([FINE, {"flashback": True}], ("step_back", "flashback")),
        ([FINE, {"asks_to_go_back": True}], ("step_back", "asked_to_go_back")),
        ([FINE, {"pressure": 7}], ("stop", "pressure_pause")),
    ],
)
def test_from_the_seventh_stage_either_may_lead_back(spoilt: list[dict[str, Any]], expected: tuple[str, str]) -> None:
    assert accompanied(DIRECTED, 7, BESIDE, *spoilt) == expected


def test_every_rule_is_shown_here() -> None:
    assert {rule.code for rule in DIRECTED.rules} <= {rule for *_, rule in CASES}


@pytest.mark.parametrize("stage", [2, 5, 8])
def test_a_missing_answer_never_advances(stage: int) -> None:
    # Asking to go back is a wish, not an answer: silence is no wish.
    assert advances_without(DIRECTED, stage, GOOD, 2) == ["asks_to_go_back"]


@pytest.mark.parametrize("orgasm", ["yes", "no", "unsure", None])
@pytest.mark.parametrize("stage", [4, 9])
def test_an_orgasm_changes_nothing(stage: int, orgasm: str | None) -> None:
    assert is_loggable(DIRECTED, GOOD | {"orgasm": orgasm, "arousal_max": 0, "guilt": 1, "minutes": 30})
    assert practised(DIRECTED, stage, GOOD, *[{"orgasm": orgasm, "arousal_max": 0}] * 2)[0] == "advance"


def test_six_stages_alone_do_not_wait_and_the_seventh_asks_for_both_consents() -> None:
    good = sessions(GOOD, *[{}] * 2)
    found = [couple(DIRECTED, stage, good) for stage in range(1, 8)]
    assert [one.verdict for one in found] == ["advance"] * 6 + ["hold"]
    assert [bool(one.requires) for one in found] == [False] * 5 + [True, False]


def test_pleasure_can_never_be_made_a_higher_bar() -> None:
    (threshold,) = [one for one in DIRECTED.thresholds if one.name == "pleasure_advance"]
    assert threshold.high == threshold.value
