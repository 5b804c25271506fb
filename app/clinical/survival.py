"""Kaplan and Meier's curve of how long something takes, for those it has happened to and those it has not yet happened to."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log, sqrt

from app.clinical.proportions import Interval, Z


@dataclass(frozen=True)
class Ended:
    """How many it happened to at a time, and of how many no more than this is known: they were followed until then."""

    events: int = 0
    censored: int = 0


@dataclass(frozen=True)
class Step:
    """Where the curve falls: `at_risk` just before, `events` then, and the share it had not happened to after."""

    time: float
    at_risk: int
    events: int
    survival: float
    interval: Interval


@dataclass(frozen=True)
class Quantile:
    """When half had it happen; each is None when the curve, or its band, never comes so far down."""

    time: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """The steps in order of time, of `n` who were followed."""

    n: int
    events: int
    steps: tuple[Step, ...]

    @property
    def median(self) -> Quantile:
        """The first time with half or less left, and the same of the band (Brookmeyer & Crowley 1982)."""
        return Quantile(
            _first([(step.time, step.survival) for step in self.steps]),
            _first([(step.time, step.interval.low) for step in self.steps]),
            _first([(step.time, step.interval.high) for step in self.steps]),
        )


def kaplan_meier(ends: Mapping[float, Ended]) -> Curve:
    """The curve (Kaplan & Meier 1958); who is censored at a time was at risk at it.

    Its interval is Greenwood's (1926) on the scale of `log(-log S)`, so that it stays within 0 and 1 (Kalbfleisch & Prentice
    1980).
    """
    at_risk = n = sum(ended.events + ended.censored for ended in ends.values())
    left, greenwood, steps = 1.0, 0.0, []
    for time, ended in sorted(ends.items()):
        if ended.events:
            left *= 1 - ended.events / at_risk
            survivors = at_risk - ended.events
            greenwood += ended.events / (at_risk * survivors) if survivors else 0.0
            steps.append(Step(time, at_risk, ended.events, left, _log_log(left, greenwood)))
        at_risk -= ended.events + ended.censored
    return Curve(n, sum(ended.events for ended in ends.values()), tuple(steps))


def _log_log(left: float, greenwood: float) -> Interval:
    """`S ** exp(+-z sqrt(G) / |log S|)`; nothing is left to be unsure of once the curve is at 0."""
    if left <= 0:
        return Interval(0.0, 0.0)
    half = Z * sqrt(greenwood) / abs(log(left))
    return Interval(left ** exp(half), left ** exp(-half))


def _first(curve: list[tuple[float, float]]) -> float | None:
    return next((time for time, left in curve if left <= 0.5 + 1e-12), None)
