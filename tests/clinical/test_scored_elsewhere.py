"""GRISS and PROMIS: finished scores only, of one form, with standard errors where change rests on them."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.answers import check_answers
from app.clinical.change import Approach, Change, change
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.reported import Reported, check_reported, report
from app.clinical.score_errors import ScoreErrors
from app.errors import InvalidError
from tests.clinical.change_cases import norm_set

GRISS, PROMIS, GMSEX = MEASURES["griss"], MEASURES["promis_sexfs_brief_v2"], MEASURES["gmsex"]
ELSEWHERE_ONLY = pytest.mark.parametrize("measure", [GRISS, PROMIS], ids=["griss", "promis"])
T_ERRORS = st.floats(0.5, 10)
T_SCORES = st.floats(0, 100)


def faults(code: str, reported: Reported) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in check_reported(MEASURES[code], reported)]


def by_errors(pre: float, post: float, first: float | None, second: float | None, scale: str = "erectile_function") -> Change:
    return change(PROMIS, scale, pre, post, Approach(errors=ScoreErrors(first, second)))


@ELSEWHERE_ONLY
def test_items_of_a_measure_scored_elsewhere_only_are_refused_with_the_reason(measure: Measure) -> None:
    (fault,) = check_answers(measure, {1: 2, 2: 3}, {})
    assert (fault.pointer, fault.code) == ("/answers", "scored_elsewhere_only")
    assert "finished scores" in fault.detail


def test_griss_has_seven_subscales_a_person_and_an_overall_score() -> None:
    codes = [scale.code for scale in GRISS.scales]
    assert len(codes) == 13
    for form in ("male", "female"):
        assert len([scale for scale in GRISS.scales if scale.form in {"", form} and scale.code != "total"]) == 7
    assert {(scale.low, scale.high) for scale in GRISS.scales} == {(1, 9)}
    assert {(cut.operator, cut.value) for cut in GRISS.cutoffs} == {(">=", 5)}
    assert {cut.scale for cut in GRISS.cutoffs} == set(codes)


def test_a_report_of_one_form_lacks_nothing_of_the_other() -> None:
    male = {scale.code: 3.0 for scale in GRISS.scales if scale.form != "female"}
    found = report(GRISS, Reported(male))
    assert (found.validity, found.withheld, set(found.scales)) == ("valid", {}, set(male))


def test_a_report_that_names_no_form_must_have_what_every_form_has() -> None:
    found = report(GRISS, Reported({"total": 4}))
    assert (found.validity, set(found.withheld)) == ("incomplete", {"infrequency", "non_communication"})


def test_a_report_of_both_forms_at_once_is_refused() -> None:
    assert faults("griss", Reported({"erection": 5, "vaginismus": 4})) == [("/scores_elsewhere/vaginismus", "of_another_form")]


def test_a_standard_score_of_five_is_a_problem_and_four_is_not() -> None:
    met = {cut.scale: cut.met for cut in report(GRISS, Reported({"erection": 5, "male_avoidance": 4})).cutoffs}
    assert (met["erection"], met["male_avoidance"], met["total"]) == (True, False, None)


def test_griss_change_has_no_class_without_norms() -> None:
    assert change(GRISS, "total", 8, 2).reason == "insufficient_norms"


def test_promis_has_eleven_domains_each_with_its_own_direction() -> None:
    assert len(PROMIS.scales) == 11
    worse = {scale.code for scale in PROMIS.scales if PROMIS.direction_of(scale.code) == -1}
    assert worse == {"vaginal_discomfort", "clitoral_discomfort", "labial_discomfort", "oral_dryness", "oral_discomfort"}
    assert (PROMIS.recall_days, PROMIS.cutoffs) == (30, ())


def test_a_domain_the_screener_passed_by_is_neither_a_gap_nor_a_zero() -> None:
    found = report(PROMIS, Reported({"interest": 40}))
    assert (found.scales, found.withheld, found.validity) == ({"interest": 40}, {}, "valid")


@pytest.mark.parametrize(
    ("scores", "errors", "expected"),
    [
        ({}, {}, [("/scores_elsewhere", "too_few")]),
        ({"interest": 101}, {}, [("/scores_elsewhere/interest", "out_of_range")]),
        ({"interest": float("nan")}, {}, [("/scores_elsewhere/interest", "out_of_range")]),
        ({"libido": 50}, {}, [("/scores_elsewhere/*", "unknown_scale")]),
        ({"interest": 50}, {"interest": 0}, [("/standard_errors_elsewhere/interest", "not_positive")]),
        ({"interest": 50}, {"interest": -2}, [("/standard_errors_elsewhere/interest", "not_positive")]),
        ({"interest": 50}, {"interest": float("inf")}, [("/standard_errors_elsewhere/interest", "not_positive")]),
        ({"interest": 50}, {"satisfaction": 3}, [("/standard_errors_elsewhere/satisfaction", "without_score")]),
        ({"interest": 50}, {"libido": 3}, [("/standard_errors_elsewhere/*", "unknown_scale")]),
    ],
)
def test_each_fault_of_a_report_has_its_place(
    scores: dict[str, float], errors: dict[str, float], expected: list[tuple[str, str]]
) -> None:
    assert faults("promis_sexfs_brief_v2", Reported(scores, errors)) == expected


def test_a_measure_whose_change_does_not_rest_on_errors_takes_none() -> None:
    assert faults("griss", Reported({"total": 5}, {"total": 1})) == [
        ("/standard_errors_elsewhere/total", "takes_no_standard_error")
    ]
    with pytest.raises(InvalidError) as caught:
        change(GMSEX, "total", 15, 24, Approach(errors=ScoreErrors(pre=2)))
    assert [fault.pointer for fault in caught.value.faults] == ["/pre_error"]


@pytest.mark.parametrize(
    ("scale", "pre", "post", "first", "second", "index", "threshold", "found"),
    [
        # sqrt(3^2 + 4^2) = 5, so the threshold is 9.8 points
        ("erectile_function", 38, 48, 3.0, 4.0, 2.0, 9.8, "improved"),
        ("erectile_function", 38, 47.8, 3.0, 4.0, 1.96, 9.8, "improved"),
        ("erectile_function", 38, 47.7, 3.0, 4.0, 1.94, 9.8, "unchanged"),
        ("erectile_function", 48, 38, 3.0, 4.0, -2.0, 9.8, "deteriorated"),
        # less discomfort is better
        ("vaginal_discomfort", 62, 52, 3.0, 4.0, 2.0, 9.8, "improved"),
        # sqrt(2.5^2 + 2.5^2) = 3.536: 6.93 points
        ("interest", 40, 46, 2.5, 2.5, 1.697, 6.930, "unchanged"),
        ("interest", 40, 47, 2.5, 2.5, 1.980, 6.930, "improved"),
    ],
)
def test_the_errors_of_two_t_scores_give_the_threshold(  # noqa: PLR0917 - a row of the worked table
    scale: str, pre: float, post: float, first: float, second: float, index: float, threshold: float, found: str
) -> None:
    changed = by_errors(pre, post, first, second, scale)
    assert changed.index == pytest.approx(index, abs=0.001)
    assert changed.threshold_points == pytest.approx(threshold, abs=0.001)
    assert (changed.change_class, changed.reason, changed.cutoff) == (found, None, None)
    assert (changed.basis.status, changed.basis.pre_error, changed.basis.post_error) == ("from_score_errors", first, second)


@pytest.mark.parametrize(("first", "second"), [(None, None), (3.0, None), (None, 3.0)])
def test_without_both_errors_a_t_score_has_no_class(first: float | None, second: float | None) -> None:
    changed = by_errors(20, 80, first, second)
    assert (changed.change_class, changed.reason) == ("not_classifiable", "standard_errors_missing")
    assert (changed.index, changed.threshold_points, changed.gained) == (None, None, 60)


def test_methods_that_need_a_groups_mean_have_none_for_t_scores() -> None:
    errors = ScoreErrors(3, 4)
    assert change(PROMIS, "interest", 40, 60, Approach("maassen", errors=errors)).change_class == "improved"
    for method in ("edwards_nunnally", "gulliksen_lord_novick"):
        assert change(PROMIS, "interest", 40, 60, Approach(method, errors=errors)).reason == "insufficient_norms"


def test_norms_chosen_explicitly_go_before_the_scores_own_errors() -> None:
    approach = Approach(norms=norm_set(sd=10, reliability=0.8, scale="interest"), errors=ScoreErrors(1, 1))
    assert change(PROMIS, "interest", 40, 50, approach).threshold_points == pytest.approx(12.396, abs=0.001)


@given(T_SCORES, T_SCORES, T_ERRORS, T_ERRORS)
def test_the_order_of_two_t_scores_turns_the_index_and_nothing_else(
    pre: float, post: float, first: float, second: float
) -> None:
    there, back = by_errors(pre, post, first, second), by_errors(post, pre, second, first)
    assert there.index == pytest.approx(-(back.index or 0))
    assert there.threshold_points == back.threshold_points == pytest.approx(1.96 * sqrt(first**2 + second**2))
    assert "recovered" not in {there.change_class, back.change_class}
