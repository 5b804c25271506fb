"""The measures of sexual function: what the registry says of each, and the rules that calculators get wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.answers import check_answers
from app.clinical.change import Approach, change
from app.clinical.change_basis import computed_cutoff
from app.clinical.interpretation import bands_reached
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from tests.clinical.strategies import complete

FSFI, FSFI6, IIEF, SHIM = MEASURES["fsfi"], MEASURES["fsfi6"], MEASURES["iief15"], MEASURES["iief5_shim"]
PEDT, ASEX, WOMEN, MEN = MEASURES["pedt"], MEASURES["asex"], MEASURES["csfq14_f"], MEASURES["csfq14_m"]
FUNCTION = (FSFI, FSFI6, IIEF, SHIM, PEDT, ASEX, WOMEN, MEN)

# Items, range of the total, direction, recall, licence tier, how many items may be answered 0.
REGISTRY: dict[str, tuple[int, tuple[float, float], int, int | None, str, int]] = {
    "fsfi": (19, (2, 36), 1, 28, "C", 15),
    "fsfi6": (6, (2, 30), 1, 28, "C", 4),
    "iief15": (15, (5, 75), 1, 28, "D", 10),
    "iief5_shim": (5, (1, 25), 1, 183, "D", 4),
    "pedt": (5, (0, 20), -1, None, "D", 5),
    "csfq14_f": (14, (14, 70), 1, None, "C", 0),
    "csfq14_m": (14, (14, 70), 1, None, "C", 0),
    "asex": (5, (5, 30), -1, 7, "C", 0),
}
CUTOFFS: dict[str, set[tuple[str, str, float]]] = {
    "fsfi": {("total", "<=", 26.55), ("desire", "<=", 3.0)},
    "fsfi6": {("total", "<=", 19)},
    "iief15": {("ef", "<=", 25)},
    "iief5_shim": {("total", "<=", 21)},
    "pedt": {("total", ">=", 11), ("total", ">=", 9)},
    "csfq14_f": {
        ("total", "<=", 41),
        ("pleasure", "<=", 4),
        ("desire_frequency", "<=", 6),
        ("desire_interest", "<=", 9),
        ("arousal", "<=", 12),
        ("orgasm", "<=", 11),
    },
    "csfq14_m": {
        ("total", "<=", 47),
        ("pleasure", "<=", 4),
        ("desire_frequency", "<=", 8),
        ("desire_interest", "<=", 11),
        ("arousal", "<=", 13),
        ("orgasm", "<=", 13),
    },
}


@pytest.mark.parametrize("code", REGISTRY)
def test_the_definition_agrees_with_the_registry(code: str) -> None:
    measure = MEASURES[code]
    scale = measure.scale("total")
    assert scale is not None
    zeros = sum(item.low == 0 for item in measure.items)
    told = (len(measure.items), (scale.low, scale.high), measure.direction, measure.recall_days)
    assert (*told, measure.licence_tier[0], zeros) == REGISTRY[code]
    assert not any(item.reversed for item in measure.items)


@pytest.mark.parametrize("code", CUTOFFS)
def test_every_cutoff_stands_with_its_scale_and_operator(code: str) -> None:
    assert {(cut.scale, cut.operator, cut.value) for cut in MEASURES[code].cutoffs} == CUTOFFS[code]


@pytest.mark.parametrize(
    ("measure", "scale", "items"),
    [
        (FSFI, "desire", (1, 2)),
        (FSFI, "lubrication", (7, 8, 9, 10)),
        (FSFI, "satisfaction", (14, 15, 16)),
        (IIEF, "ef", (1, 2, 3, 4, 5, 15)),
        (IIEF, "orgasmic", (9, 10)),
        (IIEF, "intercourse_satisfaction", (6, 7, 8)),
        (WOMEN, "orgasm", (11, 12, 13)),
        (MEN, "desire_interest", (4, 5, 6)),
    ],
)
def test_a_domain_is_made_of_its_items(measure: Measure, scale: str, items: tuple[int, ...]) -> None:
    found = measure.scale(scale)
    assert found is not None
    assert found.items == items


@pytest.mark.parametrize("measure", FUNCTION, ids=lambda measure: str(measure.code))
def test_no_form_of_sexual_function_holds_wording(measure: Measure) -> None:
    assert not any(item.wording for item in measure.items)
    assert all(item.topic for item in measure.items)


# The zero rule of the FSFI.


@given(st.data())
def test_fsfi_zeros_withhold_their_domains_and_the_total_and_never_desire(data: st.DataObject) -> None:
    answers = data.draw(complete(FSFI))
    sheet = score(FSFI, answers)
    zeros = {number for number, answer in answers.items() if answer == 0}
    empty = {scale.code for scale in FSFI.scales if zeros.intersection(scale.items)}
    assert {code for code, value in sheet.scales.items() if value is None} == (empty | {"total"} if zeros else set())
    assert (sheet.validity == "inactive_or_partial") == bool(zeros)
    assert sheet.scales["desire"] is not None
    assert sheet.cutoffs[0].met is None if zeros else sheet.cutoffs[0].met is not None


def test_a_withheld_fsfi_total_gives_no_class() -> None:
    sheet = score(FSFI, {**dict.fromkeys(range(1, 20), 5), 3: 0})
    assert change(FSFI, "total", 18.4, sheet.scales["total"]).reason == "score_withheld"


def test_a_zero_is_refused_where_the_fsfi_has_none() -> None:
    answers = dict.fromkeys(range(1, 20), 0)
    assert [fault.pointer for fault in check_answers(FSFI, answers, {})] == [f"/answers/{number}" for number in (1, 2, 15, 16)]


# Attempts, in the IIEF and in its short form.


def test_an_erectile_score_without_attempts_is_not_classifiable() -> None:
    no_attempt: dict[int, float | None] = {**dict.fromkeys(range(1, 16), 2), **dict.fromkeys(range(3, 9), 0)}
    sheet = score(IIEF, no_attempt)
    assert (sheet.scales["ef"], sheet.validity, sheet.meanings, sheet.bands) == (6, "inactive_or_partial", (), ())
    assert (sheet.withheld["ef"], sheet.withheld["total"]) == ("no_activity", "no_activity")
    assert {cutoff.met for cutoff in sheet.cutoffs} == {None}
    assert sheet.scales["desire"] == 4


def test_a_low_erectile_score_with_attempts_is_a_dysfunction() -> None:
    sheet = score(IIEF, dict.fromkeys(range(1, 16), 1))
    assert (sheet.scales["ef"], sheet.meanings) == (6, ("erectile_dysfunction",))
    assert [band.meaning for band in sheet.bands] == ["severe"]


def test_the_shim_takes_a_zero_on_every_item_but_confidence() -> None:
    faults = check_answers(SHIM, dict.fromkeys(range(1, 6), 0), {})
    assert [fault.pointer for fault in faults] == ["/answers/1"]


@pytest.mark.parametrize("item", [2, 3, 4, 5])
def test_a_zero_in_the_shim_counts_as_its_form_counts_it_and_calls_nobody_ill(item: int) -> None:
    for others, total in ((1, 4), (4, 16)):
        sheet = score(SHIM, {**dict.fromkeys(range(1, 6), others), item: 0})
        assert (sheet.scales["total"], sheet.validity, sheet.withheld) == (
            total,
            "inactive_or_partial",
            {"total": "no_activity"},
        )
        assert (sheet.meanings, sheet.bands, {cutoff.met for cutoff in sheet.cutoffs}) == ((), (), {None})


def test_the_shim_says_that_it_looks_back_too_far_for_a_week() -> None:
    assert any("unfit for weekly tracking" in limit for limit in SHIM.limits)


@pytest.mark.parametrize(
    ("measure", "scale", "bands"),
    [
        (
            IIEF,
            "ef",
            {6: "severe", 11: "moderate", 17: "mild_to_moderate", 22: "mild", 26: "no_erectile_dysfunction"},
        ),
        (SHIM, "total", {5: "severe", 8: "moderate", 12: "mild_to_moderate", 17: "mild", 22: "no_erectile_dysfunction"}),
        (PEDT, "total", {0: "no_premature_ejaculation", 9: "probable", 11: "premature_ejaculation"}),
    ],
)
def test_every_score_lies_in_its_band(measure: Measure, scale: str, bands: dict[int, str]) -> None:
    found = measure.scale(scale)
    assert found is not None
    for value in range(min(bands), int(found.high) + 1):
        begun = max(first for first in bands if first <= value)
        assert [band.meaning for band in bands_reached(measure, {scale: value})] == [bands[begun]]


# The three ways to be positive of the ASEX.


@given(st.data())
def test_asex_is_positive_in_any_of_three_ways(data: st.DataObject) -> None:
    answers = data.draw(complete(ASEX))
    told = [answer or 0 for answer in answers.values()]
    positive = sum(told) >= 19 or max(told) >= 5 or sum(answer >= 4 for answer in told) >= 3
    assert score(ASEX, answers).meanings == (("dysfunction",) if positive else ())


def test_no_single_line_of_the_asex_divides_the_ranges() -> None:
    assert ASEX.functional_cutoff("total") is None


def test_premature_ejaculation_is_past_only_at_eight() -> None:
    line = PEDT.functional_cutoff("total")
    assert line is not None
    assert (line.operator, line.value) == (">=", 9)


# Reliable change.


def test_the_fsfi_threshold_and_its_computed_line_are_the_worked_ones() -> None:
    changed = change(FSFI, "total", 18.4, 27.1)
    assert changed.index == pytest.approx(2.679, abs=0.0005)
    assert changed.threshold_points == pytest.approx(6.366, abs=0.0005)
    assert changed.basis.reliability_gap == "2 to 4 weeks"
    norms = FSFI.norm_set("rosen_2000")
    assert norms is not None
    line = computed_cutoff(1, norms)
    assert line is not None
    assert line.kind == "c"
    assert line.value == pytest.approx(25.485, abs=0.0005)


def test_no_domain_of_the_fsfi_is_classed() -> None:
    for scale in FSFI.scales:
        if scale.code != "total":
            assert change(FSFI, scale.code, scale.high, scale.high).reason == "insufficient_norms"


def test_the_erectile_domain_is_classed_by_the_published_line_and_not_the_computed_one() -> None:
    changed = change(IIEF, "ef", 10, 18)
    assert changed.threshold_points == pytest.approx(7.21, abs=0.005)
    assert changed.change_class == "improved"
    assert changed.cutoff is not None
    assert (changed.cutoff.kind, changed.cutoff.value) == ("published", 25)
    norms = IIEF.norm_set("rosen_1997_ef")
    assert norms is not None
    line = computed_cutoff(1, norms)
    assert line is not None
    assert line.kind == "c"
    assert line.value == pytest.approx(17.66, abs=0.005)


def test_another_domain_of_the_iief_is_classed_only_when_its_norms_are_chosen() -> None:
    assert change(IIEF, "overall_satisfaction", 2, 10).reason == "insufficient_norms"
    chosen = change(IIEF, "overall_satisfaction", 2, 10, Approach(norms=IIEF.norm_set("rosen_1997_overall_satisfaction")))
    assert chosen.change_class == "recovered"
    assert chosen.basis.norm_set == "rosen_1997_overall_satisfaction"


# The CSFQ-14 in its two forms.


def test_the_two_forms_of_the_csfq_differ_in_their_lines_alone() -> None:
    answers = {**dict.fromkeys(range(1, 15), 3), 1: 5, 2: 4, 3: 4}
    women, men = score(WOMEN, answers), score(MEN, answers)
    assert women.scales == men.scales
    assert "dysfunction" in men.meanings
    assert "dysfunction" not in women.meanings


@given(st.data())
def test_items_ten_and_fourteen_of_the_csfq_move_the_total_alone(data: st.DataObject) -> None:
    answers = data.draw(complete(WOMEN))
    moved = score(WOMEN, {**answers, 10: 5, 14: 1}).scales
    plain = score(WOMEN, {**answers, 10: 1, 14: 1}).scales
    assert moved["total"] == (plain["total"] or 0) + 4
    assert {**moved, "total": None} == {**plain, "total": None}
