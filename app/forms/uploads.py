"""Turns what was uploaded into a wording, or says everything that is wrong with it."""

from collections.abc import Iterator
from dataclasses import replace

from app.clinical.measure import Measure
from app.errors import Fault
from app.forms.questionnaire_reading import read_questionnaire
from app.forms.rules import FormInvalidError, canonical
from app.forms.schemas import FormCreate, QuestionShape
from app.forms.wording import (
    LONGEST_INSTRUCTIONS,
    Option,
    Place,
    Placed,
    Question,
    Wording,
    check_questions,
    text_fault,
    whole_if_whole,
)

BESIDE_ITEMS = ("language", "title", "instructions", "stem")


def read_upload(measure: Measure, body: FormCreate) -> Wording:
    """The wording that was sent, fit for this measure. Raises FormInvalidError with every fault."""
    if body.items is not None and body.questionnaire is None:
        wording, faults = _from_items(measure, body, body.items)
    elif body.questionnaire is not None and body.items is None:
        wording, faults = read_questionnaire(body.questionnaire, measure)
        faults = (*_beside(body), *faults)
    else:
        either = Fault("/items", "required", "Send either `items` (with `language` and `title`) or `questionnaire`.")
        raise FormInvalidError(faults=(either,))
    if faults:
        raise FormInvalidError(faults=faults)
    return replace(wording.settled(), language=canonical(wording.language))


def _beside(body: FormCreate) -> Iterator[Fault]:
    for name in BESIDE_ITEMS:
        if getattr(body, name) is not None:
            yield Fault(f"/{name}", "not_with_questionnaire", "The questionnaire says this itself.")


def _from_items(measure: Measure, body: FormCreate, items: list[QuestionShape]) -> tuple[Wording, tuple[Fault, ...]]:
    placed = [_placed(item, f"/items/{index}") for index, item in enumerate(items)]
    wording = Wording(
        language=body.language or "",
        title=body.title or "",
        instructions=body.instructions,
        stem=body.stem,
        questions=tuple(question for question, _ in placed),
    )
    return wording, (*_text_faults(body, placed), *check_questions(measure, placed, "/items"))


def _placed(item: QuestionShape, at: str) -> Placed:
    options = tuple(Option(whole_if_whole(option.value), option.text) for option in item.options)
    question = Question(item.number, item.text, item.heading, options, item.low_text, item.high_text)
    return question, Place(at, f"{at}/number", f"{at}/options", "/value")


def _text_faults(body: FormCreate, placed: list[Placed]) -> Iterator[Fault]:
    for name in ("language", "title"):
        if getattr(body, name) is None:
            yield Fault(f"/{name}", "required", "A form sent as `items` needs this.")
    told = [(f"/{name}", getattr(body, name)) for name in ("title", "instructions", "stem")]
    for question, place in placed:
        told += [(f"{place.pointer}/{name}", getattr(question, name)) for name in ("text", "heading", "low_text", "high_text")]
        told += [(f"{place.options}/{index}/text", option.text) for index, option in enumerate(question.options)]
    for pointer, text in told:
        if text is not None and (fault := text_fault(text, pointer, LONGEST_INSTRUCTIONS)):  # the schema knows each length
            yield fault
