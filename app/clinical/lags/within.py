"""The within-person lagged model: what followed what around each person's own level, over all couples together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.clinical.lags import minimum
from app.clinical.lags.panel import Panel
from app.clinical.lags.reading import DRIFT, STANDING, Difference, Evidence, Names, read
from app.clinical.lags.regressions import Regressions, regress
from app.clinical.lags.results import ModelResult, Path, Reading, Series, Who
from app.clinical.lags.steps import Steps, centred, steps_of, straightened

SERIES: tuple[Series, Series] = ("x", "y")
MOST_DRIFT = 0.5
"""Of the variance within persons, explained by everyone's own straight line; above it these are drifts and not swings. Our
proposal: in 13 steps independent numbers have .08 of it, an autoregression of .5 about .20, a random walk .6."""
MOST_PERSISTENCE = 0.95
"""Of the largest root of the lags, made good for the panel's shortness. Our proposal: beyond it deviations do not fade."""
ALIKE = 1e-8
SHORT = "which the shortness of the panel may have made"


@dataclass(frozen=True)
class _Place:
    """One path: to which series, from which, of whom."""

    to: int
    of: int
    who: Who = "actor"

    @property
    def column(self) -> int:
        """The earlier series' place in the state."""
        return self.of + (2 if self.who == "partner" else 0)

    @property
    def own(self) -> bool:
        """Whether it is an autoregression."""
        return self.to == self.column


def within_lagged(panel: Panel, *, names: Names | None = None) -> ModelResult:
    """Each series on both series one occasion before, within persons (fixed effects), with a common trend over time.

    In couples the partner's series are regressors too; their paths are told when there are enough couples for them. Errors are
    clustered by unit, so that neither two partners nor a person's own occasions count as independent. The autoregressions are
    told and not to be interpreted. A path counts as seen when its interval excludes zero, still does so when the path is made
    good for the panel's shortness, and half of it stands when everyone's own straight line is taken away.
    """
    steps = steps_of(panel)
    occasions = minimum.longest(zip(steps.unit.tolist(), steps.person.tolist(), strict=True))
    empty = ModelResult(
        usable=False, n_units=steps.units, n_persons=steps.persons, n_occasions=len(panel.occasions), n_pairs=len(steps)
    )
    noun = "couples" if panel.with_partners else "persons"
    if lacking := minimum.missing(occasions, minimum.OWN, noun):
        detail = f"There are too few {noun} with enough occasions in a row."
        everybody = replace(empty, n_units=len(panel.units), n_persons=len(panel.people))
        return replace(everybody, code="too_few_couples", detail=detail, missing=lacking)
    if panel.repeats() > minimum.MOST_REPEATED:
        return replace(empty, code="repeated_units", detail=minimum.REPEATED)
    if refused := _unfit(steps, empty):
        return refused
    plain = regress(steps, straight=False)
    if plain.persistence > MOST_PERSISTENCE:
        return replace(empty, code="not_stationary", detail="Deviations hardly fade: these series drift and do not swing.")
    across = minimum.missing(occasions, minimum.ACROSS, noun) if panel.with_partners else None
    straight = regress(steps, straight=True)
    told: Sequence[Who] = ("actor", "partner") if panel.with_partners and across is None else ("actor",)
    return replace(
        empty,
        usable=True,
        missing=across and f"For paths between partners. {across}",
        paths=tuple(_path(plain, straight, _Place(to, of, who)) for who in told for to in range(2) for of in range(2)),
        reading=_reading(plain, straight, names or Names()),
    )


def _unfit(steps: Steps, empty: ModelResult) -> ModelResult | None:
    both = np.hstack([steps.after, steps.before])
    left = centred(both, steps.person)
    if (np.abs(left).max(axis=0) <= ALIKE * np.maximum(np.abs(both).max(axis=0), 1e-300)).any():
        return replace(empty, code="no_variance", detail="A series never moves within anybody.")
    state = left[:, 2:] / np.sqrt((left[:, 2:] ** 2).sum(axis=0))
    if np.linalg.eigvalsh(state.T @ state)[0] < ALIKE:
        return replace(empty, code="collinear", detail="One series follows from the others exactly.")
    lines = 1 - (straightened(both, steps.person, steps.occasion) ** 2).sum(axis=0) / (left**2).sum(axis=0)
    if lines.max() > MOST_DRIFT:
        return replace(empty, code="drifting", detail="Most of what moves within people is their own steady drift, up or down.")
    return None


def _path(plain: Regressions, straight: Regressions, place: _Place) -> Path:
    to, column = place.to, place.column
    estimate, se = float(plain.lags[to, column]), float(plain.errors[to, column])
    scale, off = plain.scale(to, column), plain.margin * se
    return Path(
        earlier=SERIES[place.of],
        later=SERIES[to],
        who=place.who,
        wave=None,
        estimate=estimate,
        se=se,
        low=estimate - off,
        high=estimate + off,
        p=float(plain.p[to, column]),
        standardized=scale * estimate,
        standardized_low=scale * (estimate - off),
        standardized_high=scale * (estimate + off),
        interpretable=not place.own and _doubt(plain, straight, place) is None,
        short_panel_bias=None if plain.off is None else float(plain.off[to, column]),
    )


def _doubt(plain: Regressions, straight: Regressions, place: _Place) -> str | None:
    """What else may have made a path whose interval excludes zero."""
    at = place.to, place.column
    estimate, off = float(plain.lags[at]), plain.margin * float(plain.errors[at])
    if abs(estimate) <= off or plain.off is None:
        return None
    good = estimate - float(plain.off[at])
    steady = float(straight.lags[at]) - (0.0 if straight.off is None else float(straight.off[at]))
    if good * np.sign(estimate) <= off:
        return SHORT
    return DRIFT if steady * np.sign(good) < STANDING * abs(good) else None


def _reading(plain: Regressions, straight: Regressions, names: Names) -> Reading:
    x_to_y, y_to_x = _evidence(plain, straight, _Place(1, 0)), _evidence(plain, straight, _Place(0, 1))
    turned = np.sign([x_to_y.size, -y_to_x.size]) * [plain.scale(1, 0), plain.scale(0, 1)]
    size = float(turned @ [plain.lags[1, 0], plain.lags[0, 1]])
    off = plain.margin * float(np.sqrt(turned @ plain.crossing @ turned))
    return read(x_to_y, y_to_x, Difference(size - off, size + off), names)


def _evidence(plain: Regressions, straight: Regressions, place: _Place) -> Evidence:
    path, doubt = _path(plain, straight, place), _doubt(plain, straight, place)
    seen = (path.low > 0 or path.high < 0) and doubt is None
    return Evidence(path.standardized, path.standardized_low, path.standardized_high, seen=seen, doubt=doubt)
