"""Wire shapes of opening a couple's record in an emergency."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from app.core.ids import BreakGlassId, CoupleId, MemberId
from app.core.schemas import ExternalId, Moment, Schema, Whole, Words


class BreakGlassCreate(Schema):
    """Which couple, why, and for how long. The couple is named by exactly one of the three."""

    couple_id: CoupleId | None = Field(
        default=None, description="The couple, by its id.", examples=["cpl_01jsesqv00e00800000000000r"]
    )
    external_id: ExternalId | None = Field(
        default=None, description="The couple, by the number the clinic's software knows it by.", examples=[None]
    )
    record_number: ExternalId | None = Field(
        default=None, description="The couple, by the record number of one of its partners.", examples=[None]
    )
    reason: Literal["risk_to_life", "medical_emergency", "violence_or_threat", "therapist_unreachable", "legal_duty"] = Field(
        description="Why it cannot wait for the care team.", examples=["therapist_unreachable"]
    )
    words: Words = Field(
        description="What happened, in your words; sealed.", examples=["A partner called in distress; the therapist is away."]
    )
    minutes: Whole = Field(default=30, ge=15, le=60, description="How long you need it, in minutes.", examples=[30])

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        if sum(name is not None for name in (self.couple_id, self.external_id, self.record_number)) != 1:
            raise ValueError("name the couple once: by couple_id, external_id or record_number")
        return self


class ReviewCreate(Schema):
    """What you found when you looked at an opening."""

    outcome: Literal["justified", "unjustified", "escalated"] = Field(
        description="What you found; what follows from it is decided outside this service.", examples=["justified"]
    )


class ReviewRead(Schema):
    """What somebody found when they looked at an opening."""

    outcome: str = Field(description="What they found.", examples=["justified"])
    reviewed_by: MemberId
    reviewed_at: Moment = Field(description="When they looked.")


class OperationCount(Schema):
    """How often something was read."""

    operation: str = Field(
        description="Operation of this API; `care` for all of them where the reader is no member of the care team.",
        examples=["care"],
    )
    times: int = Field(description="In how many requests.", examples=[1])


class BreakGlassRead(Schema):
    """One opening. Whether there is such a couple, it never tells whoever opened it: only reading tells."""

    named_by: ClassVar[str] = "id"

    id: BreakGlassId
    member_id: MemberId
    couple_id: CoupleId | None = Field(
        description="The couple, for those who may know of it apart from this opening; null also where nothing was named."
    )
    reason: str = Field(description="Why it could not wait.", examples=["therapist_unreachable"])
    words: str | None = Field(
        description="What happened; for whoever opened it and for the couple's care team.",
        examples=["A partner called in distress; the therapist is away."],
    )
    opened_at: Moment = Field(description="Since when the record is open.")
    until: Moment = Field(description="When it closes by itself; nothing lengthens it.")
    operations: list[OperationCount] = Field(description="What was read under it, for others than whoever opened it.")
    review: ReviewRead | None = Field(description="What somebody else found; null while nobody looked.", examples=[None])
