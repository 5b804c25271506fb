from dataclasses import replace
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change import Approach, ChangeClass, change
from app.clinical.dyads import (
    Occasion,
    PairLabel,
    TurnAroundRule,
    desire_discrepancy,
    divergence,
    error_of_one,
    pair_label,
    turn_around,
)
from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet, Reliability
from app.clinical.reliable_index import Method
from app.clinical.source import Source

GMSEX = MEASURES["gmsex"]
CITED = Source("Doe & Roe 2024", "as_given")
RETEST = Reliability("total", "test_retest", 0.8, CITED)
CLASSES: tuple[ChangeClass, ...] = get_args(ChangeClass)
GOOD = Occasion(willing=8, pressure=0, mood_before=4, mood_after=7)


@pytest.mark.parametrize(
    ("a", "b", "label"),
    [
        ("recovered", "recovered", "both_recovered"),
        ("recovered", "improved", "both_reliably_improved"),
        ("improved", "improved", "both_reliably_improved"),
        ("improved", "unchanged", "one_improved_one_unchanged"),
        ("recovered", "unchanged", "one_improved_one_unchanged"),
        ("improved", "deteriorated", "split"),
        ("recovered", "deteriorated", "split"),
        ("unchanged", "deteriorated", "any_deteriorated"),
        ("deteriorated", "deteriorated", "any_deteriorated"),
        ("not_classifiable", "deteriorated", "any_deteriorated"),
        ("not_classifiable", "recovered", "not_classifiable"),
        ("unchanged", "unchanged", "none"),
    ],
)
def test_a_pair_has_its_label(a: ChangeClass, b: ChangeClass, label: PairLabel) -> None:
    assert pair_label(a, b) == label


def test_a_label_does_not_depend_on_who_is_called_a() -> None:
    for a, b in product(CLASSES, CLASSES):
        assert pair_label(a, b) == pair_label(b, a)


def test_a_partner_who_got_worse_is_always_in_the_label() -> None:
    assert {pair_label("deteriorated", other) for other in CLASSES} == {"split", "any_deteriorated"}


def test_divergence_counts_in_errors_of_a_difference_whichever_method_gave_the_classes() -> None:
    norms = NormSet("x", "total", "couples", 6.4, RETEST, CITED, clinical_mean=20)

    def apart(method: Method) -> float | None:
        approach = Approach(method, norms)
        return divergence(change(GMSEX, "total", 15, 30, approach), change(GMSEX, "total", 30, 25, approach)).z

    z = 20 / (2 * 6.4 * 0.2**0.5)
    methods: tuple[Method, ...] = ("jacobson_truax", "edwards_nunnally", "gulliksen_lord_novick")
    assert [apart(method) for method in methods] == [pytest.approx(z)] * 3


def test_the_error_of_one_score_needs_stability_over_time() -> None:
    norms = NormSet("x", "total", "couples", 6.4, RETEST, CITED)
    assert error_of_one(norms) == pytest.approx(6.4 * 0.2**0.5)
    assert error_of_one(replace(norms, reliability=replace(RETEST, kind="alpha"))) is None
    assert error_of_one(None) is None


def test_partners_who_go_apart_are_flagged() -> None:
    found = divergence(change(GMSEX, "total", 15, 30), change(GMSEX, "total", 30, 25))
    assert found.z == pytest.approx(20 / (2**0.5 * 7.794466 / 1.96))
    assert found.flagged


def test_partners_who_go_together_are_not_flagged() -> None:
    found = divergence(change(GMSEX, "total", 15, 20), change(GMSEX, "total", 16, 22))
    assert not found.flagged


@given(st.integers(5, 35), st.integers(5, 35), st.integers(5, 35), st.integers(5, 35))
def test_divergence_seen_from_the_other_side_is_its_negative(a0: int, a1: int, b0: int, b1: int) -> None:
    a, b = change(GMSEX, "total", a0, a1), change(GMSEX, "total", b0, b1)
    there, back = divergence(a, b), divergence(b, a)
    assert there.z is not None
    assert back.z == pytest.approx(-there.z)
    assert there.flagged == back.flagged


def test_no_divergence_without_a_reliable_basis() -> None:
    csi = MEASURES["csi16"]
    found = divergence(change(csi, "total", 10, 80), change(csi, "total", 80, 10))
    assert (found.z, found.flagged, found.reason) == (None, False, "no_reliable_basis")


def test_no_divergence_across_measures() -> None:
    found = divergence(change(GMSEX, "total", 10, 30), change(MEASURES["phq9"], "total", 10, 3))
    assert found.reason == "different_scales"


def test_a_distress_scale_diverges_by_what_was_gained() -> None:
    phq9 = MEASURES["phq9"]
    found = divergence(change(phq9, "total", 20, 5), change(phq9, "total", 5, 10))
    assert found.z is not None
    assert found.z > 1.96


def test_desire_discrepancy_is_signed_and_has_its_error() -> None:
    found = desire_discrepancy(20, 45, 3, 4)
    assert (found.signed, found.absolute, found.standard_error) == (-25, 25, 5)


def test_desire_discrepancy_without_both_errors_has_none() -> None:
    assert desire_discrepancy(20, 45, 3).standard_error is None


def test_four_occasions_give_no_rate() -> None:
    found = turn_around([GOOD] * 4)
    assert (found.n, found.better, found.rate, found.reason) == (4, None, None, "too_few")


def test_five_occasions_give_a_rate() -> None:
    found = turn_around([GOOD] * 4 + [replace(GOOD, mood_after=4)])
    assert (found.n, found.better, found.rate, found.reason) == (5, 4, 0.8, None)


@pytest.mark.parametrize(
    "occasion",
    [
        replace(GOOD, willing=4),
        replace(GOOD, willing=None),
        replace(GOOD, pressure=2),
        replace(GOOD, pressure=None),
        replace(GOOD, mood_before=6),
        replace(GOOD, mood_before=2),
        replace(GOOD, mood_before=None),
        replace(GOOD, mood_after=None),
    ],
)
def test_an_occasion_not_begun_so_or_not_answered_is_not_counted(occasion: Occasion) -> None:
    assert turn_around([occasion]).n == 0


@pytest.mark.parametrize("mood", [3, 4, 5])
def test_neutral_and_slightly_negative_moods_count(mood: float) -> None:
    assert turn_around([replace(GOOD, mood_before=mood)]).n == 1


def test_pressured_occasions_are_left_out_and_told() -> None:
    found = turn_around([GOOD] * 5 + [replace(GOOD, pressure=5), replace(GOOD, pressure=2, willing=None)])
    assert (found.n, found.pressured_excluded) == (5, 2)


def test_a_clinic_may_set_its_own_limits_and_they_are_kept_with_the_result() -> None:
    rule = TurnAroundRule(mood_to=6, fewest=1)
    found = turn_around([replace(GOOD, mood_before=6)], rule)
    assert (found.n, found.rate, found.rule) == (1, 1.0, rule)


def test_the_limits_say_that_they_are_our_proposal() -> None:
    assert TurnAroundRule().source.grade == "proposal"


RATINGS = st.none() | st.integers(0, 10)
OCCASIONS = st.lists(st.builds(Occasion, RATINGS, RATINGS, RATINGS, RATINGS), max_size=20)


@given(OCCASIONS)
def test_the_order_of_occasions_does_not_matter(occasions: list[Occasion]) -> None:
    assert turn_around(occasions) == turn_around(list(reversed(occasions)))


@given(OCCASIONS)
def test_counts_stay_within_each_other(occasions: list[Occasion]) -> None:
    found = turn_around(occasions)
    assert 0 <= (found.better or 0) <= found.n <= len(occasions)
    assert (found.better is None) == (found.rate is None) == (found.n < TurnAroundRule().fewest)
    assert found.n + found.pressured_excluded <= len(occasions)
    assert found.rate is None or 0 <= found.rate <= 1


def test_an_occasion_of_force_or_fear_never_counts_as_turned_around_whatever_pressure_was_told() -> None:
    free, coerced = Occasion(8, 0, 4, 8), Occasion(8, 0, 4, 8, coerced=True)
    found = turn_around([free] * 5 + [coerced] * 3)
    assert (found.n, found.better, found.pressured_excluded) == (5, 5, 3)
