import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.answers import check_answers
from app.clinical.measure import Answers, Measure
from app.clinical.measures import MEASURES
from tests.clinical.strategies import ANY_MEASURE, given_answers
from tests.clinical.toys import TENTHS

GMSEX, FSFI = MEASURES["gmsex"], MEASURES["fsfi"]
WHOLE: dict[int, float | None] = {1: 4, 2: 4, 3: 4, 4: 4, 5: 4}


def codes(answers: Answers, reasons: dict[int, str] | None = None) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in check_answers(GMSEX, answers, reasons or {})]


def test_complete_answers_have_no_fault() -> None:
    assert codes(WHOLE) == []


def test_an_unknown_item_is_named() -> None:
    assert codes({**WHOLE, 6: 4}) == [("/answers/6", "unknown_item")]


def test_a_reason_for_an_unknown_item_is_named() -> None:
    assert codes(WHOLE, {9: "skipped"}) == [("/reasons/9", "unknown_item")]


def test_a_missing_answer_needs_a_reason() -> None:
    assert codes({1: 4, 2: None, 3: 4, 4: 4}) == [
        ("/answers/2", "missing_without_reason"),
        ("/answers/5", "missing_without_reason"),
    ]


def test_a_missing_answer_with_a_reason_is_fine() -> None:
    assert codes({**WHOLE, 2: None}, {2: "declined"}) == []


def test_an_optional_item_needs_no_reason() -> None:
    pulse = MEASURES["rekindle_pulse"]
    assert not check_answers(pulse, dict.fromkeys(range(1, 7), 5), {})


@pytest.mark.parametrize("wrong", [0, 8, -1, 10**400, float("nan"), float("inf"), float("-inf")])
def test_an_answer_outside_its_range_is_named(wrong: float) -> None:
    assert codes({**WHOLE, 3: wrong}) == [("/answers/3", "out_of_range")]


def test_half_a_point_is_not_an_integer() -> None:
    assert codes({**WHOLE, 3: 4.5}) == [("/answers/3", "not_an_integer")]


def test_yes_is_not_a_number() -> None:
    assert codes({**WHOLE, 3: True}) == [("/answers/3", "not_a_number")]


def test_a_visual_scale_takes_tenths_and_nothing_finer() -> None:
    assert not check_answers(TENTHS, {1: 0.1, 2: 9.7, 3: 10, 4: 0.30000000000000004}, {})
    faults = check_answers(TENTHS, {1: 0.15, 2: 1, 3: 1, 4: 1}, {})
    assert [fault.code for fault in faults] == ["off_step"]


@pytest.mark.parametrize("reason", ["skipped", "declined", "not_asked", "no_activity"])
def test_an_answer_together_with_a_reason_contradicts(reason: str) -> None:
    assert codes(WHOLE, {2: reason}) == [("/reasons/2", "reason_contradicts_answer")]


def test_the_zero_of_a_published_form_may_stand_beside_no_activity() -> None:
    answers = {item.number: 1 for item in FSFI.items} | {7: 0}
    assert not check_answers(FSFI, answers, {7: "no_activity"})


def test_a_low_score_may_not_be_called_no_activity() -> None:
    answers = {item.number: 1 for item in FSFI.items}
    assert [fault.code for fault in check_answers(FSFI, answers, {7: "no_activity"})] == ["reason_contradicts_answer"]


def test_an_unknown_reason_is_named() -> None:
    assert codes({**WHOLE, 2: None}, {2: "forgot"}) == [("/reasons/2", "unknown_reason")]


def test_pointers_start_where_the_caller_says() -> None:
    (fault,) = check_answers(GMSEX, {**WHOLE, 3: 9}, {}, "/administrations/4")
    assert fault.pointer == "/administrations/4/answers/3"


def test_every_fault_is_named_at_once() -> None:
    assert len(codes({1: 9, 2: 4.5, 3: None, 4: 4, 5: 4, 7: 1}, {4: "declined"})) == 5


def test_a_fault_never_repeats_the_answer() -> None:
    faults = check_answers(GMSEX, {**WHOLE, 3: 98765}, {2: "a secret"})
    assert not any("98765" in fault.detail or "secret" in fault.detail for fault in faults)


@given(st.data(), ANY_MEASURE)
def test_what_a_form_can_send_is_acceptable(data: st.DataObject, measure: Measure) -> None:
    sent = data.draw(given_answers(measure))
    assert not check_answers(measure, sent.answers, sent.reasons)
