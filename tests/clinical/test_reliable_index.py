from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change_basis import computed_cutoff
from app.clinical.measure import Direction
from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, check_norms
from app.clinical.reliable_index import (
    cut_a,
    cut_b,
    cut_c,
    edwards_nunnally,
    gulliksen_lord_novick,
    jacobson_truax,
    maassen,
    s_diff,
    sem,
)
from tests.clinical.change_cases import FSFI_NORMS, norm_set

SCORES = st.floats(0, 100)
DIRECTIONS = st.sampled_from([1, -1])


def test_the_worked_errors_of_measurement() -> None:
    assert round(sem(FSFI_NORMS.sd, FSFI_NORMS.reliability.value), 3) == 2.297
    assert round(s_diff(FSFI_NORMS.sd, FSFI_NORMS.reliability.value), 3) == 3.248
    assert round(jacobson_truax(1, 18.4, 27.1, FSFI_NORMS).points, 3) == 6.366


def test_the_three_worked_cuts() -> None:
    assert cut_a(1, FSFI_NORMS) == pytest.approx(32.46)
    assert cut_b(1, FSFI_NORMS) == pytest.approx(19.92)
    assert cut_c(FSFI_NORMS) == pytest.approx(25.485, abs=0.001)


def test_the_worked_cut_of_the_revised_dyadic_adjustment_scale() -> None:
    rdas = norm_set(sd=8.2, reliability=0.9, clinical_mean=41.6, functional_mean=52.3, functional_sd=6.6)
    assert cut_c(rdas) == pytest.approx(47.53, abs=0.005)


def test_the_worked_numbers_of_the_erectile_domain() -> None:
    iief = MEASURES["iief15"].norm_set("rosen_1997_ef")
    assert iief is not None
    assert s_diff(iief.sd, iief.reliability.value) == pytest.approx(3.68, abs=0.005)
    assert jacobson_truax(1, 10, 20, iief).points == pytest.approx(7.21, abs=0.005)
    assert cut_c(iief) == pytest.approx(17.66, abs=0.005)


@pytest.mark.parametrize(
    ("sd", "reliability", "points"),
    [(7.03, 0.84, 7.8), (7.03, 0.78, 9.1), (7.03, 0.957, 4.0), (17, 0.98, 6.7), (4, 0.94, 2.7), (32, 0.98, 12.5)],
)
def test_the_worked_thresholds(sd: float, reliability: float, points: float) -> None:
    assert jacobson_truax(1, 0, 1, norm_set(sd=sd, reliability=reliability)).points == pytest.approx(points, abs=0.06)


def test_a_low_stability_makes_the_threshold_large() -> None:
    assert jacobson_truax(1, 0, 1, norm_set(sd=1, reliability=0.61)).points == pytest.approx(1.73, abs=0.005)


def test_edwards_and_nunnally_correct_the_first_score_towards_the_mean() -> None:
    index = edwards_nunnally(1, 18.4, 27.1, FSFI_NORMS)
    assert index is not None
    true = 19.2 + 0.88 * (18.4 - 19.2)
    assert true == pytest.approx(18.496)
    assert true - index.points == pytest.approx(13.90, abs=0.01)
    assert true + index.points == pytest.approx(23.09, abs=0.01)
    assert index.value > index.critical


def test_gulliksen_lord_and_novick_on_the_worked_case() -> None:
    index = gulliksen_lord_novick(1, 18.4, 27.1, FSFI_NORMS)
    assert index is not None
    assert round(index.value, 2) == 2.73


def test_maassen_equals_jacobson_and_truax_when_both_occasions_are_alike() -> None:
    alike = norm_set(sd=6.63, reliability=0.88, post_sd=6.63, post_reliability=0.88)
    index = maassen(1, 18.4, 27.1, alike)
    assert index is not None
    assert index.value == pytest.approx(jacobson_truax(1, 18.4, 27.1, alike).value)


def test_maassen_takes_each_occasions_own_error() -> None:
    index = maassen(1, 10, 20, norm_set(sd=6, reliability=0.75, post_sd=8, post_reliability=0.75))
    assert index is not None
    assert index.points == pytest.approx(1.96 * sqrt(36 * 0.25 + 64 * 0.25))


def test_a_method_without_its_norms_gives_no_index() -> None:
    bare = norm_set(sd=6.63, reliability=0.88)
    assert edwards_nunnally(1, 1, 2, bare) is None
    assert gulliksen_lord_novick(1, 1, 2, bare) is None
    assert maassen(1, 1, 2, bare) is None


@given(SCORES, SCORES, DIRECTIONS)
def test_the_index_of_the_way_back_is_its_negative(pre: float, post: float, direction: Direction) -> None:
    there = jacobson_truax(direction, pre, post, FSFI_NORMS).value
    back = jacobson_truax(direction, post, pre, FSFI_NORMS).value
    assert isclose(there, -back, abs_tol=1e-12)


@given(st.floats(10, 30), st.floats(0.5, 10), st.floats(35, 60), st.floats(0.5, 10))
def test_cut_c_lies_between_the_means(m1: float, s1: float, m0: float, s0: float) -> None:
    c = cut_c(norm_set(sd=s1, clinical_mean=m1, functional_mean=m0, functional_sd=s0))
    assert c is not None
    assert m1 <= c <= m0


def test_the_line_is_c_where_the_groups_overlap() -> None:
    line = computed_cutoff(1, FSFI_NORMS)
    assert line is not None
    assert line.kind == "c"


def test_the_line_is_b_where_the_groups_lie_apart() -> None:
    line = computed_cutoff(1, norm_set(sd=1, clinical_mean=10, functional_mean=30, functional_sd=2))
    assert line is not None
    assert (line.kind, line.value) == ("b", 26)


def test_the_line_is_a_where_only_the_clinical_group_is_known() -> None:
    line = computed_cutoff(-1, norm_set(sd=3, clinical_mean=20))
    assert line is not None
    assert (line.kind, line.value) == ("a", 14)


def test_without_any_mean_there_is_no_line() -> None:
    assert computed_cutoff(1, norm_set()) is None


@given(st.floats(0, 100))
def test_a_tie_with_a_computed_line_is_functional(mean: float) -> None:
    for direction in (1, -1):
        line = computed_cutoff(direction, norm_set(sd=3, clinical_mean=mean))
        assert line is not None
        assert line.functional(line.value)
        assert not line.functional(line.value - direction)


@pytest.mark.parametrize(
    ("norms", "pointer"),
    [
        (norm_set(sd=0), "/norms/sd"),
        (norm_set(sd=float("nan")), "/norms/sd"),
        (norm_set(reliability=1), "/norms/reliability"),
        (norm_set(reliability=-0.1), "/norms/reliability"),
        (norm_set(functional_sd=-1), "/norms/functional_sd"),
        (norm_set(clinical_mean=float("inf")), "/norms/clinical_mean"),
    ],
)
def test_norms_that_cannot_be_are_named(norms: NormSet, pointer: str) -> None:
    assert [fault.pointer for fault in check_norms(norms)] == [pointer]
