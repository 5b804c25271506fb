"""QuestionnaireResponse: what a partner answered to a measure; a correction is a further version of the same response."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, false, or_, select

from app.access.work import Work
from app.core.crypto import Owner
from app.couples.models import Partner
from app.fhir.chains import Standing, called, chains_from, in_chains, standings, stands
from app.fhir.codes import measures_bearing, sensitivities
from app.fhir.labels import MH, SEX
from app.fhir.measured import ADMINISTRATION, SHOWN, answered, canonical, external_id, identifier, measure_of
from app.fhir.resource import READ, Asked, Content, Drawing, Drawn, Filter, Param, Query, Resource
from app.fhir.rows import Rows, instant
from app.fhir.spans import holds
from app.fhir.values import Reference, Span, Token
from app.measures.entries import opened_content
from app.measures.models import Administration

TYPE: Final = "QuestionnaireResponse"
STATUSES: Final = "http://hl7.org/fhir/questionnaire-answers-status"
COMPLETED, AMENDED = "completed", "amended"
LONGEST_CHAIN: Final = 6  # in digits: nobody corrects an answer a million times


def _every(_work: Work) -> Query:
    return select(Administration).where(Administration.measure_code.in_(SHOWN))


def _standing(work: Work) -> Query:
    return _every(work).where(stands(work, Administration.id))


def _draw(drawing: Drawing, rows: Sequence[Any]) -> list[Content]:
    given = [row.Administration for row in rows]
    drawing.work.vault.load_keys({(Owner.PARTNER, row.partner_id) for row in given if not row.scored_elsewhere})
    at = standings(drawing.work, {row.id: row.supersedes_id for row in given})
    return [_content(drawing, row, at[row.id]) for row in given]


def _content(drawing: Drawing, row: Administration, at: Standing) -> Content:
    patient = drawing.reference("Patient", row.partner_id)
    content: Content = {"id": drawing.ids.of(TYPE, at.first), "version": str(at.version)}
    if number := row.external_id or at.external_id:
        content["identifier"] = identifier(drawing.base, number)
    content |= {
        "questionnaire": canonical(drawing.base, row.measure_code, row.measure_version),
        "status": COMPLETED if row.supersedes_id is None else AMENDED,
        "subject": patient,
        "authored": instant(row.answered_at),
    }
    if row.recorded_by_kind == "partner":
        content["author"] = patient
    if row.mode == "self":
        content["source"] = patient
    if items := [] if row.scored_elsewhere else _items(drawing, row):
        content["item"] = items
    return content


def _items(drawing: Drawing, row: Administration) -> list[dict[str, Any]]:
    measure = SHOWN[row.measure_code]
    given = opened_content(drawing.work.vault.open(row, "answers", row.answers))
    numbers = sorted({item.number for item in measure.items} | set(given.answers) | set(given.reasons))
    told = [answered(drawing.base, measure, one, given.answers.get(one), given.reasons.get(one)) for one in numbers]
    return [one for one in told if one is not None]


@dataclass(frozen=True)
class Responses(Rows):
    """Administrations that nothing supersedes, each under the id of the first of its chain."""

    def _found(self, drawing: Drawing, type_: str, asked: Asked) -> Query:
        if asked.ids is None:
            return super()._found(drawing, type_, asked)
        firsts = [row for one in asked.ids if (row := drawing.ids.row(TYPE, one)) is not None]
        query = super()._found(drawing, type_, replace(asked, ids=None))
        return query.where(in_chains(drawing.work, Administration.id, firsts))

    def earlier(self, drawing: Drawing, type_: str, fhir_id: str, version: str) -> dict[str, Any] | None:
        """A response as one of its versions said it; whoever asks has read the newest."""
        first = drawing.ids.row(TYPE, fhir_id)
        if first is None or not version.isascii() or not version.isdigit() or len(version) > LONGEST_CHAIN:
            return None
        chain = chains_from(drawing.work, [first])
        wanted = select(chain.c.id).where(chain.c.version == int(version))
        this_one = Param("version", "token", lambda _drawing, _value: Administration.id.in_(wanted))
        asked = Asked(where=[Filter(this_one, [Token(None, version)])])
        found: list[Drawn] = replace(self, query=_every).page(drawing, type_, asked, None, 1)
        return found[0].resource if found else None


def of_person(model: Any) -> Any:
    """The condition on rows of a partner whom a reference means. The couple is named as well, for the index begins with it."""

    def where(drawing: Drawing, value: Reference) -> ColumnElement[bool]:
        found = drawing.ids.row("Patient", value.id)
        if found is None or value.type not in {None, "Patient"}:
            return false()
        couple = select(Partner.couple_id).where(Partner.id == found).scalar_subquery()
        return and_(model.couple_id == couple, model.partner_id == found)

    return where


def _identified(drawing: Drawing, value: Token) -> ColumnElement[bool]:
    """Without a system, by the number alone, whatever system it is of."""
    own = f"{drawing.base}/{ADMINISTRATION}"

    def meets(number: Any) -> ColumnElement[bool]:
        of_another: ColumnElement[bool] = number.like("%:%|%")
        if value.code and value.system is None:
            return or_(number == value.code, and_(of_another, number.endswith(f"|{value.code}", autoescape=True)))
        if value.code:
            # An identifier always has a system here, so nothing has none.
            return number == external_id(drawing.base, value.system, value.code) if value.system else false()
        of_system: ColumnElement[bool] = number.startswith(f"{value.system}|", autoescape=True)
        if value.system == own:
            of_system = and_(number.is_not(None), ~of_another)
        return of_system if value.system else false()

    return called(drawing.work, Administration.id, meets)


def _has_status(_drawing: Drawing, value: Token) -> ColumnElement[bool]:
    is_corrected = Administration.supersedes_id.is_not(None)
    return or_(
        ~is_corrected if value.is_of(STATUSES, COMPLETED) else false(),
        is_corrected if value.is_of(STATUSES, AMENDED) else false(),
    )


def _of_measure(drawing: Drawing, value: str) -> ColumnElement[bool]:
    found = measure_of(drawing.base, value)
    if found is None:
        return false()
    code, version = found
    of_code = Administration.measure_code == code
    return of_code if version is None else of_code & (Administration.measure_version == version)


def _authored(_drawing: Drawing, value: Span) -> ColumnElement[bool]:
    return holds(value, Administration.answered_at)


PATIENT: Final = of_person(Administration)
SOURCE: Final = Responses(
    query=_standing,
    draw=_draw,
    key=Administration.id,
    updated=Administration.recorded_at,
    couple_id=Administration.couple_id,
    labels=lambda row: sensitivities(SHOWN[row.Administration.measure_code]),
    labelled={label: Administration.measure_code.in_(measures_bearing(label)) for label in (SEX, MH)},
    sorts={"authored": Administration.answered_at},
)
RESOURCE: Final = Resource(
    type=TYPE,
    source=SOURCE,
    interactions=(*READ, "create", "update"),
    params=(
        Param("patient", "reference", PATIENT, targets=("Patient",), path="subject"),
        Param("subject", "reference", PATIENT, targets=("Patient",), path="subject"),
        Param("identifier", "token", _identified, says="The number it has in the software that sent it."),
        Param("authored", "date", _authored, says="When it was answered."),
        Param("status", "token", _has_status),
        Param(
            "questionnaire", "reference", _of_measure, says="A measure, by its canonical address, with a version or without."
        ),
    ),
    says=(
        "A partner's answers to a measure. Each correction is a version of its own, counted from 1. Scores that were computed "
        "elsewhere came without answers. Screens of safety are not here."
    ),
)
