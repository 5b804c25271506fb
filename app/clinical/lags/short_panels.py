"""How far fixed effects are off because a panel is short, worked out from the estimates themselves.

Taking a person's own mean away ties what is left at each occasion to all of that person's shocks (Nickell 1981). It pulls the
autoregression down. It also makes paths between the series that are not there, when they persist unequally and move together:
with autoregressions of .5 and .1 and shocks that correlate .5, a path of -.03 comes out of 14 occasions, however many couples
there are. For given lags and occasions the expected product of what is left of the state and of the shocks is known, so the
error is solved for by repetition (the idea of Kiviet 1995; for several series Hahn & Kuersteiner 2002).
"""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from app.clinical.lags.steps import Numbers, Steps

ROUNDS = 200
SETTLED = 1e-7


def ties(steps: Steps, *, straight: bool) -> dict[int, float]:
    """For each k, how strongly states are tied to the shocks of k occasions before, by what was taken away from each person.

    That is the person's own mean or, when `straight`, own straight line: the entries of the projection onto it, summed.
    """
    order = np.lexsort((steps.occasion, steps.person))
    borders = np.flatnonzero(np.diff(steps.person[order])) + 1
    shapes = Counter(tuple((at - at[0]).tolist()) for at in np.split(steps.occasion[order], borders))
    sums: dict[int, float] = {}
    for shape, people in shapes.items():
        time = np.array(shape)
        basis = np.column_stack([np.ones(len(time)), time]) if straight else np.ones((len(time), 1))
        projection = basis @ np.linalg.pinv(basis)
        gaps = time[:, None] - 1 - time[None, :]
        for gap in np.unique(gaps[gaps >= 0]).tolist():
            sums[gap] = sums.get(gap, 0.0) + people * float(projection[gaps == gap].sum())
    return sums


def bias(lags: Numbers, shocks: Callable[[Numbers], Numbers], gram: Numbers, tied: Mapping[int, float]) -> Numbers | None:
    """How far the estimates are off: of every regressor (rows) in the equation of every series of the state (columns).

    `lags` are the estimated ones, to (rows) by of (columns), of every series of the state. `shocks` gives the covariances of
    the shocks for estimates made good by what it is called with; `gram` the products of what is left of the regressors, the
    state's first. None where the lags do not fade or the repetition does not settle.
    """
    width = len(lags)
    off = np.zeros((len(gram), width))
    for _ in range(ROUNDS):
        true = lags - off[:width].T
        if float(np.abs(np.linalg.eigvals(true)).max()) >= 1:
            return None
        products = np.zeros_like(off)
        reach, reached = shocks(off), 0
        for gap in sorted(tied):
            reach = np.linalg.matrix_power(true, gap - reached) @ reach
            reached = gap
            products[:width] -= tied[gap] * reach
        before, off = off, np.asarray(np.linalg.solve(gram, products), dtype=np.float64)
        if float(np.abs(off - before).max()) < SETTLED:
            return off
    return None
