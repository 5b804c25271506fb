"""The wire shapes of diagnoses, which belong to one person."""

from typing import Annotated

from pydantic import Field

from app.clinical.diagnosis_codes import System
from app.clinical.specifiers import Context, Factor, Onset, Severity
from app.core.ids import CoupleId, DiagnosisId, PartnerId
from app.core.schemas import Code, Day, Flag, Moment, Schema, Versioned, Words
from app.diagnoses.rules import Status

DiagnosisCode = Annotated[str, Field(min_length=3, max_length=64, pattern=r"^[0-9A-Z./&]+$", strict=True)]
Factors = Annotated[
    list[Factor],
    Field(
        max_length=6,
        description="What contributes, from the vocabulary `contributing_factors`.",
        examples=[["relationship"]],
    ),
]
StatusName = Annotated[
    Status,
    Field(description="`provisional` and `confirmed` are active; `refuted` and `resolved` are not.", examples=["confirmed"]),
]


class Specifiers(Schema):
    """What DSM-5-TR specifies beside the code; null where nobody knows yet."""

    onset: Onset | None = Field(default=None, description="Whether it was always so or began later.", examples=["acquired"])
    context: Context | None = Field(default=None, description="Whether it is always so or at times.", examples=["situational"])
    severity: Severity | None = Field(default=None, description="How much distress it makes.", examples=["moderate"])


class ExclusionOverrideCreate(Schema):
    """Why two diagnoses stand together that ICD-10-CM keeps apart."""

    reason: Words = Field(description="The coder's reason.", examples=["Pain of two kinds, found at two sites."])


OverrideGiven = Annotated[
    ExclusionOverrideCreate | None,
    Field(
        description="A coder's reason to let this stand beside what ICD-10-CM keeps apart from it; kept only where needed.",
        examples=[None],
    ),
]


class DiagnosisCreate(Schema):
    """A new diagnosis of one partner."""

    system: System = Field(description="Coding system, from the vocabulary `coding_systems`.", examples=["icd10cm"])
    code: DiagnosisCode = Field(description="Code, as its system writes it.", examples=["F52.31"])
    concern: Code | None = Field(
        default=None, description="Concern it is filed under, from the vocabulary `concerns`.", examples=["female_orgasmic"]
    )
    status: StatusName = "provisional"
    specifiers: Specifiers = Field(default=Specifiers(), description="Onset, context and severity.")
    contributing_factors: Factors = Field(default=[])
    onset_on: Day | None = Field(default=None, description="When it began.", examples=["2025-06-01"])
    recorded_on: Day | None = Field(default=None, description="When it was diagnosed; today when left out.")
    note: Words | None = Field(default=None, description="Note; sealed under this partner's key.", examples=["Since the move."])
    care_team_only: Flag = Field(
        default=False,
        description="Keeps it from every integration and export; always so for a code or concern that tells of violence.",
        examples=[False],
    )
    exclusion_override: OverrideGiven = None


class DiagnosisChange(Schema):
    """JSON Merge Patch of a diagnosis; another code is another diagnosis, and a status has an operation of its own."""

    concern: Code | None = Field(default=None, description="Concern it is filed under.", examples=["delayed_ejaculation"])
    specifiers: Specifiers = Field(default=Specifiers(), description="Onset, context and severity; replaced as a whole.")
    contributing_factors: Factors = Field(default=[])
    onset_on: Day | None = Field(default=None, description="When it began.", examples=["2025-06-01"])
    note: Words | None = Field(default=None, description="Note; sealed.", examples=["Since the move."])


class StatusChange(Schema):
    """A new status of a diagnosis."""

    status: StatusName
    changed_on: Day | None = Field(default=None, description="Since when; today when left out.")
    exclusion_override: OverrideGiven = None


class CodedRead(Schema):
    """A code, and how sure it is that this is the right one."""

    code: str = Field(description="Code.", examples=["HA02.03"])
    status: str = Field(
        description="`verified`, `cross_referenced`, or `recalled_high`, `recalled_medium`, `recalled_low`: look it up.",
        examples=["recalled_medium"],
    )


class StatusRead(Schema):
    """A status the diagnosis came to have."""

    status: str = Field(description="Status.", examples=["confirmed"])
    changed_on: Day = Field(description="Since when.")
    recorded_at: Moment = Field(description="When it was written down.")


class ConflictRead(Schema):
    """Another active diagnosis of this partner that ICD-10-CM keeps apart from this one, without a reason given."""

    diagnosis_id: DiagnosisId
    code: str = Field(description="Code of the other one.", examples=["R68.82"])
    rule: str = Field(description="The rule.", examples=["F52.0 excludes R68.82"])
    disputed: bool = Field(description="Whether the tabular list contradicts itself here.", examples=[False])


class ExclusionOverrideRead(Schema):
    """A coder's reason to let two diagnoses stand together."""

    other_diagnosis_id: DiagnosisId
    rule: str = Field(description="The rule.", examples=["N94.1- excludes F52.6"])
    reason: str = Field(description="The coder's reason.", examples=["Pain of two kinds, found at two sites."])
    recorded_at: Moment = Field(description="When it was given.")


class DiagnosisRead(Versioned):
    """A diagnosis of one partner; it is never part of what belongs to the couple."""

    id: DiagnosisId
    couple_id: CoupleId
    partner_id: PartnerId
    system: str = Field(description="Coding system.", examples=["icd10cm"])
    code: str = Field(description="Code.", examples=["F52.31"])
    in_catalogue: bool = Field(description="Whether the catalogue of concerns holds this very code.", examples=[True])
    concern: str | None = Field(description="Concern it is filed under.", examples=["female_orgasmic"])
    status: str = Field(description="Status now.", examples=["provisional"])
    specifiers: Specifiers = Field(description="Onset, context and severity.")
    contributing_factors: list[str] = Field(description="What contributes.", examples=[["relationship"]])
    onset_on: Day | None = Field(description="When it began.", examples=["2025-06-01"])
    recorded_on: Day = Field(description="When it was diagnosed.")
    note: str | None = Field(description="Note.", examples=["Since the move."])
    care_team_only: bool = Field(description="Whether it is kept from every integration and export.", examples=[False])
    suggested_icd11: list[CodedRead] = Field(
        description="ICD-11 codes by concern, onset and context; the pattern is recalled, so look them up."
    )
    conflicts: list[ConflictRead] = Field(
        description="What ICD-10-CM keeps apart from it now, without a reason.", examples=[[]]
    )
    exclusion_overrides: list[ExclusionOverrideRead] = Field(description="Reasons given, and for what.", examples=[[]])
    history: list[StatusRead] = Field(description="Every status it had, the first one first.")
