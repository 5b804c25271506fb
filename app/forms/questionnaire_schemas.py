"""A form on the wire as a FHIR R4 Questionnaire: names are FHIR's, and what has no value is left out."""

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.core.schemas import Fingerprinted, Schema


def _absent(value: Any) -> bool:
    return value is None


class Element(Schema):
    """An element of FHIR."""

    model_config = ConfigDict(alias_generator=to_camel)


class ControlCoding(Element):
    """A code of FHIR's item controls."""

    system: str = Field(description="Code system.", examples=["http://hl7.org/fhir/questionnaire-item-control"])
    code: str = Field(description="`lower` or `upper` end of a scale.", examples=["lower"])


class Concept(Element):
    """A coded concept."""

    coding: list[ControlCoding] = Field(description="Its code.")


class Extension(Element):
    """An extension: `ordinalValue` of an option, `minValue` and `maxValue` of a scale, `questionnaire-itemControl`."""

    url: str = Field(description="Which extension.", examples=["http://hl7.org/fhir/StructureDefinition/minValue"])
    value_integer: int | None = Field(default=None, exclude_if=_absent, description="A whole number.", examples=[0])
    value_decimal: float | None = Field(default=None, exclude_if=_absent, description="A number.", examples=[0])
    value_codeable_concept: Concept | None = Field(default=None, exclude_if=_absent, description="A concept.")


class OptionCoding(Element):
    """An answer with its words and its number."""

    extension: list[Extension] = Field(description="Its number, as `ordinalValue`.")
    code: str = Field(description="Its number as text.", examples=["0"])
    display: str = Field(description="Its words.", examples=["Not at all"])


class AnswerOption(Element):
    """One answer to choose."""

    value_coding: OptionCoding = Field(description="The answer.")


class QuestionnaireItem(Element):
    """A question, a group with the stem or a heading, or a text."""

    link_id: str = Field(description="The item's number, for a question.", examples=["1"])
    type: str = Field(description="`choice`, `integer`, `decimal`, `group` or `display`.", examples=["integer"])
    text: str = Field(description="Its words.", examples=["First question"])
    extension: list[Extension] | None = Field(
        default=None, exclude_if=_absent, description="Ends of a scale, or which end of it a text belongs to.", examples=[[]]
    )
    answer_option: list[AnswerOption] | None = Field(
        default=None, exclude_if=_absent, description="Its answers.", examples=[[]]
    )
    item: list["QuestionnaireItem"] | None = Field(
        default=None, exclude_if=_absent, description="What a group holds, or the words at the ends of a scale.", examples=[[]]
    )


class QuestionnaireRead(Fingerprinted, Element):
    """A form as a FHIR R4 Questionnaire."""

    resource_type: str = Field(description="`Questionnaire`.", examples=["Questionnaire"])
    status: str = Field(description="`active`.", examples=["active"])
    language: str = Field(description="Language (BCP 47).", examples=["en"])
    title: str = Field(description="What stands on top.", examples=["Rekindle weekly pulse"])
    item: list[QuestionnaireItem] = Field(description="Texts, groups and questions, in the order of the form.")
