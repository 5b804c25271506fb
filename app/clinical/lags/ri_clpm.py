"""The random intercept cross-lagged panel model: what followed what within people, apart from stable differences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from app.clinical.lags import minimum
from app.clinical.lags.drift import drift
from app.clinical.lags.fit_measures import FIT_LIMITS, Deviances, FitLimits, fit_of
from app.clinical.lags.fitting import Solution, fit, unrestricted
from app.clinical.lags.likelihood import Numbers, Patterns, deviance, independent, patterns_of, people, whole
from app.clinical.lags.panel import Panel
from app.clinical.lags.reading import Names
from app.clinical.lags.results import ModelResult, Refusal
from app.clinical.lags.ri_clpm_paths import Fitted, Waves, paths_of, reading_of
from app.clinical.lags.structure import Structure, smallest_variance

LEAST_VARIANCE = 1e-6
"""Of a variance that is estimated, in units of the series' own; less is none."""


class _RefusedError(Exception):
    """The model may not speak."""

    def __init__(self, code: Refusal, detail: str, missing: str | None = None) -> None:
        super().__init__(code)
        self.code: Refusal = code
        self.detail = detail
        self.missing = missing


@dataclass(frozen=True)
class _Data:
    """What is fitted: moments in units of each series' own spread, the spreads, and the occasions of the waves."""

    patterns: list[Patterns]
    waves: Waves


def ri_clpm(
    panel: Panel, *, equal_lags: bool = False, limits: FitLimits = FIT_LIMITS, names: Names | None = None
) -> ModelResult:
    """Fits the model to a panel of single persons (of couples: one partner of each, `Panel.of_partner`), or says why not.

    Maximum likelihood; people with missing values take part with what there is (missing at random). Lags are free over time or
    equal. Refusals are those of `results.Refusal`; fit below `limits` is one of them.
    """
    units = len(panel.units)
    steps = sum(1 for _ in panel.steps())
    empty = ModelResult(usable=False, n_units=units, n_persons=units, n_occasions=len(panel.occasions), n_pairs=steps)

    def read_and_fit() -> ModelResult:
        occasions = _waves(panel)
        structure = Structure(len(occasions), equal_lags)
        values = _wide(panel, occasions)
        seen = ~np.isnan(values).reshape(len(values), -1, 2).all(axis=2)
        _check_people(int((seen.sum(axis=1) > 1).sum()), structure)
        if panel.repeats() > minimum.MOST_REPEATED:
            raise _RefusedError("repeated_units", minimum.REPEATED)
        _check_spread(values)
        return _fitted(structure, _scaled(values, occasions), empty, limits, names or Names())

    return _or_refused(read_and_fit, empty)


def from_moments(
    covariance: Sequence[Sequence[float]], n: int, *, equal_lags: bool = False, limits: FitLimits = FIT_LIMITS
) -> ModelResult:
    """The same from the covariances (divided by n) of x1, y1, x2, y2 and so on of n people, as publications print them.

    Means are free at every wave, so they change nothing and are not asked for.
    """
    moments = np.array(covariance, dtype=np.float64)
    waves = len(moments) // 2
    empty = ModelResult(usable=False, n_units=n, n_persons=n, n_occasions=waves, n_pairs=n * (waves - 1))

    def fit_them() -> ModelResult:
        _check_waves(range(1, waves + 1))
        structure = Structure(waves, equal_lags)
        _check_people(n, structure)
        spreads = [float(np.sqrt(np.diag(moments)[series::2].mean())) for series in range(2)]
        scale = np.tile(spreads, waves)
        people_seen = whole(n, np.zeros(2 * waves), moments / np.outer(scale, scale))
        data = _Data(people_seen, Waves(tuple(range(1, waves + 1)), (spreads[0], spreads[1])))
        return _fitted(structure, data, empty, limits, Names())

    return _or_refused(fit_them, empty)


def _or_refused(fitting: Callable[[], ModelResult], empty: ModelResult) -> ModelResult:
    try:
        return fitting()
    except _RefusedError as refused:
        return replace(empty, code=refused.code, detail=refused.detail, missing=refused.missing)


def _waves(panel: Panel) -> list[int]:
    if panel.with_partners:
        raise _RefusedError("two_people_in_a_unit", "Partners are not independent: give one partner of each couple at a time.")
    _check_waves(panel.occasions)
    return panel.occasions


def _check_waves(occasions: Sequence[int]) -> None:
    if len(occasions) < minimum.FEWEST_WAVES:
        needed = f"Needed: {minimum.FEWEST_WAVES} occasions. There are {len(occasions)}."
        raise _RefusedError(
            "too_few_waves", "Stable differences and change cannot be told apart with fewer than three.", needed
        )
    if occasions[-1] - occasions[0] != len(occasions) - 1:
        raise _RefusedError(
            "gap_in_waves", "An occasion at which nobody answered lies between others; a lag does not bridge it."
        )
    if len(occasions) > minimum.MOST_WAVES:
        raise _RefusedError("too_many_waves", f"This model takes at most {minimum.MOST_WAVES} occasions.")


def _wide(panel: Panel, occasions: Sequence[int]) -> Numbers:
    """One row for each unit with any value; x and y side by side, wave by wave; NaN where missing."""
    values = np.full((len(panel.people), 2 * len(occasions)), nan)
    for place, series in enumerate(panel.people.values()):
        for occasion, row in series.items():
            if occasions[0] <= occasion <= occasions[-1]:
                values[place, 2 * (occasion - occasions[0]) :][:2] = row.x, row.y
    kept: Numbers = values[~np.isnan(values).all(axis=1)]
    return kept


def _check_people(people_seen_twice: int, structure: Structure) -> None:
    if lacking := minimum.missing_units(people_seen_twice, structure.of_covariance):
        raise _RefusedError("too_few_couples", "There are too few people for this model.", lacking)


def _check_spread(values: Numbers) -> None:
    for column in values.T:
        there = column[~np.isnan(column)]
        if len(there) < 2 or np.ptp(there) <= LEAST_VARIANCE * np.abs(there).max():
            raise _RefusedError("no_variance", "At some occasion everybody has the same value, or nobody has one.")


def _scaled(values: Numbers, occasions: Sequence[int]) -> _Data:
    """Each variable around its mean; each series by one spread for all waves, so that equal lags stay equal."""
    centred = values - np.nanmean(values, axis=0)
    spreads = [float(np.sqrt(np.nanmean(centred[:, series::2] ** 2))) for series in range(2)]
    return _Data(patterns_of(centred / np.tile(spreads, len(occasions))), Waves(tuple(occasions), (spreads[0], spreads[1])))


def _fitted(structure: Structure, data: _Data, empty: ModelResult, limits: FitLimits, names: Names) -> ModelResult:
    best = unrestricted(data.patterns, structure.width)
    solution = None if best is None or not _is_positive(best[1]) else fit(structure, data.patterns, *best)
    if best is None or solution is None:
        raise _RefusedError("did_not_converge", "No single best answer was found; the data do not determine this model.")
    _check_admissible(structure, solution)
    baseline_mean, baseline_variance = independent(data.patterns, structure.width)
    deviances = Deviances(
        model=solution.deviance,
        saturated=deviance(data.patterns, *best),
        independence=deviance(data.patterns, baseline_mean, np.diag(baseline_variance)),
    )
    found = fit_of(deviances, people(data.patterns), structure.df, structure.width)
    if poor := limits.broken(found):
        return replace(empty, code="does_not_fit", detail=poor, fit=found)
    fitted = Fitted(structure, solution, drift(structure, data.patterns, solution.theta))
    return replace(empty, usable=True, fit=found, paths=paths_of(fitted, data.waves), reading=reading_of(fitted, names))


def _is_positive(covariance: Numbers) -> bool:
    return bool(np.linalg.eigvalsh(covariance)[0] > LEAST_VARIANCE * np.diag(covariance).min())


def _check_admissible(structure: Structure, solution: Solution) -> None:
    parts = structure.parts(solution.theta)
    if smallest_variance(parts) <= LEAST_VARIANCE:
        stable = np.linalg.eigvalsh(parts.between)[0] <= LEAST_VARIANCE
        what = "The stable differences between people come out" if stable else "What changes within people comes out"
        raise _RefusedError("not_admissible", f"{what} with a negative variance or a correlation beyond one.")
    through = np.linalg.multi_dot([np.eye(2), *parts.lags[::-1]])
    if float(np.abs(np.linalg.eigvals(through)).max()) >= 1:
        raise _RefusedError("not_stationary", "Deviations grow instead of fading: these series drift and do not swing.")
