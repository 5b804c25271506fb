"""The wire shapes of change: from one score to another, with what the class rests on."""

from typing import Annotated, Literal

from pydantic import Field, PlainSerializer

from app.core.ids import AdministrationId
from app.core.schemas import Code, Label, Moment, Schema
from app.measures.catalogue_schemas import Citation
from app.measures.schemas import Number

Rounded = Annotated[float, PlainSerializer(lambda value: round(value, 3), return_type=float, when_used="json")]
MethodName = Annotated[
    Literal["jacobson_truax", "edwards_nunnally", "gulliksen_lord_novick", "maassen"],
    Field(description="How reliable change is computed.", examples=["jacobson_truax"]),
]


class OwnNorms(Schema):
    """Norms of your own, in place of the measure's."""

    mean: Number | None = Field(default=None, description="Mean of the clinical group.", examples=[19.2])
    sd: Number = Field(description="Standard deviation of the clinical group.", examples=[6.63])
    reliability: Number = Field(description="Reliability, from 0 to below 1.", examples=[0.88])
    reliability_kind: Literal["test_retest", "icc", "alpha", "split_half"] = Field(
        default="test_retest",
        description="What kind of reliability; `alpha` and `split_half` give no class: the threshold would be too small.",
        examples=["test_retest"],
    )
    functional_mean: Number | None = Field(default=None, description="Mean of the functional group.", examples=[30.5])
    functional_sd: Number | None = Field(
        default=None, description="Standard deviation of the functional group.", examples=[5.29]
    )
    post_sd: Number | None = Field(default=None, description="Standard deviation afterwards, for `maassen`.", examples=[None])
    post_reliability: Number | None = Field(default=None, description="Reliability afterwards, for `maassen`.", examples=[None])
    n: Annotated[int, Field(ge=2, strict=True)] | None = Field(default=None, description="How many people.", examples=[131])
    population: Label = Field(default="as sent", description="Who they were.", examples=["women in sex therapy"])
    citation: Label = Field(default="as sent", description="Where the numbers come from.", examples=["Our clinic, 2025"])


class ChangeAsked(Schema):
    """Two scores of one scale."""

    measure: Code = Field(description="Measure, by its code in the catalogue.", examples=["gmsex"])
    scale: Code = Field(default="total", description="Scale.", examples=["total"])
    pre: Number | None = Field(description="Score before.", examples=[15])
    post: Number | None = Field(description="Score after.", examples=[24])
    pre_error: Number | None = Field(
        default=None,
        description="Standard error of the score before, for measures whose change rests on it.",
        examples=[None],
    )
    post_error: Number | None = Field(default=None, description="Standard error of the score after.", examples=[None])
    method: MethodName = "jacobson_truax"
    norms: OwnNorms | None = Field(default=None, description="Your own norms, in place of the measure's.", examples=[None])
    norm_set: Code | None = Field(
        default=None,
        description="A norm set chosen in place of the measure's default: its code in the catalogue or its id (`nrm_...`).",
        examples=[None],
    )


class CutoffUsedRead(Schema):
    """The line between the ranges that a class was given with; a score that stands `operator value` is clinical."""

    kind: str = Field(description="`published`, or computed: `a`, `b`, `c`.", examples=["published"])
    operator: str = Field(description="`<`, `<=`, `>=` or `>`.", examples=[">="])
    value: Rounded = Field(description="Where it lies.", examples=[10])
    source: Citation


class ChangeBasis(Schema):
    """What an index and a class rest on."""

    method: str = Field(description="How it was computed.", examples=["jacobson_truax"])
    status: str = Field(description="What is known about reliable change here.", examples=["derived"])
    source: Citation
    published_points: float | None = Field(description="Published threshold, where one was preferred.", examples=[None])
    norm_set: str | None = Field(
        description="Norm set it was computed from: code, id (`nrm_...`), or `own`.", examples=["dres_two_weeks"]
    )
    norms_source: Citation | None = Field(description="Where that norm set comes from.")
    local: bool = Field(description="Whether it was computed from this clinic's own baselines.", examples=[False])
    population: str | None = Field(description="Who they were.", examples=["community couples"])
    n: int | None = Field(description="How many.", examples=[235])
    sd: float | None = Field(description="Standard deviation.", examples=[7.03])
    sd_note: str = Field(description="Whose it is, if not the clinical group's.", examples=[""])
    reliability: float | None = Field(description="Reliability.", examples=[0.84])
    reliability_kind: str | None = Field(description="Its kind.", examples=["test_retest"])
    reliability_gap: str = Field(description="Time between the two answers.", examples=["2 weeks"])
    reliability_source: Citation | None = Field(description="Where it comes from.")
    pre_error: float | None = Field(
        default=None, description="Standard error that came with the score before.", examples=[None]
    )
    post_error: float | None = Field(
        default=None, description="Standard error that came with the score after.", examples=[None]
    )
    confidence_level: float = Field(description="Confidence of the threshold.", examples=[0.95])
    note: str = Field(description="What to keep in mind.", examples=[""])


class MinimalGainRead(Schema):
    """The smallest gain that people who begin like this one notice; it stands beside the class and never changes it."""

    points: Rounded = Field(description="The gain, in points.", examples=[5.0])
    baseline: str = Field(description="Band that the first score lies in.", examples=["moderate"])
    estimated_in: str = Field(description="In whom it was estimated.", examples=["men who began with a moderate dysfunction"])
    reached: bool = Field(description="Whether the gain reached it.", examples=[True])
    source: Citation


class ChangeFound(Schema):
    """A change with its class; `index` and `gained` are positive for the better, whatever the measure's direction."""

    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    gained: Rounded | None = Field(description="Points towards the better.", examples=[9.0])
    index: Rounded | None = Field(description="Reliable-change index.", examples=[2.263])
    threshold_points: Rounded | None = Field(description="Smallest reliable change, in points.", examples=[7.794])
    cutoff: CutoffUsedRead | None = Field(description="The line the class was given with.", examples=[None])
    change_class: str = Field(
        serialization_alias="class",
        description="`recovered`, `improved`, `unchanged`, `deteriorated` or `not_classifiable`.",
        examples=["improved"],
    )
    reason: str | None = Field(description="Why there is no class.", examples=[None])
    flags: list[str] = Field(description="What else to know.", examples=[[]])
    minimal_important: MinimalGainRead | None = Field(
        description="The smallest gain that is noticed, where one is known for such a first score."
    )
    basis: ChangeBasis


class PointUsed(Schema):
    """One of the two scores that were compared."""

    administration_id: AdministrationId
    answered_at: Moment = Field(description="When it was answered.")
    value: float = Field(description="Score.", examples=[15.0])
    standard_error: float | None = Field(
        default=None, description="Standard error that came with it from elsewhere.", examples=[None]
    )


class ChangeSinceIntake(ChangeFound):
    """One partner's latest score against intake."""

    intake: PointUsed | None = Field(description="The first score of this episode of care that was not withheld.")
    latest: PointUsed | None = Field(description="The last score that was not withheld; null while there is only intake.")
