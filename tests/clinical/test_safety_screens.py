"""Screens for violence: never filled in, never classified, and every published line told with whether it was met."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change import Approach, change
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.clinical.scoring import score
from tests.clinical.change_cases import norm_set
from tests.clinical.strategies import complete

Answers = dict[int, float | None]
WAST, HITS = MEASURES["wast"], MEASURES["hits"]
SCREENS = [measure for measure in MEASURES.values() if measure.kind == "safety_screen"]
EACH_SCREEN = pytest.mark.parametrize("screen", SCREENS, ids=[screen.code for screen in SCREENS])


def blank(answers: Answers, number: int) -> tuple[Answers, dict[int, str]]:
    """The same answers with one left open."""
    return answers | {number: None}, {number: "declined"}


def calm(screen: Measure) -> Answers:
    return {item.number: int(item.low) for item in screen.items}


def told(screen: Measure, **answers: int) -> dict[str, Any]:
    """Which published lines of a screen were met by these answers, the others at their lowest."""
    sheet = score(screen, calm(screen) | {int(name[1:]): answer for name, answer in answers.items()})
    lines = {f"{cut.operator}{cut.value:g}": cut.met for cut in sheet.cutoffs if cut.scale}
    return {"lines": lines, "meanings": sheet.meanings, "alerts": tuple(alert.code for alert in sheet.alerts)}


def test_there_are_three_screens() -> None:
    assert [screen.code for screen in SCREENS] == ["ehits", "hits", "wast"]


@EACH_SCREEN
def test_a_screen_is_never_prorated(screen: Measure) -> None:
    for item in screen.items:
        sheet = score(screen, *blank(calm(screen), item.number))
        assert (sheet.scales, sheet.prorated) == ({"total": None}, False)
        assert "safety_item_unanswered" in [alert.code for alert in sheet.alerts]


@EACH_SCREEN
def test_a_screen_is_never_classified_whatever_norms_are_brought(screen: Measure) -> None:
    scale = screen.scales[0]
    for norms in (None, norm_set(sd=4)):
        found = change(screen, "total", scale.high, scale.low, Approach(norms=norms))
        assert (found.change_class, found.reason) == ("not_classifiable", "safety_screen_no_change_scores")
        assert (found.gained, found.index, found.threshold_points) == (None, None, None)


@EACH_SCREEN
@given(data=st.data())
def test_a_half_empty_screen_is_positive_when_no_answer_could_make_it_negative(screen: Measure, data: st.DataObject) -> None:
    answers = data.draw(complete(screen))
    hidden = data.draw(st.sampled_from(screen.items))
    open_sheet = score(screen, *blank(answers, hidden.number))
    assert open_sheet.meanings == score(screen, {**answers, hidden.number: int(hidden.low)}).meanings


HITS_LINES = [(5, (False, False, False)), (6, (True, False, False)), (9, (True, False, False)), (10, (True, True, False))]


@pytest.mark.parametrize(("sum_", "met"), [*HITS_LINES, (11, (True, True, True))])
def test_conflicting_cutoffs_of_hits_are_all_told_and_the_lowest_decides(sum_: int, met: tuple[bool, ...]) -> None:
    rest = sum_ - 4
    found = told(HITS, _2=1 + min(rest, 4), _3=1 + max(0, min(rest - 4, 4)))
    assert found["lines"] == dict(zip((">=6", ">=10", ">=11"), met, strict=True))
    assert found["meanings"] == (("review",) if sum_ >= 6 else ())
    assert len({cut.source for cut in HITS.cutoffs}) == 4


def test_physical_harm_once_is_enough_for_hits() -> None:
    assert told(HITS, _1=2) == {
        "lines": dict.fromkeys((">=6", ">=10", ">=11"), False),
        "meanings": ("review",),
        "alerts": ("violence_review",),
    }


def test_wast_is_positive_from_13_on() -> None:
    assert told(WAST, _1=3, _2=2, _3=2)["meanings"] == ()
    assert told(WAST, _1=3, _2=2, _3=3)["lines"] == {">=13": True}


def test_wast_short_needs_both_first_answers_at_their_worst() -> None:
    assert told(WAST, _1=3)["meanings"] == told(WAST, _2=3)["meanings"] == ()
    assert told(WAST, _1=3, _2=3) == {"lines": {">=13": False}, "meanings": ("review",), "alerts": ("violence_review",)}


@pytest.mark.parametrize("number", [4, 5, 6, 8])
def test_violence_or_fear_once_is_enough_for_wast(number: int) -> None:
    assert told(WAST, **{f"_{number}": 2})["meanings"] == ("review",)
