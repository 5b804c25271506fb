from dataclasses import replace
from math import nan

import numpy as np
import pytest

from app.clinical.lags.fit_measures import Deviances, FitLimits, fit_of
from app.clinical.lags.panel import Panel, Row
from app.clinical.lags.results import ModelResult, Path, Series
from app.clinical.lags.ri_clpm import from_moments, ri_clpm
from tests.clinical.lags.simulated import World, lags, of_couples, of_persons

LEADING = World(own=lags(own_x=0.25, own_y=0.35, x_to_y=0.2))


def paths(result: ModelResult, earlier: Series, later: Series) -> list[Path]:
    return [one for one in result.paths if (one.earlier, one.later) == (earlier, later)]


@pytest.mark.parametrize("equal", [False, True])
def test_known_lags_are_found_beside_stable_differences(equal: bool) -> None:
    result = ri_clpm(of_persons(LEADING.series(1500, 5, seed=1)), equal_lags=equal)
    assert (result.usable, result.n_units, result.n_occasions, result.n_pairs) == (True, 1500, 5, 6000)
    for earlier, later, true in (("x", "x", 0.25), ("x", "y", 0.2), ("y", "x", 0.0), ("y", "y", 0.35)):
        found = paths(result, earlier, later)  # type: ignore[arg-type]
        assert [one.wave for one in found] == [1, 2, 3, 4]
        for one in found:
            assert one.estimate == pytest.approx(true, abs=3.5 * one.se)
            assert one.standardized_low < one.standardized < one.standardized_high
        assert len({one.estimate for one in found}) == (1 if equal else 4)
    assert result.reading is not None
    assert result.reading.code == "x_leads"
    assert result.fit is not None
    assert result.fit.df == (33 if equal else 21)
    assert result.fit.p > 0.01
    assert result.fit.cfi > 0.99


def test_values_missing_at_random_are_made_good() -> None:
    """Later values of y are missing for whoever had a high x at the first wave: leaving such people out would be wrong."""
    whole = LEADING.series(1500, 4, seed=2)
    panel = of_persons(whole)
    first = {row.unit: row.x for row in panel.rows if row.occasion == 0}
    holed = Panel(tuple(replace(row, y=nan) if row.occasion > 1 and first[row.unit] > 0.8 else row for row in panel.rows))
    full, made_good = ri_clpm(panel, equal_lags=True), ri_clpm(holed, equal_lags=True)
    assert made_good.usable
    assert made_good.n_units == 1500
    for one, other in zip(full.paths, made_good.paths, strict=True):
        assert other.estimate == pytest.approx(one.estimate, abs=0.06)
        assert other.se >= one.se


def test_moments_say_what_the_people_say() -> None:
    series = LEADING.series(400, 4, seed=3)
    values = series[:, :, :2].transpose(1, 0, 2).reshape(400, 8)
    by_moments = from_moments(np.cov(values.T, bias=True).tolist(), 400)
    by_people = ri_clpm(of_persons(series))
    assert by_people.fit is not None
    assert by_moments.fit is not None
    assert by_moments.fit.chi2 == pytest.approx(by_people.fit.chi2, rel=1e-6)
    for one, other in zip(by_people.paths, by_moments.paths, strict=True):
        assert (other.estimate, other.se, other.standardized) == pytest.approx(
            (one.estimate, one.se, one.standardized), abs=1e-6
        )


def test_units_of_measurement_change_nothing_but_the_units() -> None:
    panel = of_persons(LEADING.series(300, 4, seed=4))
    moved = Panel(tuple(replace(row, x=100 * row.x - 7, y=row.y / 50) for row in panel.rows))
    one, other = ri_clpm(panel, equal_lags=True), ri_clpm(moved, equal_lags=True)
    assert one.fit is not None
    assert other.fit is not None
    assert other.fit.chi2 == pytest.approx(one.fit.chi2, abs=1e-5)
    for before, after in zip(one.paths, other.paths, strict=True):
        assert after.standardized == pytest.approx(before.standardized, abs=1e-5)
        assert after.p == pytest.approx(before.p, abs=1e-4)
    assert paths(other, "x", "y")[0].estimate == pytest.approx(paths(one, "x", "y")[0].estimate / 5000, rel=1e-4)


def test_errors_are_those_of_repeated_samples() -> None:
    found = [paths(ri_clpm(of_persons(LEADING.series(300, 4, seed)), equal_lags=True), "x", "y")[0] for seed in range(20)]
    spread = np.std([one.estimate for one in found])
    assert np.mean([one.se for one in found]) == pytest.approx(spread, rel=0.35)


def refusal(panel: Panel, *, equal_lags: bool = False) -> str | None:
    result = ri_clpm(panel, equal_lags=equal_lags)
    assert not result.usable
    assert not result.paths
    assert result.reading is None
    return result.code


def test_two_waves_cannot_tell_stable_differences_from_change() -> None:
    assert refusal(of_persons(World().series(300, 2, seed=1))) == "too_few_waves"
    assert refusal(Panel(())) == "too_few_waves"


def test_it_needs_a_hundred_people_seen_twice_and_more_with_many_waves() -> None:
    assert refusal(of_persons(World().series(99, 4, seed=1))) == "too_few_couples"
    assert ri_clpm(of_persons(World().series(100, 4, seed=1))).code != "too_few_couples"
    many = ri_clpm(of_persons(World().series(140, 11, seed=1)))
    assert (many.code, many.missing) == (
        "too_few_couples",
        "Needed: 152 couples (or persons) seen at two occasions or more. There are 140.",
    )
    once = Panel(tuple(Row(unit, unit % 3, 1.0 * unit, 2.0) for unit in range(300)))
    assert refusal(once) == "too_few_couples"


def test_waves_that_nobody_answered_and_too_many_waves_are_refused() -> None:
    series = World().series(150, 13, seed=1)
    gap = Panel(tuple(row for row in of_persons(series[:5]).rows if row.occasion != 2))
    assert refusal(gap) == "gap_in_waves"
    assert refusal(of_persons(series)) == "too_many_waves"


def test_two_partners_are_not_two_independent_people() -> None:
    panel = of_couples(World().series(200, 4, seed=1))
    assert refusal(panel) == "two_people_in_a_unit"
    assert ri_clpm(panel.of_partner("b"), equal_lags=True).usable


def test_a_wave_without_variance_is_refused() -> None:
    panel = of_persons(World().series(150, 4, seed=1))
    assert refusal(Panel(tuple(replace(row, x=3.0) if row.occasion == 2 else row for row in panel.rows))) == "no_variance"
    assert refusal(Panel(tuple(replace(row, y=nan) if row.occasion == 2 else row for row in panel.rows))) == "no_variance"


def test_one_series_twice_determines_nothing() -> None:
    panel = of_persons(World().series(150, 4, seed=1))
    assert refusal(Panel(tuple(replace(row, y=row.x) for row in panel.rows))) == "did_not_converge"


def test_stable_differences_of_negative_variance_are_refused() -> None:
    """Whoever is high is low the time after next: nothing is stable, and less than nothing comes out."""
    dice = np.random.default_rng(1)
    shocks = dice.normal(size=(6, 400, 2))
    assert refusal(of_persons(shocks[2:] - 0.9 * shocks[:-2]), equal_lags=True) == "not_admissible"


def test_a_panel_that_the_model_does_not_describe_is_refused() -> None:
    """Half of the people turn over for a while; the fit is told, the paths are not."""
    uneven = World().series(400, 5, seed=2)
    uneven[2:4] *= np.where(np.arange(400) % 2, 1.8, -0.6)[None, :, None]
    poor = ri_clpm(of_persons(uneven), equal_lags=True)
    assert poor.code == "does_not_fit"
    assert poor.fit is not None
    assert not poor.paths


def test_the_limits_of_fit_are_the_callers() -> None:
    panel = of_persons(LEADING.series(1500, 5, seed=1))
    fit = ri_clpm(panel).fit
    assert fit is not None
    assert ri_clpm(panel, limits=FitLimits(rmsea=-1, p=1.01)).code == "does_not_fit"
    assert FitLimits().broken(replace(fit, p=0.04, rmsea=0.09)) is not None
    assert FitLimits().broken(replace(fit, p=0.04, cfi=0.89)) is not None
    assert FitLimits().broken(replace(fit, p=0.06, rmsea=0.2, cfi=0.5)) is None


def test_random_walks_are_refused() -> None:
    codes = {
        ri_clpm(of_persons(np.cumsum(np.random.default_rng(seed).normal(size=(4, 150, 2)), axis=0))).code for seed in range(2)
    }
    assert codes <= {"not_admissible", "not_stationary", "does_not_fit", "did_not_converge"}


def test_no_worked_example_of_fit_is_reckoned_otherwise() -> None:
    """By hand: chi-square 30 with 20 df for 201 people; baseline 120 with 45 df."""
    fit = fit_of(Deviances(model=130.0, saturated=100.0, independence=220.0), n=201, df=20, width=10)
    assert (fit.chi2, fit.df) == (30.0, 20)
    assert fit.p == pytest.approx(0.0699, abs=0.0001)
    assert fit.cfi == pytest.approx(1 - 10 / 75)
    assert fit.rmsea == pytest.approx((10 / (20 * 201)) ** 0.5)
    assert fit.rmsea_low == 0.0
    assert fit.rmsea_low < fit.rmsea < fit.rmsea_high


@pytest.mark.parametrize("equal", [True, False])
def test_lags_that_everyones_own_drift_made_are_doubted(equal: bool) -> None:
    result = ri_clpm(of_persons(World(slope=0.3).series(400, 6, seed=1)), equal_lags=equal)
    crossing = [one for one in result.paths if one.crosses]
    assert min(one.p for one in crossing) < 0.01
    assert not any(one.interpretable for one in crossing)
    assert result.reading is not None
    assert result.reading.code == "cannot_tell"
    assert "drift" in result.reading.sentence


def test_drift_is_not_asked_for_under_four_waves_and_does_not_hide_true_lags() -> None:
    three, six = (ri_clpm(of_persons(LEADING.series(1500, waves, seed=3)), equal_lags=True) for waves in (3, 6))
    for result in (three, six):
        assert result.reading is not None
        assert result.reading.code == "x_leads"
