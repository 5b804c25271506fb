from dataclasses import replace

import pytest

from app.clinical.activity import shows_no_activity
from app.clinical.change import change
from app.clinical.interpretation import Reading, bands_reached, cutoff_results
from app.clinical.measure import InactivityRule, Item, Measure, Part, Scale
from app.clinical.measures import MEASURES
from tests.clinical.toys import TEST, measure

FSFI, FSFI6, IIEF, SHIM = MEASURES["fsfi"], MEASURES["fsfi6"], MEASURES["iief15"], MEASURES["iief5_shim"]


@pytest.mark.parametrize(
    ("measure", "scale", "too_low", "lowest"),
    [
        (FSFI, "total", 7.1, 7.2),
        (FSFI, "pain", 1.1, 1.2),
        (FSFI6, "total", 5, 6),
        (IIEF, "ef", 5, 6),
        (IIEF, "total", 14, 15),
        (SHIM, "total", 4, 5),
    ],
)
def test_a_score_from_elsewhere_that_only_inactivity_gives_is_not_read(
    measure: Measure, scale: str, too_low: float, lowest: float
) -> None:
    assert (shows_no_activity(measure, scale, too_low), shows_no_activity(measure, scale, lowest)) == (True, False)
    found = measure.scale(scale)
    assert found is not None
    for pre, post in ((too_low, found.high), (found.high, too_low)):
        assert change(measure, scale, pre, post).reason == "no_activity"
    results = cutoff_results(measure, Reading({}, {scale: too_low}, "valid"))
    assert {result.met for result in results} == {None}
    assert bands_reached(measure, {scale: too_low}) == ()


def test_desire_is_read_however_low_because_it_needs_no_activity() -> None:
    assert not shows_no_activity(FSFI, "desire", 1.2)
    assert not shows_no_activity(IIEF, "desire", 2)
    assert not any(
        shows_no_activity(measure, "total", 0) for measure in (MEASURES["pedt"], MEASURES["asex"], MEASURES["csfq14_f"])
    )


def test_a_turned_item_and_an_offset_are_counted_as_the_scale_counts_them() -> None:
    turned = measure(
        "turned",
        (Item(1, 0, 5), Item(2, 0, 5, reversed=True), Item(3, 0, 5)),
        (Scale("total", 10, 25, items=(1, 2, 3), offset=10), Scale("double", 20, 50, parts=(Part("total", 2),))),
    )
    # The turned item says "no activity" at its high end, which counts least; the others at their low end, or not at all.
    ruled = replace(turned, inactivity=InactivityRule((2,), TEST, value=5))
    assert shows_no_activity(ruled, "total", 10.9)
    assert not shows_no_activity(ruled, "total", 11)
    assert shows_no_activity(ruled, "double", 21.9)
    assert not shows_no_activity(ruled, "double", 22)
