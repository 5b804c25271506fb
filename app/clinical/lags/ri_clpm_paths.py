"""The paths of a fitted RI-CLPM with their errors, and what they say together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.clinical.lags.drift import Drift
from app.clinical.lags.fitting import Solution
from app.clinical.lags.likelihood import Numbers
from app.clinical.lags.reading import DRIFT, STANDING, Difference, Evidence, Names, read
from app.clinical.lags.results import Path, Reading, Series
from app.clinical.lags.structure import Structure

SERIES: tuple[Series, Series] = ("x", "y")
NUDGE = 1e-6
SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Waves:
    """The occasions of the waves, and the spreads by which x and y were divided."""

    occasions: tuple[int, ...]
    spreads: tuple[float, float]


@dataclass(frozen=True)
class Fitted:
    """A structure with its best parameters, and what people's own drift would make of them."""

    structure: Structure
    solution: Solution
    drift: Drift | None

    def doubt(self, to: int, of: int) -> str | None:
        """What else than a path may have made it: drift, where it is there and less than half of the path stands beside it."""
        if self.drift is None or not self.drift.seen:
            return None
        places = [self.structure.lag(wave, to, of) for wave in range(1, self.structure.waves)]
        here, beside = self.solution.theta[places].mean(), self.drift.theta[places].mean()
        return DRIFT if beside * np.sign(here) < STANDING * abs(here) else None


def paths_of(fitted: Fitted, waves: Waves) -> tuple[Path, ...]:
    """Every lag at every wave; the standardised ones by the deviations' own spreads, with errors by the delta method."""
    structure, solution = fitted.structure, fitted.solution
    from scipy.stats import norm  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model

    margin = _margin()
    standard, errors = _with_errors(lambda theta: standardized(structure, theta), solution)
    paths = []
    for place, (wave, to, of) in enumerate(_lags(structure)):
        at = structure.lag(wave, to, of)
        scale = waves.spreads[to] / waves.spreads[of]
        estimate, se = scale * float(solution.theta[at]), scale * float(np.sqrt(solution.errors[at, at]))
        size, off = float(standard[place]), margin * float(np.sqrt(errors[place, place]))
        paths.append(
            Path(
                earlier=SERIES[of],
                later=SERIES[to],
                who="actor",
                wave=waves.occasions[wave],
                estimate=estimate,
                se=se,
                low=estimate - margin * se,
                high=estimate + margin * se,
                p=float(2 * norm.sf(abs(estimate / se))),
                standardized=size,
                standardized_low=size - off,
                standardized_high=size + off,
                interpretable=to == of or fitted.doubt(to, of) is None,
            )
        )
    return tuple(paths)


def standardized(structure: Structure, theta: Numbers) -> Numbers:
    """Every lag times the spread of the earlier deviation over that of the later one."""
    spread = np.sqrt(np.diag(structure.within(theta)))
    return np.array(
        [
            theta[structure.lag(wave, to, of)] * spread[2 * wave - 2 + of] / spread[2 * wave + to]
            for wave, to, of in _lags(structure)
        ]
    )


def reading_of(fitted: Fitted, names: Names) -> Reading:
    """Each direction as a whole: whether all its lags are zero (a joint Wald test), and how large they are on average."""
    structure, x_to_y, y_to_x = fitted.structure, _evidence(fitted, 1, 0), _evidence(fitted, 0, 1)
    signs = np.sign([x_to_y.size, y_to_x.size])

    def stronger(theta: Numbers) -> Numbers:
        means = [_mean_size(structure, theta, 1, 0), _mean_size(structure, theta, 0, 1)]
        return np.array([signs[0] * means[0] - signs[1] * means[1]])

    size, errors = _with_errors(stronger, fitted.solution)
    off = _margin() * float(np.sqrt(errors[0, 0]))
    return read(x_to_y, y_to_x, Difference(float(size[0]) - off, float(size[0]) + off), names)


def _evidence(fitted: Fitted, to: int, of: int) -> Evidence:
    from scipy.stats import chi2  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model

    structure, solution = fitted.structure, fitted.solution
    places = sorted({structure.lag(wave, to, of) for wave in range(1, structure.waves)})
    lags = solution.theta[places]
    wald = float(lags @ np.linalg.solve(solution.errors[np.ix_(places, places)], lags))
    size, errors = _with_errors(lambda theta: np.array([_mean_size(structure, theta, to, of)]), solution)
    off = _margin() * float(np.sqrt(errors[0, 0]))
    mean, seen = float(size[0]), float(chi2.sf(wald, len(places))) < SIGNIFICANT
    doubt = fitted.doubt(to, of) if seen else None
    return Evidence(mean, mean - off, mean + off, seen=seen and doubt is None, doubt=doubt)


def _mean_size(structure: Structure, theta: Numbers, to: int, of: int) -> float:
    return float(standardized(structure, theta).reshape(-1, 2, 2)[:, to, of].mean())


def _margin() -> float:
    from scipy.stats import norm  # noqa: PLC0415 - heavy, and loaded only by whoever asks for a model

    return float(norm.ppf(0.975))


def _lags(structure: Structure) -> list[tuple[int, int, int]]:
    return [(wave, to, of) for wave in range(1, structure.waves) for to in range(2) for of in range(2)]


def _with_errors(of: Callable[[Numbers], Numbers], solution: Solution) -> tuple[Numbers, Numbers]:
    """Figures reckoned from the parameters, and their covariances by the delta method."""
    rows = [
        (of(solution.theta + nudge) - of(solution.theta - nudge)) / (2 * NUDGE) for nudge in NUDGE * np.eye(len(solution.theta))
    ]
    slopes = np.array(rows).T
    return of(solution.theta), slopes @ solution.errors @ slopes.T
