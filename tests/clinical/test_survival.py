"""Kaplan and Meier's curve against two libraries and a published example."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import SurvfuncRight

from app.clinical.survival import Curve, Ended, kaplan_meier

# Weeks in remission with 6-MP, 21 children (Freireich et al. 1963, Blood 21:699), the textbooks' example.
RELAPSED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
STILL_WELL = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def curve(events: tuple[float, ...], censored: tuple[float, ...]) -> Curve:
    happened, until = Counter(events), Counter(censored)
    return kaplan_meier({time: Ended(happened[time], until[time]) for time in happened | until})


def test_the_published_curve_of_freireichs_trial_comes_out() -> None:
    """As in Kleinbaum & Klein, Survival Analysis, chapter 2, and Collett, Modelling Survival Data, with Greenwood's errors."""
    found = curve(RELAPSED, STILL_WELL)
    assert [(step.time, step.at_risk, step.events, round(step.survival, 4)) for step in found.steps] == [
        (6, 21, 3, 0.8571),
        (7, 17, 1, 0.8067),
        (10, 15, 1, 0.7529),
        (13, 12, 1, 0.6902),
        (16, 11, 1, 0.6275),
        (22, 7, 1, 0.5378),
        (23, 6, 1, 0.4482),
    ]
    assert (found.n, found.events) == (21, 9)
    # The median is 23 weeks; its interval begins at 13 and has no upper end.
    assert (found.median.time, found.median.low, found.median.high) == (23, 13, None)


people = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=3, max_size=40).filter(
    lambda found: any(event for _, event in found)
)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")  # where nobody has had it happen yet
@hypothesis_settings(max_examples=60)
@given(people)
def test_two_libraries_agree_on_every_step(found: list[tuple[int, bool]]) -> None:
    ours = curve(tuple(time for time, event in found if event), tuple(time for time, event in found if not event))
    times, events = np.array([time for time, _ in found]), np.array([event for _, event in found])
    theirs = SurvfuncRight(times, events)
    assert [step.time for step in ours.steps] == list(theirs.surv_times)
    assert [step.at_risk for step in ours.steps] == list(theirs.n_risk)
    assert [step.survival for step in ours.steps] == pytest.approx(list(theirs.surv_prob), abs=1e-12)
    scipys: Any = ecdf(CensoredData(uncensored=times[events], right=times[~events])).sf
    band = scipys.confidence_interval(method="log-log") if len(ours.steps) and ours.steps[-1].survival > 0 else None
    for step in ours.steps:
        assert step.survival == pytest.approx(float(scipys.evaluate(np.array(step.time))), abs=1e-12)
        if band:
            low, high = (float(end.evaluate(np.array(step.time))) for end in (band.low, band.high))
            assert (step.interval.low, step.interval.high) == pytest.approx((low, high), abs=1e-9)


@hypothesis_settings(max_examples=40)
@given(people)
def test_a_library_agrees_on_the_median_and_its_interval(found: list[tuple[int, bool]]) -> None:
    ours = curve(tuple(time for time, event in found if event), tuple(time for time, event in found if not event)).median
    theirs = SurvfuncRight(np.array([time for time, _ in found]), np.array([event for _, event in found]))
    if any(abs(left - 0.5) < 1e-9 for left in theirs.surv_prob):
        return  # where exactly half is left, statsmodels takes the step after, and ours, as R's, the step itself
    median = theirs.quantile(0.5)
    assert ours.time == (None if np.isnan(median) else median)
    if theirs.surv_prob[-1] > 0 and not np.isnan(bounds := theirs.quantile_ci(0.5, method="cloglog"))[0]:
        assert (ours.low, ours.high) == (bounds[0], None if np.isinf(bounds[1]) else bounds[1])


def test_who_was_followed_and_never_improved_is_no_failure() -> None:
    found = curve((), (4, 8, 12))
    assert (found.n, found.events, found.steps, found.median.time) == (3, 0, (), None)


def test_once_it_has_happened_to_everybody_nothing_is_left_to_be_unsure_of() -> None:
    last = curve((2, 3, 5), ()).steps[-1]
    assert (last.survival, last.interval.low, last.interval.high) == (0, 0, 0)
