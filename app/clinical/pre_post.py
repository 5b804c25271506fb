"""How far a group's scores moved from intake to latest: in scale points, and in spreads at intake, each with its interval."""

from dataclasses import dataclass
from math import exp, lgamma, sqrt
from typing import Final

from app.clinical.proportions import LEVEL, Interval, Z

# Sums of squares of equal decimals differ by binary fractions, which are no spread.
HAIR: Final = 1e-12


@dataclass(frozen=True)
class Pairs:
    """Sums over partners of their first and latest scores, and over couples of how far both partners moved together.

    `moved` is the sum of a couple's latest scores minus that of their first ones; couples have one or two such partners.
    """

    couples: int
    partners: int
    first: float
    first_squared: float
    latest: float
    latest_squared: float
    first_latest: float
    partners_squared: int
    moved_squared: float
    moved_partners: float


@dataclass(frozen=True)
class Effect:
    """Mean gain in points and in spreads at intake, each with its interval; `effective` independent partners."""

    partners: int
    couples: int
    effective: float
    mean_intake: float
    mean_latest: float
    sd_intake: float
    gain: float
    gain_interval: Interval
    standardized: float | None
    standardized_interval: Interval | None


def pre_post(sums: Pairs, direction: int, *, by_couple: bool = False) -> Effect:
    """The effect of at least two couples; `direction` is +1 where more is better and -1 where less is.

    The interval of the mean gain is Student's with one degree of freedom less than there are couples, from the variance of
    sums over couples. The standardised one takes Becker's variance at the effective number of partners: `n` divided by how
    much wider the first variance is than that of independent partners. With `by_couple` partners are taken to be wholly alike.
    Without a spread at intake there is no standardised gain.
    """
    n, couples = sums.partners, sums.couples
    first, latest = sums.first / n, sums.latest / n
    gain = direction * (latest - first)
    independent = _spread_of_gains(sums) / n
    clustered = independent * n / couples if by_couple else _clustered_variance(sums, latest - first)
    effective = n / min(max(clustered / independent, 1.0), n / couples) if independent > 0 else float(couples)
    half = _student(couples - 1) * sqrt(max(clustered, independent))
    sd = sqrt(_squares_about(sums.first_squared, sums.first, n) / (n - 1))
    standard = standardized_gain(gain, sd, n, _correlation(sums), effective) if sd > 0 else None
    return Effect(
        partners=n,
        couples=couples,
        effective=effective,
        mean_intake=first,
        mean_latest=latest,
        sd_intake=sd,
        gain=gain,
        gain_interval=Interval(gain - half, gain + half),
        standardized=None if standard is None else standard[0],
        standardized_interval=None if standard is None else standard[1],
    )


def standardized_gain(gain: float, sd: float, n: int, correlation: float, effective: float) -> tuple[float, Interval]:
    """`c(n - 1) * gain / SD at intake`, and `d +- z sqrt(2(1 - r)/n + d^2/(2n))`.

    `c(m) = gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2))` takes the bias of a small sample out (Hedges 1981).
    """
    m = n - 1
    d = exp(lgamma(m / 2) - lgamma((m - 1) / 2)) / sqrt(m / 2) * gain / sd
    half = Z * sqrt(gain_variance(d, correlation, effective))
    return d, Interval(d - half, d + half)


def gain_variance(d: float, correlation: float, n: float) -> float:
    """Sampling variance of a standardised mean change of `n` people: `2(1 - r)/n + d^2/(2n)`.

    Becker 1988, British Journal of Mathematical and Statistical Psychology 41:257, as metafor's SMCR.
    """
    return 2 * (1 - correlation) / n + d * d / (2 * n)


def _clustered_variance(sums: Pairs, mean: float) -> float:
    """Variance of the mean move over couples: `K/(K-1) * sum (moved - mean * partners)^2 / n^2` (Cochran 1977, 6.3)."""
    scattered = sums.moved_squared - 2 * mean * sums.moved_partners + mean * mean * sums.partners_squared
    return sums.couples / (sums.couples - 1) * max(0.0, scattered) / sums.partners**2


def _spread_of_gains(sums: Pairs) -> float:
    """Variance of the partners' gains, as if each were on their own."""
    n = sums.partners
    squared = sums.first_squared + sums.latest_squared - 2 * sums.first_latest
    return _squares_about(squared, sums.latest - sums.first, n) / (n - 1)


def _correlation(sums: Pairs) -> float:
    """Pearson's, of first and latest; 0 where one of them does not vary, which widens the interval."""
    n = sums.partners
    first = _squares_about(sums.first_squared, sums.first, n)
    latest = _squares_about(sums.latest_squared, sums.latest, n)
    if first <= 0 or latest <= 0:
        return 0.0
    return max(-1.0, min(1.0, (sums.first_latest - sums.first * sums.latest / n) / sqrt(first * latest)))


def _squares_about(squared: float, total: float, n: int) -> float:
    """The sum of squares about the mean; what is left of equal numbers after rounding is none."""
    about = squared - total * total / n
    return about if about > HAIR * squared else 0.0


def _student(freedom: int) -> float:
    """The two-sided 95 % point of Student's t."""
    from scipy.special import stdtrit  # noqa: PLC0415 - loaded when used: most requests need no statistics

    return float(stdtrit(freedom, (1 + LEVEL) / 2))
