"""The weekly pulses of both partners: a within-person process with a known lead around correlated person means."""

from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.demo.clinic.truths import AFTERGLOW, AFTERGLOW_HOURS, LASTING, Setting

Numbers = NDArray[np.float64]

SEXUAL, RELATIONAL = 0, 1
MEAN, MEANS_SPREAD, WEEKS_SPREAD = 5.5, 1.0, 1.5
"""Points: where persons lie on average, how far persons lie apart, and how far a person's weeks lie apart."""

OWN_MEANS, SAME_MEANS, CROSS_MEANS = 0.5, 0.4, 0.25
"""Correlations of person means: of one's two domains, of a domain between partners, of one's one and the other's other."""

OWN_WEEKS, SAME_WEEKS = 0.2, 0.3
"""Correlations of what a week brings: to one's two domains, and to a domain of both partners."""

BURN_IN: Final = 30
INTIMATE: Final = 0.6
"""Of a couple's weeks, those with intimacy that satisfied."""

UNSAID: Final = 0.15
UNANSWERED: Final = 0.12
"""Of the hours, those left unsaid; of the weeks of a person, those without a pulse."""


@dataclass(frozen=True)
class Pulses:
    """Answers by couple, partner, week and item (six ratings, then hours; NaN where unsaid), and which weeks were answered."""

    answers: Numbers
    answered: NDArray[np.bool_]


def invent_pulses(setting: Setting, rng: np.random.Generator) -> Pulses:
    """Whole weeks of every couple; nothing in them but the lead, the partners' likeness and the afterglow.

    No person has a trend: one that both domains shared would look like a lead both ways.
    """
    shape = (setting.couples, 2, setting.weeks)
    lived = _means(setting, rng)[..., np.newaxis] + WEEKS_SPREAD * deviations(setting, rng)
    hours, glow = _hours(setting, rng)
    own = rng.normal(MEAN, MEANS_SPREAD, (setting.couples, 2, 4))
    closeness, desire, stress, tolerance = (own[..., [one]] + rng.normal(0, 1.2, shape) for one in range(4))
    ratings = [lived[:, :, SEXUAL], lived[:, :, RELATIONAL], closeness + glow, desire, stress, tolerance + glow]
    rounded = np.clip(np.rint(np.stack(ratings, axis=-1)), 0, 10)
    unsaid = rng.random(shape) < UNSAID
    said = np.where(unsaid, np.nan, hours)[..., np.newaxis]
    return Pulses(np.concatenate([rounded, said], axis=-1), rng.random(shape) >= UNANSWERED)


def deviations(setting: Setting, rng: np.random.Generator) -> Numbers:
    """By couple, partner, domain and week: a person's weeks around their own mean, with a standard deviation of 1.

    `x[t] = LASTING x[t-1] + e` and `y[t] = LASTING y[t-1] + lead x[t-1] + u`: sexual satisfaction leads and nothing leads it.
    """
    spread_x, spread_y = innovations(setting.lead)
    shocks = rng.multivariate_normal(np.zeros(4), _shocks(spread_x, spread_y), (BURN_IN + setting.weeks, setting.couples))
    weeks = shocks.reshape(BURN_IN + setting.weeks, setting.couples, 2, 2)
    for week in range(1, len(weeks)):
        weeks[week] += LASTING * weeks[week - 1]
        weeks[week, :, :, RELATIONAL] += setting.lead * weeks[week - 1, :, :, SEXUAL]
    return np.moveaxis(weeks[BURN_IN:], 0, -1)


def innovations(lead: float) -> tuple[float, float]:
    """The standard deviations of what a week brings to either domain, so that the weeks themselves have one of 1."""
    spread_x = sqrt(1 - LASTING**2)
    spread_y = spread_x
    for _ in range(50):  # the covariance of the domains depends on the spread, and the spread on it: it settles at once
        together = (LASTING * lead + OWN_WEEKS * spread_x * spread_y) / (1 - LASTING**2)
        spread_y = sqrt(1 - LASTING**2 - lead**2 - 2 * LASTING * lead * together)
    return spread_x, spread_y


def _shocks(spread_x: float, spread_y: float) -> Numbers:
    """The covariance of what a week brings to A's sexual and relational and B's sexual and relational satisfaction."""
    spreads = np.array([spread_x, spread_y] * 2)
    return _alike(OWN_WEEKS, SAME_WEEKS, 0.1) * np.outer(spreads, spreads)


def _alike(own: float, same: float, cross: float) -> Numbers:
    return np.array([[1, own, same, cross], [own, 1, cross, same], [same, cross, 1, own], [cross, same, own, 1]])


def _means(setting: Setting, rng: np.random.Generator) -> Numbers:
    alike = _alike(OWN_MEANS, SAME_MEANS, CROSS_MEANS) * MEANS_SPREAD**2
    return rng.multivariate_normal(np.full(4, MEAN), alike, setting.couples).reshape(setting.couples, 2, 2)


def _hours(setting: Setting, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Hours since satisfying intimacy at each pulse, the same for both, and what it adds to closeness and tolerance."""
    together = rng.random((setting.couples, setting.weeks)) < INTIMATE
    lately = rng.integers(2, 168, (setting.couples, setting.weeks)).astype(np.float64)
    hours = np.empty_like(lately)
    before = lately[:, 0] + 168 * rng.integers(1, 5, setting.couples)
    for week in range(setting.weeks):
        before = np.where(together[:, week], lately[:, week], before + 168)
        hours[:, week] = before
    both = np.repeat(hours[:, np.newaxis, :], 2, axis=1)
    return both, np.where(both <= AFTERGLOW_HOURS, AFTERGLOW, 0.0)
