import json
from dataclasses import asdict, replace
from itertools import product
from typing import Any

import pytest

from app.clinical.answers import check_answers
from app.clinical.change import Approach, change
from app.clinical.measure import Example, Measure
from app.clinical.measures import MEASURES
from app.clinical.norms import CLASSIFIABLE, check_norms
from app.clinical.reliable_index import METHODS
from app.clinical.reported import Reported, check_reported, report
from app.clinical.scoring import score
from app.clinical.source import Source

ALL = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
EVERY = [(measure, example) for measure in MEASURES.values() for example in measure.examples]
EXAMPLES, REPORTS = (
    [
        pytest.param(measure, example, id=f"{measure.code}: {example.note}")
        for measure, example in EVERY
        if bool(example.reported) == elsewhere
    ]
    for elsewhere in (False, True)
)


def sources_in(value: Any) -> list[Source]:
    if isinstance(value, Source):
        return [value]
    if isinstance(value, tuple):
        return [found for one in value for found in sources_in(one)]
    if hasattr(value, "__dataclass_fields__"):
        return [found for name in value.__dataclass_fields__ for found in sources_in(getattr(value, name))]
    return []


@pytest.mark.parametrize(("measure", "example"), REPORTS)
def test_every_worked_report_is_taken_and_means_what_it_says(measure: Measure, example: Example) -> None:
    reported = Reported(example.reported)
    assert not check_reported(measure, reported)
    found = report(measure, reported)
    assert (found.scales, found.validity, found.meanings) == (example.scales, example.validity, example.meanings)


@pytest.mark.parametrize(("measure", "example"), EXAMPLES)
def test_every_worked_example_gives_its_scores(measure: Measure, example: Example) -> None:
    sheet = score(measure, example.answers, example.reasons)
    assert dict(sheet.scales) == pytest.approx(dict(example.scales))
    assert sheet.validity == example.validity
    assert sheet.prorated == example.prorated


@pytest.mark.parametrize(("measure", "example"), EXAMPLES)
def test_every_worked_example_means_what_it_says(measure: Measure, example: Example) -> None:
    sheet = score(measure, example.answers, example.reasons)
    assert sheet.meanings == example.meanings
    assert tuple(alert.code for alert in sheet.alerts) == example.alerts


@ALL
def test_a_measure_has_examples_and_sources(measure: Measure) -> None:
    assert measure.examples
    assert measure.sources
    assert all(source.text for source in sources_in(measure))


@ALL
def test_items_are_numbered_from_one(measure: Measure) -> None:
    assert [item.number for item in measure.items] == list(range(1, len(measure.items) + 1))


@ALL
def test_scale_ends_are_reached_by_the_answers_at_the_ends(measure: Measure) -> None:
    # Turned items count the other way, so the highest score comes from their lowest answer.
    highest = {item.number: int(item.low if item.reversed else item.high) for item in measure.items}
    lowest = {item.number: int(item.high if item.reversed else item.low) for item in measure.items}
    # The lowest answers of some measures say "no activity", which is withheld; the range is still theirs by arithmetic.
    always_active = replace(measure, inactivity=None)
    for scale in measure.scales:
        if not scale.scored_elsewhere:
            assert score(measure, highest).scales[scale.code] == pytest.approx(scale.high)
            assert score(always_active, lowest).scales[scale.code] == pytest.approx(scale.low)


@ALL
def test_the_examples_stand_on_both_sides_of_every_cutoff(measure: Measure) -> None:
    sheets = [score(measure, example.answers, example.reasons) for example in measure.examples]
    elsewhere = {scale.code for scale in measure.scales if scale.scored_elsewhere}
    for place, cut in enumerate(measure.cutoffs):
        if cut.scale not in elsewhere:
            assert {sheet.cutoffs[place].met for sheet in sheets} >= {True, False}


@ALL
def test_no_scale_is_classed_without_norms_by_any_method(measure: Measure) -> None:
    for known, method in product(measure.reliable_change, METHODS):
        scale = measure.scale(known.scale)
        assert scale is not None
        if known.status not in CLASSIFIABLE:
            for pre, post in product((scale.low, scale.high), repeat=2):
                changed = change(measure, scale.code, pre, post, Approach(method))
                assert (changed.change_class, changed.index) == ("not_classifiable", None)


@ALL
def test_every_name_inside_a_measure_leads_somewhere(measure: Measure) -> None:
    scales = {scale.code for scale in measure.scales}
    numbers = {item.number for item in measure.items}
    named = [cut.scale for cut in measure.cutoffs if cut.scale] + [band.scale for band in measure.bands]
    named += [part.scale for scale in measure.scales for part in scale.parts]
    named += [norms.scale for norms in measure.norms] + [norms.scale for norms in measure.norm_sets]
    named += [known.scale for known in measure.minimal_important]
    named += [known.scale for known in measure.reliability] + [known.scale for known in measure.reliable_change]
    assert scales.issuperset(named)
    used = [number for scale in measure.scales for number in scale.items]
    used += [number for cut in measure.cutoffs for number in cut.items]
    used += [number for alert in measure.alerts for number in alert.items]
    assert numbers.issuperset(used)
    bands = {(band.scale, band.meaning) for band in measure.bands}
    assert bands.issuperset((known.scale, band) for known in measure.minimal_important for band in known.baseline)
    assert {cut.meaning for cut in measure.cutoffs}.issuperset(alert.on_meaning for alert in measure.alerts if alert.on_meaning)


@ALL
def test_parts_are_scales_of_items(measure: Measure) -> None:
    whole = {scale.code for scale in measure.scales if scale.parts}
    assert not any(part.scale in whole for scale in measure.scales for part in scale.parts)


@ALL
def test_bands_follow_each_other_without_overlap(measure: Measure) -> None:
    for first, second in zip(measure.bands, measure.bands[1:], strict=False):
        if first.scale == second.scale:
            assert first.high < second.low


@ALL
def test_a_change_class_never_lacks_a_basis(measure: Measure) -> None:
    for known in measure.reliable_change:
        norms = measure.norm_set(known.norm_set or "")
        if known.status in CLASSIFIABLE:
            by_errors = known.status == "from_score_errors"
            assert by_errors or known.points is not None or (norms is not None and norms.reliability.over_time)
        if known.status == "insufficient_norms":
            assert known.points is None
            assert norms is None
    assert not [fault for norms in measure.norm_sets for fault in check_norms(norms)]


@ALL
def test_every_scale_says_what_is_known_of_its_change(measure: Measure) -> None:
    judged = [scale.code for scale in measure.scales if measure.direction_of(scale.code) != 0]
    assert {known.scale for known in measure.reliable_change}.issuperset(judged)


@ALL
def test_item_wording_is_held_only_where_we_may(measure: Measure) -> None:
    if measure.licence_tier not in {"own", "A_free_reproduce"}:
        assert not any(item.wording for item in measure.items)


@ALL
def test_a_safety_screen_is_never_prorated_and_all_its_items_are_safety_items(measure: Measure) -> None:
    if measure.kind == "safety_screen":
        assert not measure.missing.prorate
        assert all(item.safety for item in measure.items)
        assert {known.status for known in measure.reliable_change} == {"safety_screen_no_change_scores"}


@ALL
def test_examples_are_acceptable_answers(measure: Measure) -> None:
    assert not [fault for example in measure.examples for fault in check_answers(measure, example.answers, example.reasons)]


@ALL
def test_a_definition_can_be_written_as_json(measure: Measure) -> None:
    assert json.dumps(asdict(measure))


# Item count, range of each kind of item, range of the total, direction, recall, threshold in points, licence tier.
REGISTRY: dict[str, tuple[int, tuple[float, float], tuple[float, float], int, int | None, str]] = {
    "gmsex": (5, (1, 7), (5, 35), 1, None, "C"),
    "fsds_r": (13, (0, 4), (0, 52), -1, 30, "C"),
    "csi16": (16, (0, 5), (0, 81), 1, None, "B"),
    "csi4": (4, (0, 5), (0, 21), 1, None, "B"),
    "phq9": (9, (0, 3), (0, 27), -1, 14, "A"),
    "ehits": (5, (1, 5), (5, 25), -1, 365, "C"),
}


@pytest.mark.parametrize("code", REGISTRY)
def test_the_definition_agrees_with_the_registry(code: str) -> None:
    count, item_range, total, direction, recall, tier = REGISTRY[code]
    measure = MEASURES[code]
    scale = measure.scale("total")
    assert scale is not None
    assert len(measure.items) == count
    assert (measure.items[-1].low, measure.items[-1].high) == item_range
    assert (scale.low, scale.high) == total
    assert (measure.direction, measure.recall_days) == (direction, recall)
    assert measure.licence_tier.startswith(tier)


@pytest.mark.parametrize("code", ["csi16", "csi4"])
def test_the_first_csi_item_goes_to_six(code: str) -> None:
    first = MEASURES[code].item(1)
    assert first is not None
    assert (first.low, first.high) == (0, 6)


@pytest.mark.parametrize(
    ("code", "operator", "value"), [("csi16", "<", 51.5), ("csi4", "<", 13.5), ("fsds_r", ">=", 11), ("phq9", ">=", 10)]
)
def test_the_published_cutoff_has_its_operator(code: str, operator: str, value: float) -> None:
    cutoff = MEASURES[code].functional_cutoff("total")
    assert cutoff is not None
    assert (cutoff.operator, cutoff.value) == (operator, value)


def test_gmsex_has_no_cutoff() -> None:
    assert not MEASURES["gmsex"].cutoffs


def test_the_pulse_has_no_total_and_words_its_own_items() -> None:
    pulse = MEASURES["rekindle_pulse"]
    assert pulse.scale("total") is None
    assert all(item.wording for item in pulse.items)
    assert {known.status for known in pulse.reliable_change} == {"not_an_outcome"}
