"""The wire shapes of licences and forms."""

from typing import Annotated, Any, ClassVar

from pydantic import Field, StrictFloat, StrictInt, WithJsonSchema

from app.core.ids import AttestationId, FormId, IntegrationId, MemberId
from app.core.schemas import Day, Fingerprinted, Label, Language, Moment, Schema
from app.forms.wording import LONGEST_INSTRUCTIONS, LONGEST_LABEL, LONGEST_TEXT, MOST_OPTIONS, MOST_QUESTIONS

Instructions = Annotated[str, Field(min_length=1, max_length=LONGEST_INSTRUCTIONS, strict=True)]
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT, strict=True)]
Note = Annotated[str, Field(min_length=1, max_length=2_000, strict=True)]
Answer = Annotated[StrictInt | StrictFloat, WithJsonSchema({"type": "number"})]  # a 4 that came in goes out as 4
GERMAN = [
    ("Wie zufrieden warst du diese Woche mit eurer Sexualität?", "gar nicht", "ganz und gar"),
    ("Wie zufrieden warst du diese Woche mit eurer Beziehung?", "gar nicht", "ganz und gar"),
    ("Wie nah hast du dich diese Woche deinem Gegenüber gefühlt?", "gar nicht nah", "so nah es geht"),
    ("Wie viel Lust hast du diese Woche gespürt, ob etwas daraus wurde oder nicht?", "keine", "sehr viel"),
    ("Wie viel Stress hattest du diese Woche?", "keinen", "mehr als ich tragen konnte"),
    ("Wenn dich zu Hause eine Kleinigkeit ärgerte: Wie leicht konntest du sie lassen?", "gar nicht leicht", "ganz leicht"),
    ("Vor etwa wie vielen Stunden wart ihr zuletzt so intim, dass es dir guttat?", None, None),
]
SHOWN: list[dict[str, Any]] = [
    {"number": number, "heading": None, "text": text, "options": [], "low_text": low, "high_text": high}
    for number, (text, low, high) in enumerate(GERMAN, start=1)
]


class AttestationCreate(Schema):
    """A member's word that the clinic may show a measure's wording."""

    licence_reference: Label = Field(
        description="Where the licence can be looked up: number of the contract, date of the letter.", examples=["C-2026-117"]
    )
    holder: Label = Field(description="Who holds the rights and gave the licence.", examples=["The publisher"])
    granted_on: Day | None = Field(
        default=None, description="First day it holds; null when it holds already.", examples=["2026-01-01"]
    )
    expires_on: Day | None = Field(
        description="Last day it holds, in UTC; null only when it has no end.", examples=["2199-12-31"]
    )
    languages: list[Language] | None = Field(
        default=None,
        min_length=1,
        max_length=50,
        description="Languages it covers (`en` covers `en-GB`); null when it covers all.",
        examples=[["en", "de"]],
    )
    note: Note | None = Field(default=None, description="What else to know of it.", examples=["For use in this clinic only."])


class AttestationRead(Schema):
    """An attestation of a licence."""

    named_by: ClassVar[str] = ""

    id: AttestationId
    measure: str = Field(description="Measure.", examples=["gmsex"])
    licence_reference: str = Field(description="Where the licence can be looked up.", examples=["C-2026-117"])
    holder: str = Field(description="Who holds the rights and gave the licence.", examples=["The publisher"])
    granted_on: Day | None = Field(description="First day it holds; null when it held already.")
    expires_on: Day | None = Field(description="Last day it holds, in UTC; null when it has no end.")
    languages: list[str] | None = Field(description="Languages it covers; null when it covers all.", examples=[["en", "de"]])
    note: str | None = Field(description="What else to know of it.", examples=[None])
    attested_by: MemberId
    attested_at: Moment = Field(description="When it was attested.")
    revoked_by: MemberId | None = Field(description="Member who revoked it.", examples=[None])
    revoked_at: Moment | None = Field(description="When it was revoked; null while it was not.", examples=[None])
    revocation_reason: str | None = Field(description="Why it was revoked, when somebody said so.", examples=[None])
    holds: bool = Field(description="Whether it holds today, for the languages it covers.", examples=[True])


class RevocationCreate(Schema):
    """The end of an attestation before its time."""

    reason: Note | None = Field(default=None, description="Why.", examples=["The contract was ended."])


class OptionShape(Schema):
    """One answer to choose."""

    value: Answer = Field(description="The answer it gives.", examples=[0])
    text: Label = Field(description="Its words.", examples=["Not at all"])


class QuestionShape(Schema):
    """The words of one item."""

    number: int = Field(ge=1, le=999, strict=True, description="Item of the measure.", examples=[1])
    heading: Text | None = Field(default=None, description="What stands above this item and its neighbours.", examples=[None])
    text: Text = Field(description="Its words.", examples=["First question"])
    options: list[OptionShape] = Field(
        default=[],
        max_length=MOST_OPTIONS,
        description="Words of every answer; empty for a number, or for a scale with words at both ends.",
    )
    low_text: Label | None = Field(default=None, description="Words at the lowest answer of a scale.", examples=["not at all"])
    high_text: Label | None = Field(default=None, description="Words at its highest answer.", examples=["as can be"])


class FormCreate(Schema):
    """A form in one language: `language`, `title` and `items`, or a FHIR R4 Questionnaire in their place."""

    language: Language | None = Field(default=None, description="Language of the form (BCP 47).", examples=["de"])
    title: Label | None = Field(default=None, description="What stands on top.", examples=["Wochenpuls"])
    instructions: Instructions | None = Field(
        default=None, description="What comes before the first question.", examples=["Denk an die letzten sieben Tage."]
    )
    stem: Text | None = Field(default=None, description="The words that every question goes on from.", examples=[None])
    items: list[QuestionShape] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_QUESTIONS,
        description="Every item of the measure once, in the order of the form.",
        examples=[SHOWN],
    )
    questionnaire: dict[str, Any] | None = Field(
        default=None,
        description="An active FHIR R4 Questionnaire; the item's number ends each question's `linkId`.",
        examples=[None],
    )


class FormSummary(Schema):
    """A form, without its wording."""

    named_by: ClassVar[str] = "language"

    id: FormId | None = Field(description="Upload; null for the form that comes with the service.")
    measure: str = Field(description="Measure.", examples=["rekindle_pulse"])
    measure_version: str = Field(description="Version of the measure it was made for.", examples=["1"])
    language: str = Field(description="Language (BCP 47).", examples=["de"])
    title: str = Field(description="What stands on top.", examples=["Wochenpuls"])
    edition: int = Field(description="0 came with the service; each upload of one language is the next.", examples=[1])
    attestation_id: AttestationId | None = Field(description="The licence that let it in; null where none is needed.")
    uploaded_by_member: MemberId | None = Field(description="Member who uploaded it, if one did.")
    uploaded_by_integration: IntegrationId | None = Field(
        description="Integration that uploaded it, if one did.", examples=[None]
    )
    uploaded_at: Moment | None = Field(description="When it was uploaded.")
    superseded_by: FormId | None = Field(description="The next edition in this language, if there is one.", examples=[None])
    can_be_served: bool = Field(description="Whether its wording can be read now.", examples=[True])
    not_served_because: str | None = Field(
        description="`superseded`, `outdated` (another version of the measure), or why no licence lets it: `not_attested`, "
        "`other_language`, `not_yet_granted`, `expired`, `revoked`; null when it can be read.",
        examples=[None],
    )


class ShownQuestion(QuestionShape):
    """The words of one item, with the answers it takes."""

    low: float = Field(description="Lowest answer.", examples=[0])
    high: float = Field(description="Highest answer.", examples=[10])
    step: float = Field(description="Distance between answers.", examples=[1])
    optional: bool = Field(description="Whether it may stay empty without a reason.", examples=[False])


class FormRead(Fingerprinted):
    """A form as it may be shown today. All of it is plain text: show it as such, never as HTML."""

    measure: str = Field(description="Measure.", examples=["rekindle_pulse"])
    measure_version: str = Field(description="Version of the measure.", examples=["1"])
    language: str = Field(description="Language (BCP 47).", examples=["en"])
    edition: int = Field(description="0 came with the service; each upload of one language is the next.", examples=[0])
    title: str = Field(max_length=LONGEST_LABEL, description="What stands on top.", examples=["Rekindle weekly pulse"])
    instructions: str | None = Field(description="What comes before the first question.", examples=[None])
    stem: str | None = Field(description="The words that every question goes on from.", examples=[None])
    items: list[ShownQuestion] = Field(description="The questions, in the order of the form.")
