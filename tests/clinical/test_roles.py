"""One partner practises and the other accompanies: whose check-ins a stage waits for, and whose rules are asked of whom."""

from dataclasses import replace

import pytest

from app.clinical.check_ins import CheckIn
from app.clinical.predicates import Both, Is, Was, any_of_last, each_of_last
from app.clinical.protocol import Protocol, Rule, rating
from app.clinical.protocol_checks import check_protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.verdict import Verdict, decide
from tests.clinical.sessions import not_held, session

SENSATE = PROTOCOLS["sensate_focus"]
ALONE, TOGETHER = 1, 2
AT_EASE = Both((Was(("within_rules",)), Is("ease", ">=", "focus_advance")))
ONE_PRACTISES = replace(
    SENSATE,
    participants="alone_then_together",
    stages=(replace(SENSATE.stages[0], company="practising_alone", shared_touch=False), *SENSATE.stages[1:]),
    log_fields=(rating("ease", "How easy it was.", asked_of="practising"),),
    rules=(
        next(rule for rule in SENSATE.rules if rule.code == "pressure"),
        Rule("at_ease", "advance", each_of_last(1, AT_EASE), "It was easy.", role="practising"),
        Rule("there", "advance", each_of_last(1, Was(("within_rules",))), "It was within the rules.", role="accompanying"),
        Rule("sore", "hold", any_of_last(1, Is("pain", ">=", "pain_step_back")), "It hurt.", role="accompanying"),
    ),
)


def said(**changes: float) -> list[CheckIn]:
    """One session of the one who practises, at ease."""
    return [replace(session("sensate_focus", 0, ease=60), **changes)]  # type: ignore[arg-type]  # ratings alone


def verdict(stage: int, a: list[CheckIn], b: list[CheckIn], protocol: Protocol = ONE_PRACTISES) -> Verdict:
    return decide(protocol, stage, {"a": a, "b": b}, practising="a")


WITHOUT_EASE = [session("sensate_focus", 0)]


def test_the_protocol_of_these_tests_is_sound() -> None:
    assert check_protocol(ONE_PRACTISES) == ()


def test_a_stage_practised_alone_does_not_wait_for_the_other() -> None:
    found = verdict(ALONE, said(), [])
    assert found.verdict == "advance"
    assert set(found.partners) == {"a"}


def test_what_the_other_says_alone_never_moves_the_one_who_practises() -> None:
    assert verdict(ALONE, [], said()).verdict == "hold"
    assert decide(ONE_PRACTISES, ALONE, {"b": said()}, practising="a").verdict == "hold"


@pytest.mark.parametrize(("pressure", "expected"), [(2, "advance"), (3, "hold"), (6, "hold"), (7, "stop")])
def test_pressure_on_the_one_who_is_not_waited_for_counts_as_always(pressure: int, expected: str) -> None:
    found = verdict(ALONE, said(), said(pressure=pressure))
    assert found.verdict == expected
    assert ("b" in found.partners) == (expected != "advance")


def test_force_told_by_the_one_who_is_not_waited_for_stops() -> None:
    assert verdict(ALONE, said(), [replace(not_held(3, "declined"), force=True)]).verdict == "stop"


def test_together_each_is_asked_what_concerns_them() -> None:
    found = verdict(TOGETHER, said(), WITHOUT_EASE)
    assert found.verdict == "advance"
    assert {partner: one.rule for partner, one in found.partners.items()} == {"a": "at_ease", "b": "there"}


def test_together_the_one_who_accompanies_is_waited_for() -> None:
    assert verdict(TOGETHER, said(), []).verdict == "hold"


def test_a_rule_of_caution_for_one_is_not_asked_of_the_other() -> None:
    assert verdict(TOGETHER, said(pain=9), WITHOUT_EASE).verdict == "advance"
    assert verdict(TOGETHER, said(), [replace(WITHOUT_EASE[0], pain=9)]).partners["b"].rule == "sore"


def test_where_nobody_said_who_practises_each_is_taken_to() -> None:
    assert decide(ONE_PRACTISES, ALONE, {"a": said(), "b": []}).verdict == "hold"
    assert decide(ONE_PRACTISES, TOGETHER, {"a": said(), "b": WITHOUT_EASE}).partners["b"].missing == ("ease",)
    assert decide(ONE_PRACTISES, TOGETHER, {"a": said(), "b": said()}).verdict == "advance"
