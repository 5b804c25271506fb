"""Shares of people with Wilson's interval, widened because the two partners of a couple are not two independent people."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

LEVEL: Final = 0.95
Z: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)


@dataclass(frozen=True)
class Interval:
    """Both ends of a two-sided 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Clustered:
    """Sums over couples of how many of their partners were judged (`judged`, 1 or 2) and how many of those count (`hits`).

    They are all that a share and its interval need, and a database can add them up.
    """

    couples: int
    judged: int
    hits: int
    judged_squared: int
    hits_squared: int
    hits_judged: int


@dataclass(frozen=True)
class Share:
    """`n` of `of` partners, and how many independent people that is worth."""

    n: int
    of: int
    rate: float
    interval: Interval
    effective: float


def wilson(hits: float, of: float) -> Interval:
    """The score interval of a proportion (Wilson 1927; Newcombe 1998, method 3), in closed form; `of` may be an effective n."""
    share, width = hits / of, Z * Z / of
    middle = share + width / 2
    half = Z * sqrt(share * (1 - share) / of + width / (4 * of))
    low, high = (middle - half) / (1 + width), (middle + half) / (1 + width)
    return Interval(0.0 if hits == 0 else low, 1.0 if hits == of else high)


def share(sums: Clustered, *, by_couple: bool = False) -> Share:
    """The share of partners; its Wilson interval is taken at their effective number, or (`by_couple`) at that of couples.

    The interval of a sample that comes in clusters: Wilson's with n divided by the design effect (Kish 1965; Korn & Graubard
    1998; Franco, Little, Louis & Slud 2019).
    """
    effective = float(sums.couples) if by_couple else effective_number(sums)
    rate = sums.hits / sums.judged
    return Share(sums.hits, sums.judged, rate, wilson(rate * effective, effective), effective)


def share_of_couples(n: int, of: int) -> Share:
    """The share of couples, which are independent of each other."""
    return Share(n, of, n / of, wilson(n, of), float(of))


def effective_number(sums: Clustered) -> float:
    """How many independent people the partners are worth: from the number of couples up to the number of partners.

    `n / deff`, where `deff` is the variance of the ratio of sums over couples, `K/(K-1) * sum (hits - p judged)^2 / n^2`
    (Cochran 1977, 6.3), against `p(1 - p)/n`. Never more than there are partners: that partners contradict each other in a
    small sample is chance. With nobody or everybody counted it is the number of couples, because nothing tells how alike they
    are.
    """
    couples, n, p = sums.couples, sums.judged, sums.hits / sums.judged
    if couples < 2 or sums.hits in {0, n}:
        return float(couples)
    scattered = sums.hits_squared - 2 * p * sums.hits_judged + p * p * sums.judged_squared
    design_effect = couples / (couples - 1) * scattered / (n * p * (1 - p))
    return n / min(max(design_effect, 1.0), n / couples)


def grouped_quantile(counts: Sequence[int], part: float) -> float:
    """Where `part` of those lie below who are counted in equal classes from 0 to 1, spread evenly within each class."""
    wanted, below, width = part * sum(counts), 0, 1 / len(counts)
    for place, n in enumerate(counts):
        if n and below + n >= wanted:
            return (place + (wanted - below) / n) * width
        below += n
    return 1.0
