"""Questionnaire: each measure of the catalogue, its items and the answers they take; its words only where they may be shown.

Nothing of it is a row: measures come with the service, and the clinic adds words to them. Screens of safety are not here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic_core import to_json
from sqlalchemy import select

from app.access.models import Clinic
from app.access.work import Work
from app.clinical.measure import Item, Measure
from app.fhir import codes
from app.fhir.labels import CONFIDENTIALITY, SENSITIVITY
from app.fhir.measured import SHOWN, asks, canonical, choices, coding, link_id, questionnaire_id, questionnaire_url
from app.fhir.resource import Asked, Content, Drawing, Drawn, Filter, Param, Resource
from app.fhir.rows import fingerprint, instant, meta_of
from app.fhir.spans import lies
from app.fhir.values import Text, Token
from app.forms.questionnaire_parts import LOWER, ORDINAL_VALUE, UPPER
from app.forms.questionnaire_writing import write_end, write_scale
from app.forms.showing import ShownForm, forms_shown
from app.forms.wording import Question, Wording

TYPE: Final = "Questionnaire"
STATUSES: Final = "http://hl7.org/fhir/publication-status"
ACTIVE: Final = "active"
Json = dict[str, Any]
Place = tuple[int, float, Any]


def name_of(measure: Measure) -> str:
    """The name for machines: letters and digits, a capital first."""
    return "".join(part.capitalize() for part in measure.code.split("_"))


def draw(base: str, measure: Measure, wording: Wording | None) -> Content:
    """A measure, with words if there are any to be shown."""
    content: Content = {} if wording is None else {"language": wording.language}
    content |= {
        "url": questionnaire_url(base, measure.code),
        "version": measure.version,
        "name": name_of(measure),
        "title": measure.name,
        "status": ACTIVE,
        "subjectType": ["Patient"],
        "description": _description(measure),
        "copyright": measure.licence_note,
    }
    if panel := codes.panel(measure):
        content["code"] = panel
    if items := [*_before(wording), *_items(base, measure, wording)]:
        content["item"] = items
    return content


def _description(measure: Measure) -> str:
    asked = f"Applies to: {measure.applies_to}."
    if measure.recall_days is not None:
        asked += f" About the last {measure.recall_days} days."
    return asked if measure.items else f"{asked} Scored elsewhere: finished scores alone are kept here, and no answers."


def _before(wording: Wording | None) -> Iterator[Json]:
    """What stands before the first question."""
    told = () if wording is None else (("instructions", wording.instructions), ("stem", wording.stem))
    for name, text in told:
        if text is not None:
            yield {"linkId": name, "type": "display", "text": text}


def _items(base: str, measure: Measure, wording: Wording | None) -> Iterator[Json]:
    """Every item once, in one flat list as responses have it; a heading stands before the first question under it."""
    questions = {} if wording is None else {one.number: one for one in wording.questions}
    heading: str | None = None
    for item in sorted(measure.items, key=lambda item: item.number):
        question = questions.get(item.number)
        if question is not None and question.heading != heading:
            heading = question.heading
            if heading is not None:
                yield {"linkId": f"heading-{item.number}", "type": "display", "text": heading}
        yield _item(base, measure, item, question)


def _item(base: str, measure: Measure, item: Item, question: Question | None) -> Json:
    told: Json = {"linkId": link_id(item.number)}
    if known := codes.item(measure, item.number):
        told["code"] = known
    told["prefix"] = f"{item.number}."
    if question is not None:
        told["text"] = question.text
    if asks(item) == "choice":
        words = {} if question is None else {option.value: option.text for option in question.options}
        told |= {"type": "choice", "answerOption": [_option(base, value, words.get(value)) for value in choices(item)]}
    else:
        told |= write_scale(item)
    ends = () if question is None else ((LOWER, question.low_text), (UPPER, question.high_text))
    inner = [write_end(item.number, control, text) for control, text in ends if text is not None]
    return told | ({"item": inner} if inner else {})


def _option(base: str, value: int, words: str | None) -> Json:
    told = {"extension": [{"url": ORDINAL_VALUE, "valueDecimal": value}], **coding(base, value)}
    return {"valueCoding": told if words is None else told | {"display": words}}


@dataclass(frozen=True)
class Shown:
    """A measure on its way out."""

    measure: Measure
    form: ShownForm
    updated: datetime


Holds = Callable[[Shown], bool]


class Catalogue:
    """The measures as a source of resources."""

    @property
    def sorts(self) -> Mapping[str, Any]:
        """Nothing but by id."""
        return {}

    def count(self, drawing: Drawing, type_: str, asked: Asked) -> int:
        """How many measures are found."""
        return len(self._found(drawing, type_, asked))

    def page(self, drawing: Drawing, type_: str, asked: Asked, after: Place | None, limit: int) -> list[Drawn]:
        """The next measures after a place, by their ids."""
        found = self._found(drawing, type_, asked)
        following = [one for one in found if after is None or questionnaire_id(one.measure.code) > after[2]]
        return [self._drawn(drawing, type_, one) for one in following[:limit]]

    def pages(self, drawing: Drawing, type_: str, asked: Asked, at_once: int) -> Iterator[list[Drawn]]:
        """All measures: there are not so many."""
        yield self.page(drawing, type_, asked, None, max(at_once, len(SHOWN)))

    def _found(self, drawing: Drawing, _type: str, asked: Asked) -> list[Shown]:
        named = {questionnaire_id(code): measure for code, measure in SHOWN.items()}
        ids = sorted(named if asked.ids is None else named.keys() & set(asked.ids))
        shown = _shown(drawing.work, [named[one] for one in ids])
        return [one for one in shown if _is_asked(drawing, asked, one)]

    def _drawn(self, drawing: Drawing, type_: str, one: Shown) -> Drawn:
        fhir_id = questionnaire_id(one.measure.code)
        content = draw(drawing.base, one.measure, one.form.wording)
        # The version of a measure is one thing, and that of what is said of it here another.
        meta = meta_of(fingerprint(to_json(content)), instant(one.updated), codes.sensitivities(one.measure))
        return Drawn({"resourceType": type_, "id": fhir_id, "meta": meta, **content}, (0, 0.0, fhir_id))


def _shown(work: Work, measures: Sequence[Measure]) -> list[Shown]:
    """Measures with their forms. They change when their words do, and are as old as the clinic where they have none."""
    opened = work.session.scalars(select(Clinic.created_at)).one()
    forms = forms_shown(work, [measure.code for measure in measures])
    return [Shown(measure, forms[measure.code], max(opened, forms[measure.code].since or opened)) for measure in measures]


def _is_asked(drawing: Drawing, asked: Asked, one: Shown) -> bool:
    return (
        all(_holds(drawing, each, one) for each in asked.where)
        and all(lies(span, one.updated, drawing.work.now) for span in asked.updated)
        and all(any(_bears(one.measure, label) for label in labels) for labels in asked.security)
    )


def _holds(drawing: Drawing, asked: Filter, one: Shown) -> bool:
    return any(asked.param.where(drawing, value)(one) for value in asked.values) is not asked.is_not


def _bears(measure: Measure, label: Token) -> bool:
    borne = codes.sensitivities(measure)
    return label.is_of(CONFIDENTIALITY, "R") or any(label.is_of(SENSITIVITY, one) for one in borne)


def _texts(of: Callable[[Measure], str]) -> Callable[[Drawing, Text], Holds]:
    """What a search for words asks, whatever their case."""

    def where(_drawing: Drawing, value: Text) -> Holds:
        words = value.words.casefold()
        match value.how:
            case "exact":
                return lambda one: of(one.measure) == value.words
            case "contains":
                return lambda one: words in of(one.measure).casefold()
            case _:
                return lambda one: of(one.measure).casefold().startswith(words)

    return where


def _at(drawing: Drawing, value: str) -> Holds:
    def holds(one: Shown) -> bool:
        code, version = one.measure.code, one.measure.version
        return value in {questionnaire_url(drawing.base, code), canonical(drawing.base, code, version)}

    return holds


def _versioned(_drawing: Drawing, value: Token) -> Holds:
    return lambda one: not value.system and value.code == one.measure.version


def _has_status(_drawing: Drawing, value: Token) -> Holds:
    return lambda _one: value.is_of(STATUSES, ACTIVE)


RESOURCE: Final = Resource(
    type=TYPE,
    source=Catalogue(),
    params=(
        Param("url", "uri", _at, says="The canonical address, with a version or without."),
        Param("version", "token", _versioned),
        Param("status", "token", _has_status),
        Param("name", "string", _texts(name_of)),
        Param("title", "string", _texts(lambda measure: measure.name)),
    ),
    of_patients=False,
    says=(
        "Each measure: its items and the answers they take. Words are there where anyone may show them, or where the clinic's "
        "own form and its licence allow it today. Screens of safety are not here."
    ),
)
