"""The wire shapes of the catalogue: all that is known of a measure, and what that rests on."""

from pydantic import Field

from app.core.schemas import Schema


class Citation(Schema):
    """Where a number comes from, and how it was checked."""

    text: str = Field(description="Citation.", examples=["Kroenke, Spitzer & Williams 2001"])
    grade: str = Field(description="How it was checked; `proposal` marks our own default.", examples=["recalled_high"])


class CutoffBase(Schema):
    """A line in a scale, or in some items."""

    scale: str | None = Field(description="Scale it lies in; null for one that lies in items.", examples=["total"])
    items: list[int] = Field(description="Items it lies in, when it does.", examples=[[]])
    operator: str = Field(description="`<`, `<=`, `>=` or `>`.", examples=[">="])
    value: float = Field(description="Where it lies.", examples=[10])
    meaning: str = Field(description="What it says when met; cut-offs of one meaning are alternatives.", examples=["caseness"])
    source: Citation


class MeasureCutoff(CutoffBase):
    """A cut-off of a measure."""

    at_least: int = Field(description="How many of `items` must meet it.", examples=[1])
    separates_functional: bool = Field(
        description="Whether it divides the clinical from the functional range.", examples=[True]
    )


class ItemRead(Schema):
    """One question, by number."""

    number: int = Field(description="Number in the published form.", examples=[1])
    low: float = Field(description="Lowest answer.", examples=[0])
    high: float = Field(description="Highest answer.", examples=[3])
    step: float = Field(description="Distance between answers.", examples=[1])
    reversed: bool = Field(description="Whether it is turned before it counts.", examples=[False])
    optional: bool = Field(description="Whether it may stay unanswered without a reason.", examples=[False])
    safety: bool = Field(description="Whether it is a safety item, which is never filled in.", examples=[False])
    topic: str = Field(description="What it is about, where we may say so.", examples=["sleep"])
    wording: str = Field(description="Its words, only where anyone may reproduce them.", examples=[""])


class PartRead(Schema):
    """A scale's share in a scale made of scales."""

    scale: str = Field(description="Scale.", examples=["desire"])
    weight: float = Field(description="Its weight.", examples=[1])


class ScaleRead(Schema):
    """One score of a measure."""

    code: str = Field(description="Scale; `total` where there is but one.", examples=["total"])
    name: str = Field(description="Its name.", examples=["Total"])
    low: float = Field(description="Lowest score.", examples=[0])
    high: float = Field(description="Highest score.", examples=[27])
    items: list[int] = Field(description="Items it is summed from.", examples=[[1, 2, 3]])
    parts: list[PartRead] = Field(description="Scales it is summed from.", examples=[[]])
    weight: float = Field(description="Factor of the sum.", examples=[1])
    offset: float = Field(description="What is added to it.", examples=[0])
    direction: int | None = Field(
        description="1 more is better, -1 more is worse, 0 neither; null as the measure.", examples=[None]
    )
    domain: str | None = Field(description="As the measure's `domain`; null where it is that.", examples=[None])
    scored_elsewhere: bool = Field(description="Whether only finished scores are taken.", examples=[False])
    form: str = Field(description="Form it is asked in, where the measure has several; empty for all.", examples=[""])
    optional: bool = Field(description="Whether a report from elsewhere may lack it.", examples=[False])
    desire: bool = Field(description="Whether it tells desire, so that two partners' difference may be told.", examples=[False])


class MissingRead(Schema):
    """When unanswered items may be filled in."""

    prorate: bool = Field(description="Whether they may be at all.", examples=[True])
    min_percent_answered: int = Field(description="How much of a scale must be answered, in percent.", examples=[80])
    source: Citation


class InactivityRead(Schema):
    """Items whose answer can say 'no sexual activity', which is no low score."""

    items: list[int] = Field(description="Items.", examples=[[3, 4]])
    value: float = Field(description="The answer that says so.", examples=[0])
    effect: str = Field(
        description="What becomes of a scale with one: `withheld`, or `unread` (a score that is not interpreted).",
        examples=["withheld"],
    )
    source: Citation


class AlertRule(Schema):
    """What people must be told at once."""

    code: str = Field(description="Which alert.", examples=["suicide_risk_review"])
    sentence: str = Field(description="What to do.", examples=["See this partner alone and assess risk today."])
    audience: str = Field(description="Who may see it; a partner never may.", examples=["care_team"])
    items: list[int] = Field(description="Items that raise it.", examples=[[9]])
    operator: str = Field(description="How an answer is compared.", examples=[">"])
    value: float = Field(description="What it is compared with.", examples=[0])
    on_meaning: str = Field(description="Or the meaning of cut-offs that raises it.", examples=[""])
    source: Citation


class BandRule(Schema):
    """A named stretch of a scale, both ends included."""

    scale: str = Field(description="Scale.", examples=["total"])
    low: float = Field(description="First score.", examples=[10])
    high: float = Field(description="Last score.", examples=[14])
    meaning: str = Field(description="What it is called.", examples=["moderate"])
    source: Citation


class NormsRead(Schema):
    """How a group scores on a scale."""

    scale: str = Field(description="Scale.", examples=["total"])
    group: str = Field(description="`clinical`, `functional` or `community`.", examples=["community"])
    population: str = Field(description="Who they were.", examples=["121 couples"])
    mean: float = Field(description="Mean.", examples=[30.05])
    sd: float = Field(description="Standard deviation.", examples=[7.03])
    n: int | None = Field(description="How many.", examples=[235])
    source: Citation


class ReliabilityRead(Schema):
    """How much of a scale's variance is not noise."""

    scale: str = Field(description="Scale.", examples=["total"])
    kind: str = Field(description="`test_retest`, `icc`, `alpha` or `split_half`.", examples=["test_retest"])
    value: float = Field(description="From 0 to 1.", examples=[0.84])
    gap: str = Field(description="Time between the two answers.", examples=["2 weeks"])
    source: Citation


class ReliableChangeRead(Schema):
    """What is known about reliable change of a scale; only `published` and `derived` give a class."""

    scale: str = Field(description="Scale.", examples=["total"])
    status: str = Field(description="What may be said of a change.", examples=["derived"])
    points: float | None = Field(description="Published threshold, in points.", examples=[6])
    norm_set: str | None = Field(description="Norm set used when none is chosen.", examples=["dres_two_weeks"])
    note: str = Field(description="What to keep in mind.", examples=[""])
    source: Citation


class NormSetRead(Schema):
    """One consistent basis for reliable change."""

    code: str = Field(description="Norm set.", examples=["dres_two_weeks"])
    scale: str = Field(description="Scale.", examples=["total"])
    population: str = Field(description="Who they were.", examples=["community couples"])
    sd: float = Field(description="Standard deviation.", examples=[7.03])
    sd_note: str = Field(description="Whose standard deviation it is, if not the clinical group's.", examples=[""])
    n: int | None = Field(description="How many.", examples=[235])
    reliability: ReliabilityRead
    clinical_mean: float | None = Field(description="Mean of the clinical group.", examples=[None])
    functional_mean: float | None = Field(description="Mean of the functional group.", examples=[None])
    functional_sd: float | None = Field(description="Standard deviation of the functional group.", examples=[None])
    confidence: str = Field(description="`high`, `medium` or `low`.", examples=["medium"])
    source: Citation


class MinimalImportantRead(Schema):
    """The smallest gain that people notice, which is another question than reliable change."""

    scale: str = Field(description="Scale.", examples=["ef"])
    points: float = Field(description="The gain, in points.", examples=[5])
    baseline: list[str] = Field(description="Bands that the first score lies in, for it to apply.", examples=[["moderate"]])
    estimated_in: str = Field(description="In whom it was estimated.", examples=["men who began with a moderate dysfunction"])
    source: Citation


class ExampleRead(Schema):
    """Answers with the scores they must give."""

    note: str = Field(description="What it shows.", examples=["all highest"])
    answers: dict[int, float | None] = Field(description="Answers by item number.", examples=[{"1": 3}])
    reasons: dict[int, str] = Field(description="Reasons by item number.", examples=[{}])
    scales: dict[str, float | None] = Field(description="The scores.", examples=[{"total": 27}])
    validity: str = Field(description="The validity.", examples=["valid"])
    prorated: bool = Field(description="Whether items were filled in.", examples=[False])
    meanings: list[str] = Field(description="What the cut-offs met say.", examples=[["caseness"]])
    alerts: list[str] = Field(description="Alerts raised.", examples=[[]])
    reported: dict[str, float] = Field(description="Scores from elsewhere, in place of answers.", examples=[{}])


class MeasureSummary(Schema):
    """A measure in short."""

    code: str = Field(description="Measure.", examples=["gmsex"])
    name: str = Field(description="Its full name.", examples=["Global Measure of Sexual Satisfaction"])
    version: str = Field(description="Version of its definition.", examples=["1"])
    kind: str = Field(description="`outcome`, `pulse` or `safety_screen`.", examples=["outcome"])
    constructs: list[str] = Field(description="What it measures.", examples=[["sexual satisfaction"]])
    domain: str = Field(
        description="Side of the couple's life that it measures: `sexual`, `relational` or `neither`.", examples=["sexual"]
    )
    direction: int = Field(description="1 more is better, -1 more is worse.", examples=[1])
    recall_days: int | None = Field(description="Days the answers look back; null without a fixed window.", examples=[14])
    applies_to: str = Field(description="Whom it suits.", examples=["any"])
    licence_tier: str = Field(description="What its holder allows.", examples=["C_author_permission"])
    confidence: str = Field(description="How sure its definition is.", examples=["medium"])


class MeasureRead(MeasureSummary):
    """A measure: how it is checked, scored and read, and what that rests on."""

    licence_note: str = Field(description="What its holder says.", examples=["Ask the authors before showing the wording."])
    precoded: bool = Field(description="Whether the form's answers carry turned numbers already.", examples=[False])
    items: list[ItemRead] = Field(description="Items.")
    scales: list[ScaleRead] = Field(description="Scales.")
    missing: MissingRead
    inactivity: InactivityRead | None = Field(description="How it says 'no sexual activity'.")
    cutoffs: list[MeasureCutoff] = Field(description="Cut-offs.")
    bands: list[BandRule] = Field(description="Bands.")
    alerts: list[AlertRule] = Field(description="What people must be told at once.")
    norms: list[NormsRead] = Field(description="How groups score.")
    reliability: list[ReliabilityRead] = Field(description="Reliabilities.")
    reliable_change: list[ReliableChangeRead] = Field(description="What is known about reliable change.")
    norm_sets: list[NormSetRead] = Field(description="Bases for reliable change.")
    minimal_important: list[MinimalImportantRead] = Field(description="The smallest gains that people notice.")
    limits: list[str] = Field(description="What it cannot say.", examples=[["A screening score is never a diagnosis."]])
    sources: list[Citation] = Field(description="Sources of the definition.")
    examples: list[ExampleRead] = Field(description="Worked examples.")
