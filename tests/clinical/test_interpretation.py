import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.activity import lowest_active
from app.clinical.compare import compare
from app.clinical.interpretation import bands_reached
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from tests.clinical.strategies import complete

PHQ9, EHITS, ASEX, FSFI = MEASURES["phq9"], MEASURES["ehits"], MEASURES["asex"], MEASURES["fsfi"]


def alerts(code: str, answers: dict[int, float | None], reasons: dict[int, str] | None = None) -> list[str]:
    return [alert.code for alert in score(MEASURES[code], answers, reasons).alerts]


def test_a_total_of_eighteen_is_positive_when_three_items_are_four() -> None:
    sheet = score(ASEX, {1: 4, 2: 4, 3: 4, 4: 3, 5: 3})
    assert sheet.scales["total"] == 18
    assert sheet.meanings == ("dysfunction",)
    assert [result.met for result in sheet.cutoffs] == [False, False, True]


def test_one_item_at_five_is_enough() -> None:
    assert score(ASEX, {1: 5, 2: 1, 3: 1, 4: 1, 5: 1}).meanings == ("dysfunction",)


def test_two_items_at_four_are_not() -> None:
    assert score(ASEX, {1: 4, 2: 4, 3: 3, 4: 3, 5: 3}).meanings == ()


def test_a_rule_on_items_is_unknown_while_an_open_item_could_decide_it() -> None:
    sheet = score(ASEX, {1: 4, 2: 4, 3: None, 4: 1, 5: 1}, {3: "skipped"})
    assert sheet.cutoffs[2].met is None


def test_a_half_point_cutoff_is_met_on_its_side_only() -> None:
    fours = dict.fromkeys(range(1, 20), 4)
    nearest_below, nearest_above = {**fours, 1: 3, 2: 3, 3: 3, 11: 2}, {**fours, 1: 2, 2: 3, 11: 3}
    sheets = [score(FSFI, answers) for answers in (nearest_below, nearest_above)]
    assert [(sheet.scales["total"], sheet.cutoffs[0].met) for sheet in sheets] == [(26.5, True), (26.6, False)]


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, "minimal"), (4, "minimal"), (5, "mild"), (10, "moderate"), (15, "moderately_severe"), (20, "severe"), (27, "severe")],
)
def test_every_phq9_total_lies_in_its_band(total: int, band: str) -> None:
    answers: dict[int, float | None] = {
        number: max(0, min(3, total - 3 * place)) for place, number in enumerate([9, 1, 2, 3, 4, 5, 6, 7, 8])
    }
    sheet = score(PHQ9, answers)
    assert sheet.scales["total"] == total
    assert [reached.meaning for reached in sheet.bands] == [band]


def test_a_prorated_total_between_two_bands_belongs_to_the_better() -> None:
    answers: dict[int, float | None] = {1: None, 2: 1, 3: 1, 4: 1, 5: 1, 6: 0, 7: 0, 8: 0, 9: 0}
    sheet = score(PHQ9, answers, {1: "skipped"})
    assert sheet.scales["total"] == 4.5
    assert [reached.meaning for reached in sheet.bands] == ["minimal"]


def test_a_prorated_score_past_the_line_is_not_banded_with_those_before_it() -> None:
    """One of six items of the erectile domain skipped: 21 of 25 fill up to 25.2, which by "25 or less" is no dysfunction."""
    erectile: dict[int, float | None] = {1: 5, 2: 4, 3: 4, 4: 4, 5: 4, 15: None}
    sheet = score(MEASURES["iief15"], {**dict.fromkeys(range(6, 15), 3), **erectile}, {15: "skipped"})
    assert sheet.scales["ef"] == 25.2
    assert [(result.met, [band.meaning for band in sheet.bands]) for result in sheet.cutoffs] == [
        (False, ["no_erectile_dysfunction"])
    ]


@given(st.data())
def test_bands_and_lines_never_part_the_same_score(data: st.DataObject) -> None:
    """What a whole score of a band says of every line, each score in between says too."""
    measure = data.draw(st.sampled_from([measure for measure in MEASURES.values() if measure.bands]))
    bands = {band.meaning: band for band in measure.bands}
    scale = measure.bands[0].scale
    lowest = max(lowest_active(measure, scale), min(band.low for band in measure.bands))
    value = data.draw(st.floats(lowest, max(band.high for band in measure.bands)))
    (found,) = bands_reached(measure, {scale: value})
    for cut in measure.cutoffs:
        if cut.scale == scale:
            whole = {compare(end, cut.operator, cut.value) for end in (bands[found.meaning].low, bands[found.meaning].high)}
            assert compare(value, cut.operator, cut.value) in whole


def test_item_nine_above_zero_alerts_whatever_the_total() -> None:
    assert alerts("phq9", {**dict.fromkeys(range(1, 9), 0), 9: 1}) == ["suicide_risk_review"]


def test_item_nine_alerts_even_when_the_total_is_withheld() -> None:
    answers: dict[int, float | None] = {**dict.fromkeys(range(1, 9)), 9: 2}
    assert alerts("phq9", answers, dict.fromkeys(range(1, 9), "declined")) == ["suicide_risk_review"]


def test_an_alert_names_the_item_and_is_for_the_care_team() -> None:
    (alert,) = score(PHQ9, {**dict.fromkeys(range(1, 9), 0), 9: 3}).alerts
    assert alert.items == (9,)
    assert alert.audience == "care_team"


@given(st.data())
def test_ehits_is_positive_by_total_or_force_or_harm(data: st.DataObject) -> None:
    answers = data.draw(complete(EHITS))
    told = [answers[number] or 0 for number in range(1, 6)]
    positive = sum(told) >= 7 or told[4] > 1 or told[0] > 1
    sheet = score(EHITS, answers)
    assert ("review" in sheet.meanings) == positive
    assert ("violence_review" in [alert.code for alert in sheet.alerts]) == positive


@given(st.data(), st.integers(1, 5))
def test_a_half_empty_screen_is_positive_when_no_answer_could_make_it_negative(data: st.DataObject, hidden: int) -> None:
    answers = data.draw(complete(EHITS))
    sheet = score(EHITS, {**answers, hidden: None}, {hidden: "declined"})
    certainly = score(EHITS, {**answers, hidden: 1}).meanings
    assert sheet.meanings == certainly
    assert sheet.scales["total"] is None
    assert "safety_item_unanswered" in [alert.code for alert in sheet.alerts]


def test_a_total_that_is_withheld_is_not_called_negative() -> None:
    sheet = score(EHITS, {1: 1, 2: 1, 3: 1, 4: 1, 5: None}, {5: "declined"})
    assert [result.met for result in sheet.cutoffs] == [None, None, False]
