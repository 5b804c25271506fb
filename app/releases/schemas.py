"""The wire shapes of copies, couple files, holds, retention, erasures and the scope of a breach."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.core.ids import (
    AuthorisationId,
    CopyId,
    CoupleId,
    CredentialId,
    ErasureId,
    HoldId,
    MemberId,
    PartnerId,
    ReleaseId,
)
from app.core.schemas import Day, Fingerprinted, Flag, Label, Moment, Schema, Whole, Words
from app.disclosures.schemas import FromDay, Kinds, RecipientKind, ToDay

DenialGround = Literal[
    "endangers_life_or_safety",
    "harms_another_mentioned",
    "made_for_a_proceeding",
    "not_kept_here",
]
Jurisdiction = Annotated[
    str,
    Field(
        pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
        strict=True,
        description="ISO 3166 code of a country or a part of it.",
        examples=["US-CA"],
    ),
]
Sha256 = Annotated[str, Field(description="SHA-256 in hexadecimal.", examples=["9f86d081884c7d65" * 4])]


class CopyCreate(Schema):
    """A partner's request for a copy of their record (45 CFR 164.524, GDPR 15)."""

    requested_at: Moment | None = Field(default=None, description="When it was asked for; now when left out.", examples=[None])


class CopyPreparation(Schema):
    """What goes into the copy."""

    authorisations: list[AuthorisationId] = Field(
        default=[],
        max_length=10,
        description="Joint authorisations to this partner; without one nothing that belongs to both goes in.",
        examples=[[]],
    )
    own_safety: Flag = Field(
        default=False,
        description="Whether the partner's own screens, signals, consents and private answers go in. They are theirs; think of who may have sent them to ask.",
        examples=[False],
    )
    from_on: FromDay = None
    to_on: ToDay = None


class CopyFile(Fingerprinted):
    """A prepared copy in both its forms."""

    sha256: dict[str, str] = Field(description="SHA-256 by form.", examples=[{"json": "9f86d081884c7d65" * 4}])
    json_text: str = Field(description="The copy for machines, byte for byte as it was hashed.", examples=["{}\n"])
    html_text: str = Field(description="The copy for people, byte for byte as it was hashed.", examples=["<!doctype html>"])


class CopyExtension(Schema):
    """Why the answer takes longer, which the partner is told in writing."""

    reason: Words = Field(description="Why.", examples=["Two therapists have to look through it."])


class CopyHandover(Schema):
    """That the prepared copy was handed over."""

    form: Literal["json", "html"] = Field(description="Which of its forms.", examples=["html"])
    sha256: Sha256 | None = Field(
        default=None,
        description="SHA-256 of what was handed over; refused when it is not that of the copy as prepared.",
        examples=[None],
    )


class CopyDenial(Schema):
    """Why a copy is not handed over; outside the care team only that it is not."""

    ground: DenialGround = Field(description="The ground (45 CFR 164.524(a)).", examples=["harms_another_mentioned"])
    reason: Words = Field(description="What was judged; for the care team alone.", examples=["A third person could be harmed."])


class CopyRead(Fingerprinted):
    """A request for a copy. Outside the care team it is in preparation until it is settled, whatever it waits for."""

    id: CopyId
    couple_id: CoupleId
    partner_id: PartnerId
    requested_at: Moment = Field(description="When it was asked for.")
    due_on: Day = Field(description="Day by which it has to be answered.")
    status: str = Field(
        description="`requested` and `prepared` for the care team, `in_preparation` for all others; `handed_over`, `denied`, `withdrawn`.",
        examples=["requested"],
    )
    extension: str | None = Field(description="Why the answer takes longer, if it does.", examples=[None])
    handed_over_at: Moment | None = Field(description="When it was handed over.")
    denied_at: Moment | None = Field(description="When it was denied; the partner may ask for a review by somebody else.")
    prepared_at: Moment | None = Field(description="When it was prepared; null outside the care team.")
    files: dict[str, str] | None = Field(
        description="SHA-256 by form, once prepared; null outside the care team.", examples=[{"json": "9f86d081884c7d65" * 4}]
    )
    own_safety: bool | None = Field(description="Whether own screens went in; null outside the care team.", examples=[False])
    denial: CopyDenial | None = Field(description="Why it was denied; null outside the care team.")


class CoupleFileCreate(Schema):
    """A file to be made of the couple's record and released: under authorisations, or under a law that compels it."""

    ground: Literal[
        "authorisation", "court_order", "subpoena", "required_by_law", "health_oversight", "serious_threat", "treatment"
    ] = Field(description="Why it may leave.", examples=["court_order"])
    authorisations: list[AuthorisationId] = Field(
        default=[], max_length=10, description="Authorisations it rests on; they say what goes in.", examples=[[]]
    )
    recipient_kind: RecipientKind = Field(description="What the recipient is.", examples=["court"])
    recipient: Label = Field(description="Who receives it; kept sealed.", examples=["County court"])
    purpose: Words = Field(description="What for; kept sealed.", examples=["A proceeding."])
    reference: Label | None = Field(default=None, description="Reference of the order or the law.", examples=["Case 12/26"])
    places: list[Literal["conjoint", "individual_a", "individual_b"]] = Field(
        min_length=1,
        max_length=3,
        description="Whose rows: exactly what the order or the authorisations name.",
        examples=[["conjoint"]],
    )
    kinds: Kinds
    from_on: FromDay = None
    to_on: ToDay = None
    part_2: Flag = Field(
        default=False,
        description="Whether it holds records of substance use treatment under 42 CFR part 2; the notice against redisclosure goes with it.",
        examples=[False],
    )


class CoupleFileRead(Schema):
    """A file that was released, in both its forms; it is not kept."""

    named_by = ""

    release_id: ReleaseId
    sha256: dict[str, str] = Field(description="SHA-256 by form.", examples=[{"json": "9f86d081884c7d65" * 4}])
    json_text: str = Field(description="The file for machines, byte for byte as it was hashed.", examples=["{}\n"])
    html_text: str = Field(description="The file for people, byte for byte as it was hashed.", examples=["<!doctype html>"])


class HoldCreate(Schema):
    """A legal hold."""

    reason: Words = Field(description="Why; kept sealed.", examples=["Custody proceeding, letter of 3 March."])


class HoldLifting(Schema):
    """Why a hold no longer stands."""

    reason: Words = Field(description="Why; kept sealed.", examples=["The proceeding is over."])


class HoldRead(Fingerprinted):
    """A legal hold: nothing of the couple is destroyed while one stands."""

    id: HoldId
    couple_id: CoupleId
    reason: str = Field(description="Why.", examples=["Custody proceeding, letter of 3 March."])
    set_at: Moment = Field(description="When it was set.")
    set_by: MemberId
    lifted_at: Moment | None = Field(description="When it was lifted, if it was.")
    lifting_reason: str | None = Field(description="Why it was lifted.", examples=[None])


class RetentionChange(Schema):
    """Which law counts for a couple."""

    jurisdictions: list[Jurisdiction] = Field(
        max_length=10, description="Where the partners and the therapist are; the longest rule wins."
    )
    of_age_on: Day | None = Field(
        default=None, description="When the younger comes of age, if one is a minor at the last service.", examples=[None]
    )


class RetentionRead(Fingerprinted):
    """When a couple's record need not be kept any longer, and why not before."""

    couple_id: CoupleId
    jurisdictions: list[Jurisdiction] = Field(description="Where the partners and the therapist are.")
    of_age_on: Day | None = Field(description="When the younger comes of age, if one was a minor.")
    due_on: Day | None = Field(description="First day on which it need not be kept; null while an episode is open.")
    because: str = Field(
        description="The rule that makes it so late.", examples=["US-CA: California Business and Professions Code 4980.49"]
    )


class RuleCreate(Schema):
    """A retention rule of the clinic's own."""

    jurisdiction: Jurisdiction
    years: Annotated[Whole, Field(ge=1, le=100, description="Years after the last service.", examples=[10])]
    years_of_age: Annotated[
        Whole, Field(ge=0, le=100, description="Years after a partner came of age who was a minor.", examples=[3])
    ]
    source: Label = Field(description="Where it stands.", examples=["Medical records act, section 5"])


class RuleRead(Schema):
    """A retention rule that counts now."""

    named_by = ""

    jurisdiction: str = Field(description="ISO 3166 code.", examples=["US-CA"])
    years: int = Field(description="Years after the last service.", examples=[7])
    years_of_age: int = Field(description="Years after a partner came of age who was a minor.", examples=[7])
    source: str = Field(description="Where it stands.", examples=["California Business and Professions Code 4980.49"])
    own: bool = Field(description="Whether the clinic brought it.", examples=[False])


class DueRead(Schema):
    """A couple whose time is over."""

    couple_id: CoupleId
    due_on: Day = Field(description="Since when its record need not be kept.")
    held: bool = Field(description="Whether a legal hold stands.", examples=[False])


class ErasureCreate(Schema):
    """A request to erase a couple's record, or what is one partner's own."""

    couple_id: CoupleId
    partner_id: PartnerId | None = Field(default=None, description="The partner, when only theirs is meant.", examples=[None])
    ground: Literal["partner_request", "retention_over"] = Field(
        description="`partner_request` (GDPR 17), or `retention_over` when the clinic need not keep it any longer.",
        examples=["partner_request"],
    )
    asked_by: Literal["partner_a", "partner_b", "both_partners", "clinic"] = Field(
        description="Who asked; what belongs to both is erased when both ask.", examples=["both_partners"]
    )


class ErasureRead(Fingerprinted):
    """An erasure and where it stands."""

    id: ErasureId
    couple_id: CoupleId
    partner_id: PartnerId | None = Field(description="The partner, when only theirs is meant.")
    ground: str = Field(description="Why.", examples=["partner_request"])
    asked_by: str = Field(description="Who asked.", examples=["both_partners"])
    status: str = Field(
        description="`requested`, `refused`, `restricted`, `held`, `due`, `confirmed`, `shredded` or `withdrawn`.",
        examples=["requested"],
    )
    requested_at: Moment = Field(description="When it was asked for.")
    kept_until: Day | None = Field(
        description="First day on which the record need not be kept; null while care goes on, or after the end."
    )
    restricted_at: Moment | None = Field(description="When what rests on consent alone was deleted and the rest locked.")
    confirmed_at: Moment | None = Field(description="When the first of the two steps was made.")
    shreds_from: Moment | None = Field(description="From when the second step can be made.")
    shredded_at: Moment | None = Field(description="When keys and rows were destroyed.")


class ProofRead(Fingerprinted):
    """The signed tombstone of an erasure; it verifies with the clinic's public key for tombstones."""

    erasure_id: ErasureId
    tombstone: dict[str, Any] = Field(
        description="What was destroyed: canonical JSON (RFC 8785) of this object is what was signed.",
        examples=[{"form": "rekindle-erasure-1"}],
    )
    key_id: str = Field(description="Id of the key that signed.", examples=["01939d5e-6c00-7000-8000-000000000001"])
    public_key: str = Field(description="The key, 32 bytes in hexadecimal (Ed25519).", examples=["d7" * 32])
    signature: str = Field(description="64 bytes in hexadecimal.", examples=["e5" * 64])


class TouchedCouple(Schema):
    """What a breach touched of one couple."""

    couple_id: CoupleId
    reads: dict[str, int] = Field(
        description="Reads by what was read; to an administrator requests of `care` that read.", examples=[{"couple": 3}]
    )
    changes: dict[str, int] = Field(
        description="Changed rows by kind of row; to an administrator requests of `care` that changed something.",
        examples=[{"session_note": 1}],
    )
    first_at: Moment = Field(description="The first of it.")
    last_at: Moment = Field(description="The last of it.")


class BreachScope(Schema):
    """Whom a breach touched, for the notice that is due within 72 hours (GDPR 33): ids, kinds and counts, no content."""

    from_at: Moment = Field(description="From when.")
    to_at: Moment = Field(description="Until when.")
    credential_id: CredentialId | None = Field(description="With which key, if asked.")
    member_id: MemberId | None = Field(description="By whom, if asked.")
    couples: list[TouchedCouple] = Field(description="Every couple that was read or changed.")
    beside_couples: dict[str, int] = Field(
        description="What belongs to no one couple: aggregates, settings, lists.", examples=[{"norm_set": 1}]
    )
