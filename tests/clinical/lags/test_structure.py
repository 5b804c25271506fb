import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from app.clinical.lags.fitting import gradient
from app.clinical.lags.likelihood import Pattern, deviance, independent, patterns_of, saturated
from app.clinical.lags.structure import Structure
from tests.clinical.lags.simulated import World

STRUCTURES = st.builds(Structure, st.integers(3, 5), st.booleans())


def some(structure: Structure, seed: int) -> np.ndarray:
    """Admissible parameters near those of the simulated worlds."""
    dice = np.random.default_rng(seed)
    theta = 0.1 * dice.normal(size=structure.of_covariance + structure.width)
    theta[[place for place in range(3 + 3 * structure.waves) if place % 3 != 1]] += 1.0
    return theta


@pytest.mark.parametrize(("waves", "df"), [(3, 1), (4, 9), (5, 21), (6, 37)])
def test_the_degrees_of_freedom_are_those_of_the_literature(waves: int, df: int) -> None:
    assert Structure(waves, equal_lags=False).df == df
    assert Structure(waves, equal_lags=True).df == df + 4 * (waves - 2)


@given(STRUCTURES, st.integers(0, 9))
def test_the_covariances_are_those_of_the_process(structure: Structure, seed: int) -> None:
    """Built up wave by wave from the definition instead."""
    theta = some(structure, seed)
    parts = structure.parts(theta)
    own, blocks = parts.first, {}
    for wave in range(structure.waves):
        if wave:
            own = parts.lags[wave - 1] @ own @ parts.lags[wave - 1].T + parts.shocks[wave - 1]
        blocks[wave, wave] = reaching = own
        for later in range(wave + 1, structure.waves):
            blocks[later, wave] = reaching = parts.lags[later - 1] @ reaching
    whole = structure.covariance(theta)
    for (later, wave), block in blocks.items():
        assert whole[2 * later : 2 * later + 2, 2 * wave : 2 * wave + 2] == pytest.approx(block + parts.between)
    assert structure.joined(parts) == pytest.approx(theta)


@settings(max_examples=20)
@given(STRUCTURES, st.integers(0, 9))
def test_the_covariances_move_as_told(structure: Structure, seed: int) -> None:
    theta = some(structure, seed)
    for place, turn in enumerate(structure.turns(theta)):
        nudge = np.zeros(len(theta))
        nudge[place] = 1e-6
        moved = (structure.covariance(theta + nudge) - structure.covariance(theta - nudge)) / 2e-6
        assert turn == pytest.approx(moved, abs=1e-7)


def holed(seed: int, share: float = 0.2) -> np.ndarray:
    series = World().series(80, 3, seed)[:, :, :2]
    values = series.transpose(1, 0, 2).reshape(80, 6)
    values[np.random.default_rng(seed).random(values.shape) < share] = np.nan
    return values


@settings(max_examples=5)
@given(st.integers(0, 9))
def test_the_deviance_falls_as_told_with_holes_too(seed: int) -> None:
    structure, patterns = Structure(3, equal_lags=False), patterns_of(holed(seed))
    theta = some(structure, seed)
    slopes = gradient(structure, patterns, theta)
    for place, slope in enumerate(slopes):
        nudge = np.zeros(len(theta))
        nudge[place] = 1e-5
        up, down = ((structure.parts(at).means, structure.covariance(at)) for at in (theta + nudge, theta - nudge))
        assert slope == pytest.approx((deviance(patterns, *up) - deviance(patterns, *down)) / 2e-5, abs=1e-4)


def test_the_deviance_is_minus_twice_the_sum_of_normal_log_densities() -> None:
    values = holed(3)
    mean, covariance = np.linspace(-1, 1, 6), np.eye(6) + 0.3
    total = 0.0
    for row in values:
        there = ~np.isnan(row)
        if there.any():
            total += multivariate_normal.logpdf(row[there], mean[there], covariance[np.ix_(there, there)])
    assert deviance(patterns_of(values), mean, covariance) == pytest.approx(-2 * total)


def test_nothing_imposed_fits_best() -> None:
    patterns = patterns_of(holed(4))
    best = saturated(patterns, 6)
    assert best is not None
    lowest = deviance(patterns, *best)
    dice = np.random.default_rng(1)
    for _ in range(50):
        push = 0.01 * dice.normal(size=(6, 6))
        assert deviance(patterns, best[0] + push[0], best[1] + push + push.T) > lowest
    mean, variance = independent(patterns, 6)
    assert deviance(patterns, mean, np.diag(variance)) > lowest


def test_without_holes_nothing_imposed_is_the_moments_of_the_sample() -> None:
    values = holed(5, share=0.0)
    best = saturated(patterns_of(values), 6)
    assert best is not None
    assert best[0] == pytest.approx(values.mean(axis=0))
    assert best[1] == pytest.approx(np.cov(values.T, bias=True))
    assert isinstance(patterns_of(values)[0], Pattern)
