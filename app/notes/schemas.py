"""The wire shapes of session notes and addenda."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import (
    AddendumId,
    AdministrationId,
    AssignmentId,
    ConsentId,
    CoupleId,
    MemberId,
    NoteId,
    NoteVersionId,
    PlanId,
    ScreenId,
)
from app.core.schemas import Day, Flag, Label, Moment, Schema, Versioned, Words

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
StatusName = Annotated[
    Literal["draft", "signed", "co_signed", "locked", "entered_in_error", "discarded"],
    Field(description="Where the note stands.", examples=["draft"]),
]
TopicName = Annotated[
    Literal["sexual_concern", "homework", "relationship", "communication", "individual", "logistics"],
    Field(description="What some of the hour went to.", examples=["sexual_concern"]),
]
FormatName = Annotated[
    Literal["soap", "dap", "birp", "girp", "pie", "free"],
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
Measured = Annotated[Flag, Field(description="Whether measures were looked at.", examples=[True])]


class Sections(Schema):
    """Text of the sections of the chosen format; null takes one away."""

    subjective: Words | None = Field(default=None, description="SOAP: what the partners say.", examples=[SOAP["subjective"]])
    objective: Words | None = Field(default=None, description="SOAP: what was seen.", examples=[SOAP["objective"]])
    assessment: Words | None = Field(default=None, description="SOAP, DAP: what it means.", examples=[SOAP["assessment"]])
    plan: Words | None = Field(default=None, description="SOAP, DAP, BIRP, GIRP: what comes next.", examples=[SOAP["plan"]])
    data: Words | None = Field(default=None, description="DAP: what was said and seen.", examples=["Both kept to the rules."])
    behaviour: Words | None = Field(default=None, description="BIRP: what they did.", examples=["Both kept to the rules."])
    goals: Words | None = Field(default=None, description="GIRP: what it is for.", examples=["Touch without pressure."])
    intervention: Words | None = Field(
        default=None, description="BIRP, GIRP, PIE: what was done.", examples=["Stage explained."]
    )
    response: Words | None = Field(default=None, description="BIRP, GIRP: how they took it.", examples=["Both agreed."])
    problem: Words | None = Field(default=None, description="PIE: what it is about.", examples=["Fear of failing again."])
    evaluation: Words | None = Field(default=None, description="PIE: what came of it.", examples=["Less fear."])
    text: Words | None = Field(default=None, description="Free: the whole note.", examples=["A calm hour."])


class Attendance(Schema):
    """Who was there; a note about one partner tells of that partner alone."""

    partner_a: Attended | None = None
    partner_b: Attended | None = None


class AttendedTimes(Schema):
    """From when to when one partner was there, where it was not the whole hour."""

    started_at: Moment | None = Field(default=None, description="When they came.", examples=["2026-11-20T17:10:00.000Z"])
    ended_at: Moment | None = Field(default=None, description="When they left.", examples=["2026-11-20T17:50:00.000Z"])


class TimesByAttendee(Schema):
    """Start and stop per partner; a partner who attended and is not told of was there from start to end."""

    partner_a: AttendedTimes | None = Field(default=None, description="When partner A was there.")
    partner_b: AttendedTimes | None = Field(default=None, description="When partner B was there.")


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
LookedAt = Annotated[
    list[AdministrationId],
    Field(
        max_length=20,
        description="Administrations looked at; a note about both partners names none, and says so in `measures_checked`.",
        examples=[[]],
    ),
]
ConsentsReviewed = Annotated[
    list[ConsentId], Field(max_length=20, description="Consents that were gone through; kept for the care team alone.")
]
ScreensReviewed = Annotated[
    list[ScreenId], Field(max_length=20, description="Safety screens that were gone through; kept for the care team alone.")
]
CptCodes = Annotated[
    list[Annotated[str, Field(pattern=r"^[0-9]{5}$", strict=True)]],
    Field(max_length=5, description="US billing codes; what does not fit comes back in `hints` and is never refused."),
]
TimesField = Annotated[
    TimesByAttendee,
    Field(
        description="Start and stop per partner, where it was not the whole hour.",
        examples=[{"partner_b": {"started_at": "2026-11-20T17:10:00.000Z"}}],
    ),
]


class NoteContent(Schema):
    """What the author of a draft writes."""

    started_at: Started | None = None
    ended_at: Ended | None = None
    sections: SectionsField = Sections()
    attendance: AttendanceField = Attendance()
    times_by_attendee: TimesField = TimesByAttendee()
    minutes_by_topic: MinutesField = MinutesByTopic()
    consent_checked: Consented = False
    safety_checked: Safe = False
    measures_checked: Measured = False
    plans_reviewed: PlansReviewed = Field(default=[])
    assignments_reviewed: Reviewed = Field(default=[])
    assignments_given: Given = Field(default=[])
    administrations_reviewed: LookedAt = Field(default=[])
    consents_reviewed: ConsentsReviewed = Field(default=[])
    screens_reviewed: ScreensReviewed = Field(default=[])
    cpt_codes: CptCodes = Field(default=[], examples=[["90847"]])


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
    """A signature under one version of the note."""

    version: int = Field(ge=1, strict=True, description="Version that you read and sign.", examples=[1])
    credentials: Label | None = Field(
        default=None, description="Your credentials as they stand under your name.", examples=["LMFT, CST"]
    )


class CoSignatureCreate(SignatureCreate):
    """A supervisor's signature under one version of a signed note."""

    version: int = Field(ge=1, strict=True, description="Version that you read and co-sign.", examples=[2])


class RetractionCreate(Schema):
    """Why a note should never have been in this record."""

    reason: Words = Field(description="Why it was entered in error.", examples=["This hour belongs to another couple."])


class AddendumCreate(Schema):
    """Something to add to a signed note."""

    reason: Literal["correction", "clarification", "late_information", "partner_statement"] = Field(
        description="Why it is added.", examples=["clarification"]
    )
    text: Words = Field(description="What is added.", examples=["Robin called to say that the pause was agreed by both."])


class AddendumRead(Schema):
    """What was added to a signed note."""

    id: AddendumId
    author_id: MemberId
    written_at: Moment = Field(description="When it was added.")
    reason: str = Field(
        description="Why it was added; `entered_in_error` tells why the whole note should not be there.",
        examples=["clarification"],
    )
    text: str = Field(description="What was added.", examples=["Robin called to say that the pause was agreed by both."])
    content_sha256: str = Field(description="SHA-256 of the addendum as canonical JSON.", examples=["9f86d081884c7d65"])


class SignatureRead(Schema):
    """Who stands for the note, and the fingerprint of what was signed."""

    signed_by: MemberId
    signed_at: Moment = Field(description="When it was signed.")
    credentials: str | None = Field(description="Credentials of who signed.", examples=["LMFT, CST"])
    content_sha256: str = Field(description="SHA-256 of the note as canonical JSON.", examples=["9f86d081884c7d65"])


class TimesRead(Schema):
    """From when to when one partner was there."""

    started_at: Started | None
    ended_at: Ended | None


class CoSignatureRead(Schema):
    """Whether a supervisor's signature is wanted, and theirs once it is there."""

    wanted: bool = Field(description="Whether the author's work was supervised when it was signed.", examples=[True])
    signed_by: MemberId | None = Field(description="The supervisor who co-signed; null before.", examples=[None])
    signed_at: Moment | None = Field(description="When it was co-signed; null before.", examples=[None])
    credentials: str | None = Field(description="Credentials of who co-signed.", examples=[None])


class HintRead(Schema):
    """Something to look at before a claim goes out."""

    code: str = Field(description="Which rule.", examples=["policy_holder_is_told"])
    detail: str = Field(description="What to look at.", examples=["90847 is billable from 26 minutes; this hour lasted 20."])


class NoteSaid(Schema):
    """All that was written, as it is shown."""

    held_on: HeldOn
    started_at: Started | None
    ended_at: Ended | None
    format: str = Field(description="`soap`, `dap`, `birp`, `girp`, `pie` or `free`.", examples=["soap"])
    sections: dict[str, str] = Field(description="Text by section.", examples=[SOAP])
    attendance: dict[str, str] = Field(description="Attendance by partner.", examples=[{"partner_a": "present"}])
    times_by_attendee: dict[str, TimesRead] = Field(
        description="Start and stop of everyone who attended.",
        examples=[{"partner_a": {"started_at": "2026-11-20T17:00:00.000Z", "ended_at": "2026-11-20T17:50:00.000Z"}}],
    )
    minutes_by_topic: dict[str, int] = Field(description="Minutes by topic.", examples=[MINUTES])
    consent_checked: bool = Field(description="Whether consent was asked for again.", examples=[True])
    safety_checked: bool = Field(description="Whether safety was asked about.", examples=[True])
    measures_checked: bool = Field(description="Whether measures were looked at.", examples=[True])
    plans_reviewed: PlansReviewed
    assignments_reviewed: Reviewed
    assignments_given: Given
    administrations_reviewed: LookedAt
    consents_reviewed: ConsentsReviewed
    screens_reviewed: ScreensReviewed
    cpt_codes: list[str] = Field(description="US billing codes.", examples=[["90847"]])


class NoteRead(Versioned, NoteSaid):
    """A session note with its addenda."""

    id: NoteId
    couple_id: CoupleId
    about: str = Field(description="`couple`, `partner_a` or `partner_b`.", examples=["couple"])
    author_id: MemberId
    status: str = Field(
        description="`draft`, `signed`, `co_signed`, `locked`, `entered_in_error` or `discarded`.", examples=["draft"]
    )
    length_minutes: int | None = Field(description="From start to end; null while either is open.", examples=[50])
    late_entry: bool = Field(
        description="Whether it was last written more than 72 hours after the hour: held on `held_on`, entered at `entered_at`.",
        examples=[False],
    )
    created_at: Moment = Field(description="When the draft was begun.")
    entered_at: Moment = Field(description="When it was last written: the other date of a late entry.")
    locks_at: Moment | None = Field(description="When it locks, or locked; null on a draft.", examples=[None])
    signature: SignatureRead | None = Field(description="The signature; null on a draft.", examples=[None])
    co_signature: CoSignatureRead | None = Field(description="The supervisor's signature; null on a draft.", examples=[None])
    hints: list[HintRead] = Field(description="What to look at before a claim goes out.", examples=[[]])
    addenda: list[AddendumRead] = Field(description="What was added since it was signed, oldest first.", examples=[[]])


class NoteVersionRead(NoteSaid):
    """What a draft said at one time; kept as it was, and shown to its author alone."""

    id: NoteVersionId
    number: int = Field(description="First, second and so on.", examples=[1])
    written_at: Moment = Field(description="When it was written.")
    content_sha256: str = Field(description="SHA-256 of this version as canonical JSON.", examples=["9f86d081884c7d65"])
    previous_sha256: str | None = Field(description="That of the version before; null on the first.", examples=[None])
