"""The wire shapes of the cycle: what followed what in each partner's weeks."""

from pydantic import Field

from app.access.views import View
from app.core.ids import ConcernId, CoupleId, PartnerId
from app.core.schemas import Day, Moment, Schema
from app.measures.change_schemas import Rounded
from app.outcomes.schemas import TurnAroundRead

TOO_FEW_WEEKS = "Why there is none: `too_few_weeks`."


class LagPointRead(Schema):
    """One week and the week right after it."""

    week: Day = Field(description="Monday of the first of the two weeks, where the couple lives.", examples=["2026-11-02"])
    x: float = Field(description="What was rated in that week, 0-10.", examples=[6.0])
    y: float = Field(description="What was rated in the next week, 0-10.", examples=[7.0])


class CountRead(Schema):
    """How many weeks, and after how many of them the next week was above the own median."""

    n: int = Field(description="Weeks.", examples=[10])
    above: int = Field(description="After how many the next week was above the own median.", examples=[7])


class LagCorrelationRead(Schema):
    """Spearman's correlation of a week with the next, and what chance alone would give."""

    rho: Rounded = Field(description="Spearman's rank correlation, -1 to 1.", examples=[0.312])
    low: Rounded = Field(
        description="Lower end of the band that 95 of 100 chance orders lie in; no confidence interval.", examples=[-0.384]
    )
    high: Rounded = Field(description="Upper end of that band.", examples=[0.391])
    p: Rounded | None = Field(description="Two-sided, from the same chance orders; null under 80 occasions.", examples=[None])
    n: int = Field(description="Pairs of adjacent weeks.", examples=[24])
    block_weeks: int = Field(description="Weeks that stay together when the order is shuffled.", examples=[4])
    shuffles: int = Field(description="Chance orders.", examples=[999])
    sentence: str = Field(
        description="The same in words.",
        examples=["Rank correlation 0.31 over 24 pairs of weeks; chance alone gives -0.38 to 0.39 in 95 of 100 orders."],
    )


class OneWayRead(Schema):
    """One direction: a rating in one week, another rating in the next."""

    x: str = Field(description="Scale of the first week.", examples=["sexual_satisfaction"])
    y: str = Field(description="Scale of the week after it.", examples=["relationship_satisfaction"])
    n: int = Field(description="Pairs of adjacent weeks.", examples=[21])
    after_above: CountRead = Field(description="After weeks above the own median of `x`.")
    after_not_above: CountRead = Field(description="After the other weeks; one at the median is not above it.")
    x_at_median: int = Field(description="First weeks exactly at the own median of `x`.", examples=[3])
    y_at_median: int = Field(description="Next weeks exactly at the own median of `y`.", examples=[4])
    sentence: str = Field(
        description="The counts in words.",
        examples=["Relationship satisfaction was above its median after 7 of 10 weeks above, and after 4 of the 11 others."],
    )
    points: list[LagPointRead] = Field(description="The lag plot's points, oldest first.")
    correlation: LagCorrelationRead | None = Field(description="Only from 20 pairs of weeks on.")
    correlation_reason: str | None = Field(
        description="Why there is none: `too_few_weeks`, or `no_variation` where one rating never moved.",
        examples=["too_few_weeks"],
    )


class WhatFollowedRead(Schema):
    """Both directions side by side at the same scale, or neither."""

    paired_weeks: int = Field(
        description="Pairs of adjacent weeks, of the direction that has fewer; a missing week is a gap.", examples=[21]
    )
    needed: int = Field(description="Pairs of weeks it takes to show anything.", examples=[8])
    reason: str | None = Field(description=TOO_FEW_WEEKS, examples=[None])
    low: float = Field(description="Lower end of both axes of a lag plot.", examples=[0.0])
    high: float = Field(description="Upper end of both axes.", examples=[10.0])
    sexual_median: float | None = Field(description="Own median of all weeks of sexual satisfaction.", examples=[6.0])
    relational_median: float | None = Field(description="Own median of all weeks of relationship satisfaction.", examples=[7.0])
    sexual_first: OneWayRead | None = Field(description="Sexual satisfaction, and the next week's relationship satisfaction.")
    relational_first: OneWayRead | None = Field(description="The reverse.")


class MomentumRead(Schema):
    """How many of the last weeks were above the own median."""

    n: int = Field(description="Of the last weeks, those that were told of; a missing one counts neither way.", examples=[7])
    above: int | None = Field(description="Of these, those above the own median.", examples=[5])
    share: Rounded | None = Field(description="The share.", examples=[0.714])
    median: float | None = Field(description="Own median of all weeks, the last ones included.", examples=[6.0])
    reason: str | None = Field(description=TOO_FEW_WEEKS, examples=[None])


class BothMomenta(Schema):
    """Both domains, never averaged."""

    sexual: MomentumRead = Field(description="Sexual satisfaction.")
    relational: MomentumRead = Field(description="Relationship satisfaction.")


class MoodBandRead(Schema):
    """The turn-around rate of evenings begun in one band of moods."""

    mood_from: float = Field(description="Lowest mood before, 0-10 with 5 neutral.", examples=[3.0])
    mood_to: float = Field(description="Highest mood before.", examples=[4.0])
    n: int = Field(description="Such evenings.", examples=[6])
    better: int | None = Field(description="Those that ended better; null below the evenings it takes.", examples=[4])
    rate: Rounded | None = Field(description="The share.", examples=[0.667])
    reason: str | None = Field(description="Why there is no rate.", examples=[None])


class CycleTurnAround(Schema):
    """The turn-around rate, and the same by how the evening was begun."""

    all: TurnAroundRead = Field(description="All evenings begun willing in a neutral or slightly negative mood.")
    slightly_negative: MoodBandRead | None = Field(description="Begun below neutral; null where no such mood counts.")
    neutral: MoodBandRead | None = Field(description="Begun neutral; null where no such mood counts.")


class BinRead(Schema):
    """Ratings within a range of hours since the last satisfying intimacy."""

    over: float = Field(description="More hours than this; the first bin begins with 0.", examples=[24.0])
    to: float | None = Field(description="At most so many hours; null in the last bin.", examples=[48.0])
    n: int = Field(description="Ratings.", examples=[5])
    lower_quartile: Rounded | None = Field(description="Lower quartile; null where there are too few.", examples=[5.0])
    median: Rounded | None = Field(description="Median; null where there are too few.", examples=[6.0])
    upper_quartile: Rounded | None = Field(description="Upper quartile; null where there are too few.", examples=[8.0])


class HoursPointRead(Schema):
    """One rating, and how long ago the last satisfying intimacy was."""

    hours: float = Field(description="Hours.", examples=[40.0])
    value: float = Field(description="Rating, 0-10; up is better.", examples=[6.0])


class SinceRead(Schema):
    """One rating against the hours since the last satisfying intimacy."""

    n: int = Field(description="Ratings told together with the hours.", examples=[17])
    bins: list[BinRead] = Field(description="Every bin, the empty ones too.")
    points: list[HoursPointRead] | None = Field(description="Every rating, by hours; null in a partner's view.")


class SinceIntimacyRead(Schema):
    """Small irritations and closeness against hours since the last satisfying intimacy: a hypothesis, shown and not tested."""

    label: str = Field(description="What this is and is not.", examples=["A hypothesis, shown side by side and not tested."])
    irritability_tolerance: SinceRead = Field(description="How easily small annoyances were let pass; up is better.")
    closeness: SinceRead = Field(description="How close this partner felt; up is better.")


class PartnerCycle(Schema):
    """One partner's own weeks."""

    partner_id: PartnerId
    slot: str = Field(description="Which partner.", examples=["a"])
    what_followed: WhatFollowedRead
    momentum: BothMomenta
    turn_around: CycleTurnAround | None = Field(
        description="Turn-around rate; null for all but the care team, whose answers it rests on."
    )
    since_intimacy: SinceIntimacyRead


class SinceThePlanRead(Schema):
    """One partner's severity of a downstream concern, 0-10, since the plan began."""

    partner_id: PartnerId
    first: int = Field(description="First rating; more is worse.", examples=[8])
    at_plan_start: int | None = Field(description="Last rating before the plan began, or on that moment.", examples=[7])
    latest: int = Field(description="Latest rating.", examples=[5])
    eased: int | None = Field(
        description="Points lower than when the plan began; positive is better. Null without a rating before it and one since.",
        examples=[2],
    )
    reason: str | None = Field(
        description="Why that cannot be said: `no_plan_begun`, `not_rated_before`, `not_rated_since`.", examples=[None]
    )
    ratings: int = Field(description="How many there are.", examples=[3])


class DownstreamRead(Schema):
    """A relational concern that is expected to ease as sex improves: watched, never the starting point."""

    concern_id: ConcernId
    code: str = Field(description="Concern, from the vocabulary `concerns`.", examples=["relationship_distress"])
    ratings: list[SinceThePlanRead] = Field(description="Each partner's, A first, as far as this view reaches.")


class DownstreamSince(Schema):
    """Downstream concerns of the open episode since its first plan began."""

    began_at: Moment | None = Field(description="When the episode's first plan began; null while none has.")
    label: str = Field(description="What can be said of it.", examples=["A single rating has no known error."])
    concerns: list[DownstreamRead] = Field(description="In the order in which they were told.")


class CycleThresholds(Schema):
    """The numbers in force; `weeks_to_draw`, `weeks_to_correlate` and `weeks_to_test` can only be raised."""

    weeks_to_draw: int = Field(description="Pairs of weeks below which nothing is shown.", examples=[8])
    weeks_to_correlate: int = Field(description="Pairs of weeks below which there is no correlation.", examples=[20])
    weeks_to_test: int = Field(description="Pairs of weeks below which there is no p.", examples=[80])
    block_weeks: int = Field(description="Weeks that stay together when the order is shuffled (our proposal).", examples=[4])
    momentum_weeks: int = Field(description="How many calendar weeks momentum looks back, this one included.", examples=[8])
    momentum_fewest: int = Field(description="Of these, weeks that have to be told of (our proposal).", examples=[4])
    hours: list[float] = Field(description="Upper ends of the bins of hours (our proposal).", examples=[[24, 48, 72, 168]])
    bin_fewest: int = Field(description="Ratings below which a bin has no figures (our proposal).", examples=[3])
    source: str = Field(description="Where these come from.", examples=["Simulated for this project; bins: our proposal"])
    grade: str = Field(description="How they were checked; `proposal` marks our own default.", examples=["proposal"])


class CycleRead(Schema):
    """What followed what, per partner and both ways, from the weekly pulse: it describes the past and shows no cause."""

    couple_id: CoupleId
    view: View
    day: Day = Field(description="The day this looks at, where the couple lives.", examples=["2026-11-22"])
    as_of: Moment = Field(description="When this was read, or when the past day ended.")
    label: str = Field(
        description="How to read all of it.",
        examples=["This describes the past. It does not show cause: a third factor may be behind both."],
    )
    withheld: str | None = Field(
        description="`paused` while a plan stands paused in this view: then nothing is reckoned.", examples=[None]
    )
    partners: list[PartnerCycle] = Field(description="The partners within this view, A first; each one's own weeks.")
    downstream: DownstreamSince | None = Field(description="Downstream concerns; null while withheld.")
    thresholds: CycleThresholds
