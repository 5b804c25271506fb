"""How one week's rating goes with the next week's: a rank correlation, and what chance alone would make of it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.clinical.weeks import Pair

# 999 orders and the observed one make a thousand: the band's ends are the 25th and the 975th, the smallest p is 0.001.
SHUFFLES: Final = 999


@dataclass(frozen=True)
class LagCorrelation:
    """Spearman's rho of a week with the next, and the band in which 95 of 100 chance orders lie.

    The band is no confidence interval: it says what a couple without any relation between the two would show by chance.
    `p` is the two-sided share of chance orders at least as strong, None below the occasions that it takes.
    """

    rho: float
    low: float
    high: float
    p: float | None
    n: int
    block_weeks: int
    shuffles: int = SHUFFLES


def lag_correlation(pairs: Sequence[Pair], block_weeks: int, test_from: int) -> LagCorrelation | None:
    """The correlation of pairs in the order of their weeks; None where one of the two never varied.

    The pairs' x are cut into blocks of `block_weeks`, from a place drawn by chance and on around the end, and the blocks are
    put in an order drawn by chance, while y stays. Within a block each week keeps its neighbours, so a mood that lasts weeks
    does not pass for a relation. The construction is our proposal; docs/clinical/cycle.md tells how often the band holds what
    it should. The draws come from the pairs themselves: the same weeks always give the same band.
    Worked by hand: x 1 2 3 4 5 and y 1 2 3 5 4 differ by 1 in two ranks, so rho is 1 - 6 * 2 / (5 * 24) = 0.9.
    """
    x, y = (_standardised(_ranks(np.array(told))) for told in zip(*((pair.x, pair.y) for pair in pairs), strict=True))
    if x is None or y is None:
        return None
    rho = float(x @ y)
    by_chance = x[_orders(len(pairs), block_weeks, _seed(pairs))] @ y
    low, high = np.quantile(by_chance, (0.025, 0.975), method="inverted_cdf")
    as_strong = int(np.count_nonzero(np.abs(by_chance) >= abs(rho) - 1e-12))
    p = (1 + as_strong) / (1 + SHUFFLES) if len(pairs) >= test_from else None
    return LagCorrelation(rho, float(low), float(high), p, len(pairs), block_weeks)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ranks from 1, ties in the middle of theirs; loading scipy's would keep a reader waiting; tests ask it."""
    _, place, many = np.unique(values, return_inverse=True, return_counts=True)
    middle: NDArray[np.float64] = many.cumsum() - (many - 1) / 2
    return middle[place]


def _standardised(ranks: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Ranks with mean 0 and length 1, so that a product of two is Pearson's correlation of them."""
    centred: NDArray[np.float64] = ranks - ranks.mean()
    length = float((centred @ centred) ** 0.5)
    return centred / length if length else None


def _orders(n: int, block: int, seed: Sequence[int]) -> NDArray[np.intp]:
    """So many orders of n places, a row each: blocks of neighbours, the last one shorter, shuffled whole."""
    chance = np.random.default_rng(seed)
    count = -(-n // block)
    places = np.full(count * block, -1)
    places[:n] = np.arange(n)
    order = np.argsort(chance.random((SHUFFLES, count)), axis=1)
    shuffled = places.reshape(count, block)[order].reshape(SHUFFLES, -1)
    whole = shuffled[shuffled >= 0].reshape(SHUFFLES, n)
    starts = (chance.random(SHUFFLES) * n).astype(np.intp)
    turned: NDArray[np.intp] = (whole + starts[:, None]) % n
    return turned


def _seed(pairs: Sequence[Pair]) -> list[int]:
    """Numbers from the pairs alone: the bits of their ratings, in order."""
    told = np.array([(pair.x, pair.y) for pair in pairs], dtype=np.float64)
    return [int(bits) for bits in told.ravel().view(np.uint64)]
