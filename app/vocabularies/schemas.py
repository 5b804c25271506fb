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
