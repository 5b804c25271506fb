"""The two regressions of the within-person model, with errors clustered by unit and the correction for short panels."""

from dataclasses import dataclass

import numpy as np

from app.clinical.lags.short_panels import bias, ties
from app.clinical.lags.steps import Numbers, Steps, centred, straightened

SWAPPED = (2, 3, 0, 1)
"""The state of a couple seen by the other partner: x, y, the partner's x and y."""


@dataclass(frozen=True)
class Regressions:
    """Of x and of y (rows) on the state one occasion before (columns: x, y and, in couples, the partner's x and y).

    `errors` are clustered by unit with the usual small-sample factor G/(G-1) * (N-1)/(N-K); the fixed effects are nested in the
    clusters and are not counted in K (Cameron & Miller 2015). `p` and `margin` (of a 95 % interval, in errors) come from
    Student's t with G-1. `off` is by how much the lags are off because the panel is short (`short_panels`), None where they do
    not fade; `persistence` the largest root of the lags made good for it. `crossing` are the covariances of the two crossing
    paths, y of x and x of y.
    """

    lags: Numbers
    errors: Numbers
    p: Numbers
    margin: float
    before: Numbers
    after: Numbers
    off: Numbers | None
    persistence: float
    crossing: Numbers

    def scale(self, to: int, of: int) -> float:
        """From the units of the series to standard deviations within persons, pooled over persons."""
        return float(self.before[of] / self.after[to])


@dataclass(frozen=True)
class _Left:
    """What is left of the state, of what came after, of all regressors (the state first), and how many means were taken."""

    state: Numbers
    after: Numbers
    regressors: Numbers
    taken: int


def regress(steps: Steps, *, straight: bool) -> Regressions:
    """Around each person's own mean and a common trend or, when `straight`, around each person's own straight line."""
    from scipy.stats import t  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - the same

    left = _straightened(steps) if straight else _centred(steps)
    width, columns = left.state.shape[1], left.regressors.shape[1]
    clusters = {"groups": steps.unit}
    fits = [OLS(outcome, left.regressors).fit(cov_type="cluster", cov_kwds=clusters, use_t=True) for outcome in left.after.T]
    both = OLS(left.after.T.reshape(-1), np.kron(np.eye(2), left.regressors))
    joint = both.fit(cov_type="cluster", cov_kwds={"groups": np.tile(steps.unit, 2)}, use_t=True)
    crossing = [columns, 1]  # x in the equation of y, y in the equation of x
    lags = np.array([fit.params[:width] for fit in fits])
    off, persistence = _made_good(steps, left, lags, np.column_stack([fit.resid for fit in fits]))
    return Regressions(
        lags=lags,
        errors=np.array([fit.bse[:width] for fit in fits]),
        p=np.array([fit.pvalues[:width] for fit in fits]),
        margin=float(t.ppf(0.975, steps.units - 1)),
        before=np.sqrt((left.state**2).sum(axis=0) / (len(steps) - left.taken)),
        after=np.sqrt((left.after**2).sum(axis=0) / (len(steps) - left.taken)),
        off=off,
        persistence=persistence,
        crossing=np.asarray(joint.cov_params(), dtype=np.float64)[np.ix_(crossing, crossing)],
    )


def _centred(steps: Steps) -> _Left:
    state, time = centred(steps.before, steps.person), centred(steps.occasion[:, None].astype(np.float64), steps.person)
    regressors = np.hstack([state, time / np.sqrt((time**2).mean())])
    return _Left(state, centred(steps.after, steps.person), regressors, steps.persons)


def _straightened(steps: Steps) -> _Left:
    state = straightened(steps.before, steps.person, steps.occasion)
    return _Left(state, straightened(steps.after, steps.person, steps.occasion), state, 2 * steps.persons)


def _made_good(steps: Steps, left: _Left, lags: Numbers, residuals: Numbers) -> tuple[Numbers | None, float]:
    """By how much the lags are off, and the largest root of the lags without it."""
    couples = left.state.shape[1] > len(lags)
    whole = np.vstack([lags, lags[:, SWAPPED]]) if couples else lags

    def shocks(off: Numbers) -> Numbers:
        new = residuals + left.regressors @ off[:, : len(lags)]
        own = new.T @ new / (len(steps) - left.taken)
        if not couples:
            return np.asarray(own, dtype=np.float64)
        across = _across(steps, new) * len(steps) / (len(steps) - left.taken)
        return np.block([[own, across], [across, own]])

    tied = ties(steps, straight=left.taken > steps.persons)
    off = bias(whole, shocks, left.regressors.T @ left.regressors, tied)
    if off is None:
        return None, np.inf
    lags_off = off[: len(whole)].T
    return lags_off[: len(lags)], float(np.abs(np.linalg.eigvals(whole - lags_off)).max())


def _across(steps: Steps, residuals: Numbers) -> Numbers:
    """Mean products of one partner's residuals with the other's at the same occasion, as partners are not told apart."""
    order = np.lexsort((steps.person, steps.occasion, steps.unit))
    unit, occasion, ordered = steps.unit[order], steps.occasion[order], residuals[order]
    first = np.flatnonzero((unit[1:] == unit[:-1]) & (occasion[1:] == occasion[:-1]))
    if not len(first):
        return np.zeros((2, 2))
    products = ordered[first].T @ ordered[first + 1] / len(first)
    mean: Numbers = (products + products.T) / 2
    return mean
