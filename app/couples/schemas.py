"""The wire shapes of couples, partners, episodes and concerns."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from app.clinical.specifiers import Factor
from app.core.ids import ConcernId, CoupleId, EpisodeId, FramingId, MemberId, PartnerId
from app.core.schemas import Code, Day, ExternalId, Flag, Label, Moment, Rating, Schema, Versioned, Words

ZONES = available_timezones()


def _zone(name: str) -> str:
    if name not in ZONES:
        raise ValueError("must be an IANA time zone such as 'Europe/Berlin'")
    return name


TimeZone = Annotated[
    str,
    AfterValidator(_zone),
    Field(strict=True, description="IANA time zone the couple lives in.", examples=["Europe/Berlin"]),
]
SlotName = Annotated[Literal["a", "b"], Field(description="Which of the two partners.", examples=["a"])]
Bearer = Annotated[
    Literal["partner_a", "partner_b", "relationship"],
    Field(description="Who bears the concern; who is distressed by it is another question.", examples=["relationship"]),
]
Factors = Annotated[
    list[Factor],
    Field(
        max_length=6,
        description=(
            "What contributes, from the vocabulary `contributing_factors`, as both partners know it: what is one partner's"
            " own matter stands on that partner's diagnosis."
        ),
        examples=[["relationship", "lack_of_knowledge"]],
    ),
]


class Contact(Schema):
    """How one partner may be reached; each partner has channels of their own."""

    email: Label | None = Field(default=None, description="E-mail of this partner alone.", examples=["a@example.org"])
    telephone: Label | None = Field(default=None, description="Telephone of this partner alone.", examples=["+49 30 5550100"])
    rules: Words | None = Field(
        default=None,
        description="What to keep to: hours, whether a message may be left, shared devices.",
        examples=["Weekdays, no voicemail."],
    )


class PartnerCreate(Schema):
    """A new partner."""

    record_number: ExternalId = Field(description="The clinic's number of this partner's own record.")
    name: Label | None = Field(
        default=None, description="Name; sealed, and left out where it is not needed.", examples=["Alex"]
    )
    pronouns: Label | None = Field(default=None, description="Pronouns.", examples=["they/them"])
    contact: Contact | None = Field(default=None, description="How this partner may be reached.")


class PartnerChange(Schema):
    """JSON Merge Patch of a partner: absent leaves, null clears."""

    record_number: ExternalId = Field(
        default="", validate_default=False, description="The clinic's number of this partner's record."
    )
    name: Label | None = Field(default=None, description="Name.", examples=["Alex"])
    pronouns: Label | None = Field(default=None, description="Pronouns.", examples=["she/her"])
    contact: Contact | None = Field(default=None, description="How this partner may be reached; replaced as a whole.")


class PartnerRead(Versioned):
    """A partner."""

    id: PartnerId
    couple_id: CoupleId
    slot: SlotName
    record_number: str = Field(description="The clinic's number of this partner's record.", examples=["EHR-4711"])
    name: str | None = Field(description="Name.", examples=["Alex"])
    pronouns: str | None = Field(description="Pronouns.", examples=["they/them"])
    contact: Contact | None = Field(description="How this partner may be reached.")


class CoupleCreate(Schema):
    """A new couple with both partners."""

    external_id: ExternalId | None = Field(
        default=None, description="The couple's id in the software that creates it; unique in the clinic."
    )
    time_zone: TimeZone = "UTC"
    partner_a: PartnerCreate = Field(description="One partner.")
    partner_b: PartnerCreate = Field(
        description="The other partner.",
        examples=[{"record_number": "EHR-4712", "name": "Robin", "pronouns": "he/him", "contact": None}],
    )
    care_team: list[MemberId] = Field(
        default=[],
        max_length=10,
        description="Members who see this couple from the start; a therapist who creates it is on it anyway.",
    )


class CoupleChange(Schema):
    """JSON Merge Patch of a couple."""

    external_id: ExternalId | None = Field(default=None, description="The couple's id in other software; null clears it.")
    time_zone: TimeZone = "UTC"


class PartnerSummary(Schema):
    """A partner as lists show them."""

    id: PartnerId
    slot: SlotName
    record_number: str = Field(description="The clinic's number of this partner's record.", examples=["EHR-4711"])


class CoupleRead(Versioned):
    """A couple."""

    id: CoupleId
    external_id: str | None = Field(description="The couple's id in other software.", examples=["EHR-C-12"])
    time_zone: str = Field(description="IANA time zone.", examples=["Europe/Berlin"])
    partners: list[PartnerSummary] = Field(description="Both partners, A first.")
    created_at: Moment = Field(description="When the couple was created.")
    archived_at: Moment | None = Field(description="When the couple was archived; null while in care.", examples=[None])


class RatingCreate(Schema):
    """How much a concern weighs on one partner, as that partner said it."""

    partner_id: PartnerId
    severity: Rating = Field(description="0 no burden at all, 10 the worst there is.")
    distressed: Flag = Field(description="Whether this partner calls it a problem.", examples=[True])


class RatingRead(Schema):
    """One partner's rating of a concern."""

    partner_id: PartnerId
    severity: int = Field(description="0-10.", examples=[7])
    distressed: bool = Field(description="Whether this partner calls it a problem.", examples=[True])
    rated_at: Moment = Field(description="When it was said.")


class ConcernCreate(Schema):
    """A concern; codes come from `GET /v1/vocabularies/concerns`."""

    code: Code = Field(description="Concern, from the vocabulary `concerns`.", examples=["desire_discrepancy"])
    bearer: Bearer = "relationship"
    contributing_factors: Factors = Field(default=[])
    ratings: list[RatingCreate] = Field(
        default=[], max_length=2, description="What each partner says it weighs, at most one each."
    )


class ConcernChange(Schema):
    """JSON Merge Patch of a concern; another code is another concern."""

    bearer: Bearer = "relationship"
    contributing_factors: Factors = Field(default=[])


class ConcernResolution(Schema):
    """That a concern is settled."""

    resolved_on: Day | None = Field(default=None, description="Since when; today when left out.")


class PrimaryConcern(Schema):
    """The concern of the episode that the work is to start from now."""

    concern_id: ConcernId


class FramingCreate(Schema):
    """A concern in one partner's own words; the other partner may say the opposite."""

    concern_id: ConcernId
    words: Words = Field(description="In this partner's words; sealed.", examples=["I feel pushed, and then I go numb."])


class FramingRead(Schema):
    """A concern in one partner's own words, as they said it then."""

    id: FramingId
    partner_id: PartnerId
    concern_id: ConcernId
    words: str = Field(description="In this partner's words.", examples=["I feel pushed, and then I go numb."])
    said_at: Moment = Field(description="When it was said.")


class ConcernRead(Versioned):
    """A concern of an episode."""

    id: ConcernId
    episode_id: EpisodeId
    code: str = Field(description="Concern, from the vocabulary `concerns`.", examples=["desire_discrepancy"])
    domain: str = Field(description="`sexual`, `relational` or `safety`.", examples=["sexual"])
    place: str = Field(description="`primary`, `sexual` or `downstream` of the primary one.", examples=["primary"])
    bearer: str = Field(description="Who bears it.", examples=["relationship"])
    contributing_factors: list[str] = Field(description="What contributes.", examples=[["relationship"]])
    ratings: list[RatingRead] = Field(description="Latest rating of each partner that you may see.")
    resolved_on: Day | None = Field(description="When it was settled.", examples=[None])


class EpisodeCreate(Schema):
    """A new episode of care. It opens on a primary concern whose domain is sexual."""

    opened_on: Day | None = Field(default=None, description="First day; today when left out.")
    primary_concern: ConcernCreate = Field(description="The sexual concern the work starts from.")
    other_concerns: list[ConcernCreate] = Field(
        default=[],
        max_length=20,
        description="Further concerns; relational ones are kept as downstream: expected to ease as sex improves.",
        examples=[[{"code": "relationship_distress", "bearer": "relationship", "ratings": []}]],
    )


class EpisodeClose(Schema):
    """The end of an episode."""

    closed_on: Day | None = Field(default=None, description="Last day; today when left out.")
    reason: Literal["completed", "referred", "declined", "separated", "lost_contact", "other"] = Field(
        description="Why care ended.", examples=["completed"]
    )


class EpisodeRead(Versioned):
    """An episode of care with its concerns."""

    id: EpisodeId
    couple_id: CoupleId
    opened_on: Day = Field(description="First day.")
    closed_on: Day | None = Field(description="Last day; null while open.", examples=[None])
    close_reason: str | None = Field(description="Why care ended.", examples=[None])
    concerns: list[ConcernRead] = Field(description="Primary first, then sexual, then downstream.")
