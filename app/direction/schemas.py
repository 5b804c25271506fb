"""The wire shapes of analyses of which of two series came first."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, field_validator

from app.core.ids import DirectionAnalysisId
from app.core.schemas import Code, Fingerprinted, Flag, Moment, Schema

ModelName = Literal["within_lagged", "ri_clpm"]
Cell = (
    Annotated[int, Field(strict=True)]
    | Annotated[float, Field(strict=True)]
    | Annotated[str, Field(strict=True, max_length=200)]
    | None
)
MOST_ROWS: Final = 100_000
LONGEST_CSV: Final = 2_000_000
TRIED: Final = [["c1", 1, 5.0, 6.0], ["c1", 2, 5.5, 6.0], ["c2", 1, 4.0, 3.0], ["c2", 2, None, 4.5]]


class PanelSent(Schema):
    """A panel of your own: a row for each person and occasion."""

    columns: list[Annotated[str, Field(max_length=64, strict=True)]] = Field(
        min_length=1,
        max_length=20,
        description="`unit` (a couple or a person), `occasion` (whole numbers, the next one is one more), `x`, `y`; and `partner`"
        " (`a` or `b`) where units are couples.",
        examples=[["unit", "occasion", "x", "y"]],
    )
    rows: list[Annotated[list[Cell], Field(max_length=20)]] = Field(
        min_length=1, max_length=MOST_ROWS, description="As many cells as columns; null is missing.", examples=[TRIED]
    )


class ScaleNamed(Schema):
    """A scale of the catalogue."""

    measure: Code = Field(description="Measure, from the vocabulary `measures`.", examples=["rekindle_pulse"])
    scale: Code = Field(description="Scale of the measure.", examples=["sexual_satisfaction"])


X: Final = ScaleNamed(measure="rekindle_pulse", scale="sexual_satisfaction")
Y: Final = ScaleNamed(measure="rekindle_pulse", scale="relationship_satisfaction")


class DirectionAnalysisCreate(Schema):
    """What to analyse: the clinic's own data, or a panel of your own."""

    models: list[ModelName] = Field(
        default=["within_lagged", "ri_clpm"],
        min_length=1,
        max_length=2,
        description="`within_lagged`: within-person lagged regressions with errors clustered by couple. `ri_clpm`: the"
        " random-intercept cross-lagged panel model by maximum likelihood.",
        examples=[["within_lagged", "ri_clpm"]],
    )
    equal_lags: Flag = Field(
        default=False,
        description="Whether `ri_clpm` holds its lags equal over time, in the units of the series.",
        examples=[False],
    )
    panel: PanelSent | None = Field(default=None, description="A panel of your own; without one, the clinic's own data.")
    csv: Annotated[str, Field(strict=True, min_length=1, max_length=LONGEST_CSV)] | None = Field(
        default=None,
        description="The same panel as CSV instead: a header with these columns, commas, decimal points, empty or `NA` where missing.",
        examples=[None],
    )
    x: ScaleNamed | None = Field(
        default=None, description="Of the clinic's own data, the first scale: the pulse's sexual satisfaction.", examples=[None]
    )
    y: ScaleNamed | None = Field(
        default=None, description="And the second: the pulse's relationship satisfaction.", examples=[None]
    )
    weeks_per_occasion: int | None = Field(
        default=None,
        ge=1,
        le=12,
        strict=True,
        description="Of the clinic's own data, weeks from one occasion of `within_lagged` to the next: 1.",
        examples=[None],
    )
    weeks_per_wave: int | None = Field(
        default=None,
        ge=1,
        le=26,
        strict=True,
        description="Weeks of which the mean is one wave of `ri_clpm`: 1. Means over more dilute what leads within weeks.",
        examples=[None],
    )

    @field_validator("models")
    @classmethod
    def _each_once(cls, models: list[ModelName]) -> list[ModelName]:
        if len(set(models)) < len(models):
            raise ValueError("each model once")
        return models

    @property
    def brings_a_panel(self) -> bool:
        """Whether it is about the caller's own data."""
        return self.panel is not None or self.csv is not None


class FitRead(Schema):
    """How well a model agrees with the data."""

    chi2: float = Field(description="Chi-square of the model against the saturated one.", examples=[11.87])
    df: int = Field(description="Its degrees of freedom.", examples=[9])
    p: float = Field(description="Its p-value: small where the model does not agree.", examples=[0.2205])
    cfi: float = Field(description="Comparative fit index.", examples=[0.994])
    rmsea: float = Field(description="Root mean square error of approximation.", examples=[0.041])
    rmsea_low: float = Field(description="Lower end of its 90 % interval.", examples=[0.0])
    rmsea_high: float = Field(description="Upper end.", examples=[0.098])


class PathRead(Schema):
    """What one series at an occasion says about a series at the next."""

    model_config = ConfigDict(populate_by_name=True)

    earlier: str = Field(serialization_alias="from", description="The earlier series: `x` or `y`.", examples=["x"])
    later: str = Field(serialization_alias="to", description="The later one.", examples=["y"])
    who: str = Field(
        description="`actor`: both are one person's. `partner`: the earlier one is the other partner's.", examples=["actor"]
    )
    wave: int | None = Field(
        default=None, description="Occasion of the later one; null where one path holds for all.", examples=[2]
    )
    estimate: float = Field(description="In the units of the series.", examples=[0.214])
    se: float = Field(description="Its standard error.", examples=[0.046])
    low: float = Field(description="Lower end of its 95 % interval.", examples=[0.124])
    high: float = Field(description="Upper end.", examples=[0.304])
    standardized: float = Field(description="In within-person standard deviations.", examples=[0.187])
    standardized_low: float = Field(description="Lower end of its 95 % interval.", examples=[0.108])
    standardized_high: float = Field(description="Upper end.", examples=[0.266])
    p: float = Field(description="Two-sided p-value.", examples=[0.0002])
    interpretable: bool = Field(
        description="False where the panel's shortness, or a drift of people's levels, may have made it: never read it, whatever its `p`.",
        examples=[True],
    )
    short_panel_bias: float | None = Field(
        default=None, description="How far the shortness of the panel is thought to have moved the estimate.", examples=[0.007]
    )


class ModelRead(Schema):
    """What one model answers, or why it refuses."""

    usable: bool = Field(description="Whether there is an answer.", examples=[True])
    code: str | None = Field(
        default=None, description="Why not, as a code, as in `too_few_couples` or `does_not_fit`.", examples=[None]
    )
    detail: str | None = Field(default=None, description="Why not, in a sentence.", examples=[None])
    missing: str | None = Field(default=None, description="What is missing, where more data would help.", examples=[None])
    n_units: int | None = Field(
        description="Couples, or persons where a panel has no partners; of the clinic's own, too few are told in whole tens.",
        examples=[112],
    )
    n_persons: int | None = Field(description="Persons.", examples=[224])
    n_occasions: int | None = Field(description="Occasions.", examples=[20])
    n_pairs: int | None = Field(description="Steps from one occasion to the next that were used.", examples=[3961])
    fit: FitRead | None = Field(default=None, description="How well the model agrees with the data, where that can be said.")
    paths: list[PathRead] = Field(description="The lags; none where it is not usable.")
    direction: str | None = Field(
        description="What they say together: `both_ways`, `x_leads`, `y_leads` or `cannot_tell`.", examples=["x_leads"]
    )
    reading: str | None = Field(
        description="The same in a sentence.", examples=["x came first: where it rose, y tended to rise an occasion later."]
    )


EXAMPLE: Final = {
    **dict.fromkeys(("code", "detail", "missing", "fit")),
    "usable": True,
    "n_units": 112,
    "n_persons": 224,
    "n_occasions": 20,
    "n_pairs": 3961,
    "paths": [
        {
            "from": "x",
            "to": "y",
            "who": "actor",
            "wave": None,
            "estimate": 0.214,
            "se": 0.046,
            "low": 0.124,
            "high": 0.304,
            "standardized": 0.187,
            "standardized_low": 0.108,
            "standardized_high": 0.266,
            "p": 0.00002,
            "interpretable": True,
        }
    ],
    "direction": "x_leads",
    "reading": "x came first: where it rose, y tended to rise an occasion later.",
}


class DirectionAnalysisStanding(Fingerprinted):
    """How far an analysis is."""

    id: DirectionAnalysisId
    status: str = Field(description="`queued`, `running`, `done` or `failed`.", examples=["done"])
    source: str = Field(description="`clinic`: its own data. `panel`: one you brought.", examples=["clinic"])
    models: list[str] = Field(description="What was asked for.", examples=[["within_lagged", "ri_clpm"]])
    equal_lags: bool = Field(description="Whether `ri_clpm` holds its lags equal over time.", examples=[False])
    x: ScaleNamed | None = Field(description="The first scale; null for a panel.")
    y: ScaleNamed | None = Field(description="The second; null for a panel.")
    weeks_per_occasion: int | None = Field(description="Weeks from one occasion to the next; null for a panel.", examples=[1])
    weeks_per_wave: int | None = Field(description="Weeks of which the mean is one wave; null for a panel.", examples=[1])
    requested_at: Moment = Field(description="When it was asked for.")
    finished_at: Moment | None = Field(description="When it was done or failed.")
    as_of: Moment | None = Field(
        description="Of the clinic's own data, what was recorded by then counts; of a panel, when it was brought."
    )


class DirectionAnalysisRead(DirectionAnalysisStanding):
    """An analysis with what its models answer."""

    WAIT: ClassVar[int] = 1

    results: dict[str, ModelRead] = Field(
        description="By model; `ri_clpm_a` and `ri_clpm_b` where there are couples, once for each partner. Empty until it is done.",
        examples=[{"within_lagged": EXAMPLE}],
    )
    notes: list[str] = Field(
        description="How to read it.", examples=[["Which came first in time does not show what caused what."]]
    )

    @property
    def retry_after(self) -> int | None:
        """Analyses take a second or two."""
        return self.WAIT if self.status in {"queued", "running"} else None
