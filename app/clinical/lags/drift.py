"""Whether people drift at rates of their own, which the RI-CLPM has no place for and takes for lags."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.clinical.lags.likelihood import Numbers, Patterns, curvature, slope
from app.clinical.lags.structure import Structure

FEWEST_WAVES = 4
"""With three waves, people's own slopes cannot be told from anything else."""
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Drift:
    """The parameters as they would roughly be with everyone's own slopes beside them, and whether these are there at all."""

    theta: Numbers
    seen: bool


def drift(structure: Structure, patterns: Sequence[Patterns], theta: Numbers) -> Drift | None:
    """Asks at the best parameters for slopes of x and y that vary between people and go with their levels; None under 4 waves.

    A score test with 7 degrees of freedom (Rao 1948), so that nothing is fitted again; the parameters move by one step of
    Fisher scoring. The model with slopes is that of Curran, Howard, Bainter, Lane & McGinley 2014.
    """
    from scipy.stats import chi2  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model

    if structure.waves < FEWEST_WAVES:
        return None
    covariance, old = structure.covariance(theta), structure.of_covariance
    turns = np.concatenate([structure.turns(theta), _slopes(structure.waves)])
    down = slope(patterns, structure.parts(theta).means, covariance).covariance.reshape(-1) @ turns.reshape(len(turns), -1).T
    down[:old] = 0.0  # they are at their best
    _, bend = curvature(patterns, covariance, turns)
    step = -np.linalg.lstsq(bend, down, rcond=None)[0]
    score = -float(down @ step) / 2
    moved = theta.copy()
    moved[:old] += step[:old]
    return Drift(moved, seen=float(chi2.sf(score, len(turns) - old)) < SIGNIFICANT)


def _slopes(waves: int) -> Numbers:
    """How the covariances move with those of slopes, and with those of slopes and levels."""
    level = np.tile(np.eye(2), (waves, 1))
    rate = np.kron(np.arange(waves)[:, None] - (waves - 1) / 2, np.eye(2))
    halves = [np.outer(rate[:, one], rate[:, other]) for one, other in ((0, 0), (1, 0), (1, 1))]
    halves += [np.outer(level[:, one], rate[:, other]) for one in range(2) for other in range(2)]
    return np.array([half + half.T for half in halves])
