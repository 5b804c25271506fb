"""Writes a form as a FHIR R4 Questionnaire, such as this service reads."""

from itertools import groupby
from typing import Any, Final

from app.clinical.measure import Item, Measure
from app.forms.questionnaire_parts import BOUNDS, CONTROL_CODES, ITEM_CONTROL, LOWER, ORDINAL_VALUE, UPPER
from app.forms.wording import Option, Question, Wording

Json = dict[str, Any]
ENDS: Final = {end: url for url, end in BOUNDS.items()}


def write_questionnaire(wording: Wording, measure: Measure) -> Json:
    """The Questionnaire of a form; elements without a value are left out, as FHIR wants it."""
    runs = [(heading, list(run)) for heading, run in groupby(wording.questions, key=lambda question: question.heading)]
    items: list[Json] = []
    for heading, run in runs:
        questions = [_question(question, measure) for question in run]
        items += questions if heading is None else [_group(f"heading-{run[0].number}", heading, questions)]
    if wording.stem is not None:
        items = [_group("stem", wording.stem, items)]
    if wording.instructions is not None:
        items.insert(0, {"linkId": "instructions", "type": "display", "text": wording.instructions})
    return {
        "resourceType": "Questionnaire",
        "status": "active",
        "language": wording.language,
        "title": wording.title,
        "item": items,
    }


def _group(link_id: str, text: str, items: list[Json]) -> Json:
    return {"linkId": link_id, "type": "group", "text": text, "item": items}


def _question(question: Question, measure: Measure) -> Json:
    item = measure.item(question.number)
    told: Json = {"linkId": str(question.number), "text": question.text, "type": "choice"}
    if question.options:
        told["answerOption"] = [_option(option) for option in question.options]
    elif item is not None:
        told |= write_scale(item)
    ends = ((LOWER, question.low_text), (UPPER, question.high_text))
    inner = [write_end(question.number, control, text) for control, text in ends if text is not None]
    return told | ({"item": inner} if inner else {})


def write_scale(item: Item) -> Json:
    """The type of a question without options, and where its answers begin and end."""
    kind, value = ("integer", "valueInteger") if item.step == 1 else ("decimal", "valueDecimal")
    number = int if item.step == 1 else float
    bounds = [{"url": ENDS[end], value: number(getattr(item, end))} for end in ("low", "high")]
    return {"type": kind, "extension": bounds}


def _option(option: Option) -> Json:
    ordinal = {"url": ORDINAL_VALUE, "valueDecimal": option.value}
    return {"valueCoding": {"extension": [ordinal], "code": f"{option.value:g}", "display": option.text}}


def write_end(number: int, control: str, text: str) -> Json:
    """The words at one end of a scale, as a text within its question."""
    concept = {"coding": [{"system": CONTROL_CODES, "code": control}]}
    extension = [{"url": ITEM_CONTROL, "valueCodeableConcept": concept}]
    return {"linkId": f"{number}-{control}", "type": "display", "text": text, "extension": extension}
