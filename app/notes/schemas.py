"""The wire shapes of session notes and addenda."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import AddendumId, AssignmentId, CoupleId, MemberId, NoteId, PlanId
from app.core.schemas import Day, Flag, Moment, Schema, Versioned, Words

SOAP = {
    "subjective": "Both say the week was easier.",
    "objective": "They sat closer than last time.",
    "assessment": "Less pressure, more touch.",
    "plan": "Sensate focus, same stage.",
}
MINUTES = {"sexual_concern": 25, "homework": 15, "relationship": 5}

AboutName = Annotated[
    Literal["couple", "partner_a", "partner_b"],
    Field(description="Whom the hour was held with: both, or one partner alone.", examples=["couple"]),
]
StatusName = Annotated[Literal["draft", "signed"], Field(description="Where the note stands.", examples=["draft"])]
FormatName = Annotated[
    Literal["soap", "dap", "birp", "girp", "free"],
    Field(description="Format of the note; it decides which sections there are.", examples=["soap"]),
]
Attended = Annotated[
    Literal["present", "remote", "late", "left_early", "absent"],
    Field(description="Whether this partner was there.", examples=["present"]),
]
Minutes = Annotated[int, Field(ge=0, le=480, strict=True, description="Minutes.", examples=[10])]
Started = Annotated[Moment, Field(description="When the hour began.", examples=["2026-11-20T17:00:00.000Z"])]
Ended = Annotated[Moment, Field(description="When the hour ended.", examples=["2026-11-20T17:50:00.000Z"])]
HeldOn = Annotated[Day, Field(description="Day of the hour.", examples=["2026-11-20"])]
Consented = Annotated[Flag, Field(description="Whether consent was asked for again.", examples=[True])]
Safe = Annotated[Flag, Field(description="Whether safety was asked about; never what was answered.", examples=[True])]


class Sections(Schema):
    """Text of the sections of the chosen format; null takes one away."""

    subjective: Words | None = Field(default=None, description="SOAP: what the partners say.", examples=[SOAP["subjective"]])
    objective: Words | None = Field(default=None, description="SOAP: what was seen.", examples=[SOAP["objective"]])
    assessment: Words | None = Field(default=None, description="SOAP, DAP: what it means.", examples=[SOAP["assessment"]])
    plan: Words | None = Field(default=None, description="SOAP, DAP, BIRP, GIRP: what comes next.", examples=[SOAP["plan"]])
    data: Words | None = Field(default=None, description="DAP: what was said and seen.", examples=["Both kept to the rules."])
    behaviour: Words | None = Field(default=None, description="BIRP: what they did.", examples=["Both kept to the rules."])
    goals: Words | None = Field(default=None, description="GIRP: what it is for.", examples=["Touch without pressure."])
    intervention: Words | None = Field(default=None, description="BIRP, GIRP: what was done.", examples=["Stage explained."])
    response: Words | None = Field(default=None, description="BIRP, GIRP: how they took it.", examples=["Both agreed."])
    text: Words | None = Field(default=None, description="Free: the whole note.", examples=["A calm hour."])


class Attendance(Schema):
    """Who was there; a note about one partner tells of that partner alone."""

    partner_a: Attended | None = None
    partner_b: Attended | None = None


class MinutesByTopic(Schema):
    """How the hour was spent; together not longer than the hour."""

    sexual_concern: Minutes | None = None
    homework: Minutes | None = None
    relationship: Minutes | None = None
    communication: Minutes | None = None
    individual: Minutes | None = None
    logistics: Minutes | None = None


SectionsField = Annotated[Sections, Field(description="Text of the sections of the format.", examples=[SOAP])]
AttendanceField = Annotated[
    Attendance, Field(description="Who was there.", examples=[{"partner_a": "present", "partner_b": "late"}])
]
MinutesField = Annotated[MinutesByTopic, Field(description="Minutes by topic.", examples=[MINUTES])]
PlansReviewed = Annotated[list[PlanId], Field(max_length=20, description="Homework plans that were gone through.")]
Reviewed = Annotated[list[AssignmentId], Field(max_length=20, description="Assignments that were gone through.")]
Given = Annotated[list[AssignmentId], Field(max_length=20, description="Assignments that were given.")]


class NoteContent(Schema):
    """What the author of a draft writes."""

    started_at: Started | None = None
    ended_at: Ended | None = None
    sections: SectionsField = Sections()
    attendance: AttendanceField = Attendance()
    minutes_by_topic: MinutesField = MinutesByTopic()
    consent_checked: Consented = False
    safety_checked: Safe = False
    plans_reviewed: PlansReviewed = Field(default=[])
    assignments_reviewed: Reviewed = Field(default=[])
    assignments_given: Given = Field(default=[])


class NoteCreate(NoteContent):
    """A new draft; until it is signed only its author sees it."""

    about: AboutName
    held_on: HeldOn
    format: FormatName


class NoteChange(NoteContent):
    """JSON Merge Patch of a draft: absent leaves, null clears; whom it is about stays."""

    held_on: HeldOn = date.min
    format: FormatName = "soap"


class SignatureCreate(Schema):
    """The author's signature under one version of the draft."""

    version: int = Field(ge=1, strict=True, description="Version that you read and sign.", examples=[1])


class AddendumCreate(Schema):
    """Something to add to a signed note."""

    reason: Literal["correction", "clarification", "late_information", "partner_statement", "entered_in_error"] = Field(
        description="Why it is added.", examples=["clarification"]
    )
    text: Words = Field(description="What is added.", examples=["Robin called to say that the pause was agreed by both."])


class AddendumRead(Schema):
    """What was added to a signed note."""

    id: AddendumId
    author_id: MemberId
    written_at: Moment = Field(description="When it was added.")
    reason: str = Field(description="Why it was added.", examples=["clarification"])
    text: str = Field(description="What was added.", examples=["Robin called to say that the pause was agreed by both."])
    content_sha256: str = Field(description="SHA-256 of the addendum as canonical JSON.", examples=["9f86d081884c7d65"])


class SignatureRead(Schema):
    """Who stands for the note, and the fingerprint of what was signed."""

    signed_by: MemberId
    signed_at: Moment = Field(description="When it was signed.")
    content_sha256: str = Field(description="SHA-256 of the note as canonical JSON.", examples=["9f86d081884c7d65"])


class NoteRead(Versioned):
    """A session note with its addenda."""

    id: NoteId
    couple_id: CoupleId
    about: str = Field(description="`couple`, `partner_a` or `partner_b`.", examples=["couple"])
    author_id: MemberId
    status: str = Field(description="`draft` or `signed`.", examples=["draft"])
    held_on: HeldOn
    started_at: Started | None
    ended_at: Ended | None
    length_minutes: int | None = Field(description="From start to end; null while either is open.", examples=[50])
    format: str = Field(description="`soap`, `dap`, `birp`, `girp` or `free`.", examples=["soap"])
    sections: dict[str, str] = Field(description="Text by section.", examples=[SOAP])
    attendance: dict[str, str] = Field(description="Attendance by partner.", examples=[{"partner_a": "present"}])
    minutes_by_topic: dict[str, int] = Field(description="Minutes by topic.", examples=[MINUTES])
    consent_checked: bool = Field(description="Whether consent was asked for again.", examples=[True])
    safety_checked: bool = Field(description="Whether safety was asked about.", examples=[True])
    plans_reviewed: PlansReviewed
    assignments_reviewed: Reviewed
    assignments_given: Given
    late_entry: bool = Field(description="Whether it was last written more than 72 hours after the hour.", examples=[False])
    created_at: Moment = Field(description="When the draft was begun.")
    signature: SignatureRead | None = Field(description="The signature; null on a draft.", examples=[None])
    addenda: list[AddendumRead] = Field(description="What was added since it was signed, oldest first.", examples=[[]])
