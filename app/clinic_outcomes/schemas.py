"""The wire shapes of a clinic's figures."""

from typing import Literal

from pydantic import Field

from app.core.schemas import Moment, Schema
from app.measures.change_schemas import Rounded

By = Literal["measure", "concern", "protocol", "concern_and_protocol"]


class OfGroup(Schema):
    """Which couples a figure is about."""

    concern: str | None = Field(
        description="Primary concern of their latest episode; null when couples of every concern are in it.",
        examples=["desire_discrepancy"],
    )
    protocol: str | None = Field(
        description="Protocol of the latest plan that was begun, `no_protocol` when none was; null for every one.",
        examples=[None],
    )
    covers: Literal["every_couple", "told_concerns"] = Field(
        description="Every couple of the group; or, where all together would tell of too few, those of concerns that are told.",
        examples=["every_couple"],
    )


class ShareRead(Schema):
    """A share with its interval, and what it is a share of."""

    n: int = Field(description="How many.", examples=[34])
    of: int = Field(description="Of how many.", examples=[61])
    rate: Rounded = Field(description="n / of.", examples=[0.557])
    low: Rounded = Field(description="Lower end of the 95 % Wilson interval.", examples=[0.411])
    high: Rounded = Field(description="Upper end.", examples=[0.695])
    effective_n: Rounded = Field(
        description="Independent people that these are worth: the interval is taken at it, because partners are alike.",
        examples=[43.2],
    )


class ReasonRead(Schema):
    """How many for one reason."""

    reason: str = Field(description="Reason.", examples=["too_few_scores"])
    n: int = Field(description="How many.", examples=[5])


class EffectRead(Schema):
    """From the first score to the latest, partners of one couple taken together; never what the care alone did."""

    couples: int = Field(description="Couples of whom at least one partner has two scores.", examples=[33])
    partners: int = Field(description="Partners with two scores.", examples=[61])
    effective_n: Rounded = Field(description="Independent people that these are worth.", examples=[41.5])
    mean_intake: Rounded = Field(description="Mean first score, in scale points.", examples=[19.4])
    mean_latest: Rounded = Field(description="Mean latest score.", examples=[24.1])
    sd_intake: Rounded = Field(description="Standard deviation of first scores.", examples=[6.2])
    gain: Rounded = Field(description="Mean gain in points, positive for the better whatever the scale.", examples=[4.7])
    low: Rounded = Field(description="Lower end of its 95 % interval.", examples=[3.1])
    high: Rounded = Field(description="Upper end.", examples=[6.3])
    standardized: Rounded | None = Field(
        description="Gain in standard deviations at intake (Becker 1988, corrected for small samples); null without a spread.",
        examples=[0.748],
    )
    standardized_low: Rounded | None = Field(description="Lower end of its 95 % interval.", examples=[0.48])
    standardized_high: Rounded | None = Field(description="Upper end.", examples=[1.02])


class MeasureFigures(OfGroup):
    """What became of the partners of a group on one scale, latest score against first, by the measure's own norms."""

    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    domain: str | None = Field(description="Side of the couple's life it measures.", examples=["sexual"])
    couples: int = Field(description="Couples of whom at least one partner has a score.", examples=[36])
    partners: int = Field(description="Partners with a score.", examples=[68])
    judged_couples: int | None = Field(
        description="Couples of whom at least one partner's change has a class; null when withheld.", examples=[33]
    )
    improved: ShareRead | None = Field(
        description="Partners reliably better, recovered ones among them, of those whose change has a class."
    )
    recovered: ShareRead | None = Field(
        description="Of the same, those reliably better who crossed into the functional range; null where a scale has no line."
    )
    deteriorated: ShareRead | None = Field(description="Of the same, those reliably worse.")
    unchanged: int | None = Field(description="The rest of them.", examples=[24])
    both_improved: ShareRead | None = Field(description="Couples both of whose partners are better, of those with two classes.")
    any_deteriorated: ShareRead | None = Field(description="Couples one of whose partners is worse, of those with two classes.")
    not_classifiable: list[ReasonRead] = Field(description="Partners with a score whose change has no class, by reason.")
    effect: EffectRead | None = Field(description="How far scores moved; null when withheld or neither end is better.")


class CurvePoint(Schema):
    """Where the curve rises."""

    at: int = Field(description="Weeks since the first score, or visits.", examples=[6])
    at_risk: int = Field(description="Couples followed so far and not better before.", examples=[41])
    improved: int = Field(description="Couples better for the first time then.", examples=[3])
    share: Rounded = Field(description="Share better by then, as if all had been followed (Kaplan-Meier).", examples=[0.312])
    low: Rounded = Field(description="Lower end of its 95 % interval (Greenwood, log-log).", examples=[0.21])
    high: Rounded = Field(description="Upper end.", examples=[0.447])


class MedianRead(Schema):
    """When half were better; null where the curve or its band does not reach a half."""

    at: int | None = Field(description="Weeks or visits.", examples=[11])
    low: int | None = Field(description="Lower end of its 95 % interval.", examples=[8])
    high: int | None = Field(description="Upper end.", examples=[None])


class TimeFigures(OfGroup):
    """How long it took until either partner was reliably better for the first time, on one side of their life."""

    domain: str = Field(description="Side of the couple's life.", examples=["sexual"])
    unit: Literal["weeks", "visits"] = Field(description="What is counted.", examples=["weeks"])
    couples: int = Field(description="Couples whose change on this side can be judged.", examples=[48])
    improved: int = Field(description="Those of them who were better at some time.", examples=[31])
    median: MedianRead
    curve: list[CurvePoint] = Field(description="Its steps, in order.")


class DropOutFigures(OfGroup):
    """How care ended, and open care that fell silent."""

    couples: int = Field(description="Couples with an episode of care.", examples=[70])
    dropped_out: ShareRead = Field(description="Of these, whose latest episode ended for a reason that counts as drop-out.")
    closed: int | None = Field(description="Those whose latest episode ended; null when withheld.", examples=[22])
    dropped_out_of_closed: ShareRead | None = Field(description="Drop-outs of those; null when withheld.")
    close_reasons: list[ReasonRead] | None = Field(description="Why care ended, in couples; null when withheld.")
    silent: ShareRead | None = Field(
        description="Of open care with at least one visit, the last visit longer ago than `silent_weeks`; null when withheld."
    )


class TenthRead(Schema):
    """Couples in one tenth of adherence."""

    low: Rounded = Field(description="From this adherence.", examples=[0.7])
    high: Rounded = Field(description="Up to this one.", examples=[0.8])
    couples: int = Field(description="How many.", examples=[9])


class AdherenceFigures(OfGroup):
    """Homework done within the rules out of what was offered and not declined, as it is spread over couples."""

    couples: int = Field(description="Couples that were offered any.", examples=[44])
    within_rules: int = Field(description="Occasions kept within the rules, both partners and all couples.", examples=[812])
    expected: int = Field(description="Occasions offered and not declined.", examples=[1104])
    lower_quartile: Rounded = Field(description="A quarter of couples kept less, read from the tenths.", examples=[0.58])
    median: Rounded = Field(description="Half of couples kept less.", examples=[0.76])
    upper_quartile: Rounded = Field(description="Three quarters kept less.", examples=[0.89])
    tenths: list[TenthRead] = Field(description="How many couples kept how much.")


class Withheld(Schema):
    """That something is not told, and why; not what, and not how many."""

    figure: Literal["measures", "time_to_first_improvement", "drop_out", "adherence"] = Field(
        description="Part of this answer.", examples=["measures"]
    )
    measure: str | None = Field(description="Measure, where it is about one.", examples=["gmsex"])
    scale: str | None = Field(description="Scale.", examples=["total"])
    domain: str | None = Field(description="Side of the couple's life, where it is about one.", examples=[None])
    by: By = Field(description="Groups among which some are withheld.", examples=["concern"])
    reason: Literal["fewer_than_minimum", "would_give_another_away"] = Field(
        description="Too few couples, or enough, and with the other figures they would tell of too few.",
        examples=["fewer_than_minimum"],
    )


class ClinicOutcomesRead(Schema):
    """A clinic's figures: nothing in them, alone or together, is about fewer couples than `minimum`, or about a therapist."""

    as_of: Moment = Field(description="When this was read.")
    up_to_date: bool = Field(
        description="Whether everything recorded until then is in it; if not, it will be in a little while.", examples=[True]
    )
    minimum: int = Field(description="Couples below which nothing is told.", examples=[10])
    couples: int | None = Field(
        description="Couples with an episode of care, or of those whose concern is told; null where none is.", examples=[212]
    )
    measures: list[MeasureFigures] = Field(description="Change by measure and scale.")
    time_to_first_improvement: list[TimeFigures] = Field(description="Weeks and visits to the first reliable improvement.")
    drop_out: list[DropOutFigures] = Field(description="How care ended.")
    drop_out_reasons: list[str] = Field(
        description="Reasons that count as drop-out here.", examples=[["lost_contact", "declined"]]
    )
    silent_weeks: int = Field(description="Weeks without a visit after which open care counts as silent here.", examples=[12])
    adherence: list[AdherenceFigures] = Field(description="Homework kept.")
    withheld: list[Withheld] = Field(description="What is not told and why.")
