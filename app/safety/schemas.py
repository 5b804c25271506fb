"""The wire shapes of screens, clearances, consents and signals."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import ClearanceId, ConsentId, MemberId, PartnerId, ScreenId, SignalId
from app.core.schemas import Code, Day, Flag, Label, Language, Moment, Schema, Versioned, Whole, Words

ItemNumber = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,2}$")]
Answer = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)] | None
ConsentKind = Literal["homework_stage", "therapy", "data_sharing"]


class ScreenCitation(Schema):
    """Where a cut-off comes from, and how it was checked."""

    text: str = Field(description="Citation.", examples=["AHRQ evidence review NBK533715"])
    grade: str = Field(description="How it was checked; `proposal` marks our own default.", examples=["read_in_primary"])


class ScreenCutoff(Schema):
    """One cut-off of a screen. Published ones may conflict: each is told, and any that is met asks for review."""

    scale: str | None = Field(description="Scale it lies in; null for one that lies in items.", examples=["total"])
    items: list[int] = Field(description="Items it lies in, when it does.", examples=[[]])
    operator: str = Field(description="`<`, `<=`, `>=` or `>`.", examples=[">="])
    value: float = Field(description="Where it lies.", examples=[7])
    meaning: str = Field(description="What it says when met.", examples=["review"])
    met: bool | None = Field(description="Whether it was met; null where an unanswered item could decide.", examples=[False])
    source: ScreenCitation


class ScreenCreate(Schema):
    """A safety screen that one partner answered alone."""

    measure: Code = Field(
        default="ehits", description="Measure of kind `safety_screen`: `ehits`, `hits` or `wast`.", examples=["ehits"]
    )
    taken_alone: Flag = Field(description="Whether the partner answered alone; it must be true.", examples=[True])
    taken_on: Day | None = Field(default=None, description="Day of the screen; today when left out.")
    answers: dict[ItemNumber, Answer] = Field(
        max_length=100, description="Answer by item number.", examples=[{"1": 1, "2": 2, "3": 1, "4": 1, "5": 1}]
    )
    reasons: dict[ItemNumber, Code] = Field(
        default={}, max_length=100, description="Why an item has no answer, by item number.", examples=[{}]
    )


class ScreenRead(Versioned):
    """A safety screen: a gate, never a chart and never a class."""

    id: ScreenId
    partner_id: PartnerId
    measure: str = Field(description="Measure.", examples=["ehits"])
    measure_version: str = Field(description="Version of its scoring definition.", examples=["1"])
    taken_on: Day = Field(description="Day of the screen.")
    recorded_at: Moment = Field(description="When it was recorded.")
    answers: dict[str, int | float | None] = Field(
        description="Answer by item number.", examples=[{"1": 1, "2": 2, "3": 1, "4": 1, "5": 1}]
    )
    cutoffs: list[ScreenCutoff] = Field(description="Every cut-off of the screen; none where its definition has changed since.")
    meanings: list[str] = Field(description="What the cut-offs that were met mean.", examples=[[]])
    needs_review: bool = Field(
        description="Whether a clinician must see this partner alone first. False clears nobody.", examples=[False]
    )


class ClearanceCreate(Schema):
    """A therapist's decision on whether shared touch is safe."""

    decision: Literal["cleared", "blocked"] = Field(description="The decision.", examples=["cleared"])
    interviewed_a_on: Day | None = Field(default=None, description="Day of the interview with partner A alone.")
    interviewed_b_on: Day | None = Field(default=None, description="Day of the interview with partner B alone.")
    blockers: list[Code] = Field(
        default=[], max_length=20, description="What blocks, from the vocabulary `blockers`.", examples=[[]]
    )
    reason: Words | None = Field(
        default=None,
        description="Why; needed for a block, and for clearing after a screen that asks for review.",
        examples=["Both partners seen alone; no fear, no force."],
    )


class ClearanceRead(Versioned):
    """A clearance; the latest one counts."""

    id: ClearanceId
    decision: str = Field(description="`cleared` or `blocked`.", examples=["cleared"])
    interviewed_a_on: Day | None = Field(description="Day of the interview with partner A alone.")
    interviewed_b_on: Day | None = Field(description="Day of the interview with partner B alone.")
    blockers: list[str] = Field(description="What blocks.", examples=[[]])
    reason: str | None = Field(description="Why.", examples=["Both partners seen alone; no fear, no force."])
    decided_by: MemberId
    decided_at: Moment = Field(description="When it was decided.")
    expires_at: Moment | None = Field(description="When it ends; null for a block, which lasts until the next decision.")


class ConsentCreate(Schema):
    """What one partner, asked alone, says yes to."""

    kind: ConsentKind = Field(
        description="Consent to one stage of homework, to therapy and to sharing data are three things.",
        examples=["homework_stage"],
    )
    protocol: Code | None = Field(default=None, description="Protocol; for `homework_stage` only.", examples=["sensate_focus"])
    protocol_version: Annotated[str, Field(max_length=20, strict=True)] | None = Field(
        default=None, description="Version of the protocol; the newest when left out.", examples=["1"]
    )
    stage: Whole | None = Field(default=None, description="Stage; for `homework_stage` only.", examples=[1])
    text_version: Label = Field(description="Version of the text the partner read.", examples=["2026-11"])
    language: Language


class ConsentRead(Versioned):
    """A consent."""

    id: ConsentId
    partner_id: PartnerId
    kind: str = Field(description="What kind of consent.", examples=["homework_stage"])
    protocol: str | None = Field(description="Protocol.", examples=["sensate_focus"])
    protocol_version: str | None = Field(description="Version of the protocol.", examples=["1"])
    stage: int | None = Field(description="Stage.", examples=[1])
    text_version: str = Field(description="Version of the text the partner read.", examples=["2026-11"])
    language: Language
    given_at: Moment = Field(description="When it was given.")
    withdrawn_at: Moment | None = Field(description="When it was withdrawn; null while in force.", examples=[None])


class WithdrawalReceipt(Schema):
    """A withdrawal arrived; the same answer whatever stood before."""

    consent_id: ConsentId
    partner_id: PartnerId
    received_at: Moment = Field(description="When it arrived.")


class SignalReview(Schema):
    """That a therapist attended to a signal."""

    note: Words | None = Field(default=None, description="What was found; sealed.", examples=["Seen alone on Monday."])


class SignalRead(Versioned):
    """An answer that asks for the therapist's attention."""

    id: SignalId
    partner_id: PartnerId
    kind: str = Field(description="`pressure`, `force`, `fear` or `self_harm`.", examples=["pressure"])
    value: int | None = Field(description="The rating, where there is one.", examples=[4])
    response: str = Field(description="`review`, or `pause` when homework was paused at once.", examples=["review"])
    at: Moment = Field(description="When it happened.")
    reviewed_at: Moment | None = Field(description="When a therapist attended to it.", examples=[None])
    reviewed_by: MemberId | None = Field(description="Who attended to it.")
    review_note: str | None = Field(description="What was found.", examples=[None])
