"""A rating against the hours since the last satisfying intimacy, in bins: a hypothesis, drawn and not tested; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import quantiles


@dataclass(frozen=True, order=True)
class Told:
    """What was rated, and how many hours ago that person was last intimate in a way that satisfied them."""

    hours: float
    value: float


@dataclass(frozen=True)
class Bin:
    """Ratings of more than `over` and at most `to` hours; the first bin begins with 0, the last has no end.

    Too few give no figure: the middle of two is neither.
    """

    over: float
    to: float | None
    n: int
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None


def binned(told: Iterable[Told], ends: Sequence[float], fewest: int) -> tuple[Bin, ...]:
    """Every bin, the empty ones too. Quartiles lie on the line between ranks (Hyndman & Fan 1996, type 7).

    Worked by hand: after 10, 20, 24 and 30 hours the ratings 8, 6, 7 and 5 with an end at 24: three in the first bin, whose
    median is 7 and whose quartiles are 6.5 and 7.5; one in the second, which is too few for a figure.

    >>> four = [Told(10, 8), Told(20, 6), Told(24, 7), Told(30, 5)]
    >>> [(one.n, one.lower_quartile, one.median, one.upper_quartile) for one in binned(four, [24], 3)]
    [(3, 6.5, 7.0, 7.5), (1, None, None, None)]
    """
    everything = tuple(told)
    bounds = [-1.0, *ends, float("inf")]
    return tuple(
        _bin(over, to, sorted(one.value for one in everything if over < one.hours <= to), fewest)
        for over, to in pairwise(bounds)
    )


def _bin(over: float, to: float, values: list[float], fewest: int) -> Bin:
    quartiles = quantiles(values, n=4, method="inclusive") if len(values) >= fewest else [None, None, None]
    return Bin(max(over, 0.0), None if to == float("inf") else to, len(values), *quartiles)
