"""How well a structure agrees with the data, and below which agreement it may not be read."""

from dataclasses import dataclass
from math import sqrt

from app.clinical.lags.results import Fit

INSIDE = 0.90
"""The usual interval of RMSEA (Browne & Cudeck 1992) is one of 90 %."""


@dataclass(frozen=True)
class FitLimits:
    """Above `rmsea` or under `cfi` a model is refused, unless chance explains its misfit (chi-square with p of `p` or more).

    Our proposal, lenient towards Hu & Bentler (1999: RMSEA near .06, CFI near .95). The third condition is there because RMSEA
    is often large by chance alone when there are few degrees of freedom, as with three waves (Kenny, Kaniskan & McCoach 2015).
    """

    rmsea: float = 0.08
    cfi: float = 0.90
    p: float = 0.05

    def broken(self, fit: Fit) -> str | None:
        """The sentence for a fit that is too poor, None for one that will do."""
        if fit.p >= self.p or (fit.rmsea <= self.rmsea and fit.cfi >= self.cfi):
            return None
        return (
            f"The model does not describe these data: RMSEA {fit.rmsea:.3f} (at most {self.rmsea:g}), "
            f"CFI {fit.cfi:.3f} (at least {self.cfi:g}), and chance does not explain it."
        )


FIT_LIMITS = FitLimits()


@dataclass(frozen=True)
class Deviances:
    """Of the model, of no restriction at all, and of independence (nothing goes with anything)."""

    model: float
    saturated: float
    independence: float


def fit_of(deviances: Deviances, n: int, df: int, width: int) -> Fit:
    """The fit for n people and `width` variables.

    Chi-square is the difference of deviances (N times the discrepancy). CFI: Bentler 1990. RMSEA: Steiger & Lind 1980, by N,
    with its interval from the non-central chi-square.
    """
    from scipy.stats import chi2  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model

    found = max(deviances.model - deviances.saturated, 0.0)
    nothing = max(deviances.independence - deviances.saturated, 0.0)
    excess, worst = max(found - df, 0.0), max(nothing - width * (width - 1) / 2, found - df, 0.0)
    low, high = (sqrt(_noncentrality(found, df, share) / (df * n)) for share in ((1 + INSIDE) / 2, (1 - INSIDE) / 2))
    return Fit(
        chi2=found,
        df=df,
        p=float(chi2.sf(found, df)),
        cfi=1 - excess / worst if worst > 0 else 1.0,
        rmsea=sqrt(excess / (df * n)),
        rmsea_low=low,
        rmsea_high=high,
    )


def _noncentrality(found: float, df: int, share: float) -> float:
    """The non-centrality under which a share of chi-squares lies below the one found; 0 where even 0 leaves fewer."""
    from scipy.optimize import brentq  # noqa: PLC0415 - the same
    from scipy.stats import chi2, ncx2  # noqa: PLC0415 - the same

    if float(chi2.cdf(found, df)) <= share:
        return 0.0
    highest = 2 * found + 100
    while float(ncx2.cdf(found, df, highest)) > share:
        highest *= 2
    return float(brentq(lambda size: float(ncx2.cdf(found, df, size)) - share, 1e-12, highest))
