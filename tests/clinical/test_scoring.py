from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.measure import Item, Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import SCORING_VERSION, inactive_items, keyed, score, within
from app.errors import InvalidError
from tests.clinical.strategies import ANY_MEASURE, answer, complete, given_answers
from tests.clinical.toys import ELSEWHERE, TENTHS

GMSEX = MEASURES["gmsex"]
FSFI = MEASURES["fsfi"]
CSI16 = MEASURES["csi16"]
# One set of answers for each domain sum 7, 13, 16, 11, 11, 14 of the published vector.
FSFI_VECTOR = dict(enumerate([3, 4, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 3, 4, 4, 3, 5, 5, 4], start=1))


def test_a_sheet_says_what_it_was_scored_with() -> None:
    sheet = score(GMSEX, {1: 4, 2: 5, 3: 3, 4: 4, 5: 6})
    assert (sheet.measure, sheet.measure_version, sheet.scoring_version) == ("gmsex", "1", SCORING_VERSION)
    assert sheet.scales == {"total": 22}


def test_answers_that_cannot_be_read_are_refused_one_by_one() -> None:
    with pytest.raises(InvalidError) as caught:
        score(GMSEX, {1: 9, 2: 4, 3: 4, 4: 4})
    assert [fault.pointer for fault in caught.value.faults] == ["/answers/1", "/answers/5"]


def test_weighted_domains_add_up_to_the_total() -> None:
    sheet = score(FSFI, FSFI_VECTOR)
    assert sheet.scales == {
        "total": 27.3,
        "desire": 4.2,
        "arousal": 3.9,
        "lubrication": 4.8,
        "orgasm": 4.4,
        "satisfaction": 4.4,
        "pain": 5.6,
    }


def test_a_zero_that_says_no_activity_withholds_its_domain_and_the_total_only() -> None:
    sheet = score(FSFI, {**FSFI_VECTOR, 17: 0})
    assert sheet.validity == "inactive_or_partial"
    assert sheet.scales["total"] is None
    assert sheet.scales["pain"] is None
    assert sheet.scales["desire"] == 4.2
    assert sheet.withheld == {"total": "no_activity", "pain": "no_activity"}
    assert sheet.cutoffs[0].met is None


def test_no_activity_given_as_a_reason_withholds_like_the_zero() -> None:
    by_value = score(FSFI, {**FSFI_VECTOR, 17: 0})
    by_reason = score(FSFI, {**FSFI_VECTOR, 17: None}, {17: "no_activity"})
    assert by_reason.scales == by_value.scales
    assert by_reason.validity == by_value.validity


def test_no_activity_is_never_filled_with_the_mean() -> None:
    sheet = score(GMSEX, {1: 4, 2: 4, 3: 4, 4: 4, 5: None}, {5: "no_activity"})
    assert sheet.scales["total"] is None
    assert sheet.validity == "inactive_or_partial"


def test_a_total_of_parts_is_withheld_when_a_part_is() -> None:
    sheet = score(FSFI, {**FSFI_VECTOR, 1: None}, {1: "skipped"})
    assert sheet.withheld == {"desire": "too_few_answers", "total": "part_withheld"}
    assert sheet.validity == "incomplete"


def test_tenths_are_added_without_a_trace_of_binary_fractions() -> None:
    assert score(TENTHS, {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.1}).scales["total"] == 0.7


def test_a_scale_scored_elsewhere_is_left_to_others() -> None:
    sheet = score(ELSEWHERE, {})
    assert sheet.scales == {"t_score": None}
    assert sheet.withheld == {"t_score": "scored_elsewhere"}
    assert sheet.validity == "valid"


def test_a_safety_item_left_open_withholds_the_total_even_with_eight_of_nine_answered() -> None:
    phq9 = MEASURES["phq9"]
    sheet = score(phq9, {**dict.fromkeys(range(1, 9), 1), 9: None}, {9: "skipped"})
    assert sheet.withheld == {"total": "safety_item_unanswered"}


def test_eight_of_nine_answered_are_prorated_when_the_open_one_is_no_safety_item() -> None:
    phq9 = MEASURES["phq9"]
    sheet = score(phq9, {**dict.fromkeys(range(2, 10), 1), 1: None, 9: 0}, {1: "skipped"})
    assert sheet.scales["total"] == pytest.approx(7 + 7 / 8)
    assert sheet.prorated


def test_seven_of_nine_answered_are_too_few() -> None:
    phq9 = MEASURES["phq9"]
    answers: dict[int, float | None] = {**dict.fromkeys(range(3, 10), 1), 1: None, 2: None}
    assert score(phq9, answers, {1: "skipped", 2: "skipped"}).scales["total"] is None


@given(data=st.data(), measure=ANY_MEASURE)
def test_scores_stay_within_their_scale(data: st.DataObject, measure: Measure) -> None:
    sent = data.draw(given_answers(measure))
    sheet = score(measure, sent.answers, sent.reasons)
    for scale in measure.scales:
        value = sheet.scales[scale.code]
        assert value is None or scale.low - 1e-6 <= value <= scale.high + 1e-6


@given(data=st.data(), measure=ANY_MEASURE)
def test_the_order_of_answers_does_not_matter(data: st.DataObject, measure: Measure) -> None:
    sent = data.draw(given_answers(measure))
    shuffled = dict(data.draw(st.permutations(list(sent.answers.items()))))
    assert score(measure, shuffled, sent.reasons) == score(measure, sent.answers, sent.reasons)


@given(data=st.data(), measure=ANY_MEASURE)
def test_a_higher_answer_never_moves_a_scale_against_its_key(data: st.DataObject, measure: Measure) -> None:
    answers = data.draw(complete(measure))
    item = data.draw(st.sampled_from(measure.items))
    changed = data.draw(answer(item))
    before, after = score(measure, answers), score(measure, {**answers, item.number: changed})
    up = (changed - (answers[item.number] or 0)) * (-1 if item.reversed else 1)
    for code, first in before.scales.items():
        second = after.scales[code]
        if first is not None and second is not None:
            assert up == 0 or first == second or (second > first) == (up > 0)


@given(data=st.data(), measure=ANY_MEASURE)
def test_no_activity_withholds_every_scale_it_stands_in_and_no_other(data: st.DataObject, measure: Measure) -> None:
    item = data.draw(st.sampled_from(measure.items))
    answers: dict[int, float | None] = {one.number: int(one.high) for one in measure.items} | {item.number: None}
    sheet = score(measure, answers, {item.number: "no_activity"})
    touched = {scale.code for scale in measure.scales if item.number in scale.items}
    touched |= {scale.code for scale in measure.scales if touched & {part.scale for part in scale.parts}}
    assert {code for code, value in sheet.scales.items() if value is None} == touched
    assert (sheet.validity == "inactive_or_partial") == (not item.optional)


@given(data=st.data(), measure=ANY_MEASURE)
def test_turning_an_answer_twice_gives_it_back(data: st.DataObject, measure: Measure) -> None:
    item = replace(data.draw(st.sampled_from(measure.items)), reversed=True)
    given_answer = data.draw(answer(item))
    assert keyed(item, keyed(item, given_answer)) == pytest.approx(given_answer)


@given(data=st.data(), measure=ANY_MEASURE)
def test_complete_active_answers_are_valid_and_not_prorated(data: st.DataObject, measure: Measure) -> None:
    answers = data.draw(complete(measure))
    sheet = score(measure, answers)
    if not inactive_items(measure, answers, {}):
        assert sheet.validity == "valid"
        assert not sheet.withheld
    assert not sheet.prorated


@given(data=st.data(), measure=ANY_MEASURE)
def test_a_withheld_scale_always_has_a_reason_and_a_given_one_never(data: st.DataObject, measure: Measure) -> None:
    sent = data.draw(given_answers(measure))
    sheet = score(measure, sent.answers, sent.reasons)
    assert {code for code, value in sheet.scales.items() if value is None} == set(sheet.withheld)


@given(st.floats(-100, 100))
def test_a_mean_is_kept_inside_the_item_it_stands_in_for(mean: float) -> None:
    item = Item(1, 0, 5)
    assert 0 <= within(item, mean) <= 5


def test_csi_items_of_unequal_range_cannot_push_a_total_past_its_end() -> None:
    answers: dict[int, float | None] = {1: 6, **dict.fromkeys(range(2, 17), 5), 16: None}
    assert score(CSI16, answers, {16: "skipped"}).scales["total"] == 81
