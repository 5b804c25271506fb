"""The wire shapes of sharing choices and of agreements on secrets."""

from typing import Annotated, Literal

from pydantic import Field

from app.core.ids import CoupleId, PartnerId, SecretsAgreementId, SharingChoiceId
from app.core.schemas import Day, Fingerprinted, Label, Language, Moment, Schema, Words
from app.sharing.rules import Told

KindName = Annotated[
    Literal["scores", "check_ins", "concerns", "diagnoses"],
    Field(description="Kind of this partner's own data.", examples=["scores"]),
]
LevelName = Annotated[
    Literal["none", "summary", "full"],
    Field(description="How much the other partner may read from now on; `none` takes it back at once.", examples=["summary"]),
]
HowTold = Annotated[Told, Field(description="How this partner, asked alone, said or wrote it.", examples=["in_person"])]
PolicyName = Annotated[
    Literal["no_secrets", "limited_secrets", "full_individual_confidentiality"],
    Field(description="How what one partner says alone is treated in speech.", examples=["limited_secrets"]),
]


class SharingChoiceCreate(Schema):
    """One partner's own choice."""

    kind: KindName
    level: LevelName
    told: HowTold


class SharingChoiceRead(Fingerprinted):
    """A sharing choice as it was recorded; the latest of each kind counts."""

    id: SharingChoiceId
    partner_id: PartnerId
    kind: str = Field(description="Kind of this partner's own data.", examples=["scores"])
    level: str = Field(description="How much the other partner may read: `none`, `summary` or `full`.", examples=["summary"])
    told: str = Field(description="How it was said; `link` when the partner chose by their own link.", examples=["in_person"])
    chosen_at: Moment = Field(description="From when it counts.")
    recorded_by: str = Field(
        description="Member, integration or partner who recorded it.", examples=["mem_01jegnwv0073g8000000000001"]
    )


class SharedNow(Schema):
    """What counts now for one kind."""

    kind: str = Field(description="Kind of this partner's own data.", examples=["scores"])
    level: str = Field(description="How much the other partner may read now.", examples=["none"])
    levels: list[str] = Field(description="The levels there are for this kind.", examples=[["none", "summary", "full"]])
    since: Moment | None = Field(description="Since when; null where nothing was ever chosen, which is `none`.")


class SharingRead(Fingerprinted):
    """What one partner lets the other read now."""

    partner_id: PartnerId
    kinds: list[SharedNow] = Field(description="Every kind there is.")


class SecretsAgreementCreate(Schema):
    """What both partners are to sign."""

    policy: PolicyName
    text_version: Label = Field(description="The clinic's name for this version of the text.", examples=["secrets-2026-03"])
    language: Language
    text: Words = Field(
        description="The very words that both sign.", examples=["What one of us says alone is kept, unless ..."]
    )


class SignatureRead(Schema):
    """One partner's signature."""

    partner_id: PartnerId
    told: str = Field(description="How it was signed.", examples=["in_writing"])
    signed_on: Day = Field(description="Day of the signature.")
    recorded_at: Moment = Field(description="When it was recorded.")


class SecretsAgreementRead(Fingerprinted):
    """An agreement on secrets; it counts once both have signed, until both have signed a newer one."""

    id: SecretsAgreementId
    couple_id: CoupleId
    policy: str = Field(description="How what one partner says alone is treated.", examples=["limited_secrets"])
    text_version: str = Field(description="The clinic's name for this version of the text.", examples=["secrets-2026-03"])
    language: str = Field(description="Language of the text.", examples=["en"])
    text: str = Field(description="The very words.", examples=["What one of us says alone is kept, unless ..."])
    state: str = Field(description="`proposed`, `in_force` or `replaced`.", examples=["proposed"])
    proposed_at: Moment = Field(description="When it was proposed.")
    signatures: list[SignatureRead] = Field(description="The signatures within your reach.")


class SignatureCreate(Schema):
    """One partner signs, alone."""

    partner_id: PartnerId
    told: HowTold
    signed_on: Day | None = Field(default=None, description="Day of the signature; today unless told otherwise.")


class SignatureReceipt(Schema):
    """That a signature was taken in; the same whether or not the other partner has signed."""

    named_by = ""

    agreement_id: SecretsAgreementId
    partner_id: PartnerId
    received_at: Moment = Field(description="When it was taken in.")


class SpeechRead(Fingerprinted):
    """How what one partner said alone is treated in speech now. It changes nothing that is shown to anybody."""

    couple_id: CoupleId
    policy: str = Field(description="The policy that counts.", examples=["full_individual_confidentiality"])
    agreed: bool = Field(
        description="Whether both partners signed it; without an agreement, nothing is brought to the other unasked.",
        examples=[False],
    )
    agreement_id: SecretsAgreementId | None = Field(description="The agreement in force, if any.")
    name: str = Field(description="Name of the policy.", examples=["Full individual confidentiality"])
    speech: str = Field(
        description="What the therapist may say.", examples=["What one partner says alone is not brought to the other ..."]
    )
    never: str = Field(
        description="What no policy ever changes.", examples=["Whatever was agreed: nothing said in a safety ..."]
    )
