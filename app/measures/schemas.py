"""The wire shapes of administrations, their scores and batches of them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, WithJsonSchema

from app.core.ids import AdministrationId, CoupleId, EpisodeId, PartnerId
from app.core.problems import ProblemFault
from app.core.schemas import Code, Day, ExternalId, Label, Moment, Schema
from app.measures.catalogue_schemas import Citation, CutoffBase

LARGEST_BATCH = 500

ItemKey = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$", strict=True)]
Number = Annotated[float, Field(strict=True)]
GivenNumber = Annotated[int | float, WithJsonSchema({"type": "number"})]  # a 4 that came in does not go out as 4.0
AnswersByItem = Annotated[
    dict[ItemKey, Number | None],
    Field(
        max_length=200,
        description="Answers as given, by item number; an item without one is null or left out, and has a reason.",
        examples=[{"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}],
    ),
]
ReasonsByItem = Annotated[
    dict[ItemKey, Code],
    Field(
        max_length=200,
        description="Why an item has no answer: `no_activity`, `skipped`, `declined` or `not_asked`.",
        examples=[{}],
    ),
]
Mode = Annotated[
    Literal["self", "clinician", "imported"], Field(description="Who filled it in: the partner, a clinician, or an import.")
]
Language = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}$",
        max_length=35,  # of the longest that RFC 5646 asks every reader to take (section 4.4.1), and of the column
        strict=True,
        description="Language of the form (BCP 47); `und` when not known.",
        examples=["en-GB"],
    ),
]


class Answered(Schema):
    """Answers by item number, with the reason where there is none."""

    answers: AnswersByItem
    reasons: ReasonsByItem = Field(default={})


class AdministrationCreate(Schema):
    """What one partner answered to one measure: the answers, or scores that were computed elsewhere."""

    measure: Code = Field(description="Measure, by its code in the catalogue.", examples=["gmsex"])
    answers: AnswersByItem | None = Field(
        default=None,
        description="Answers as given, by item number; null only with `scores_elsewhere`.",
        examples=[{"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}],
    )
    reasons: ReasonsByItem = Field(default={})
    scores_elsewhere: dict[Code, Number] | None = Field(
        default=None,
        max_length=50,
        description="Scores by scale that were computed elsewhere, in place of answers; marked as such wherever they are shown.",
        examples=[None],
    )
    standard_errors_elsewhere: dict[Code, Number] | None = Field(
        default=None,
        max_length=50,
        description="Standard errors by scale that came with `scores_elsewhere`, for measures whose change rests on them.",
        examples=[None],
    )
    scored_by: Label | None = Field(
        default=None, description="What computed `scores_elsewhere`, with its version.", examples=[None]
    )
    answered_at: Moment | None = Field(
        default=None, description="When it was answered; now when left out.", examples=["2026-11-21T18:30:00.000Z"]
    )
    recall_ends_on: Day | None = Field(
        default=None, description="Last day the answers speak of; the day they were given when null.", examples=[None]
    )
    mode: Mode = "self"
    language: Language = "und"
    external_id: ExternalId | None = Field(
        default=None,
        description="Id in the software that sends it, unique in the clinic: sent again with the same content it is stored once.",
        examples=["EHR-4711-gmsex-1"],
    )
    supersedes: AdministrationId | None = Field(
        default=None, description="The administration that this one corrects; both stay.", examples=[None]
    )


class CutoffMet(CutoffBase):
    """A cut-off and whether it was met."""

    met: bool | None = Field(description="Whether it was met; null where nothing can be said.", examples=[True])


class BandRead(Schema):
    """The named stretch of a scale that a score lies in."""

    scale: str = Field(description="Scale.", examples=["total"])
    meaning: str = Field(description="What the band is called.", examples=["moderate"])
    source: Citation


class AlertRead(Schema):
    """Something people must act on."""

    code: str = Field(description="Which alert.", examples=["suicide_risk_review"])
    sentence: str = Field(description="What to do.", examples=["See this partner alone and assess risk today."])
    audience: str = Field(description="Who may see it; a partner never may.", examples=["care_team"])
    items: list[int] = Field(description="Items that raised it.", examples=[[9]])


class ScoresRead(Schema):
    """Scores of one set of answers, and what they mean."""

    scales: dict[str, float | None] = Field(
        description="Score of each scale; null where it was withheld.", examples=[{"total": 22.0}]
    )
    standard_errors: dict[str, float] = Field(
        default={}, description="Standard errors that came with scores computed elsewhere.", examples=[{}]
    )
    withheld: dict[str, str] = Field(
        description="Why a scale was withheld, or has a score that is not to be read.", examples=[{}]
    )
    validity: str = Field(description="`valid`, `incomplete` or `inactive_or_partial`.", examples=["valid"])
    prorated: bool = Field(description="Whether unanswered items were filled with the partner's own mean.", examples=[False])
    scoring_version: str | None = Field(
        description="Version of the scoring rules; null for scores computed elsewhere.", examples=["1"]
    )
    cutoffs: list[CutoffMet] = Field(description="Every cut-off of the measure.")
    meanings: list[str] = Field(description="What the cut-offs met say, each once.", examples=[[]])
    bands: list[BandRead] = Field(description="The band of every scale that has bands.")
    alerts: list[AlertRead] = Field(description="Alerts that you may see.", examples=[[]])


class Scoring(ScoresRead):
    """The answer to a stateless scoring; nothing was stored."""

    measure: str = Field(description="Measure.", examples=["gmsex"])
    measure_version: str = Field(description="Version of its definition.", examples=["1"])


class Given(Schema):
    """What was answered, as given."""

    id: AdministrationId
    couple_id: CoupleId
    partner_id: PartnerId
    episode_id: EpisodeId | None = Field(description="Episode of care that was open then.")
    measure: str = Field(description="Measure.", examples=["gmsex"])
    measure_version: str = Field(description="Version of its definition then.", examples=["1"])
    mode: str = Field(description="`self`, `clinician` or `imported`.", examples=["self"])
    language: str = Field(description="Language of the form.", examples=["en-GB"])
    answered_at: Moment = Field(description="When it was answered.")
    recorded_at: Moment = Field(description="When it was stored.")
    recorded_by: str = Field(
        description="Who stored it: a member (`mem_`), an integration (`int_`), or the partner by a link (`prt_`).",
        examples=["mem_01jpend000e00800000000000r"],
    )
    recall_starts_on: Day | None = Field(
        description="First day the answers speak of; null where the measure has no fixed window."
    )
    recall_ends_on: Day = Field(description="Last day the answers speak of; the day they were given unless told otherwise.")
    external_id: str | None = Field(description="Id in the software that sent it.", examples=["EHR-4711-gmsex-1"])
    supersedes: AdministrationId | None = Field(description="The administration that this one corrects.")
    superseded_by: AdministrationId | None = Field(description="The administration that corrects this one.")
    scored_elsewhere: bool = Field(description="Whether the scores were computed elsewhere.", examples=[False])
    scored_by: str | None = Field(description="What computed them elsewhere, where that was told.", examples=[None])
    answers: dict[str, GivenNumber | None] = Field(
        description="Answers as given, by item number.", examples=[{"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}]
    )
    reasons: dict[str, str] = Field(description="Why an item has no answer.", examples=[{}])


class AdministrationRead(ScoresRead, Given):
    """An administration: what was answered, as given, and what it came to."""


class AdministrationKept(AdministrationRead):
    """What became of one administration that was sent."""

    other_statuses: ClassVar[dict[int, str]] = {200: "It was stored before, under the same external id."}

    existing: bool = Field(description="Whether it was stored before, under the same external id.", examples=[False])

    @property
    def http_status(self) -> int:
        """201 when it was stored now, 200 when it was there."""
        return 200 if self.existing else 201


class BatchItem(AdministrationCreate):
    """One administration of a batch."""

    couple_id: CoupleId
    partner_id: PartnerId


class BatchCreate(Schema):
    """Up to 500 administrations of any measures and couples."""

    mode: Literal["all_or_nothing", "partial"] = Field(
        default="all_or_nothing", description="Whether one wrong item refuses all, or only itself.", examples=["all_or_nothing"]
    )
    items: list[BatchItem] = Field(min_length=1, max_length=LARGEST_BATCH, description="The administrations.")


class ItemProblem(Schema):
    """Why an item was not stored."""

    code: str = Field(description="Stable code of the problem.", examples=["administration_invalid"])
    detail: str = Field(description="A sentence for people.", examples=["The measure does not take these answers."])
    errors: list[ProblemFault] = Field(description="Faults, at most ten; pointers are into the body of the batch.")


class ItemDone(Schema):
    """What became of one item of a batch, in the order they were sent."""

    status: int = Field(
        description="201 stored, 200 stored before, else what it would have been answered with.", examples=[201]
    )
    id: AdministrationId | None = Field(description="Its id; null when it was not stored.")
    existing: bool = Field(description="Whether it was stored before, under the same external id.", examples=[False])
    scales: dict[str, float | None] = Field(description="Score of each scale.", examples=[{"total": 22.0}])
    validity: str | None = Field(description="`valid`, `incomplete` or `inactive_or_partial`.", examples=["valid"])
    prorated: bool = Field(description="Whether unanswered items were filled with the partner's own mean.", examples=[False])
    problem: ItemProblem | None = Field(description="Why it was not stored.", examples=[None])


class BatchDone(Schema):
    """What became of a batch."""

    other_statuses: ClassVar[dict[int, str]] = {207: "With `mode` `partial`: what became of each item."}

    mode: str = Field(description="As it was sent.", examples=["all_or_nothing"])
    stored: int = Field(description="Items stored now.", examples=[1])
    existing: int = Field(description="Items that were stored before.", examples=[0])
    refused: int = Field(description="Items that were not stored.", examples=[0])
    items: list[ItemDone] = Field(description="One entry an item, in the order they were sent.")

    @property
    def http_status(self) -> int:
        """207 in partial mode, where each item has a status of its own."""
        return 207 if self.mode == "partial" else 201


class ScorePoint(Schema):
    """One score of a series; a gap stays, with its reason."""

    administration_id: AdministrationId
    measure: str = Field(description="Measure.", examples=["gmsex"])
    scale: str = Field(description="Scale.", examples=["total"])
    answered_at: Moment = Field(description="When it was answered.")
    value: float | None = Field(description="Score; null where it was withheld.", examples=[22.0])
    reason: str | None = Field(description="Why it was withheld, or is not to be read though it stands.", examples=[None])
    prorated: bool = Field(description="Whether the administration has scores with filled-in items.", examples=[False])
    standard_error: float | None = Field(
        default=None, description="Standard error that came with a score computed elsewhere.", examples=[None]
    )
