"""The RI-CLPM's structure: which means and covariances its parameters imply, and how these move with each parameter."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
PAIR = ((0, 0), (1, 0), (1, 1))  # the three numbers of a symmetric two by two matrix


@dataclass(frozen=True)
class Parts:
    """The parameters by name, x before y.

    `between`: covariances of the stable differences; `first`: of the first wave's deviations; `shocks`: of what is new at each
    later wave; `lags[t][i][j]`: from series j at one wave to series i at the next; `means`: wave by wave.
    """

    between: Numbers
    first: Numbers
    shocks: Numbers
    lags: Numbers
    means: Numbers


class Shape(Protocol):
    """Means and covariances as functions of parameters: first those that move the covariances, then every mean."""

    @property
    def of_covariance(self) -> int:
        """How many parameters move the covariances."""
        ...

    def covariance(self, theta: Numbers) -> Numbers:
        """Covariances of what is observed."""
        ...

    def turns(self, theta: Numbers) -> Numbers:
        """How the covariances move with each parameter that moves them: one matrix each."""
        ...


@dataclass(frozen=True)
class Unrestricted:
    """Every covariance is a parameter of its own."""

    width: int

    @property
    def of_covariance(self) -> int:
        """How many there are."""
        return self.width * (self.width + 1) // 2

    def joined(self, mean: Numbers, covariance: Numbers) -> Numbers:
        """The parameters in a row."""
        return np.concatenate([covariance[np.tril_indices(self.width)], mean])

    def covariance(self, theta: Numbers) -> Numbers:
        """The covariances themselves."""
        covariance = np.zeros((self.width, self.width))
        rows, columns = np.tril_indices(self.width)
        covariance[rows, columns] = covariance[columns, rows] = theta[: self.of_covariance]
        return covariance

    def turns(self, theta: Numbers) -> Numbers:  # noqa: ARG002 - they are the same everywhere
        """Each parameter moves its own place, and the one across."""
        turns = np.zeros((self.of_covariance, self.width, self.width))
        rows, columns = np.tril_indices(self.width)
        places = np.arange(self.of_covariance)
        turns[places, rows, columns] = turns[places, columns, rows] = 1.0
        return turns


@dataclass(frozen=True)
class Structure:
    """Random intercepts and lagged deviations of two series over `waves` (Hamaker, Kuiper & Grasman 2015).

    Variables are ordered x1, y1, x2, y2 and so on. Parameters: 3 between, 3 of the first wave, 3 shocks for each later wave,
    4 lags for each later wave (or 4 in all when `equal_lags`), and every mean; variances may be of any sign.
    """

    waves: int
    equal_lags: bool

    @property
    def width(self) -> int:
        """How many variables there are."""
        return 2 * self.waves

    @property
    def lag_sets(self) -> int:
        """How many sets of four lags are free."""
        return 1 if self.equal_lags else self.waves - 1

    @property
    def of_covariance(self) -> int:
        """How many parameters move the covariances: 7T - 1, fewer when lags are equal."""
        return 3 + 3 * self.waves + 4 * self.lag_sets

    @property
    def df(self) -> int:
        """Covariances minus parameters: 2T^2 - 6T + 1 with free lags."""
        return self.waves * (2 * self.waves + 1) - self.of_covariance

    def lag(self, wave: int, to: int, of: int) -> int:
        """The place of a lag among the parameters; `wave` is the later one, from 1."""
        return 3 + 3 * self.waves + 4 * (0 if self.equal_lags else wave - 1) + 2 * to + of

    def parts(self, theta: Numbers) -> Parts:
        """The parameters by name."""
        symmetric = np.empty((1 + self.waves, 2, 2))
        for place, (row, column) in enumerate(PAIR):
            symmetric[:, row, column] = symmetric[:, column, row] = theta[place : 3 + 3 * self.waves : 3]
        lags = theta[3 + 3 * self.waves : self.of_covariance].reshape(self.lag_sets, 2, 2)
        return Parts(
            between=symmetric[0],
            first=symmetric[1],
            shocks=symmetric[2:],
            lags=np.broadcast_to(lags, (self.waves - 1, 2, 2)),
            means=theta[self.of_covariance :],
        )

    def joined(self, parts: Parts) -> Numbers:
        """The parameters in a row; lags that are held equal are averaged."""
        symmetric = np.concatenate([parts.between[None], parts.first[None], parts.shocks])
        lags = parts.lags.mean(axis=0)[None] if self.equal_lags else parts.lags
        rows, columns = zip(*PAIR, strict=True)
        return np.concatenate([symmetric[:, rows, columns].reshape(-1), lags.reshape(-1), parts.means])

    def carried(self, parts: Parts) -> Numbers:
        """How each shock reaches each deviation: the inverse of (I - B)."""
        carried = np.eye(self.width)
        for wave in range(1, self.waves):
            now, before = slice(2 * wave, 2 * wave + 2), slice(2 * wave - 2, 2 * wave)
            carried[now, : 2 * wave] = parts.lags[wave - 1] @ carried[before, : 2 * wave]
        return carried

    def within(self, theta: Numbers) -> Numbers:
        """Covariances of the deviations."""
        parts = self.parts(theta)
        carried = self.carried(parts)
        return carried @ self._shocks(parts) @ carried.T

    def covariance(self, theta: Numbers) -> Numbers:
        """Covariances of what is observed."""
        return self.within(theta) + np.tile(self.parts(theta).between, (self.waves, self.waves))

    def turns(self, theta: Numbers) -> Numbers:
        """How the covariances move with each parameter that moves them: one matrix each."""
        parts = self.parts(theta)
        carried = self.carried(parts)
        within = carried @ self._shocks(parts) @ carried.T
        turns = np.zeros((self.of_covariance, self.width, self.width))
        turns[:3] = self._between_turns
        for wave in range(self.waves):
            for place, (row, column) in enumerate(PAIR):
                half = np.outer(carried[:, 2 * wave + row], carried[:, 2 * wave + column])
                turns[3 + 3 * wave + place] = half if row == column else half + half.T
        for wave in range(1, self.waves):
            for to in range(2):
                for of in range(2):
                    half = np.outer(carried[:, 2 * wave + to], within[2 * wave - 2 + of])
                    turns[self.lag(wave, to, of)] += half + half.T
        return turns

    @cached_property
    def _between_turns(self) -> Numbers:
        pairs = np.zeros((3, 2, 2))
        for place, (row, column) in enumerate(PAIR):
            pairs[place, row, column] = pairs[place, column, row] = 1.0
        return np.tile(pairs, (1, self.waves, self.waves))

    def _shocks(self, parts: Parts) -> Numbers:
        whole = np.zeros((self.width, self.width))
        for wave, block in enumerate([parts.first, *parts.shocks]):
            whole[2 * wave : 2 * wave + 2, 2 * wave : 2 * wave + 2] = block
        return whole


def smallest_variance(parts: Parts) -> float:
    """The smallest variance, in any direction, of the stable differences, the first deviations and the shocks."""
    return min(float(np.linalg.eigvalsh(block)[0]) for block in [parts.between, parts.first, *parts.shocks])
