"""Each rule has one suggestion, and where nothing was raised the most pressing of what falls due is suggested."""

import re
from datetime import date, timedelta
from inspect import getsource
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical import on_track
from app.clinical.next_step import CALM_RULES, NOTHING, OF_RULES, Due, next_step
from app.clinical.on_track import CALM, Flag, Seen, flags
from app.clinical.on_track_rules import PROPOSED
from app.clinical.weighing import SIGNAL, WEIGHED_BY, weight
from tests.clinical.test_on_track import track

TODAY = date(2026, 11, 22)
FINE: dict[str, Any] = {"day": TODAY, "in_care": True, "plan_status": "active", "last_score_on": TODAY}
FALL = st.integers(14, 24)


def test_every_rule_has_its_suggestion_and_every_suggestion_a_rule() -> None:
    raised = set(re.findall(r'Flag\(\s*"(\w+)"', getsource(on_track)))
    assert raised - set(CALM_RULES) == set(OF_RULES)
    assert len({step.code for step in OF_RULES.values()}) == len(OF_RULES)
    assert set(WEIGHED_BY) < set(OF_RULES)


@pytest.mark.parametrize(
    ("due", "code"),
    [
        ({}, "nothing"),
        ({"verdict": "advance", "clearance_ends_on": TODAY}, "decide_stage"),
        ({"clearance_ends_on": TODAY + timedelta(days=14), "last_score_on": None}, "renew_clearance"),
        ({"clearance_ends_on": TODAY + timedelta(days=15)}, "nothing"),
        ({"clearance_ends_on": TODAY - timedelta(days=1)}, "nothing"),
        ({"plan_status": "paused", "last_score_on": None}, "settle_pause"),
        ({"last_score_on": TODAY - timedelta(days=28)}, "nothing"),
        ({"last_score_on": TODAY - timedelta(days=29), "plan_status": None}, "measure"),
        ({"last_score_on": None}, "measure"),
        ({"plan_status": None}, "begin_plan"),
        ({"plan_status": "draft"}, "begin_plan"),
        ({"in_care": False, "verdict": "stop"}, "nothing"),
    ],
)
def test_what_falls_due_is_suggested_in_the_order_of_how_pressing_it_is(due: dict[str, Any], code: str) -> None:
    assert next_step(CALM, Due(**FINE | due)).code == code


@given(st.sampled_from(sorted(OF_RULES)), st.sampled_from(["advance", None]))
def test_what_the_rule_asks_for_comes_before_what_falls_due(rule: str, verdict: str | None) -> None:
    given_by = Flag(rule, "red", "")
    assert next_step(given_by, Due(**FINE | {"verdict": verdict})) == OF_RULES[rule]
    assert next_step(given_by, Due(**FINE | {"in_care": False})) == NOTHING


def weighed(seen: Seen, last: date | None = TODAY) -> float:
    raised = flags(seen)
    return weight(seen, raised, raised[0] if raised else CALM, PROPOSED, last)


@given(FALL, FALL)
def test_who_fell_further_comes_first(one: int, other: int) -> None:
    first, second = (weighed(Seen((track(30, 30 - fall, 30 - fall),))) for fall in (one, other))
    assert (first < second) == (one > other)


@given(FALL)
def test_two_who_fell_come_before_one_and_a_signal_before_both(fall: int) -> None:
    one = track(30, 30 - fall, 30 - fall)
    both = (one, track(30, 30 - fall, 30 - fall, partner="b"))
    assert weighed(Seen((one,), open_signals=1)) < -SIGNAL < weighed(Seen(both)) < weighed(Seen((one,)))


def test_of_the_calm_who_was_asked_longest_ago_comes_first_and_who_never_was_before_them() -> None:
    days = [None, TODAY - timedelta(days=90), TODAY]
    assert [weighed(Seen(), day) for day in days] == sorted(weighed(Seen(), day) for day in days)


def test_a_rule_that_nothing_weighs_counts_once() -> None:
    odd = Flag("odd", "amber", "", MappingProxyType({}))
    assert weight(Seen(), [odd, odd], odd, PROPOSED, None) == -2
