"""The wire shapes of links, of what they ask, and of what partners answer."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import AssignmentId, LinkId, PartnerId, PlanId
from app.core.schemas import Code, Day, Moment, Schema
from app.forms.schemas import FormRead
from app.homework.schemas import CheckInAnswers
from app.measures.schemas import Answered, Language
from app.partner_pages.rules import LONGEST_HOURS, Purpose
from app.protocols.schemas import LogFieldRead, Sentences, StageRead
from app.safety.schemas import ConsentCreate

PurposeField = Annotated[Purpose, Field(description="What it lets this partner do, and nothing else.", examples=["measure"])]


class MeasureAsked(Schema):
    """A measure to answer."""

    code: Code = Field(description="Measure, by its code in the catalogue.", examples=["gmsex"])
    language: Language = "und"


class CheckInAsked(Schema):
    """An assignment to check in on."""

    plan_id: PlanId
    assignment_id: AssignmentId


class LinkCreate(Schema):
    """A link for one partner; the part named like its purpose says what it asks, and `stop` has none."""

    purpose: PurposeField
    measure: MeasureAsked | None = Field(
        default=None, description="For `measure`.", examples=[{"code": "gmsex", "language": "en"}]
    )
    check_in: CheckInAsked | None = Field(default=None, description="For `check_in`.", examples=[None])
    consent: ConsentCreate | None = Field(
        default=None, description="For `consent`: what this partner is asked to say yes to.", examples=[None]
    )
    expires_in_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS, strict=True)] | None = Field(
        default=None, description="How long it lives; as the service is set up when left out.", examples=[72]
    )


class LinkRead(Schema):
    """A link, without its secret."""

    id: LinkId
    partner_id: PartnerId
    purpose: str = Field(description="`measure`, `check_in`, `consent` or `stop`.", examples=["measure"])
    measure: MeasureAsked | None = Field(description="The measure it asks for.")
    check_in: CheckInAsked | None = Field(description="The assignment it asks about.", examples=[None])
    consent: ConsentCreate | None = Field(description="What it asks this partner to say yes to.", examples=[None])
    state: str = Field(
        description="`open`, `used`, `revoked` or `expired`; of a consent `used` is told to the care team alone.",
        examples=["open"],
    )
    created_by: str = Field(
        description="Who made it: a member (`mem_`) or an integration (`int_`).", examples=["mem_01jpend000e00800000000000r"]
    )
    created_at: Moment = Field(description="When it was made.")
    expires_at: Moment = Field(description="When it stops opening.")
    used_at: Moment | None = Field(description="When it was used, where you may know.", examples=[None])
    revoked_at: Moment | None = Field(description="When it was revoked.", examples=[None])


class LinkMade(LinkRead):
    """A new link; its address is told this once and cannot be read again."""

    url: str = Field(description="Address for this partner alone.", examples=["/p/" + "0" * 92])


class ItemAsked(Schema):
    """An item by its number, with the answers it takes."""

    number: int = Field(description="Number.", examples=[1])
    low: float = Field(description="Lowest answer.", examples=[1])
    high: float = Field(description="Highest answer.", examples=[7])
    step: float = Field(description="Distance between answers.", examples=[1])
    optional: bool = Field(description="Whether it may stay empty without a reason.", examples=[False])


class MeasurePage(Schema):
    """A measure to answer; its words only where the clinic may show them."""

    code: str = Field(description="Measure.", examples=["gmsex"])
    version: str = Field(description="Version of its definition.", examples=["1"])
    language: str = Field(description="Language it is asked in.", examples=["en"])
    items: list[ItemAsked] = Field(description="Its items, in order.")
    form: FormRead | None = Field(description="Its words; null where none may be shown.", examples=[None])


class CheckInPage(Schema):
    """An occasion to check in on."""

    protocol: str = Field(description="Protocol, by name.", examples=["Sensate focus"])
    stage: StageRead
    hard_rules: Sentences
    starts_on: Day = Field(description="First day.")
    ends_on: Day = Field(description="Last day.")
    ratings: list[LogFieldRead] = Field(description="What every check-in asks.")
    log_fields: list[LogFieldRead] = Field(description="What this protocol logs besides.")


class ConsentPage(ConsentCreate):
    """What is asked for; not answering is a no, and nobody is told."""

    stage_asked: StageRead | None = Field(description="The stage, for `homework_stage`.")


class PageRead(Schema):
    """What a link asks. No name stands in it, and nothing of the other partner."""

    purpose: str = Field(description="`measure`, `check_in`, `consent` or `stop`.", examples=["measure"])
    expires_at: Moment = Field(description="Until when it can be answered.")
    measure: MeasurePage | None = Field(description="For `measure`.")
    check_in: CheckInPage | None = Field(description="For `check_in`.", examples=[None])
    consent: ConsentPage | None = Field(description="For `consent`.", examples=[None])


class ConsentAnswer(Schema):
    """A yes; there is no other answer to give, because silence is a no."""

    agreed: Literal[True] = Field(description="Yes.", examples=[True])


class PageAnswers(Schema):
    """The answers to what the link asks, in the part named like its purpose."""

    measure: Answered | None = Field(
        default=None,
        description="For `measure`.",
        examples=[{"answers": {"1": 4, "2": 5, "3": 3, "4": 4, "5": 6}, "reasons": {}}],
    )
    check_in: CheckInAnswers | None = Field(default=None, description="For `check_in`.", examples=[None])
    consent: ConsentAnswer | None = Field(default=None, description="For `consent`.", examples=[None])


class PageReceipt(Schema):
    """It arrived; the same words whatever was sent and whatever it set in motion."""

    received_at: Moment = Field(description="When it arrived.")
