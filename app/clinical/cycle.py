"""What followed what in one partner's weeks, both ways side by side: counts and points, never a verdict; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from app.clinical.lag_correlation import LagCorrelation, lag_correlation
from app.clinical.source import Source
from app.clinical.weeks import WEEK, Pair, Weeks, own_median, pairs

SOURCE: Final = Source(
    "Least weeks for what may be shown of one couple: simulated for this project (with 8 weeks a true effect of .2 has the "
    "wrong sign in 36 of 100 couples, with 80 in 4). Block length, momentum and bins of hours: our proposal",
    "proposal",
)


@dataclass(frozen=True)
class CycleRules:
    """How many weeks each figure takes; the first three may only be raised, everything else is a clinic's to set.

    `hours` are the upper ends of the bins, the last bin is open. Sexual satisfaction stayed raised for about 48 hours after
    sex (Meltzer 2017, diaries of 214 newlywed couples), which is why there is an end at 48.
    """

    draw_from: int = 8
    correlate_from: int = 20
    test_from: int = 80
    block_weeks: int = 4
    momentum_weeks: int = 8
    momentum_fewest: int = 4
    hours: tuple[float, ...] = (24, 48, 72, 168)
    bin_fewest: int = 3
    source: Source = SOURCE


PROPOSED: Final = CycleRules()


@dataclass(frozen=True)
class Count:
    """Of `n` weeks, after how many the next week was above the own median."""

    n: int
    above: int


@dataclass(frozen=True)
class OneWay:
    """One direction: weeks of x, and what the next week's y was."""

    points: tuple[Pair, ...]
    after_above: Count
    after_not_above: Count
    at_median_before: int
    at_median_after: int
    correlation: LagCorrelation | None
    no_correlation: Literal["too_few_weeks", "no_variation"] | None


@dataclass(frozen=True)
class WhatFollowed:
    """Both directions of one partner, or neither: one alone would be read as the answer.

    `paired` counts the pairs of adjacent weeks of the direction that has fewer.
    """

    paired: int
    sexual_median: float | None
    relational_median: float | None
    sexual_first: OneWay | None
    relational_first: OneWay | None
    reason: Literal["too_few_weeks"] | None


@dataclass(frozen=True)
class Momentum:
    """How many of the last weeks were above the own median; a missing week counts neither way."""

    n: int
    above: int | None
    share: float | None
    median: float | None
    reason: Literal["too_few_weeks"] | None


def what_followed(sexual: Weeks, relational: Weeks, rules: CycleRules = PROPOSED) -> WhatFollowed:
    """After weeks above the own median, how often the next week was above its own; and after the others; both ways.

    The medians are those of all weeks told of. A week at the median is not above it. Worked by hand, with `draw_from` 2:
    sexual 4 6 8, relational 5 7 6 in three weeks in a row; the medians are 6 and 6. Sexual first: the weeks before (4, 6) are
    not above 6, and the next weeks' 7 and 6 are above 6 once: after 0 weeks above 0, after 2 not above 1. Relational first:
    the 5 is followed by 6 (not above), the 7 by 8 (above): after 1 above 1, after 1 not above 0.
    """
    forth, back = pairs(sexual, relational), pairs(relational, sexual)
    paired = min(len(forth), len(back))
    if paired < rules.draw_from:
        return WhatFollowed(paired, None, None, None, None, "too_few_weeks")
    middle, other = own_median(sexual), own_median(relational)
    correlates = paired >= rules.correlate_from
    return WhatFollowed(
        paired,
        middle,
        other,
        _one_way(forth, (middle, other), rules, correlates=correlates),
        _one_way(back, (other, middle), rules, correlates=correlates),
        None,
    )


def _one_way(points: tuple[Pair, ...], medians: tuple[float, float], rules: CycleRules, *, correlates: bool) -> OneWay:
    x_median, y_median = medians
    found = lag_correlation(points, rules.block_weeks, rules.test_from) if correlates else None
    return OneWay(
        points,
        _count([pair for pair in points if pair.x > x_median], y_median),
        _count([pair for pair in points if not pair.x > x_median], y_median),
        sum(pair.x == x_median for pair in points),
        sum(pair.y == y_median for pair in points),
        found,
        None if found else "no_variation" if correlates else "too_few_weeks",
    )


def _count(weeks: Sequence[Pair], median: float) -> Count:
    return Count(len(weeks), sum(pair.y > median for pair in weeks))


def momentum(weeks: Weeks, this_week: date, rules: CycleRules = PROPOSED) -> Momentum:
    """The share above the own median of those of the last weeks, this one among them, that were told of.

    The median is that of all weeks, these included. Nothing is told below the weeks it takes to draw, or when fewer than
    `momentum_fewest` of the last ones were told of. Worked by hand: twelve weeks 1 to 12, the median is 6.5; of the last
    eight (5 to 12) six are above it: 0.75.
    """
    last = [value for week, value in weeks.items() if this_week - rules.momentum_weeks * WEEK < week <= this_week]
    if len(weeks) < rules.draw_from or len(last) < rules.momentum_fewest:
        return Momentum(len(last), None, None, None, "too_few_weeks")
    middle = own_median(weeks)
    above = sum(value > middle for value in last)
    return Momentum(len(last), above, above / len(last), middle, None)
