"""How far fixed effects are off because a panel is short, worked out from the estimates themselves.

Taking a person's own mean away ties what is left at each occasion to all of that person's shocks (Nickell 1981). It pulls the
autoregression down. It also makes paths between the series that are not there, when they persist unequally and move together:
with autoregressions of .5 and .1 and shocks that correlate .5, a path of -.03 comes out of 14 occasions, however many couples
there are. For given lags and occasions the expected product of what is left of the state and of the shocks is known, so the
error is solved for by repetition (the idea of Kiviet 1995; for several series Hahn & Kuersteiner 2002).
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from app.clinical.lags.steps import Numbers, Steps

ROUNDS = 50
SETTLED = 1e-10


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


def bias(lags: Numbers, shocks: Numbers, gram: Numbers, tied: Mapping[int, float]) -> Numbers | None:
    """How far the estimated `lags` (to by of, every series of the state) are off; None where they do not fade.

    `shocks` are the covariances of the shocks, `gram` the products of what is left of the regressors, the state's first.
    """
    width = len(lags)
    off = np.zeros_like(lags)
    for _ in range(ROUNDS):
        true = lags - off
        if float(np.abs(np.linalg.eigvals(true)).max()) >= 1:
            return None
        products = np.zeros((len(gram), width))
        power, reached = np.eye(width), 0
        for gap in sorted(tied):
            power = np.linalg.matrix_power(true, gap - reached) @ power
            reached = gap
            products[:width] -= tied[gap] * (power @ shocks)
        before, off = off, np.asarray(np.linalg.solve(gram, products)[:width].T, dtype=np.float64)
        if float(np.abs(off - before).max()) < SETTLED:
            break
    return off
