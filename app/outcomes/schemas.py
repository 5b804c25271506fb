"""The wire shapes of outcomes."""

from pydantic import ConfigDict, Field

from app.access.views import View
from app.core.ids import AdministrationId, ConcernId, CoupleId, PartnerId, PlanId
from app.core.schemas import Day, Moment, Schema
from app.measures.change_schemas import MethodName, MinimalGainRead
from app.outcomes.dyad_schemas import DesireRead
from app.outcomes.improvement_schemas import FirstImprovementRead
from app.outcomes.spent_schemas import SpentRead


class PointRead(Schema):
    """One score of a series."""

    administration_id: AdministrationId
    answered_at: Moment = Field(description="When it was answered.")
    value: float | None = Field(description="The score; null when there is none.", examples=[21.0])
    shown: float | None = Field(
        description="The score turned so that up is better; a distress scale is flipped.", examples=[21.0]
    )
    missing: str | None = Field(
        description="Why there is no score, or why it is not read, from the vocabulary `missing`.", examples=[None]
    )
    standard_error: float | None = Field(
        default=None, description="Standard error that came with a score computed elsewhere.", examples=[None]
    )


class CutoffRead(Schema):
    """A line in a scale."""

    operator: str = Field(description="On which side the clinical range lies.", examples=["<"])
    value: float = Field(description="Where the line is, in scale points.", examples=[51.5])
    kind: str = Field(description="`published`, or the computed cut `a`, `b` or `c`.", examples=["published"])
    source: str = Field(description="Where it comes from.", examples=["Funk & Rogge 2007"])


class LineRead(Schema):
    """A published line in a scale, to be drawn from the first score on."""

    operator: str = Field(description="On which side of `value` the clinical range lies.", examples=["<"])
    value: float = Field(description="Where the line is, in scale points.", examples=[51.5])
    shown: float = Field(description="The same, turned as the points' `shown` are.", examples=[51.5])
    source: str = Field(description="Where it comes from.", examples=["Funk & Rogge 2007"])


class BasisRead(Schema):
    """What a class rests on."""

    method: str = Field(description="How change was judged.", examples=["jacobson_truax"])
    status: str = Field(description="How firm the ground is.", examples=["derived"])
    norm_set: str | None = Field(description="Norm set that was used.", examples=["dres_two_weeks"])
    population: str | None = Field(description="Who they were.", examples=["community couples"])
    n: int | None = Field(description="How many.", examples=[235])
    norms_citation: str | None = Field(description="Where the norm set comes from.", examples=["Computed from open data"])
    local: bool = Field(description="Whether it was computed from this clinic's own baselines.", examples=[False])
    sd: float | None = Field(description="Standard deviation, in scale points.", examples=[7.03])
    reliability: float | None = Field(description="Reliability, 0-1.", examples=[0.84])
    pre_error: float | None = Field(
        default=None, description="Standard error that came with the score at intake.", examples=[None]
    )
    post_error: float | None = Field(
        default=None, description="Standard error that came with the latest score.", examples=[None]
    )
    source: str = Field(description="Where it comes from.", examples=["Computed from open data of 121 couples"])


class ChangeRead(Schema):
    """A score against intake."""

    model_config = ConfigDict(populate_by_name=True)

    intake: float | None = Field(description="Score at intake.", examples=[15.0])
    latest: float | None = Field(description="Latest score.", examples=[24.0])
    gained: float | None = Field(
        description="Points gained; positive is better, whatever the scale's direction.", examples=[9.0]
    )
    index: float | None = Field(description="Reliable-change index.", examples=[2.26])
    threshold_points: float | None = Field(description="Smallest reliable change, in scale points.", examples=[7.79])
    change_class: str = Field(
        serialization_alias="class",
        description="`recovered`, `improved`, `unchanged`, `deteriorated` or `not_classifiable`.",
        examples=["improved"],
    )
    reason: str | None = Field(description="Why there is no class.", examples=[None])
    marks: list[str] = Field(description="What else to know of this change.", examples=[[]])
    minimal_important: MinimalGainRead | None = Field(
        description="The smallest gain that people who begin like this one notice, where it is known.", examples=[None]
    )
    cutoff: CutoffRead | None = Field(description="The line the class was given with.", examples=[None])
    basis: BasisRead = Field(description="What the class rests on.")


class SeriesRead(Schema):
    """One partner's scores on one scale, oldest first, gaps kept."""

    measure: str = Field(description="Measure, from the vocabulary `measures`.", examples=["gmsex"])
    name: str = Field(description="Its name.", examples=["Global Measure of Sexual Satisfaction"])
    scale: str = Field(description="Scale of the measure.", examples=["total"])
    low: float = Field(description="Lowest possible score.", examples=[5.0])
    high: float = Field(description="Highest possible score.", examples=[35.0])
    flipped: bool = Field(description="Whether `shown` turns the scale round so that up is better.", examples=[False])
    line: LineRead | None = Field(
        description="The published line between the clinical and the functional range; null where none is published.",
        examples=[None],
    )
    points: list[PointRead] = Field(description="Every administration, oldest first, one without a score with the reason.")
    change: ChangeRead | None = Field(
        description="Latest against intake, the first score of this episode of care; null with fewer than two."
    )


class GapRead(Schema):
    """Days of which a measure has no answer, and why."""

    measure: str = Field(description="Measure, from the vocabulary `measures`.", examples=["rekindle_pulse"])
    code: str = Field(description="Why, from the vocabulary `missing`.", examples=["not_asked"])
    starts_on: Day = Field(description="First day.", examples=["2026-10-05"])
    ends_on: Day = Field(
        description="Last day; of what is not yet due the day it is due, which has still to come.", examples=["2026-10-18"]
    )


class AdherenceRead(Schema):
    """Sessions within the rules out of those offered; declining is neutral. For the therapist, never a score for a couple."""

    within_rules: int = Field(description="Sessions done within the rules.", examples=[5])
    offered: int = Field(description="Sessions offered.", examples=[7])
    declined: int = Field(description="Sessions declined, which count neither way.", examples=[1])
    rate: float | None = Field(description="Share of those offered and not declined.", examples=[0.83])


class TurnAroundRead(Schema):
    """How often an occasion begun willing, in a neutral or slightly negative mood, ended better."""

    n: int = Field(description="Such occasions.", examples=[6])
    better: int | None = Field(description="Those that ended better; null below five occasions.", examples=[4])
    rate: float | None = Field(description="The share; null below five occasions.", examples=[0.67])
    reason: str | None = Field(description="Why there is no rate.", examples=[None])
    pressured_excluded: int = Field(description="Occasions left out because pressure was felt.", examples=[0])
    thresholds: dict[str, float] = Field(
        description="What counted, in the numbers in force; all are our proposal.",
        examples=[{"willing_at_least": 5, "pressure_at_most": 1, "mood_from": 3, "mood_to": 5, "better_by": 1, "fewest": 5}],
    )


class ObstacleRead(Schema):
    """Something that got in the way, and on how many occasions this partner told of it."""

    obstacle: str = Field(description="What got in the way.", examples=["tired"])
    n: int = Field(description="Check-ins that told of it.", examples=[3])


class PartnerOutcomes(Schema):
    """How one partner is doing."""

    partner_id: PartnerId
    slot: str = Field(description="Which partner.", examples=["a"])
    series: list[SeriesRead] = Field(description="Every scale with at least one administration.")
    gaps: list[GapRead] = Field(
        description=(
            "Where answers are missing altogether, oldest first: links that were not used, and rounds of the weekly pulse; "
            "empty for a partner of whom this view holds no more than what they share."
        )
    )
    adherence: AdherenceRead | None = Field(description="Homework; null outside the therapist's view.")
    turn_around: TurnAroundRead | None = Field(
        description="Turn-around rate; null for all but the care team, whose answers it rests on."
    )
    got_in_the_way: list[ObstacleRead] | None = Field(
        description="What this partner said got in the way of homework, most often first; null outside the therapist's view."
    )


class PairRead(Schema):
    """Both partners' changes on one scale, side by side and never averaged."""

    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    label: str = Field(description="The pair's label.", examples=["both_reliably_improved"])
    divergence_z: float | None = Field(
        description="How far apart the changes are, in standard errors; positive when A gained more.", examples=[0.4]
    )
    diverging: bool = Field(description="Whether that is more than measurement error.", examples=[False])
    divergence_reason: str | None = Field(description="Why that cannot be said.", examples=[None])


class DesireOutcome(DesireRead):
    """The desire discrepancy on one scale."""

    measure: str = Field(description="Measure.", examples=["sdi2"])
    scale: str = Field(description="Scale.", examples=["dyadic"])


class ConcernOutcome(Schema):
    """A concern and how each partner's rating of it moved."""

    concern_id: ConcernId
    code: str = Field(description="Concern, from the vocabulary `concerns`.", examples=["desire_discrepancy"])
    place: str = Field(description="`primary`, `sexual` or `downstream`.", examples=["primary"])
    resolved_on: Day | None = Field(description="The day it was settled; null while it is not.", examples=[None])
    ratings: list["RatingOutcome"] = Field(description="First and latest rating of each partner.")


class RatingOutcome(Schema):
    """One partner's first and latest rating of a concern, 0-10, more is worse."""

    partner_id: PartnerId
    first: int = Field(description="First rating.", examples=[8])
    at_plan_start: int | None = Field(
        description="The last one by the moment the episode's first plan began; null without such a plan or rating.",
        examples=[7],
    )
    latest: int = Field(description="Latest rating.", examples=[5])
    ratings: int = Field(description="How many there are.", examples=[3])


class PlanOutcome(Schema):
    """A homework plan as this view shows it."""

    plan_id: PlanId
    protocol: str = Field(description="Protocol, from the vocabulary `protocols`.", examples=["sensate_focus"])
    concern: str = Field(description="Concern it starts from.", examples=["desire_discrepancy"])
    status: str = Field(description="Status.", examples=["active"])
    stage: int = Field(description="Stage.", examples=[2])
    stages: int = Field(description="How many stages its protocol has.", examples=[5])
    began_at: Moment | None = Field(description="When it was first set going; null before.", examples=[None])


class FlagRead(Schema):
    """Why to look; a prompt, never a verdict."""

    code: str = Field(description="Stable code of the flag.", examples=["slipping"])
    colour: str = Field(description="`red`, `amber`, `white` or `green`.", examples=["amber"])
    sentence: str = Field(
        description="Why, in a sentence.", examples=["Partner A did not do the last 2 tasks: ask what gets in the way."]
    )
    numbers: dict[str, float] = Field(description="The numbers behind it.", examples=[{"in_a_row": 2}])
    slot: str | None = Field(description="Which partner it is about; null if it is about both.", examples=["a"])
    measure: str | None = Field(description="Measure it is about, if about one.", examples=[None])
    scale: str | None = Field(description="Scale of that measure.", examples=[None])


class TrackedRead(Schema):
    """A series that the colour was judged by."""

    slot: str = Field(description="Which partner.", examples=["a"])
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    status: str = Field(description="What is known about reliable change here.", examples=["derived"])
    norm_set: str | None = Field(description="Norm set that change was judged by.", examples=["dres_two_weeks"])
    primary: bool = Field(description="Whether white is judged by its published line.", examples=[False])


class OnTrackBasis(Schema):
    """What a colour rests on."""

    method: MethodName = Field(
        description="How change was judged for the colour and the flags, whatever `method` was asked for.",
        examples=["jacobson_truax"],
    )
    source: str = Field(description="Where the rules come from.", examples=["Rational rules of this project"])
    grade: str = Field(description="How they were checked; `proposal` marks our own default.", examples=["proposal"])
    thresholds: dict[str, float] = Field(description="The rules' numbers in force.", examples=[{"by_visit": 6, "in_a_row": 2}])
    series: list[TrackedRead] = Field(description="The series it was judged by; change on the measures' own norms.")


class OnTrack(Schema):
    """The couple's colour, with the rule that fired."""

    colour: str = Field(description="`red`, `amber`, `white` or `green`.", examples=["green"])
    rule: str = Field(
        description="Stable code of the rule that gave it: that of a flag, or `nothing_raised` when none was.",
        examples=["nothing_raised"],
    )
    sentence: str = Field(description="What gave it.", examples=["Nothing asks for a closer look."])
    basis: OnTrackBasis


class OutcomesRead(Schema):
    """All a dashboard needs for one couple."""

    couple_id: CoupleId
    view: View
    day: Day = Field(
        description="The day that was asked for, where the couple lives; today unless told otherwise.", examples=["2026-11-22"]
    )
    as_of: Moment = Field(description="The moment that is looked at: the end of that day, or now if it is today.")
    method: MethodName = Field(
        description="How the classes of change in `series` and `pairs` were judged.", examples=["jacobson_truax"]
    )
    visits: int | None = Field(
        description="Signed session notes of conjoint hours in this episode of care; null outside the therapist's view.",
        examples=[7],
    )
    partners: list[PartnerOutcomes] = Field(description="The partners within this view, A first.")
    pairs: list[PairRead] = Field(description="Scales on which both partners have a change; empty in a partner's view.")
    desire: list[DesireOutcome] = Field(
        description="How far apart the partners' desire is, on each scale that tells it; empty in a partner's view."
    )
    adherence: AdherenceRead | None = Field(description="Both partners' sessions together; null outside the therapist's view.")
    concerns: list[ConcernOutcome] = Field(description="Concerns of the episode that was open, primary first.")
    plans: list[PlanOutcome] = Field(description="Homework plans, newest first.")
    flags: list[FlagRead] = Field(description="Why to look, most urgent first; empty in a partner's view.")
    on_track: OnTrack | None = Field(description="The couple's colour; null in a partner's view.")
    spent: SpentRead | None = Field(
        description="What the hours of this episode went to, and how the primary concern stands; null in a partner's view."
    )
    first_improvement: FirstImprovementRead | None = Field(
        description="Weeks and visits to the first reliable improvement, sexual and relational; null in a partner's view."
    )
    cycle: str = Field(
        description="Where to read what followed what in this couple's weeks.",
        examples=["/v1/couples/cpl_01jcz6v3k8e0x9m2q4w7r5t1ya/outcomes/cycle"],
    )
