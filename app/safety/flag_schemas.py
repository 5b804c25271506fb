"""The wire shapes of red flags and of preconditions."""

from pydantic import Field

from app.core.ids import MemberId, PartnerId, PreconditionRecordId, RedFlagId
from app.core.schemas import Code, Day, Fingerprinted, Flag, Moment, Schema, Versioned, Words


class RedFlagCreate(Schema):
    """Something that forbids an exercise while it is open."""

    code: Code = Field(description="Which, from the vocabulary `red_flags`.", examples=["unprocessed_trauma"])
    partner_id: PartnerId | None = Field(default=None, description="Whom it is about; the couple when left out.")
    note: Words | None = Field(default=None, description="What was found; sealed.", examples=["Told alone, on Monday."])


class RedFlagClearing(Schema):
    """That a red flag no longer holds."""

    reason: Words = Field(description="Why; sealed.", examples=["In trauma therapy since March, stable."])


class RedFlagRead(Versioned):
    """A red flag; while it is open, what it forbids neither starts nor goes on."""

    id: RedFlagId
    partner_id: PartnerId | None = Field(description="Whom it is about; null for the couple.")
    code: str = Field(description="Which.", examples=["unprocessed_trauma"])
    note: str | None = Field(description="What was found.", examples=["Told alone, on Monday."])
    opened_at: Moment = Field(description="When it was opened.")
    opened_by: MemberId
    cleared_at: Moment | None = Field(description="When it was cleared; null while it is open.", examples=[None])
    cleared_by: MemberId | None = Field(description="Who cleared it.")
    clearing_reason: str | None = Field(description="Why it no longer holds.", examples=[None])


class PreconditionRecordCreate(Schema):
    """Whether something is met that a protocol asks for before it starts."""

    code: Code = Field(description="Which, from the vocabulary `preconditions`.", examples=["pelvic_examination"])
    partner_id: PartnerId | None = Field(default=None, description="Whom it is about; the couple when left out.")
    met: Flag = Field(description="Whether it is met.", examples=[True])
    found_on: Day | None = Field(default=None, description="Day it was found; today when left out.")
    expires_on: Day | None = Field(
        default=None, description="Last day it holds; without one it holds.", examples=["2027-11-22"]
    )
    note: Words | None = Field(default=None, description="What was found; sealed.", examples=["Seen by Dr Doe, no finding."])


class PreconditionRecordRead(Fingerprinted):
    """A record of a precondition; it stays, and the latest about the same counts."""

    id: PreconditionRecordId
    partner_id: PartnerId | None = Field(description="Whom it is about; null for the couple.")
    code: str = Field(description="Which.", examples=["pelvic_examination"])
    met: bool = Field(description="Whether it is met.", examples=[True])
    found_on: Day = Field(description="Day it was found.")
    expires_on: Day | None = Field(description="Last day it holds.")
    note: str | None = Field(description="What was found.", examples=["Seen by Dr Doe, no finding."])
    recorded_at: Moment = Field(description="When it was recorded.")
    recorded_by: MemberId
