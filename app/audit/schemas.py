"""The wire shapes of the audit trail, its proofs, alarms and a partner's access report."""

from typing import Annotated

from pydantic import Field

from app.core.ids import AlarmId, BreakGlassId, CoupleId, EventId, MemberId, PartnerId
from app.core.schemas import Day, Moment, Schema, Words

Kind = Annotated[str, Field(description="`read`, or `change`.", examples=["read"])]
Hash = Annotated[
    str,
    Field(
        description="32 bytes, in hexadecimal.", examples=["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"]
    ),
]
NOTE = (
    "rekindle/ledger/cln_01jx7nwv00e0008000000000a1\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n"
    "\N{EM DASH} rekindle/ledger/cln_01jx7nwv00e0008000000000a1 MOii0JsG6x0TVO5E6lCapJ==\n"
)
SignedNote = Annotated[
    str,
    Field(description="A checkpoint as it is signed (C2SP tlog-checkpoint): origin, size, root, signature.", examples=[NOTE]),
]


class Who(Schema):
    """Who was at work."""

    kind: str = Field(
        description="`member`, `integration`, `partner` with a link, `operator` at the command line, or `service`.",
        examples=["member"],
    )
    id: str | None = Field(
        description="Id of the member or integration; null for all others.", examples=["mem_01jx7nwv00e0008000000000a1"]
    )
    role: str | None = Field(description="Role the member had then.", examples=["therapist"])


class AuditEventRead(Schema):
    """That somebody did something: who, when, and to which couple. What it was in detail is the care team's to know."""

    id: EventId
    at: Moment = Field(description="When.")
    who: Who = Field(description="Who.")
    kind: Kind
    operation: str = Field(
        description="Operation it was, for what administrators may do; `care` for all work with a couple's record.",
        examples=["care"],
    )
    couple_id: CoupleId | None = Field(description="Couple whose record it was; null for all else.")
    request_id: str = Field(description="Request it belongs to.", examples=["req_01jx7nwv00e0008000000000a1"])
    break_glass_id: BreakGlassId | None = Field(
        description="Opening in an emergency without which nobody would have come this far; null for all else."
    )


class CheckpointRead(Schema):
    """How many events there were, what their tree's root was, and the clinic's signature under it."""

    size: int = Field(ge=1, description="Number of sealed events.", examples=[1])
    root: Hash
    note: SignedNote


class InclusionProofRead(Schema):
    """What shows an auditor that an event is in the tree that a checkpoint signs (RFC 6962, section 2.1.1)."""

    event_id: EventId
    number: int = Field(ge=0, description="Number of its leaf, counted from 0.", examples=[0])
    leaf: str = Field(
        description="What is hashed for the leaf: canonical JSON, with a salted commitment to all that is not in it.",
        examples=["{}"],
    )
    proof: list[Hash] = Field(description="Hashes from the leaf up to the root.")
    checkpoint: SignedNote


class AcknowledgementCreate(Schema):
    """That an alarm was looked at."""

    note: Words = Field(
        description="What was found, for whoever asks later; sealed like a note.",
        examples=["Audit week; agreed with the supervisor."],
    )


class AlarmRead(Schema):
    """Something an administrator has to look at."""

    id: AlarmId
    code: str = Field(
        description="What happened, as in `many_couples_read`; more codes will come.", examples=["many_couples_read"]
    )
    raised_at: Moment = Field(description="When.")
    member_id: MemberId | None = Field(description="Member it is about.")
    couple_id: CoupleId | None = Field(description="Couple it is about.")
    request_id: str = Field(description="Request that raised it.", examples=["req_01jx7nwv00e0008000000000a1"])
    acknowledged_at: Moment | None = Field(description="When somebody looked at it; null while nobody has.")
    acknowledged_by: MemberId | None = Field(description="Who looked at it.")
    note: str | None = Field(description="What they found.", examples=["Audit week; agreed with the supervisor."])


class AccessEntry(Schema):
    """One person, or one program, on one day."""

    on: Day = Field(description="Day, where the couple lives.")
    who: str = Field(description="Name the clinic knows them by.", examples=["thea"])
    role: str = Field(description="What they were, in words.", examples=["therapist"])
    sentence: str = Field(
        description="The entry as a sentence.",
        examples=["On 22 November 2026, thea (therapist) opened or added to your record."],
    )


class AccessReportRead(Schema):
    """Who opened one partner's record, on which days: made to be handed to that partner, and silent about the other."""

    partner_id: PartnerId
    from_on: Day = Field(description="First day it covers.")
    to_on: Day = Field(description="Last day it covers.")
    explanation: str = Field(
        description="What is in it and what is not, for the partner who reads it.",
        examples=["This list says who opened your record."],
    )
    items: list[AccessEntry] = Field(description="Entries, oldest day first.")
