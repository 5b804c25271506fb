from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.check_ins import CheckIn, Done, adherence, counted, in_order
from app.clinical.protocol import UNIVERSAL_FIELDS

DAY = date(2026, 3, 2)
WAYS = st.sampled_from(get_args(Done))


def done(*ways: Done) -> list[CheckIn]:
    return [replace(CheckIn(DAY, "declined"), done=way) for way in ways]


def test_adherence_is_sessions_within_the_rules_over_those_offered() -> None:
    found = adherence(done("within_rules", "within_rules", "partly", "not_done"))
    assert (found.within_rules, found.offered, found.rate) == (2, 4, 0.5)


def test_a_declined_session_costs_nothing() -> None:
    found = adherence(done("within_rules", "declined"))
    assert (found.offered, found.declined, found.rate) == (2, 1, 1.0)


def test_only_declined_sessions_give_no_rate() -> None:
    assert adherence(done("declined", "declined")).rate is None
    assert adherence([]).rate is None


def test_an_offer_nobody_answered_counts_as_offered() -> None:
    assert adherence(done("within_rules"), offered=4).rate == 0.25


@given(st.lists(WAYS, max_size=12), st.integers(0, 20))
def test_a_rate_lies_from_nought_to_one(ways: list[Done], offered: int) -> None:
    rate = adherence(done(*ways), offered).rate
    assert rate is None or 0 <= rate <= 1


@given(st.lists(WAYS, min_size=1, max_size=12))
def test_a_decline_more_never_changes_the_rate(ways: list[Done]) -> None:
    assert adherence(done(*ways)).rate == adherence(done(*ways, "declined")).rate


def test_one_day_is_ordered_by_sequence() -> None:
    first, second = replace(CheckIn(DAY, "partly"), sequence=1), replace(CheckIn(DAY, "partly"), sequence=2)
    earlier = CheckIn(date(2026, 3, 1), "declined", sequence=9)
    assert in_order([second, first, earlier]) == (earlier, first, second)


def test_what_counts_depends_on_what_is_asked() -> None:
    check_ins = done("within_rules", "not_done", "declined")
    assert [len(counted(check_ins, over)) for over in ("sessions", "offers", "answers")] == [1, 2, 3]


@pytest.mark.parametrize("field", [field.code for field in UNIVERSAL_FIELDS])
def test_every_universal_rating_is_read_by_its_code(field: str) -> None:
    told = CheckIn(DAY, "within_rules", {}, willingness=1, pressure=2, mood_before=3, mood_after=4, pain=5)
    assert told.value(field) == 1 + [one.code for one in UNIVERSAL_FIELDS].index(field)


def test_a_log_cannot_stand_in_for_a_universal_rating() -> None:
    assert CheckIn(DAY, "within_rules", {"pressure": 0}).value("pressure") is None
