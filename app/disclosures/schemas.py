"""The wire shapes of authorisations, flags that hold a release back, and disclosures."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import AuthorisationId, CoupleId, DisclosureId, PartnerId, ReleaseFlagId, ReleaseId
from app.core.schemas import Code, Day, Fingerprinted, Label, Moment, Schema, Versioned, Words

RecipientKind = Literal["partner_a", "partner_b", "both_partners", "health_professional", "insurer", "lawyer", "court", "other"]
Method = Literal["on_paper", "electronic"]
Against = Literal["partner_a", "partner_b", "everyone"]
GroundName = Literal[
    "authorisation",
    "court_order",
    "subpoena",
    "required_by_law",
    "health_oversight",
    "serious_threat",
    "treatment",
]
PlaceName = Literal["conjoint", "individual_a", "individual_b", "safety_a", "safety_b"]
Kinds = Annotated[
    list[Code],
    Field(
        min_length=1,
        max_length=20,
        description="Kinds of data: `contact`, `concerns`, `diagnoses`, `measures`, `homework`, `menus`, `session_notes`, `safety`, `releases`; or `psychotherapy_notes` alone.",
        examples=[["concerns", "homework", "session_notes"]],
    ),
]
OwnKinds = Annotated[
    list[Code],
    Field(
        max_length=20,
        description="Kinds of this partner's own data that they let go along; chosen alone, and not told to the other partner.",
        examples=[["measures"]],
    ),
]
FromDay = Annotated[Day | None, Field(description="Only what is of this day or later; null for no limit.", examples=[None])]
ToDay = Annotated[Day | None, Field(description="Only what is of this day or earlier; null for no limit.", examples=[None])]


class AuthorisationCreate(Schema):
    """An authorisation to be signed: what, to whom, why and until when."""

    partner_id: PartnerId | None = Field(
        default=None,
        description="The partner whose own data it is about; null for a joint one, of what belongs to both.",
        examples=[None],
    )
    recipient_kind: RecipientKind = Field(description="What the recipient is.", examples=["health_professional"])
    recipient: Label = Field(description="Who receives it; kept sealed.", examples=["Dr. Example, Example Street 1"])
    purpose: Words = Field(description="What for; kept sealed.", examples=["Continuing the therapy elsewhere."])
    kinds: Kinds
    from_on: FromDay = None
    to_on: ToDay = None
    expires_at: Moment = Field(
        description="When it ends by itself, at most 366 days from now.", examples=["2027-05-01T00:00:00Z"]
    )


class SignatureRead(Schema):
    """One partner's signature."""

    partner_id: PartnerId
    method: str = Field(description="How it was given.", examples=["on_paper"])
    signed_at: Moment = Field(description="When it was given.")
    own_kinds: OwnKinds


class AuthorisationRead(Fingerprinted):
    """An authorisation and where it stands."""

    id: AuthorisationId
    couple_id: CoupleId
    partner_id: PartnerId | None = Field(description="The partner whose own data it is about; null for a joint one.")
    recipient_kind: str = Field(description="What the recipient is.", examples=["health_professional"])
    recipient: str = Field(description="Who receives it.", examples=["Dr. Example, Example Street 1"])
    purpose: str = Field(description="What for.", examples=["Continuing the therapy elsewhere."])
    kinds: list[str] = Field(description="Kinds of data it covers.", examples=[["concerns", "homework", "session_notes"]])
    from_on: FromDay
    to_on: ToDay
    created_at: Moment = Field(description="When it was drawn up.")
    expires_at: Moment = Field(description="When it ends by itself.")
    status: str = Field(
        description="`incomplete` until all who must have signed, `running`, `ended` or `expired`. It never tells through whom it ended.",
        examples=["running"],
    )
    signatures: list[SignatureRead] = Field(description="Signatures within the caller's reach.")
    seen_to: bool | None = Field(
        description="Whether a clinician has seen to it, without which nothing leaves; null outside the care team.",
        examples=[None],
    )


class AuthorisationSign(Schema):
    """One partner's signature, given alone."""

    partner_id: PartnerId
    method: Method = Field(description="`on_paper` or `electronic`.", examples=["on_paper"])
    signed_at: Moment | None = Field(default=None, description="When it was given; now when left out.", examples=[None])
    own_kinds: OwnKinds = Field(default=[])


class AuthorisationEnd(Schema):
    """The end of an authorisation; whoever asks for it is known to the care team alone."""

    partner_id: PartnerId | None = Field(
        default=None, description="The partner who takes it back; null when the clinic ends it.", examples=[None]
    )


class EndingReceipt(Schema):
    """That an authorisation is over, whatever stood before."""

    named_by = ""

    authorisation_id: AuthorisationId
    received_at: Moment = Field(description="When it was received. Nothing leaves under it from then on.")


class ReleaseFlagCreate(Schema):
    """That handing something over may endanger somebody (45 CFR 164.524(a)(3))."""

    against: Against = Field(description="Whose copies and files are held back, or `everyone`'s.", examples=["everyone"])
    partner_id: PartnerId | None = Field(
        default=None, description="The partner it protects, if one; the reason is sealed under their key.", examples=[None]
    )
    reason: Words = Field(description="Why; for the care team alone.", examples=["Fear of what is in the notes."])


class ReleaseFlagLifting(Schema):
    """Why a flag no longer holds."""

    reason: Words = Field(description="Why; for the care team alone.", examples=["They live apart, and she asked for it."])


class ReleaseFlagRead(Versioned):
    """A flag that holds releases back."""

    id: ReleaseFlagId
    against: str = Field(description="Whose copies and files are held back, or `everyone`'s.", examples=["everyone"])
    partner_id: PartnerId | None = Field(description="The partner it protects, if one.")
    reason: str = Field(description="Why.", examples=["Fear of what is in the notes."])
    set_at: Moment = Field(description="When it was set.")
    lifted_at: Moment | None = Field(description="When it was lifted, if it was.")
    lifting_reason: str | None = Field(description="Why it was lifted.", examples=[None])


class LeftAlready(Schema):
    """What of one place was disclosed."""

    place: PlaceName = Field(description="Whose it is.", examples=["conjoint"])
    kinds: dict[Code, Annotated[int, Field(ge=0, le=100_000, strict=True)]] = Field(
        min_length=1, max_length=20, description="Rows by kind of data.", examples=[{"session_notes": 2}]
    )


class DisclosureCreate(Schema):
    """Something that left by other ways than a file made here: told on the telephone, sent as a letter."""

    ground: GroundName = Field(description="Why it may leave.", examples=["required_by_law"])
    authorisations: list[AuthorisationId] = Field(
        default=[], max_length=10, description="Authorisations it rests on.", examples=[[]]
    )
    recipient_kind: RecipientKind = Field(description="What the recipient is.", examples=["court"])
    recipient: Label = Field(description="Who received it; kept sealed.", examples=["County court"])
    purpose: Words = Field(description="What for; kept sealed.", examples=["A proceeding."])
    reference: Label | None = Field(
        default=None, description="Reference of the order or the law; kept sealed.", examples=["Case 12/26"]
    )
    left: list[LeftAlready] = Field(min_length=1, max_length=5, description="What left, by whose it is.")
    from_on: FromDay = None
    to_on: ToDay = None
    disclosed_at: Moment | None = Field(default=None, description="When; now when left out.", examples=[None])


class DisclosureRead(Schema):
    """What of one place left in one release."""

    id: DisclosureId
    release_id: ReleaseId
    place: str = Field(description="Whose it is.", examples=["conjoint"])
    ground: str = Field(description="Why it could leave.", examples=["required_by_law"])
    authorisations: list[AuthorisationId] = Field(description="Authorisations it rested on.")
    recipient_kind: str = Field(description="What the recipient is.", examples=["court"])
    recipient: str = Field(description="Who received it.", examples=["County court"])
    purpose: str = Field(description="What for.", examples=["A proceeding."])
    reference: str | None = Field(description="Reference of the order or the law.", examples=["Case 12/26"])
    kinds: dict[str, int] = Field(description="Rows by kind of data.", examples=[{"session_notes": 2}])
    from_on: FromDay
    to_on: ToDay
    file_sha256: str | None = Field(description="SHA-256 of the file, if one was made here.", examples=[None])
    disclosed_at: Moment = Field(description="When it left.")


class AccountEntry(Schema):
    """One line of a partner's account: what of theirs, or of the couple's, left."""

    disclosed_at: Moment = Field(description="When it left.")
    about: str = Field(description="`couple` or `you`.", examples=["couple"])
    ground: str = Field(description="Why it could leave.", examples=["required_by_law"])
    recipient_kind: str = Field(description="What the recipient is.", examples=["court"])
    recipient: str = Field(description="Who received it.", examples=["County court"])
    purpose: str = Field(description="What for.", examples=["A proceeding."])
    kinds: list[str] = Field(description="Kinds of data.", examples=[["session_notes"]])
    owed: bool = Field(
        description="Whether 45 CFR 164.528 asks the clinic to tell of it; it tells of the others too.", examples=[True]
    )


class Account(Schema):
    """All that left in the last six years, as this partner may know it."""

    partner_id: PartnerId
    from_on: Day = Field(description="First day it accounts for.")
    entries: list[AccountEntry] = Field(description="Oldest first.")
