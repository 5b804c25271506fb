"""What calculators get wrong about desire, distress, satisfaction, mood and safety screens, each as a test of its own."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change import Approach, change
from app.clinical.change_basis import computed_cutoff
from app.clinical.measures import MEASURES
from app.clinical.norms import NormSet
from app.clinical.scoring import score
from tests.clinical.change_cases import norm_set
from tests.clinical.strategies import complete

Answers = dict[int, float | None]
ISS, RDAS, SDI2 = MEASURES["iss"], MEASURES["rdas"], MEASURES["sdi2"]
GAD7, WHO5, PHQ9 = MEASURES["gad7"], MEASURES["who5"], MEASURES["phq9"]


def total(code: str, answers: Answers, reasons: dict[int, str] | None = None) -> float | None:
    return score(MEASURES[code], answers, reasons).scales["total"]


def blank(answers: Answers, *numbers: int) -> tuple[Answers, dict[int, str]]:
    """The same answers with some left open."""
    return answers | dict.fromkeys(numbers), dict.fromkeys(numbers, "skipped")


PUBLISHED = [("iss", 11.75), ("rdas", 11.58), ("gad7", 4), ("who5", 10), ("ors", 5), ("phq9", 6)]


@pytest.mark.parametrize(("code", "points"), PUBLISHED)
def test_a_change_is_reliable_from_the_published_points_on(code: str, points: float) -> None:
    measure = MEASURES[code]
    worse, better = (60, 60 - measure.direction * -points) if code in {"iss", "who5"} else (15, 15 + measure.direction * points)
    found = change(measure, "total", worse, better)
    assert found.threshold_points == points
    assert found.change_class in {"improved", "recovered"}
    short = better - measure.direction * 0.01
    assert change(measure, "total", worse, short).change_class == "unchanged"


# Index of Sexual Satisfaction.


def iss(counts_as: int) -> Answers:
    """Answers that count as this after the turned ones were turned."""
    return {item.number: 8 - counts_as if item.reversed else counts_as for item in ISS.items}


def test_iss_turns_its_twelve_items() -> None:
    assert tuple(item.number for item in ISS.items if item.reversed) == (1, 2, 3, 9, 10, 12, 16, 17, 19, 21, 22, 23)


@pytest.mark.parametrize(("counts_as", "expected"), [(1, 0), (4, 50), (7, 100)])
def test_iss_runs_from_0_to_100(counts_as: int, expected: float) -> None:
    assert total("iss", iss(counts_as)) == pytest.approx(expected)


def test_iss_with_twenty_of_twenty_five_threes_is_a_third() -> None:
    sheet = score(ISS, *blank(iss(3), 4, 8, 11, 14, 25))
    assert sheet.scales["total"] == pytest.approx(100 / 3)
    assert sheet.prorated


def test_iss_with_nineteen_of_twenty_five_answered_has_no_total() -> None:
    sheet = score(ISS, *blank(iss(3), 4, 8, 11, 14, 24, 25))
    assert (sheet.scales["total"], sheet.withheld) == (None, {"total": "too_few_answers"})


@given(answers=complete(ISS), open_items=st.sets(st.integers(1, 25), max_size=5))
def test_iss_with_gaps_is_the_published_formula_over_what_was_answered(answers: Answers, open_items: set[int]) -> None:
    turned = [
        8 - answer if item.reversed else answer
        for item in ISS.items
        if item.number not in open_items and (answer := answers[item.number]) is not None
    ]
    n = len(turned)
    assert total("iss", *blank(answers, *open_items)) == pytest.approx((sum(turned) - n) * 100 / (6 * n), abs=1e-6)


def test_iss_threshold_is_the_one_of_the_published_standard_error() -> None:
    points = ISS.reliable_change[0].points
    assert points == pytest.approx(1.96 * 2**0.5 * 4.24, abs=0.005)


# Relationship satisfaction.


def test_rdas_cohesion_ends_at_19_because_item_11_ends_at_4() -> None:
    highest: Answers = {**dict.fromkeys(range(1, 15), 5), 11: 4}
    assert score(RDAS, highest).scales == {"total": 69, "consensus": 30, "satisfaction": 20, "cohesion": 19}
    assert [item.number for item in RDAS.items if item.high == 4] == [11]


def test_rdas_gives_the_older_rule_beside_the_newer_and_classes_by_the_newer() -> None:
    told = [(cut.operator, cut.value, cut.separates_functional) for cut in RDAS.cutoffs]
    assert told == [("<", 47.31, True), ("<=", 47, False)]


@given(complete(RDAS))
def test_both_rules_of_rdas_say_the_same_of_every_whole_total(answers: Answers) -> None:
    newer, older = score(RDAS, answers).cutoffs
    assert newer.met == older.met


def test_rdas_norms_agree_with_its_published_line_and_give_no_class_of_their_own() -> None:
    norms = RDAS.norm_set("busby_alpha")
    assert norms is not None
    line = computed_cutoff(1, norms)
    assert line is not None
    assert line.kind == "c"
    assert line.value == pytest.approx(47.53, abs=0.005)
    own = change(RDAS, "total", 30, 60, Approach(norms=norms))
    assert own.reason == "indicative_only"
    assert own.threshold_points == pytest.approx(7.2, abs=0.05)


def test_csi32_runs_from_0_to_161_and_a_threshold_from_alpha_is_indicative() -> None:
    measure = MEASURES["csi32"]
    assert total("csi32", {item.number: int(item.high) for item in measure.items}) == 161
    found = change(measure, "total", 60, 150)
    assert (found.change_class, found.reason) == ("not_classifiable", "indicative_only")
    assert found.threshold_points == pytest.approx(12.5, abs=0.05)


def test_fsds_r_runs_to_52_and_the_form_with_two_items_more_to_60() -> None:
    assert total("fsds_r", dict.fromkeys(range(1, 14), 4)) == 52
    assert total("fsds_dao", dict.fromkeys(range(1, 16), 4)) == 60


@pytest.mark.parametrize("sd", [8.0, 15.0])
def test_fsds_dao_needs_1_73_times_the_sd_that_a_clinic_brings(sd: float) -> None:
    norms = norm_set(sd=sd, reliability=0.61)
    found = change(MEASURES["fsds_dao"], "total", 50, 10, Approach(norms=norms))
    assert found.threshold_points == pytest.approx(1.73 * sd, rel=0.002)
    assert change(MEASURES["fsds_dao"], "total", 50, 10).reason == "insufficient_norms"


# Desire.


def test_sdi2_has_no_total() -> None:
    assert SDI2.scale("total") is None
    assert set(score(SDI2, dict.fromkeys(range(1, 15), 3)).scales) == {"dyadic", "solitary"}


def test_sdi2_frequency_items_end_at_7_and_three_items_count_nowhere() -> None:
    assert [item.number for item in SDI2.items if item.high == 7] == [1, 2, 10, 14]
    counted = {number for scale in SDI2.scales for number in scale.items}
    assert set(range(1, 15)) - counted == {9, 13, 14}


@pytest.mark.parametrize("scale", ["dyadic", "solitary"])
def test_more_desire_is_never_called_better(scale: str) -> None:
    norms: NormSet = norm_set(sd=10, scale=scale)
    for pre, post in product((0, 20), (0, 20)):
        found = change(SDI2, scale, pre, post, Approach(norms=norms))
        assert (found.change_class, found.reason) == ("not_classifiable", "neither_end_is_better")


# Mood, well-being, the hour.


def test_who5_is_a_percentage_and_low_below_fifty() -> None:
    for raw in range(26):
        answers: Answers = {number: max(0, min(5, raw - 5 * (number - 1))) for number in range(1, 6)}
        sheet = score(WHO5, answers)
        assert sheet.scales["total"] == raw * 4
        assert ("low" in sheet.meanings) == (raw < 13)


@pytest.mark.parametrize(
    ("total_", "band"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "severe"),
        (21, "severe"),
    ],
)
def test_every_gad7_total_lies_in_its_band(total_: int, band: str) -> None:
    answers: Answers = {number: max(0, min(3, total_ - 3 * (number - 1))) for number in range(1, 8)}
    assert [reached.meaning for reached in score(GAD7, answers).bands] == [band]


@pytest.mark.parametrize("code", ["phq9", "gad7"])
def test_the_two_forms_that_anyone_may_reproduce_carry_their_wording(code: str) -> None:
    wordings = [item.wording for item in MEASURES[code].items]
    assert all(wordings)
    assert len(set(wordings)) == len(wordings)


def test_no_other_measure_carries_wording() -> None:
    worded = {code for code, measure in MEASURES.items() if any(item.wording for item in measure.items)}
    assert worded == {"phq9", "gad7", "rekindle_pulse"}


def test_ors_is_read_to_the_millimetre() -> None:
    assert total("ors", {1: 6.3, 2: 6.2, 3: 6.3, 4: 6.2}) == 25
    assert total("ors", {1: 0.1, 2: 0.2, 3: 0.3, 4: 0.1}) == 0.7


def test_srs_asks_about_the_alliance_and_is_never_an_outcome() -> None:
    srs = MEASURES["srs"]
    assert score(srs, dict.fromkeys(range(1, 5), 9)).meanings == ("alliance_alert",)
    assert change(srs, "total", 5, 40, Approach(norms=norm_set(sd=4))).reason == "not_an_outcome"
    assert srs.functional_cutoff("total") is None


@pytest.mark.parametrize("code", ["sss_w", "mmq"])
def test_a_key_that_is_not_public_is_not_guessed(code: str) -> None:
    measure = MEASURES[code]
    assert not measure.items
    assert all(scale.scored_elsewhere for scale in measure.scales)
    assert any("Scored elsewhere only" in limit for limit in measure.limits)


def test_the_scales_of_sss_w_keep_to_the_ends_that_its_total_is_made_of() -> None:
    ends = {scale.code: (scale.low, scale.high) for scale in MEASURES["sss_w"].scales}
    domains = {ends[code] for code in ends if code != "total"}
    assert domains == {(6, 30)}
    assert ends["total"] == (6 * 3 + 6 * 2 / 2, 30 * 3 + 30 * 2 / 2)


def test_item_nine_of_phq9_alerts_the_care_team_and_nobody_else() -> None:
    for answer in (1, 2, 3):
        (alert,) = score(PHQ9, {**dict.fromkeys(range(1, 9), 0), 9: answer}).alerts
        assert (alert.code, alert.audience, alert.items) == ("suicide_risk_review", "care_team", (9,))
    assert score(PHQ9, {**dict.fromkeys(range(1, 9), 3), 9: 0}).alerts == ()
