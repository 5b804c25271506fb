"""Hageman and Arrindell's change for groups: true change told apart from observed change, which needs 50 people or more."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import StatisticsError, correlation, fmean, stdev
from typing import Literal

from app.clinical.measure import Direction
from app.clinical.reliable_index import sem
from app.clinical.source import Source

FEWEST = 50
# One-sided 5 %.
CRITICAL = 1.65
HAGEMAN_ARRINDELL = Source("Hageman & Arrindell 1999; the exact form is recalled and must be checked", "recalled_medium")


@dataclass(frozen=True)
class Moments:
    """A group's means, SDs and correlation at two occasions, with the scale's reliability at each."""

    mean_pre: float
    mean_post: float
    sd_pre: float
    sd_post: float
    correlation: float
    reliability_pre: float
    reliability_post: float


@dataclass(frozen=True)
class GroupMember:
    """One person in the group: indices positive for the better; `passed` says confidently past the line, None without one."""

    change_index: float
    change: Literal["improved", "unchanged", "deteriorated"]
    passage_index: float | None
    passed: bool | None


@dataclass(frozen=True)
class GroupChange:
    """Every person's change, or the reason why the group cannot be judged."""

    n: int
    members: tuple[GroupMember, ...]
    reason: Literal["too_few", "no_reliable_differences"] | None
    source: Source = HAGEMAN_ARRINDELL


def group_change(
    direction: Direction, pairs: Sequence[tuple[float, float]], reliability: tuple[float, float], line: float | None = None
) -> GroupChange:
    """Judges (pre, post) pairs in scale points; `reliability` at each occasion; `line` is the cut-off of true scores."""
    if len(pairs) < FEWEST:
        return GroupChange(len(pairs), (), "too_few")
    moments = _moments(pairs, reliability)
    if moments is None or not 0 < difference_reliability(moments) <= 1:
        return GroupChange(len(pairs), (), "no_reliable_differences")
    return GroupChange(len(pairs), tuple(_member(direction, pre, post, moments, line) for pre, post in pairs), None)


def difference_reliability(m: Moments) -> float:
    """Reliability of the differences: `(s1^2 r1 + s2^2 r2 - 2 s1 s2 r12) / (s1^2 + s2^2 - 2 s1 s2 r12)`."""
    shared = 2 * m.sd_pre * m.sd_post * m.correlation
    observed = m.sd_pre**2 + m.sd_post**2 - shared
    true = m.sd_pre**2 * m.reliability_pre + m.sd_post**2 * m.reliability_post - shared
    return true / observed if observed else 0.0


def change_index(direction: Direction, pre: float, post: float, m: Moments) -> float:
    """RC_ID: `[(post - pre) r_DD + (M_post - M_pre)(1 - r_DD)] / (sqrt(r_DD) sqrt(2 SEM^2))`."""
    r = difference_reliability(m)
    true = (post - pre) * r + (m.mean_post - m.mean_pre) * (1 - r)
    return direction * true / (sqrt(r) * sqrt(2) * sem(m.sd_pre, m.reliability_pre))


def passage_index(direction: Direction, post: float, m: Moments, line: float) -> float:
    """CS_ID: `[M_post + (post - M_post) r2 - TRC] / (sqrt(r2) SEM_post)`."""
    true = m.mean_post + (post - m.mean_post) * m.reliability_post
    return direction * (true - line) / (sqrt(m.reliability_post) * sem(m.sd_post, m.reliability_post))


def _moments(pairs: Sequence[tuple[float, float]], reliability: tuple[float, float]) -> Moments | None:
    pres, posts = [pre for pre, _ in pairs], [post for _, post in pairs]
    try:
        together = correlation(pres, posts)
    except StatisticsError:
        return None
    return Moments(fmean(pres), fmean(posts), stdev(pres), stdev(posts), together, *reliability)


def _member(direction: Direction, pre: float, post: float, m: Moments, line: float | None) -> GroupMember:
    index = change_index(direction, pre, post, m)
    passage = None if line is None else passage_index(direction, post, m, line)
    return GroupMember(
        change_index=index,
        change="improved" if index >= CRITICAL else "deteriorated" if index <= -CRITICAL else "unchanged",
        passage_index=passage,
        passed=None if passage is None else passage >= CRITICAL,
    )
