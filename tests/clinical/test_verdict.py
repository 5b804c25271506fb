from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.check_ins import CheckIn, Done
from app.clinical.protocol import Protocol
from app.clinical.protocols import PROTOCOLS
from app.clinical.verdict import (
    MOST_CAUTIOUS_FIRST,
    SHARED_SENTENCES,
    UNIVERSAL_THRESHOLDS,
    PartnerVerdict,
    decide,
    most_cautious,
    thresholds_in_force,
)
from app.errors import InvalidError
from tests.clinical.sessions import START, not_held, session, sessions

SENSATE, SCHEDULED, RITUAL = (PROTOCOLS[code] for code in ("sensate_focus", "scheduled_intimacy", "affection_ritual"))
ENOUGH = {"sensate_focus": 2, "scheduled_intimacy": 4, "affection_ritual": 10}
THREE = pytest.mark.parametrize("protocol", [SENSATE, SCHEDULED, RITUAL], ids=lambda protocol: protocol.code)


def partner(protocol: Protocol, check_ins: list[CheckIn], thresholds: dict[str, float] | None = None) -> PartnerVerdict:
    """A's verdict beside a B for whom all is well."""
    good = sessions(protocol.code, ENOUGH[protocol.code])
    return decide(protocol, 1, {"a": check_ins, "b": good}, thresholds).partners["a"]


@THREE
def test_enough_good_sessions_of_both_advance(protocol: Protocol) -> None:
    good = sessions(protocol.code, ENOUGH[protocol.code])
    verdict = decide(protocol, 1, {"a": good, "b": good})
    assert verdict.verdict == "advance"
    assert verdict.requires == ("consent_of_each_partner_to_the_next_stage", "current_clearance")
    assert not verdict.completes


@THREE
def test_one_session_too_few_holds(protocol: Protocol) -> None:
    found = partner(protocol, sessions(protocol.code, ENOUGH[protocol.code] - 1))
    assert (found.verdict, found.rule) == ("hold", "not_yet")


@THREE
def test_the_last_stage_is_completed_not_left(protocol: Protocol) -> None:
    good = sessions(protocol.code, ENOUGH[protocol.code])
    verdict = decide(protocol, len(protocol.stages), {"a": good, "b": good})
    assert verdict.completes
    assert verdict.requires == ()


@THREE
def test_a_partner_who_has_not_answered_holds_both(protocol: Protocol) -> None:
    verdict = decide(protocol, 1, {"a": sessions(protocol.code, ENOUGH[protocol.code]), "b": []})
    assert verdict.verdict == "hold"
    assert verdict.partners["b"].sentence == "There is no check-in yet."


@THREE
def test_one_partners_voice_alone_never_advances_shared_touch(protocol: Protocol) -> None:
    assert decide(protocol, 1, {"a": sessions(protocol.code, ENOUGH[protocol.code])}).verdict == "hold"


def test_without_partners_the_verdict_is_hold() -> None:
    assert decide(SENSATE, 1, {}).verdict == "hold"


@THREE
@pytest.mark.parametrize(("pressure", "verdict"), [(3, "step_back"), (6, "step_back"), (7, "stop"), (10, "stop")])
def test_pressure_steps_back_or_stops(protocol: Protocol, pressure: float, verdict: str) -> None:
    check_ins = sessions(protocol.code, ENOUGH[protocol.code])
    check_ins[-1] = replace(check_ins[-1], pressure=pressure)
    found = partner(protocol, check_ins)
    # The ritual has its own rule for pressure to go further; general pressure is reviewed before anything goes on.
    assert found.verdict == ("hold" if protocol is RITUAL and verdict == "step_back" else verdict)
    assert found.flags == (("pressure_pause",) if verdict == "stop" else ("pressure_review",))


@THREE
def test_any_force_stops_at_once_even_in_a_session_that_did_not_take_place(protocol: Protocol) -> None:
    forced = replace(not_held(20, "declined"), force=True)
    found = partner(protocol, [*sessions(protocol.code, ENOUGH[protocol.code]), forced])
    assert (found.verdict, found.rule) == ("stop", "pressure_pause")


@THREE
def test_pressure_not_answered_never_advances(protocol: Protocol) -> None:
    check_ins = sessions(protocol.code, ENOUGH[protocol.code])
    check_ins[-1] = replace(check_ins[-1], pressure=None)
    found = partner(protocol, check_ins)
    assert (found.verdict, found.rule) == ("hold", "missing_answers")
    assert "pressure" in found.missing


@pytest.mark.parametrize("field", ["ban_kept", "focus_pct", "anxiety_peak"])
def test_sensate_focus_never_advances_on_a_missing_answer(field: str) -> None:
    found = partner(SENSATE, [session("sensate_focus", 0), session("sensate_focus", 1, **{field: None})])
    assert (found.verdict, found.rule) == ("hold", "missing_answers")
    assert field in found.missing


def test_sensate_focus_never_advances_on_unknown_pain() -> None:
    found = partner(SENSATE, [session("sensate_focus", 0), replace(session("sensate_focus", 1), pain=None)])
    assert (found.rule, found.missing) == ("missing_answers", ("pain",))


@pytest.mark.parametrize(
    ("spoilt", "verdict", "rule"),
    [
        ({"focus_pct": 49}, "hold", "unsettled"),
        ({"focus_pct": 50}, "advance", "settled"),
        ({"anxiety_peak": 3}, "advance", "settled"),
        ({"anxiety_peak": 4}, "hold", "unsettled"),
        ({"anxiety_peak": 9}, "hold", "unsettled"),
        ({"ban_kept": False}, "step_back", "ban_broken"),
        ({"asks_to_go_back": True}, "step_back", "asked_to_go_back"),
        ({"asks_to_go_back": False}, "advance", "settled"),
    ],
)
def test_the_last_session_of_sensate_focus_decides(spoilt: dict[str, bool | int], verdict: str, rule: str) -> None:
    found = partner(SENSATE, [session("sensate_focus", 0), session("sensate_focus", 1, **spoilt)])
    assert (found.verdict, found.rule) == (verdict, rule)


@pytest.mark.parametrize(("pain", "verdict"), [(3, "advance"), (4, "step_back")])
def test_pain_of_four_steps_back(pain: float, verdict: str) -> None:
    found = partner(SENSATE, [replace(session("sensate_focus", 0), pain=pain), session("sensate_focus", 1)])
    assert found.verdict == verdict


def test_pressure_of_one_does_not_advance_sensate_focus() -> None:
    found = partner(SENSATE, [session("sensate_focus", 0), replace(session("sensate_focus", 1), pressure=1)])
    assert (found.verdict, found.rule) == ("hold", "not_yet")


def test_high_anxiety_twice_steps_back() -> None:
    anxious = [session("sensate_focus", day, anxiety_peak=7) for day in range(2)]
    assert partner(SENSATE, anxious).rule == "anxious_twice"


def test_a_missed_session_holds_and_a_declined_one_changes_nothing() -> None:
    good = sessions("sensate_focus", 2)
    assert partner(SENSATE, [*good, not_held(5, "not_done")]).rule == "session_missed"
    assert partner(SENSATE, [*good, not_held(5, "declined")]).verdict == "advance"


def test_a_session_against_the_rules_does_not_advance() -> None:
    good = session("sensate_focus", 1)
    assert partner(SENSATE, [session("sensate_focus", 0), replace(good, done="not_within_rules")]).rule == "not_yet"


def test_scheduled_intimacy_holds_on_a_decline_and_rethinks_on_two() -> None:
    good = sessions("scheduled_intimacy", 4)
    assert partner(SCHEDULED, [*good, not_held(8, "declined")]).rule == "declined_once"
    assert partner(SCHEDULED, [*good, not_held(8, "declined"), not_held(15, "declined")]).rule == "declined_in_a_row"


def test_scheduled_intimacy_wants_connection_on_every_occasion() -> None:
    occasions = sessions("scheduled_intimacy", 4)
    occasions[1] = session("scheduled_intimacy", 1, connection=4)
    assert partner(SCHEDULED, occasions).rule == "not_yet"


def test_the_ritual_counts_days_not_check_ins() -> None:
    same_day = [replace(session("affection_ritual", 0), sequence=place) for place in range(10)]
    assert partner(RITUAL, same_day).rule == "not_yet"


def test_the_ritual_looks_back_fourteen_days() -> None:
    spread = [session("affection_ritual", 2 * day) for day in range(10)]
    assert partner(RITUAL, spread).rule == "not_yet"
    with_gaps = [session("affection_ritual", day) for day in (0, 1, 2, 4, 5, 6, 8, 9, 11, 13)]
    assert partner(RITUAL, with_gaps).verdict == "advance"


@pytest.mark.parametrize(("escalation", "verdict"), [(1, "hold"), (3, "step_back")])
def test_the_ritual_never_goes_on_while_it_is_felt_to_lead_further(escalation: int, verdict: str) -> None:
    days = sessions("affection_ritual", 10)
    days[-1] = session("affection_ritual", 9, escalation_pressure=escalation)
    assert partner(RITUAL, days).verdict == verdict


def test_the_couples_verdict_is_the_most_cautious() -> None:
    for pair in product(MOST_CAUTIOUS_FIRST, MOST_CAUTIOUS_FIRST):
        assert MOST_CAUTIOUS_FIRST.index(most_cautious(pair)) == min(map(MOST_CAUTIOUS_FIRST.index, pair))


def test_a_verdict_tells_the_rule_in_words_with_the_values_in_force() -> None:
    found = partner(SENSATE, sessions("sensate_focus", 2))
    assert found.condition.startswith("in each of the last 2 sessions that took place: the session was within rules")
    assert "focus_pct >= 50" in found.condition
    assert {(seen.name, seen.value) for seen in found.numbers} >= {("focus_pct", 60), ("focus_advance", 50)}
    assert {seen.occurred_on for seen in found.numbers if seen.name == "anxiety_peak"} == {
        START,
        session("sensate_focus", 1).occurred_on,
    }


def test_a_clinics_own_threshold_is_used_and_kept_with_the_verdict() -> None:
    good = sessions("sensate_focus", 2)
    assert partner(SENSATE, good, {"sessions_needed": 3}).rule == "not_yet"
    verdict = decide(SENSATE, 1, {"a": good, "b": good}, {"focus_advance": 70})
    assert verdict.verdict == "hold"
    assert verdict.thresholds["focus_advance"] == 70
    assert verdict.thresholds["pressure_pause"] == 7


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("pressure_pause", 8, "out_of_range"),
        ("pressure_review", 4, "out_of_range"),
        ("pressure_step_back", 5, "out_of_range"),
        ("sessions_needed", 1, "out_of_range"),
        ("sessions_needed", 2.5, "not_an_integer"),
        ("focus_advance", float("nan"), "out_of_range"),
        ("unheard_of", 1, "unknown_threshold"),
    ],
)
def test_a_threshold_can_be_made_stricter_and_never_looser(name: str, value: float, code: str) -> None:
    with pytest.raises(InvalidError) as caught:
        thresholds_in_force(SENSATE, {name: value})
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(f"/thresholds/{name}", code)]


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(InvalidError):
        decide(SENSATE, 6, {"a": [], "b": []})


def test_what_the_couple_reads_together_names_nobody_and_no_reason() -> None:
    assert set(SHARED_SENTENCES) == set(MOST_CAUTIOUS_FIRST)
    for sentence in SHARED_SENTENCES.values():
        assert not any(word in sentence.lower() for word in ("pressure", "partner", "pain", "refus", "withdr", "anx"))


@THREE
def test_what_the_couple_reads_does_not_depend_on_whose_answers_led_there(protocol: Protocol) -> None:
    good = sessions(protocol.code, ENOUGH[protocol.code])
    pressed = [replace(one, pressure=8) for one in good]
    first, second = decide(protocol, 1, {"a": good, "b": pressed}), decide(protocol, 1, {"a": pressed, "b": good})
    assert first.shared_sentence == second.shared_sentence
    assert first.verdict == second.verdict == "stop"


RATINGS = st.none() | st.integers(0, 10)
WAYS: st.SearchStrategy[Done] = st.sampled_from(get_args(Done))


@st.composite
def histories(draw: st.DrawFn) -> list[CheckIn]:
    """Anything one partner may have said on up to six different days of sensate focus."""
    days = draw(st.lists(st.integers(0, 30), unique=True, max_size=6))
    log = st.fixed_dictionaries(
        {
            "ban_kept": st.none() | st.booleans(),
            "focus_pct": st.none() | st.sampled_from([20, 50, 90]),
            "anxiety_peak": RATINGS,
            "asks_to_go_back": st.none() | st.booleans(),
        }
    )
    told = [replace(session("sensate_focus", day), log=draw(log), done=draw(WAYS)) for day in days]
    return [replace(one, pressure=draw(RATINGS), pain=draw(RATINGS)) for one in told]


@given(histories())
def test_the_order_in_which_check_ins_arrive_does_not_matter(history: list[CheckIn]) -> None:
    shuffled = list(reversed(history))
    assert partner(SENSATE, shuffled) == partner(SENSATE, history)


@given(histories(), histories())
def test_the_couple_never_goes_faster_than_either_partner(a: list[CheckIn], b: list[CheckIn]) -> None:
    verdict = decide(SENSATE, 1, {"a": a, "b": b})
    for found in verdict.partners.values():
        assert MOST_CAUTIOUS_FIRST.index(verdict.verdict) <= MOST_CAUTIOUS_FIRST.index(found.verdict)


@given(histories(), st.sampled_from(["pressure", "pain", "ban_kept", "focus_pct", "anxiety_peak"]))
def test_taking_an_answer_away_never_makes_a_verdict_advance(history: list[CheckIn], field: str) -> None:
    def without(one: CheckIn) -> CheckIn:
        if field == "pressure":
            return replace(one, pressure=None)
        if field == "pain":
            return replace(one, pain=None)
        return replace(one, log={**one.log, field: None})

    if partner(SENSATE, [without(one) for one in history]).verdict == "advance":
        assert partner(SENSATE, history).verdict == "advance"


@given(histories())
def test_advancing_means_two_sessions_within_the_rules_and_no_pressure(history: list[CheckIn]) -> None:
    if partner(SENSATE, history).verdict == "advance":
        held = sorted((one for one in history if one.done not in {"not_done", "declined"}), key=lambda one: one.occurred_on)
        assert len(held) >= 2
        assert all(one.done == "within_rules" and one.pressure == 0 for one in held[-2:])


@given(histories(), st.integers(0, 30), st.integers(7, 10))
def test_strong_pressure_anywhere_stops_whatever_else_was_said(history: list[CheckIn], day: int, pressure: int) -> None:
    pressed = replace(session("sensate_focus", day), pressure=pressure, sequence=1)
    assert partner(SENSATE, [*history, pressed]).verdict == "stop"


def test_the_universal_thresholds_have_a_source_and_cannot_be_loosened() -> None:
    assert all(threshold.high == threshold.value and threshold.source.text for threshold in UNIVERSAL_THRESHOLDS)


@pytest.mark.parametrize(("connection", "verdict"), [(4, "hold"), (5, "advance")])
def test_a_connection_of_five_is_enough(connection: int, verdict: str) -> None:
    occasions = [session("scheduled_intimacy", day, connection=connection) for day in range(4)]
    assert partner(SCHEDULED, occasions).verdict == verdict
