"""Panels whose lags are known."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.clinical.lags.panel import Panel, Partner, Row

Numbers = NDArray[np.float64]
BURN_IN = 30


def lags(own_x: float = 0.3, own_y: float = 0.3, x_to_y: float = 0.0, y_to_x: float = 0.0) -> Numbers:
    """From which series (columns: x, y) to which (rows)."""
    return np.array([[own_x, y_to_x], [x_to_y, own_y]])


@dataclass(frozen=True)
class World:
    """Couples whose deviations follow `own` lags and, across partners, `across`; shocks of variance one that go together.

    `stable` is the variance of the stable differences between people, those of x and y correlating .5; `slope` the spread of
    everyone's own steady drift an occasion, the same in both series.
    """

    own: Numbers = field(default_factory=lags)
    across: Numbers = field(default_factory=lambda: np.zeros((2, 2)))
    together: float = 0.3
    partners_together: float = 0.3
    stable: float = 1.0
    slope: float = 0.0

    def series(self, couples: int, occasions: int, seed: int) -> Numbers:
        """Occasions by couples by (x, y, partner's x, partner's y)."""
        dice = np.random.default_rng(seed)
        alike = np.kron(
            [[1.0, self.partners_together], [self.partners_together, 1.0]], [[1, self.together], [self.together, 1]]
        )
        root = np.linalg.cholesky(alike)
        carry = np.block([[self.own, self.across], [self.across, self.own]])
        stable = np.linalg.cholesky(self.stable * np.kron(np.eye(2), [[1.0, 0.5], [0.5, 1.0]]) + 1e-12 * np.eye(4))
        level = dice.normal(size=(couples, 4)) @ stable.T
        drift = dice.normal(size=(couples, 1)) * self.slope
        now, seen = dice.normal(size=(couples, 4)) @ root.T, []
        for occasion in range(-BURN_IN, occasions):
            now = now @ carry.T + dice.normal(size=(couples, 4)) @ root.T
            if occasion >= 0:
                seen.append(level + drift * (occasion - occasions / 2) + now)
        return np.array(seen)


def of_couples(series: Numbers) -> Panel:
    """Both partners of each couple."""
    places: tuple[tuple[Partner, int], ...] = (("a", 0), ("b", 2))
    return Panel(
        tuple(
            Row(couple, occasion, float(at[couple, place]), float(at[couple, place + 1]), partner)
            for occasion, at in enumerate(series)
            for couple in range(len(at))
            for partner, place in places
        )
    )


def of_persons(series: Numbers) -> Panel:
    """One partner of each couple, as persons; the first two series of any table."""
    return Panel(
        tuple(
            Row(person, occasion, float(at[person, 0]), float(at[person, 1]))
            for occasion, at in enumerate(series)
            for person in range(len(at))
        )
    )
