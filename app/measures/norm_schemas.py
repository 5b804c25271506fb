"""The wire shapes of norm sets that a clinic brings or computes from its own baselines."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import NormSetId
from app.core.schemas import Code, Label, Moment, Schema, Versioned
from app.measures.change_schemas import Rounded
from app.measures.schemas import Number

MOST_PEOPLE = 10_000_000

Cited = Annotated[str, Field(min_length=1, max_length=500, strict=True)]
People = Annotated[int, Field(ge=2, le=MOST_PEOPLE, strict=True)]
Kind = Literal["test_retest", "icc", "alpha", "split_half"]


class NormReliability(Schema):
    """How stable the scale is, and who says so."""

    value: Number = Field(description="Reliability, from 0 to below 1.", examples=[0.82])
    kind: Kind = Field(
        description="What kind; `alpha` and `split_half` give no class: the threshold would be too small.",
        examples=["test_retest"],
    )
    gap: Label | None = Field(default=None, description="Time between the two answers.", examples=["4 weeks"])
    citation: Cited = Field(description="Where it comes from.", examples=["Our own retest study, 2025, n = 60"])


class NormSetCreate(Schema):
    """Norms of a population, with their citation; they are never edited afterwards."""

    measure: Code = Field(description="Measure, by its code in the catalogue.", examples=["gmsex"])
    scale: Code = Field(default="total", description="Scale of the measure.", examples=["total"])
    population: Label = Field(description="Who they were.", examples=["couples before sex therapy"])
    n: People = Field(description="How many people.", examples=[131])
    sd: Number = Field(description="Standard deviation of the clinical group before treatment, in points.", examples=[6.4])
    sd_note: Label | None = Field(
        default=None, description="Whose standard deviation it is, if not a clinical group's.", examples=[None]
    )
    reliability: NormReliability
    clinical_mean: Number | None = Field(default=None, description="Mean of the clinical group.", examples=[19.2])
    functional_mean: Number | None = Field(default=None, description="Mean of the functional group.", examples=[28.9])
    functional_sd: Number | None = Field(
        default=None, description="Standard deviation of the functional group.", examples=[5.1]
    )
    post_sd: Number | None = Field(default=None, description="Standard deviation afterwards, for `maassen`.", examples=[None])
    post_reliability: Number | None = Field(default=None, description="Reliability afterwards, for `maassen`.", examples=[None])
    citation: Cited = Field(description="Where mean and spread come from.", examples=["Doe & Roe 2024, J Sex Med 21:100"])


class ReliabilityOfNorms(Schema):
    """How stable the scale is said to be."""

    value: float = Field(description="Reliability, from 0 to below 1.", examples=[0.82])
    kind: str = Field(description="`test_retest`, `icc`, `alpha` or `split_half`.", examples=["test_retest"])
    gap: str | None = Field(description="Time between the two answers.", examples=["4 weeks"])
    citation: str = Field(description="Where it comes from.", examples=["Our own retest study, 2025, n = 60"])


class ClinicNormSetRead(Versioned):
    """A norm set of the clinic; choose it by its id wherever `norms` or `norm_set` is asked for."""

    id: NormSetId
    origin: str = Field(description="`cited`, or `local`: the clinic's own baselines.", examples=["cited"])
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    population: str = Field(description="Who they were.", examples=["couples before sex therapy"])
    n: int = Field(description="How many people.", examples=[131])
    sd: float = Field(description="Standard deviation, in points.", examples=[6.4])
    sd_note: str | None = Field(description="Whose it is, if not a clinical group's.", examples=[None])
    reliability: ReliabilityOfNorms
    clinical_mean: float | None = Field(description="Mean of the clinical group.", examples=[19.2])
    functional_mean: float | None = Field(description="Mean of the functional group.", examples=[28.9])
    functional_sd: float | None = Field(description="Standard deviation of the functional group.", examples=[5.1])
    post_sd: float | None = Field(description="Standard deviation afterwards.", examples=[None])
    post_reliability: float | None = Field(description="Reliability afterwards.", examples=[None])
    citation: str = Field(description="Where mean and spread come from.", examples=["Doe & Roe 2024, J Sex Med 21:100"])
    status: str = Field(
        description="What may be said on this basis: `derived` gives classes, `lower_bound_from_alpha` none.",
        examples=["derived"],
    )
    threshold_points: Rounded = Field(description="Smallest reliable change (Jacobson and Truax), in points.", examples=[7.526])
    added_by_kind: str = Field(description="`member` or `integration`.", examples=["member"])
    added_at: Moment = Field(description="When it was added.")
    retired_at: Moment | None = Field(description="When it was retired; null while it can be chosen.", examples=[None])
    retired_because: str | None = Field(description="Why it was retired.", examples=[None])


class NormSetRetirement(Schema):
    """Why a norm set is not to be chosen any more."""

    reason: Label = Field(description="What is wrong with it, or replaces it.", examples=["The SD was the control group's."])


class LocalNormsRead(Schema):
    """How this clinic's own partners scored at baseline: one figure over many, in whole tens of them."""

    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    n: int = Field(description="How many baselines, in whole tens; each partner once.", examples=[120])
    mean: float = Field(description="Mean, to two decimals.", examples=[19.24])
    sd: float = Field(description="Standard deviation of a sample, to two decimals.", examples=[6.41])
    as_of: Moment = Field(description="When it was computed.")
    label: str = Field(description="How it is to be called.", examples=["local, own baselines, n=120, as of 2026-11-22"])


class LocalNormsAdopt(Schema):
    """Make the clinic's own baselines a norm set; mean and spread are the server's, the reliability is yours."""

    scale: Code = Field(default="total", description="Scale of the measure.", examples=["total"])
    reliability: NormReliability
