"""The wire shapes of both partners side by side on one scale."""

from pydantic import Field

from app.core.ids import CoupleId, PartnerId
from app.core.schemas import Moment, Schema
from app.measures.catalogue_schemas import Citation
from app.measures.change_schemas import ChangeSinceIntake, PointUsed, Rounded


class DyadPartner(Schema):
    """One of the two, with their own change."""

    partner_id: PartnerId
    slot: str = Field(description="Which partner.", examples=["a"])
    change: ChangeSinceIntake = Field(description="Latest score against intake, with what the class rests on.")


class DivergenceRead(Schema):
    """How far apart the partners' changes are."""

    z: Rounded | None = Field(description="In standard errors; positive when A gained more.", examples=[0.4])
    flagged: bool = Field(description="Whether that is more than measurement error: from 1.96.", examples=[False])
    reason: str | None = Field(description="Why it cannot be said.", examples=[None])


class ErrorBasis(Schema):
    """The norms that a standard error was computed from."""

    norm_set: str = Field(description="Norm set: code, or id (`nrm_...`).", examples=["dres_two_weeks"])
    population: str = Field(description="Who they were.", examples=["community couples"])
    n: int | None = Field(description="How many.", examples=[235])
    sd: float = Field(description="Standard deviation.", examples=[7.03])
    reliability: float = Field(description="Reliability.", examples=[0.84])
    reliability_kind: str = Field(description="Its kind.", examples=["test_retest"])
    local: bool = Field(description="Whether it was computed from this clinic's own baselines.", examples=[False])
    source: Citation


class DesireRead(Schema):
    """The difference between the partners' latest desire; neither end is the aim."""

    a: PointUsed | None = Field(description="A's latest score.")
    b: PointUsed | None = Field(description="B's latest score.")
    signed: Rounded | None = Field(description="A's minus B's, in scale points.", examples=[3.0])
    absolute: Rounded | None = Field(description="How far apart, whoever has more.", examples=[3.0])
    standard_error: Rounded | None = Field(
        description="Standard error of such a difference: the root of both squared errors of measurement.", examples=[None]
    )
    reason: str | None = Field(
        description="What is missing: `too_few_scores`, `insufficient_norms`, or `indicative_only` where only alpha is known.",
        examples=["insufficient_norms"],
    )
    basis: ErrorBasis | None = Field(description="What the standard error rests on.")


class DyadRead(Schema):
    """Both partners on one scale, side by side and never averaged; for the care team and clinic software, for no partner."""

    couple_id: CoupleId
    as_of: Moment = Field(description="When this was read.")
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    partners: list[DyadPartner] = Field(description="Both partners, A first.")
    label: str = Field(description="The pair's label, from both classes.", examples=["both_reliably_improved"])
    divergence: DivergenceRead
    desire: DesireRead | None = Field(description="The desire discrepancy; null on a scale that does not tell desire.")
