"""The normal likelihood of means and covariances where some values are missing, and what fits best with nothing imposed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf, log, pi

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
MOST_STEPS = 200  # of the EM algorithm; clinical panels need some fifty
STILL = 1e-8  # change of the deviance in a step below which it stands still
TOGETHER = 10_000_000  # numbers worked on at once, to bound the memory


@dataclass(frozen=True)
class Patterns:
    """Patterns of as many answers each, one along the first axis of all four.

    `seen`: which variables were answered; `n`: by how many; `mean` and `covariance` (divided by n) of their answers.
    """

    seen: Places
    n: Numbers
    mean: Numbers
    covariance: Numbers

    @property
    def block(self) -> tuple[Places, Places]:
        """Where the answered variables stand in a matrix of all of them."""
        return self.seen[:, :, None], self.seen[:, None, :]

    def spread(self, mean: Numbers) -> Numbers:
        """Mean squares and products around other means."""
        off = self.mean - mean[self.seen]
        return self.covariance + off[:, :, None] * off[:, None, :]


@dataclass(frozen=True)
class Slope:
    """Derivatives of the deviance by the means and by the covariance matrix."""

    mean: Numbers
    covariance: Numbers


def patterns_of(values: Numbers) -> list[Patterns]:
    """Everyone (rows) sorted by which values are there (not NaN); whoever has none is left out."""
    there = ~np.isnan(values)
    kinds, which = np.unique(there, axis=0, return_inverse=True)
    found: dict[int, list[tuple[Places, int, Numbers, Numbers]]] = {}
    for number, kind in enumerate(kinds):
        if kind.any():
            rows = values[which.reshape(-1) == number][:, kind]
            mean = rows.mean(axis=0)
            covariance = (rows - mean).T @ (rows - mean) / len(rows)
            found.setdefault(int(kind.sum()), []).append((np.flatnonzero(kind), len(rows), mean, covariance))
    return [Patterns(*(np.array(column) for column in zip(*alike, strict=True))) for alike in found.values()]


def whole(n: int, mean: Numbers, covariance: Numbers) -> list[Patterns]:
    """N people who answered everything."""
    return [Patterns(np.arange(len(mean))[None], np.array([float(n)]), mean[None], covariance[None])]


def is_complete(patterns: Sequence[Patterns], width: int) -> bool:
    """Whether nobody misses any of the variables."""
    return [part.seen.shape for part in patterns] == [(1, width)]


def people(patterns: Sequence[Patterns]) -> int:
    """How many persons there are."""
    return int(sum(part.n.sum() for part in patterns))


def deviance(patterns: Sequence[Patterns], mean: Numbers, covariance: Numbers) -> float:
    """Minus twice the log-likelihood; infinite where the covariance matrix is not positive definite."""
    try:
        np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:
        return inf
    total = 0.0
    for part in patterns:
        of_part = covariance[part.block]
        roots = np.linalg.cholesky(of_part)
        sizes = 2 * np.log(np.diagonal(roots, axis1=1, axis2=2)).sum(axis=1)
        distances = (np.linalg.inv(of_part) * part.spread(mean)).sum(axis=(1, 2))
        total += float(part.n @ (sizes + distances + part.seen.shape[1] * log(2 * pi)))
    return total


def slope(patterns: Sequence[Patterns], mean: Numbers, covariance: Numbers) -> Slope:
    """Derivatives of `deviance`; `covariance` must be positive definite."""
    by_mean, by_covariance = np.zeros_like(mean), np.zeros_like(covariance)
    for part in patterns:
        inverse = np.linalg.inv(covariance[part.block])
        off = part.mean - mean[part.seen]
        np.add.at(by_mean, part.seen, -2 * part.n[:, None] * (inverse @ off[:, :, None])[:, :, 0])
        np.add.at(by_covariance, part.block, part.n[:, None, None] * (inverse - inverse @ part.spread(mean) @ inverse))
    return Slope(by_mean, by_covariance)


def curvature(patterns: Sequence[Patterns], covariance: Numbers, turns: Numbers) -> tuple[Numbers, Numbers]:
    """Expected second derivatives of `deviance`: by the means, and by parameters that each move the covariance by a `turn`."""
    by_mean = np.zeros_like(covariance)
    by_parameters = np.zeros((len(turns), len(turns)))
    for part in _in_bunches(patterns, len(turns)):
        inverse = np.linalg.inv(covariance[part.block])
        np.add.at(by_mean, part.block, 2 * part.n[:, None, None] * inverse)
        moved = inverse @ turns[:, *part.block]
        weighed = (part.n[:, None, None] * moved).reshape(len(turns), -1)
        by_parameters += weighed @ moved.transpose(0, 1, 3, 2).reshape(len(turns), -1).T
    return by_mean, by_parameters


def _in_bunches(patterns: Sequence[Patterns], turns: int) -> Iterator[Patterns]:
    for part in patterns:
        most = max(TOGETHER // (turns * part.seen.shape[1] ** 2), 1)
        for start in range(0, len(part.n), most):
            some = slice(start, start + most)
            yield Patterns(part.seen[some], part.n[some], part.mean[some], part.covariance[some])


def expected(patterns: Sequence[Patterns], width: int) -> tuple[Numbers, Numbers, bool]:
    """Means and covariances that fit well with nothing imposed, and whether they fit best.

    By the EM algorithm (Dempster, Laird & Rubin 1977), which gets near soon and, with much missing, to the top late.
    """
    if is_complete(patterns, width):
        return patterns[0].mean[0], patterns[0].covariance[0], True
    mean, variance = independent(patterns, width)
    covariance = np.diag(variance)
    before = deviance(patterns, mean, covariance)
    for _ in range(MOST_STEPS):
        mean, covariance = _expect_and_maximise(patterns, mean, covariance)
        now = deviance(patterns, mean, covariance)
        if before - now < STILL:
            return mean, covariance, now < inf
        before = now
    return mean, covariance, False


def independent(patterns: Sequence[Patterns], width: int) -> tuple[Numbers, Numbers]:
    """Means and variances of each variable alone: the baseline model, in which nothing goes with anything."""
    n, total, square = np.zeros(width), np.zeros(width), np.zeros(width)
    for part in patterns:
        np.add.at(n, part.seen, np.broadcast_to(part.n[:, None], part.seen.shape))
        np.add.at(total, part.seen, part.n[:, None] * part.mean)
    mean = total / n
    for part in patterns:
        np.add.at(square, part.seen, part.n[:, None] * np.diagonal(part.spread(mean), axis1=1, axis2=2))
    return mean, square / n


def _expect_and_maximise(patterns: Sequence[Patterns], mean: Numbers, covariance: Numbers) -> tuple[Numbers, Numbers]:
    """One step: what is missing is expected from what is there, and the means and covariances are taken of both."""
    first, second = np.zeros_like(mean), np.zeros_like(covariance)
    for part in patterns:
        filling = covariance[:, part.seen].transpose(1, 0, 2) @ np.linalg.inv(covariance[part.block])
        filled = mean + (filling @ (part.mean - mean[part.seen])[:, :, None])[:, :, 0]
        left = covariance - filling @ covariance[part.seen]
        spread = filling @ part.covariance @ filling.transpose(0, 2, 1) + left + filled[:, :, None] * filled[:, None, :]
        first += part.n @ filled
        second += np.tensordot(part.n, spread, axes=1)
    new = first / people(patterns)
    around = second / people(patterns) - np.outer(new, new)
    return new, (around + around.T) / 2
