from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.change import change
from app.clinical.measures import MEASURES

IIEF = MEASURES["iief15"]


@pytest.mark.parametrize(
    ("pre", "baseline", "points"),
    [
        (6, "severe", 7),
        (10, "severe", 7),
        (11, "moderate", 5),
        (16, "moderate", 5),
        (17, "mild_to_moderate", 4),
        (21, "mild_to_moderate", 4),
        (22, "mild", 2),
        (25, "mild", 2),
    ],
)
def test_the_gain_men_notice_depends_on_where_they_begin(pre: float, baseline: str, points: float) -> None:
    exactly, short = change(IIEF, "ef", pre, pre + points), change(IIEF, "ef", pre, pre + points - 1)
    assert exactly.minimal_important is not None
    assert short.minimal_important is not None
    assert (exactly.minimal_important.baseline, exactly.minimal_important.points) == (baseline, points)
    assert (exactly.minimal_important.reached, short.minimal_important.reached) == (True, False)


def test_a_gain_that_is_noticed_is_not_therefore_reliable() -> None:
    noticed = change(IIEF, "ef", 22, 24)
    assert noticed.minimal_important is not None
    assert (noticed.change_class, noticed.minimal_important.reached) == ("unchanged", True)


def test_a_loss_reaches_no_gain() -> None:
    lost = change(IIEF, "ef", 22, 10)
    assert lost.minimal_important is not None
    assert (lost.change_class, lost.minimal_important.reached) == ("deteriorated", False)


@given(st.integers(26, 30), st.integers(6, 30))
def test_nothing_is_known_of_the_gain_of_men_who_begin_without_a_dysfunction(pre: int, post: int) -> None:
    assert change(IIEF, "ef", pre, post).minimal_important is None


def test_only_the_erectile_domain_has_a_gain_that_is_noticed() -> None:
    assert change(IIEF, "desire", 4, 9).minimal_important is None
    assert change(MEASURES["fsfi"], "total", 18.4, 27.1).minimal_important is None


def test_the_gain_that_is_noticed_never_changes_a_class() -> None:
    silent = replace(IIEF, minimal_important=())
    for pre in range(6, 31):
        for post in range(6, 31):
            told, untold = (asdict(change(measure, "ef", pre, post)) for measure in (IIEF, silent))
            assert {**told, "minimal_important": None} == untold
