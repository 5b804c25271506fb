"""What a lag model answers: its fit, its paths, a reading in plain words, or why it refuses."""

from dataclasses import dataclass
from typing import Literal

Series = Literal["x", "y"]
Who = Literal["actor", "partner"]
ReadingCode = Literal["both_ways", "x_leads", "y_leads", "cannot_tell"]
Refusal = Literal[
    "too_few_couples",
    "too_few_waves",
    "too_many_waves",
    "gap_in_waves",
    "two_people_in_a_unit",
    "no_variance",
    "repeated_units",
    "drifting",
    "not_stationary",
    "collinear",
    "did_not_converge",
    "not_admissible",
    "does_not_fit",
]


@dataclass(frozen=True)
class Fit:
    """How well a model agrees with the data: chi-square with its df and p, CFI, and RMSEA with its 90 % interval."""

    chi2: float
    df: int
    p: float
    cfi: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float


@dataclass(frozen=True)
class Path:
    """What one series at an occasion says about a series at the next.

    `wave` is the occasion of the later one, None where one path holds for all. `who` is "actor" where both series are one
    person's, "partner" where the earlier one is the other partner's. `estimate`, `se`, `p` and the interval `low` to `high` are
    in the units of the series, the standardised ones in within-person standard deviations; intervals hold 95 %.
    `interpretable` is false where something else explains the path or may have made it: do not read it, whatever its `p`.
    `short_panel_bias` is by how much the estimate is expected to be off because the panel is short, where that is known.
    """

    earlier: Series
    later: Series
    who: Who
    wave: int | None
    estimate: float
    se: float
    low: float
    high: float
    p: float
    standardized: float
    standardized_low: float
    standardized_high: float
    interpretable: bool = True
    short_panel_bias: float | None = None

    @property
    def crosses(self) -> bool:
        """Whether it leads from one series to the other."""
        return self.earlier != self.later


@dataclass(frozen=True)
class Reading:
    """What the paths together say, as a code and in a sentence for a therapist."""

    code: ReadingCode
    sentence: str


@dataclass(frozen=True)
class ModelResult:
    """One model's answer, or a refusal: `usable` false, a stable `code`, the `detail`, what is `missing` where more would help.

    `n_units` are couples (or persons, in a panel without partners), `n_pairs` the steps from one occasion to the next that were
    used. A model that was fitted and then refused keeps its `fit`, and never its paths.
    """

    usable: bool
    n_units: int
    n_persons: int
    n_occasions: int
    n_pairs: int
    code: Refusal | None = None
    detail: str | None = None
    missing: str | None = None
    fit: Fit | None = None
    paths: tuple[Path, ...] = ()
    reading: Reading | None = None
