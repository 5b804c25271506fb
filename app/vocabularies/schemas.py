"""The wire shape of a vocabulary."""

from pydantic import Field

from app.core.schemas import Schema


class Term(Schema):
    """One word of a vocabulary."""

    code: str = Field(description="What to send.", examples=["desire_discrepancy"])
    name: str = Field(description="In words.", examples=["Desire discrepancy"])
    details: dict[str, list[str]] = Field(
        description="What belongs to the term: domain, codes, protocols, measures.", examples=[{"domain": ["sexual"]}]
    )


class Vocabulary(Schema):
    """All words of one kind."""

    name: str = Field(description="Name of the vocabulary.", examples=["concerns"])
    terms: list[Term] = Field(description="Its words.")


class VocabularyName(Schema):
    """A vocabulary there is."""

    name: str = Field(description="Name of the vocabulary.", examples=["concerns"])
    count: int = Field(description="How many words it has.", examples=[41])


class CatalogueCode(Schema):
    """A code of a classification, and how sure it is that this is the right one."""

    code: str = Field(description="Code.", examples=["HA02.0"])
    status: str = Field(
        description=(
            "`verified` in the classification, `cross_referenced` from another one, or `recalled_high`, `recalled_medium`,"
            " `recalled_low`: look it up."
        ),
        examples=["recalled_high"],
    )


class Icd10cmCode(CatalogueCode):
    """An ICD-10-CM code."""

    code: str = Field(description="Code; a trailing `-` names a family.", examples=["F52.31"])
    billable: bool = Field(description="Whether a claim may carry it; a category or a family may not.", examples=[True])


class CodePair(Schema):
    """Two codes that ICD-10-CM keeps apart (Excludes1): one of them, not both."""

    first: str = Field(description="One code.", examples=["Z70.3"])
    second: str = Field(description="The other.", examples=["Z63.0"])
    rule: str = Field(description="The rule.", examples=["Z63.0 excludes Z70.-"])
    disputed: bool = Field(description="Whether the tabular list contradicts itself here.", examples=[False])


class Dsm5tr(Schema):
    """What DSM-5-TR calls it."""

    name: str | None = Field(
        description="Name of the disorder; null where DSM-5-TR has none and files it elsewhere.",
        examples=["Female orgasmic disorder"],
    )
    codes: list[str] = Field(description="ICD-10-CM codes under which DSM-5-TR files it.", examples=[["F52.31"]])


class CatalogueConcern(Schema):
    """A concern of the catalogue with its codes, which are hints for billing and never a diagnosis of the couple."""

    code: str = Field(description="What to send.", examples=["female_orgasmic"])
    name: str = Field(description="In words.", examples=["Difficulty reaching orgasm in women"])
    domain: str = Field(description="`sexual`, `relational` or `safety`.", examples=["sexual"])
    diagnosable: bool = Field(
        description="Whether one person can be diagnosed with it; others are the couple's.", examples=[True]
    )
    dsm5tr: Dsm5tr | None = Field(description="What DSM-5-TR calls it; null where it has nothing.")
    icd10cm: list[Icd10cmCode] = Field(description="ICD-10-CM codes.")
    icd11: list[CatalogueCode] = Field(description="ICD-11 codes.")
    snomed: list[CatalogueCode] = Field(
        description="SNOMED CT ids, without their texts, which need a licence.",
        examples=[[{"code": "60103007", "status": "cross_referenced"}]],
    )
    not_together: list[CodePair] = Field(description="Which of its ICD-10-CM codes exclude each other for one person.")
    starting_points: list[str] = Field(
        description="Sexual concerns that an episode or plan could start from: itself if it is sexual; empty for safety.",
        examples=[["female_orgasmic"]],
    )
    protocols: list[str] = Field(
        description="Homework meant for it, the usual first ones first and the clinic's own last.",
        examples=[["directed_masturbation"]],
    )
    measures: list[str] = Field(description="Measures that usually follow it.", examples=[["fsfi", "gmsex"]])
    note: str = Field(description="What to mind.", examples=["One of the codes, not both."])
