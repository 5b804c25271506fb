from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change import Approach, Change, change, check_change, two_in_a_row
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.norms import CLASSIFIABLE, NormSet
from app.clinical.reliable_index import METHODS, Method
from app.errors import InvalidError
from tests.clinical.change_cases import FSFI_NORMS, norm_set

GMSEX, PHQ9, CSI16, FSFI = MEASURES["gmsex"], MEASURES["phq9"], MEASURES["csi16"], MEASURES["fsfi"]
WITH_C = Approach(norms=FSFI_NORMS)


@pytest.mark.parametrize(
    ("pre", "post", "index", "found", "flags"),
    [
        (18.4, 27.1, 2.68, "recovered", ()),
        (18.4, 25.2, 2.09, "improved", ()),
        (18.4, 22.0, 1.11, "unchanged", ()),
        (24.0, 16.5, -2.31, "deteriorated", ()),
        (27.5, 34.2, 2.06, "improved", ()),
        (24.8, 27.0, 0.68, "unchanged", ("crossed_without_reliable_change",)),
        (30.0, 20.0, -3.08, "deteriorated", ("fell_into_clinical_range",)),
    ],
)
def test_the_worked_table_with_cut_c(pre: float, post: float, index: float, found: str, flags: tuple[str, ...]) -> None:
    changed = change(FSFI, "total", pre, post, WITH_C)
    assert changed.index == pytest.approx(index, abs=0.005)
    assert changed.change_class == found
    assert changed.flags == flags
    assert changed.cutoff is not None
    assert changed.cutoff.kind == "c"


def test_the_published_line_is_used_when_no_norms_are_chosen() -> None:
    changed = change(FSFI, "total", 18.4, 27.1)
    assert changed.change_class == "recovered"
    assert changed.cutoff is not None
    assert (changed.cutoff.kind, changed.cutoff.operator, changed.cutoff.value) == ("published", "<=", 26.55)


def test_a_score_between_the_two_lines_is_recovered_by_one_and_improved_by_the_other() -> None:
    assert change(FSFI, "total", 18.4, 26.0, WITH_C).change_class == "recovered"
    assert change(FSFI, "total", 18.4, 26.0).change_class == "improved"


def test_a_class_tells_what_it_rests_on() -> None:
    basis = change(GMSEX, "total", 15, 24).basis
    assert (basis.method, basis.status, basis.norm_set) == ("jacobson_truax", "derived", "dres_two_weeks")
    assert (basis.sd, basis.reliability, basis.reliability_kind, basis.n) == (7.03, 0.84, "test_retest", 235)
    assert basis.reliability_source is not None
    assert "community" in basis.sd_note


def test_without_a_cutoff_nobody_recovers() -> None:
    changed = change(GMSEX, "total", 5, 35)
    assert changed.change_class == "improved"
    assert changed.cutoff is None


def test_another_gap_can_be_chosen_by_its_norm_set() -> None:
    three_months = change(GMSEX, "total", 15, 23, Approach(norms=GMSEX.norm_set("dres_three_months")))
    assert three_months.threshold_points == pytest.approx(9.14, abs=0.01)
    assert three_months.change_class == "unchanged"
    assert change(GMSEX, "total", 15, 23).change_class == "improved"


@pytest.mark.parametrize(
    ("pre", "post", "found"),
    [(15, 9, "recovered"), (20, 14, "improved"), (15, 10, "unchanged"), (9, 15, "deteriorated"), (8, 2, "improved")],
)
def test_a_published_threshold_counts_points_for_the_better(pre: float, post: float, found: str) -> None:
    changed = change(PHQ9, "total", pre, post)
    assert changed.change_class == found
    assert changed.threshold_points == 6
    assert changed.basis.status == "published"
    assert changed.basis.published_points == 6
    assert changed.gained == pre - post


def test_exactly_the_threshold_is_reliable() -> None:
    changed = change(PHQ9, "total", 16, 10)
    assert changed.index == pytest.approx(1.96)
    assert changed.change_class == "improved"


def test_crossing_the_line_by_less_than_the_threshold_is_flagged() -> None:
    changed = change(PHQ9, "total", 11, 8)
    assert (changed.change_class, changed.flags) == ("unchanged", ("crossed_without_reliable_change",))


def test_falling_into_the_clinical_range_is_flagged() -> None:
    assert change(PHQ9, "total", 5, 14).flags == ("fell_into_clinical_range",)


def test_a_threshold_from_alpha_is_shown_and_never_classified() -> None:
    changed = change(CSI16, "total", 20, 80)
    assert (changed.change_class, changed.reason) == ("not_classifiable", "indicative_only")
    assert changed.threshold_points == pytest.approx(6.7, abs=0.05)
    assert changed.index is None
    assert changed.cutoff is None


def test_norms_brought_with_an_alpha_are_no_better() -> None:
    approach = Approach(norms=norm_set(sd=10, reliability=0.9, kind="alpha"))
    assert change(GMSEX, "total", 5, 35, approach).reason == "indicative_only"


def test_without_norms_there_is_no_class_and_no_guess() -> None:
    changed = change(MEASURES["fsds_r"], "total", 40, 4)
    assert (changed.change_class, changed.reason) == ("not_classifiable", "insufficient_norms")
    assert changed.threshold_points is None
    assert changed.gained == 36


def test_norms_a_clinic_brings_give_a_class() -> None:
    approach = Approach(norms=norm_set(sd=11, reliability=0.8))
    changed = change(MEASURES["fsds_r"], "total", 40, 4, approach)
    assert changed.change_class == "recovered"
    assert changed.basis.status == "derived"
    assert changed.cutoff is not None
    assert changed.cutoff.kind == "published"


def test_a_safety_screen_is_never_classified_whatever_norms_are_brought() -> None:
    changed = change(MEASURES["ehits"], "total", 25, 5, Approach(norms=norm_set(sd=4)))
    assert (changed.change_class, changed.reason) == ("not_classifiable", "safety_screen_no_change_scores")
    assert changed.gained is None


def test_the_pulse_is_never_classified() -> None:
    approach = Approach(norms=norm_set(sd=2, scale="closeness"))
    assert change(MEASURES["rekindle_pulse"], "closeness", 1, 9, approach).reason == "not_an_outcome"


def test_a_withheld_score_gives_no_class() -> None:
    assert change(GMSEX, "total", None, 30).reason == "score_withheld"
    assert change(GMSEX, "total", 30, None).reason == "score_withheld"


def test_a_scale_without_a_better_end_gives_no_class() -> None:
    neutral = replace(GMSEX, scales=(replace(GMSEX.scales[0], direction=0),))
    assert change(neutral, "total", 5, 35).reason == "neither_end_is_better"


def test_a_method_without_its_norms_gives_no_class() -> None:
    assert change(GMSEX, "total", 5, 35, Approach("edwards_nunnally")).reason == "insufficient_norms"
    assert change(PHQ9, "total", 27, 0, Approach("maassen")).reason == "insufficient_norms"


def test_edwards_and_nunnally_class_the_worked_case_by_the_measures_own_norms() -> None:
    changed = change(FSFI, "total", 18.4, 27.1, Approach("edwards_nunnally"))
    assert changed.change_class == "recovered"
    assert changed.basis.method == "edwards_nunnally"


def test_a_published_standard_error_gives_a_derived_threshold() -> None:
    changed = change(MEASURES["iss"], "total", 50, 25)
    assert changed.change_class == "recovered"
    assert changed.threshold_points == 11.75


@pytest.mark.parametrize(
    ("scale", "pre", "post", "norms", "pointer"),
    [
        ("nothing", 5, 5, None, "/scale"),
        ("total", 4, 5, None, "/pre"),
        ("total", 5, float("nan"), None, "/post"),
        ("total", 5, 10**400, None, "/post"),
        ("total", 5, 5, norm_set(sd=-1), "/norms/sd"),
        ("total", 5, 5, norm_set(scale="other"), "/norms/scale"),
        ("total", 5, 5, norm_set(clinical_mean=30, functional_mean=10, functional_sd=2), "/norms"),
    ],
)
def test_what_cannot_be_computed_is_named(scale: str, pre: float, post: float, norms: NormSet | None, pointer: str) -> None:
    assert [fault.pointer for fault in check_change(GMSEX, scale, pre, post, norms)] == [pointer]
    with pytest.raises(InvalidError):
        change(GMSEX, scale, pre, post, Approach(norms=norms))


def test_an_alarm_needs_two_looks_in_a_row() -> None:
    assert not two_in_a_row([])
    assert not two_in_a_row(["deteriorated"])
    assert not two_in_a_row(["deteriorated", "unchanged"])
    assert not two_in_a_row(["deteriorated", "unchanged", "deteriorated"])
    assert not two_in_a_row(["deteriorated", "not_classifiable"])
    assert not two_in_a_row(["deteriorated", "deteriorated", "unchanged"])
    assert two_in_a_row(["unchanged", "deteriorated", "deteriorated"])
    assert two_in_a_row(["recovered", "recovered"], "recovered")


SCALES = [(measure, scale.code) for measure in MEASURES.values() for scale in measure.scales]


@st.composite
def changes(draw: st.DrawFn) -> tuple[Measure, str, float, float]:
    measure, code = draw(st.sampled_from(SCALES))
    scale = measure.scale(code)
    assert scale is not None
    ends = st.floats(scale.low, scale.high)
    return measure, code, draw(ends), draw(ends)


@given(changes(), st.sampled_from(list(METHODS)))
def test_no_class_without_a_classifiable_basis(case: tuple[Measure, str, float, float], method: Method) -> None:
    changed = change(*case, Approach(method))
    if changed.change_class != "not_classifiable":
        assert changed.basis.status in CLASSIFIABLE
        assert changed.basis.published_points is not None or changed.basis.reliability_kind in {"test_retest", "icc"}
        assert changed.reason is None
    else:
        assert changed.reason is not None
        assert changed.index is None


MIRROR = {"recovered": "deteriorated", "improved": "deteriorated"}


@given(changes())
def test_the_way_back_has_the_opposite_class(case: tuple[Measure, str, float, float]) -> None:
    measure, scale, pre, post = case
    there, back = change(measure, scale, pre, post), change(measure, scale, post, pre)
    assert back.index == (None if there.index is None else pytest.approx(-there.index))
    assert back.gained == (None if there.gained is None else pytest.approx(-there.gained))
    if there.change_class == "deteriorated":
        assert back.change_class in {"recovered", "improved"}
    else:
        assert back.change_class == MIRROR.get(there.change_class, there.change_class)


@given(changes(), st.floats(0, 100))
def test_a_better_end_is_never_a_worse_class(case: tuple[Measure, str, float, float], more: float) -> None:
    measure, code, pre, post = case
    scale = measure.scale(code)
    assert scale is not None
    better = min(scale.high, post + more) if measure.direction_of(code) == 1 else max(scale.low, post - more)
    order = ["not_classifiable", "deteriorated", "unchanged", "improved", "recovered"]

    def place(changed: Change) -> int:
        return order.index(changed.change_class)

    if measure.direction_of(code) != 0:
        assert place(change(measure, code, pre, better)) >= place(change(measure, code, pre, post))


@given(changes())
def test_recovered_means_that_the_line_was_crossed(case: tuple[Measure, str, float, float]) -> None:
    changed = change(*case)
    if changed.change_class == "recovered":
        assert changed.cutoff is not None
        assert not changed.cutoff.functional(case[2])
        assert changed.cutoff.functional(case[3])


def test_every_method_classes_no_change_as_unchanged() -> None:
    both = replace(FSFI_NORMS, post_sd=6.63, post_reliability=0.88)
    for method, (pre, post) in product(METHODS, [(19.2, 19.2)]):
        assert change(FSFI, "total", pre, post, Approach(method, both)).change_class == "unchanged"


def test_norms_of_the_clinical_group_alone_leave_the_published_line_standing() -> None:
    alone = replace(FSFI_NORMS, functional_mean=None, functional_sd=None)
    found = change(FSFI, "total", 18.4, 27.1, Approach(norms=alone))
    assert found.cutoff is not None
    assert (found.cutoff.kind, found.cutoff.value, found.change_class) == ("published", 26.55, "recovered")


def test_without_a_published_line_the_clinical_group_alone_gives_cut_a() -> None:
    norms = replace(norm_set(sd=4, reliability=0.84), clinical_mean=20)
    found = change(GMSEX, "total", 18, 30, Approach(norms=norms))
    assert found.cutoff is not None
    assert (found.cutoff.kind, found.cutoff.value, found.change_class) == ("a", 28, "recovered")


def test_a_computed_line_beyond_the_end_of_the_scale_is_none() -> None:
    norms = replace(norm_set(sd=7.03, reliability=0.84), clinical_mean=30)
    found = change(GMSEX, "total", 18, 30, Approach(norms=norms))
    assert (found.cutoff, found.change_class) == (None, "improved")
