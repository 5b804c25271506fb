"""Maximum likelihood for the RI-CLPM's structure: from several starts, and with a check that the top was reached."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.clinical.lags.likelihood import Numbers, Patterns, curvature, deviance, expected, is_complete, people, slope, whole
from app.clinical.lags.structure import Parts, Shape, Structure, Unrestricted, smallest_variance

STABLE_SHARES = (0.5, 0.2, 0.8)  # of what two occasions share, held to be stable at the start
MOST_STEPS = 300
MOST_DAMPING = 1e10
LEFT_TO_GAIN = 1e-8  # of deviance by one more step, whatever the units of the parameters: the top is reached
FLATTEST = 1e-9  # curvature in some direction over the largest, below which a parameter is not identified
NUDGE = 1e-5


@dataclass(frozen=True)
class Solution:
    """The best parameters, their deviance, and their covariances (the inverse of the information)."""

    theta: Numbers
    deviance: float
    errors: Numbers


def fit(structure: Structure, patterns: Sequence[Patterns], mean: Numbers, covariance: Numbers) -> Solution | None:
    """The parameters under which these people are likeliest; None where no top is found.

    `mean` and `covariance` are the unrestricted ones and give the starts. Values should be scaled to variances near one.
    The information is the expected one where nobody misses anything, the observed one where somebody does (Kenward &
    Molenberghs 1998: with values missing at random the expected one is wrong).
    """
    moments = whole(people(patterns), mean, covariance)
    theta = _top(structure, moments, [_start(structure, mean, covariance, share) for share in STABLE_SHARES])
    if theta is None:
        return None
    if not is_complete(patterns, structure.width):
        theta = _top(structure, patterns, [theta])
    return None if theta is None else _solution(structure, patterns, theta)


def _top(structure: Structure, patterns: Sequence[Patterns], starts: Sequence[Numbers]) -> Numbers | None:
    """The first admissible top from any of the starts; without one, the highest of the others."""
    tops = []
    for start in starts:
        top = _climb(structure, patterns, start)
        if top is not None and smallest_variance(structure.parts(top[0])) > 0:
            return top[0]
        tops += [top] if top is not None else []
    return min(tops, key=lambda top: top[1])[0] if tops else None


def unrestricted(patterns: Sequence[Patterns], width: int) -> tuple[Numbers, Numbers] | None:
    """Means and covariances that fit best with nothing imposed; None where there is no top."""
    mean, covariance, best = expected(patterns, width)
    if best:
        return mean, covariance
    shape = Unrestricted(width)
    top = _climb(shape, patterns, shape.joined(mean, covariance))
    return None if top is None else (top[0][shape.of_covariance :], shape.covariance(top[0]))


def _climb(shape: Shape, patterns: Sequence[Patterns], theta: Numbers) -> tuple[Numbers, float] | None:
    """Fisher scoring, damped as by Levenberg and Marquardt: each step leads down the deviance, or is tried again shorter."""
    height = _height(shape, patterns, theta)
    damping = 1e-3
    for _ in range(MOST_STEPS):
        down, bend = gradient(shape, patterns, theta), hessian(shape, patterns, theta)
        if not _is_curved(bend):
            return None
        if float(down @ np.linalg.solve(bend, down)) < LEFT_TO_GAIN:
            return theta, height
        there, lower = theta, height
        while not lower < height and damping < MOST_DAMPING:
            there = theta - np.linalg.solve(bend + damping * np.diag(np.diag(bend)), down)
            lower = _height(shape, patterns, there)
            damping *= 10
        if not lower < height:
            return None
        theta, height, damping = there, lower, damping / 100
    return None


def _height(shape: Shape, patterns: Sequence[Patterns], theta: Numbers) -> float:
    return deviance(patterns, theta[shape.of_covariance :], shape.covariance(theta))


def gradient(shape: Shape, patterns: Sequence[Patterns], theta: Numbers) -> Numbers:
    """First derivatives of the deviance by every parameter."""
    slopes = slope(patterns, theta[shape.of_covariance :], shape.covariance(theta))
    by_covariance = shape.turns(theta).reshape(shape.of_covariance, -1) @ slopes.covariance.reshape(-1)
    return np.concatenate([by_covariance, slopes.mean])


def hessian(shape: Shape, patterns: Sequence[Patterns], theta: Numbers) -> Numbers:
    """Expected second derivatives of the deviance by every parameter."""
    by_mean, by_parameters = curvature(patterns, shape.covariance(theta), shape.turns(theta))
    whole_bend = np.zeros((len(theta), len(theta)))
    whole_bend[: shape.of_covariance, : shape.of_covariance] = by_parameters
    whole_bend[shape.of_covariance :, shape.of_covariance :] = by_mean
    return whole_bend


def _solution(structure: Structure, patterns: Sequence[Patterns], theta: Numbers) -> Solution | None:
    complete = is_complete(patterns, structure.width)
    bend = hessian(structure, patterns, theta) if complete else _observed(structure, patterns, theta)
    if not _is_curved(bend):
        return None
    return Solution(theta, _height(structure, patterns, theta), 2 * np.asarray(np.linalg.inv(bend), dtype=np.float64))


def _observed(structure: Structure, patterns: Sequence[Patterns], theta: Numbers) -> Numbers:
    """Second derivatives of the deviance as they are: differences of its exact first derivatives."""
    rows = [
        gradient(structure, patterns, theta + nudge) - gradient(structure, patterns, theta - nudge)
        for nudge in NUDGE * np.eye(len(theta))
    ]
    bend: Numbers = np.array(rows) / (2 * NUDGE)
    return (bend + bend.T) / 2


def _is_curved(bend: Numbers) -> bool:
    """Whether the curvature is positive in every direction, each parameter measured by its own."""
    own = np.diag(bend)
    if not np.isfinite(bend).all() or own.min() <= 0:
        return False
    bends = np.linalg.eigvalsh(bend / np.sqrt(np.outer(own, own)))
    return bool(bends[0] > FLATTEST * bends[-1])


def _start(structure: Structure, mean: Numbers, covariance: Numbers, share: float) -> Numbers:
    """Parameters to begin with: a share of what the first and the last wave have in common is stable, the rest is regressed."""
    last = covariance[-2:, :2]
    between = _positive(share * (last + last.T) / 2)
    blocks = [slice(2 * wave, 2 * wave + 2) for wave in range(structure.waves)]
    own = [_positive(covariance[block, block] - between) for block in blocks]
    lags, shocks = [], []
    for wave in range(1, structure.waves):
        together = covariance[blocks[wave], blocks[wave - 1]] - between
        lag = together @ np.linalg.inv(own[wave - 1])
        lag *= min(1.0, 0.9 / max(float(np.abs(np.linalg.eigvals(lag)).max()), 1e-12))
        lags.append(lag)
        shocks.append(_positive(own[wave] - lag @ own[wave - 1] @ lag.T))
    return structure.joined(Parts(between, own[0], np.array(shocks), np.array(lags), mean))


def _positive(matrix: Numbers) -> Numbers:
    """The nearest covariance matrix whose variances are not tiny."""
    sizes, directions = np.linalg.eigh((matrix + matrix.T) / 2)
    made: Numbers = (directions * np.maximum(sizes, 0.05)) @ directions.T
    return made
