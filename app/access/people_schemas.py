"""Wire shapes of members, integrations, seats on care teams and departures."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from app.core.ids import CoupleId, IntegrationId, MemberId, SeatId
from app.core.schemas import Moment, Schema, Versioned

Login = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$", strict=True)]
Competence = Literal["P", "LI", "SS", "IT"]
RoleName = Literal["therapist", "supervisor", "administrator", "analyst"]
Scopes = Annotated[list[Annotated[str, Field(max_length=160, strict=True)]], Field(max_length=64)]


class MemberCreate(Schema):
    """A person who is to work at the clinic; how they sign in is set up apart."""

    login: Login = Field(description="How the clinic knows the member.", examples=["thea@example.org"])
    role: RoleName = Field(description="What the member is.", examples=["therapist"])
    competence: Competence = Field(
        default="P", description="PLISSIT level you attest for them: P, LI, SS or IT.", examples=["IT"]
    )


class MemberChange(Schema):
    """JSON Merge Patch of a member; another competence is a new attestation, in your name."""

    role: RoleName = Field(default="therapist", description="What the member is.", examples=["therapist"])
    competence: Competence = Field(
        default="P", description="PLISSIT level you attest for them: P, LI, SS or IT.", examples=["SS"]
    )


class MemberRead(Versioned):
    """A person who works at the clinic, or did."""

    id: MemberId
    login: str = Field(description="How the clinic knows the member.", examples=["thea@example.org"])
    role: str = Field(description="What the member is.", examples=["therapist"])
    competence: str = Field(description="PLISSIT level attested for them.", examples=["IT"])
    competence_attested_by: MemberId | None = Field(description="Who attested it; null where the operator did.")
    competence_attested_at: Moment = Field(description="When it was attested.")
    created_at: Moment = Field(description="When they joined.")
    ended_at: Moment | None = Field(description="When they left; null while they work here.", examples=[None])


class IntegrationCreate(Schema):
    """A machine account of clinic software; how it proves itself is set up apart."""

    name: Login = Field(description="Which software this is.", examples=["ehr"])
    scopes: Scopes = Field(min_length=1, description="What it may do.", examples=[["couples:read"]])


class IntegrationChange(Schema):
    """JSON Merge Patch of an integration."""

    scopes: Scopes = Field(
        default=[], description="All it may do from now on; an empty list is nothing.", examples=[["couples:read", "scoring"]]
    )


class IntegrationRead(Versioned):
    """A machine account of clinic software."""

    id: IntegrationId
    name: str = Field(description="Which software this is.", examples=["ehr"])
    scopes: list[str] = Field(description="What it may do; an empty list is nothing.", examples=[["couples:read"]])
    created_at: Moment = Field(description="When it was added.")
    ended_at: Moment | None = Field(description="When it ended; null while it works.", examples=[None])


class SeatCreate(Schema):
    """Who is to see a couple, and a supervisor for how long."""

    member_id: MemberId
    until: Moment | None = Field(
        default=None,
        description="When a supervisor's grant ends; the longest one the clinic allows when left out. Never for therapists.",
        examples=[None],
    )


class SeatAssign(Schema):
    """Which couple the member is to see, and a supervisor for how long."""

    couple_id: CoupleId
    until: Moment | None = Field(
        default=None,
        description="When a supervisor's grant ends; the longest one the clinic allows when left out. Never for therapists.",
        examples=[None],
    )


class SeatRead(Schema):
    """A seat on a care team: of a therapist, or of a supervisor by a grant."""

    named_by: ClassVar[str] = ""

    id: SeatId
    couple_id: CoupleId
    member_id: MemberId
    role: str = Field(description="What the member is: `therapist` or `supervisor`.", examples=["therapist"])
    since: Moment = Field(description="Since when the member sees the couple.")
    until: Moment | None = Field(description="When that ends or ended; null for a therapist who stays.", examples=[None])
    granted_by: MemberId | None = Field(description="Who gave the seat; null where software or the operator did.")
    ended_by: MemberId | None = Field(description="Who ended it before its time; null where nobody did.", examples=[None])


class Handover(Schema):
    """Who takes a couple over."""

    couple_id: CoupleId
    member_id: MemberId


class DepartureCreate(Schema):
    """That a member leaves, and who takes their couples over."""

    handed_to: MemberId | None = Field(
        default=None, description="Therapist who takes over every couple that `handovers` does not name."
    )
    handovers: list[Handover] = Field(
        default=[], max_length=1_000, description="Therapists who take over couples one by one.", examples=[[]]
    )


class DepartureRead(Schema):
    """What ended with a member, and who sees their couples now."""

    named_by: ClassVar[str] = ""

    member_id: MemberId
    ended_at: Moment = Field(description="From this moment on no key and no sign-in of theirs opens.")
    credentials_ended: int = Field(description="Keys that ended.", examples=[1])
    sign_ins_ended: int = Field(description="Sign-ins that ended.", examples=[1])
    seats_ended: int = Field(description="Seats on care teams that ended.", examples=[1])
    handed_over: list[Handover] = Field(description="Couples with the therapists who took them over.")
