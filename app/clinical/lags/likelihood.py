"""The normal likelihood of means and covariances where some values are missing, and what fits best with nothing imposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, pi

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
MOST_STEPS = 5000  # of the EM algorithm; clinical panels need some fifty
STILL = 1e-9  # change of the deviance in a step below which it stands still


@dataclass(frozen=True)
class Pattern:
    """Everyone who answered the same variables (`seen`, their places): how many, their means and covariances (divided by n)."""

    seen: NDArray[np.intp]
    n: int
    mean: Numbers
    covariance: Numbers


@dataclass(frozen=True)
class Slope:
    """Derivatives of the deviance by the means and by the covariance matrix."""

    mean: Numbers
    covariance: Numbers


def patterns_of(values: Numbers) -> list[Pattern]:
    """Everyone (rows) sorted by which values are there (not NaN); whoever has none is left out."""
    there = ~np.isnan(values)
    kinds, which = np.unique(there, axis=0, return_inverse=True)
    found = []
    for number, kind in enumerate(kinds):
        if kind.any():
            rows = values[which.reshape(-1) == number][:, kind]
            mean = rows.mean(axis=0)
            found.append(Pattern(np.flatnonzero(kind), len(rows), mean, (rows - mean).T @ (rows - mean) / len(rows)))
    return found


def is_complete(patterns: Sequence[Pattern]) -> bool:
    """Whether nobody misses anything."""
    return len(patterns) == 1


def people(patterns: Sequence[Pattern]) -> int:
    """How many persons there are."""
    return sum(pattern.n for pattern in patterns)


def deviance(patterns: Sequence[Pattern], mean: Numbers, covariance: Numbers) -> float:
    """Minus twice the log-likelihood; infinite where the covariance matrix is not positive definite."""
    total = 0.0
    for pattern in patterns:
        part = covariance[np.ix_(pattern.seen, pattern.seen)]
        try:
            root = np.linalg.cholesky(part)
        except np.linalg.LinAlgError:
            return inf
        off = pattern.mean - mean[pattern.seen]
        spread = np.linalg.solve(root, pattern.covariance + np.outer(off, off))
        size = 2 * float(np.log(np.diag(root)).sum()) + float(np.trace(np.linalg.solve(root, spread.T)))
        total += pattern.n * (size + len(pattern.seen) * log(2 * pi))
    return total


def slope(patterns: Sequence[Pattern], mean: Numbers, covariance: Numbers) -> Slope:
    """Derivatives of `deviance`; `covariance` must be positive definite."""
    by_mean, by_covariance = np.zeros_like(mean), np.zeros_like(covariance)
    for pattern in patterns:
        inverse = np.linalg.inv(covariance[np.ix_(pattern.seen, pattern.seen)])
        off = pattern.mean - mean[pattern.seen]
        by_mean[pattern.seen] -= 2 * pattern.n * inverse @ off
        spread = pattern.covariance + np.outer(off, off)
        by_covariance[np.ix_(pattern.seen, pattern.seen)] += pattern.n * (inverse - inverse @ spread @ inverse)
    return Slope(by_mean, by_covariance)


def curvature(patterns: Sequence[Pattern], covariance: Numbers, turns: Numbers) -> tuple[Numbers, Numbers]:
    """Expected second derivatives of `deviance`: by the means, and by parameters that each move the covariance by a `turn`."""
    by_mean = np.zeros_like(covariance)
    by_parameters = np.zeros((len(turns), len(turns)))
    for pattern in patterns:
        place = np.ix_(pattern.seen, pattern.seen)
        inverse = np.linalg.inv(covariance[place])
        by_mean[place] += 2 * pattern.n * inverse
        moved = inverse @ turns[:, pattern.seen[:, None], pattern.seen]
        flat = moved.reshape(len(turns), -1)
        by_parameters += pattern.n * flat @ moved.transpose(0, 2, 1).reshape(len(turns), -1).T
    return by_mean, by_parameters


def saturated(patterns: Sequence[Pattern], width: int) -> tuple[Numbers, Numbers] | None:
    """Means and covariances that fit best with nothing imposed; None where they do not settle.

    With missing values by the EM algorithm (Dempster, Laird & Rubin 1977).
    """
    if is_complete(patterns):
        return patterns[0].mean, patterns[0].covariance
    mean, variance = independent(patterns, width)
    covariance = np.diag(variance)
    before = deviance(patterns, mean, covariance)
    for _ in range(MOST_STEPS):
        mean, covariance = _expect_and_maximise(patterns, mean, covariance)
        now = deviance(patterns, mean, covariance)
        if before - now < STILL:
            return (mean, covariance) if now < inf else None
        before = now
    return None


def independent(patterns: Sequence[Pattern], width: int) -> tuple[Numbers, Numbers]:
    """Means and variances of each variable alone: the baseline model, in which nothing goes with anything."""
    n, total, square = np.zeros(width), np.zeros(width), np.zeros(width)
    for pattern in patterns:
        n[pattern.seen] += pattern.n
        total[pattern.seen] += pattern.n * pattern.mean
    mean = total / n
    for pattern in patterns:
        square[pattern.seen] += pattern.n * (np.diag(pattern.covariance) + (pattern.mean - mean[pattern.seen]) ** 2)
    return mean, square / n


def _expect_and_maximise(patterns: Sequence[Pattern], mean: Numbers, covariance: Numbers) -> tuple[Numbers, Numbers]:
    """One step: what is missing is expected from what is there, and the means and covariances are taken of both."""
    n = people(patterns)
    first, second = np.zeros_like(mean), np.zeros_like(covariance)
    for pattern in patterns:
        seen = pattern.seen
        filling = covariance[:, seen] @ np.linalg.inv(covariance[np.ix_(seen, seen)])
        filled = mean + filling @ (pattern.mean - mean[seen])
        left = covariance - filling @ covariance[seen, :]
        first += pattern.n * filled
        second += pattern.n * (filling @ pattern.covariance @ filling.T + left + np.outer(filled, filled))
    new = first / n
    spread = second / n - np.outer(new, new)
    return new, (spread + spread.T) / 2
