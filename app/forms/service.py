"""Use cases of forms: upload wording, see which there is, read what may be shown today."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.access.work import Work
from app.clinical.measure import Measure
from app.core.paging import Page, Pager
from app.errors import NotFoundError
from app.forms.attestations import get_measure, licences_of
from app.forms.models import MeasureForm
from app.forms.questionnaire_schemas import QuestionnaireRead
from app.forms.questionnaire_writing import write_questionnaire
from app.forms.rules import (
    FormNotPossibleError,
    FormOutdatedError,
    Licence,
    LicenceNotAttestedError,
    canonical,
    check_licensed,
    is_free,
    why_not_licensed,
)
from app.forms.schemas import FormCreate, FormRead, FormSummary, OptionShape, ShownQuestion
from app.forms.uploads import read_upload
from app.forms.wording import Option, Question, Wording, built_in

BUILT_IN: Final = UUID(int=0)  # sorts before every upload
BUILT_IN_EDITION: Final = 0


@dataclass(frozen=True)
class Shelved:
    """A form on the clinic's shelf: an upload, or the one that comes with the service and has no row."""

    id: UUID
    row: MeasureForm | None
    wording: Wording
    superseded_by: UUID | None


def upload_form(work: Work, code: str, body: FormCreate) -> FormSummary:
    """Keeps a form; one in the same language before it is superseded.

    Raises FormNotPossibleError, FormInvalidError, LicenceNotAttestedError.
    """
    measure = get_measure(code)
    if not measure.items:
        raise FormNotPossibleError
    wording = read_upload(measure, body)
    licences = _licences(work, measure)
    row = MeasureForm(
        clinic_id=work.actor.clinic_id,
        measure_code=measure.code,
        measure_version=measure.version,
        language=wording.language,
        edition=_last_edition(work, code, wording.language) + 1,
        attestation_id=_holding(work, measure, licences, wording.language),
        uploaded_by_member=work.actor.id if work.actor.role else None,
        uploaded_by_integration=None if work.actor.role else work.actor.id,
        uploaded_at=work.now,
    )
    row.wording = work.vault.seal(row, "wording", asdict(wording))
    work.session.add(row)
    work.session.flush()
    return _summary(work, measure, Shelved(row.id, row, wording, None), licences)


def _licences(work: Work, measure: Measure) -> Mapping[UUID, Licence]:
    """What was attested for a measure that needs it."""
    return {} if is_free(measure) else licences_of(work, measure.code)


def _holding(work: Work, measure: Measure, licences: Mapping[UUID, Licence], language: str) -> UUID | None:
    """The licence that lets a form in; None when none is needed. Raises LicenceNotAttestedError."""
    if is_free(measure):
        return None
    today = work.now.date()
    found = [licence_id for licence_id, licence in licences.items() if licence.why_not(language, today) is None]
    if not found:
        raise LicenceNotAttestedError
    return found[-1]


def _last_edition(work: Work, code: str, language: str) -> int:
    query = select(func.max(MeasureForm.edition)).where(MeasureForm.measure_code == code, MeasureForm.language == language)
    return work.session.execute(query).scalar_one() or BUILT_IN_EDITION


def list_forms(work: Work, code: str, limit: int, cursor: str | None) -> Page[FormSummary]:
    """A page of a measure's forms: the one that comes with the service, then uploads, oldest first."""
    measure = get_measure(code)
    pager = Pager(work.vault, limit, cursor, "forms", code)
    following = aliased(MeasureForm)
    next_edition = and_(
        following.measure_code == MeasureForm.measure_code,
        following.language == MeasureForm.language,
        following.edition == MeasureForm.edition + 1,
    )
    query: Any = select(MeasureForm, following.id).outerjoin(following, next_edition).where(MeasureForm.measure_code == code)
    shelf = [] if cursor else _built_in(work, measure)
    shelf += [
        Shelved(row.id, row, opened_wording(work, row), superseded_by)
        for row, superseded_by in work.session.execute(pager.cut(query, MeasureForm.id))
    ]
    shown, next_cursor = pager.split(shelf)
    licences = _licences(work, measure)
    return Page(items=[_summary(work, measure, form, licences) for form in shown], next_cursor=next_cursor)


def _built_in(work: Work, measure: Measure) -> list[Shelved]:
    wording = built_in(measure)
    if wording is None:
        return []
    first = select(MeasureForm.id).where(
        MeasureForm.measure_code == measure.code,
        MeasureForm.language == wording.language,
        MeasureForm.edition == BUILT_IN_EDITION + 1,
    )
    return [Shelved(BUILT_IN, None, wording, work.session.scalars(first).one_or_none())]


def _summary(work: Work, measure: Measure, form: Shelved, licences: Mapping[UUID, Licence]) -> FormSummary:
    why = _why_not(work, measure, form, licences)
    row = form.row
    return FormSummary(
        id=None if row is None else row.id,
        measure=measure.code,
        measure_version=measure.version if row is None else row.measure_version,
        language=form.wording.language,
        title=form.wording.title,
        edition=BUILT_IN_EDITION if row is None else row.edition,
        attestation_id=None if row is None else row.attestation_id,
        uploaded_by_member=None if row is None else row.uploaded_by_member,
        uploaded_by_integration=None if row is None else row.uploaded_by_integration,
        uploaded_at=None if row is None else row.uploaded_at,
        superseded_by=form.superseded_by,
        can_be_served=why is None,
        not_served_because=why,
    )


def _why_not(work: Work, measure: Measure, form: Shelved, licences: Mapping[UUID, Licence]) -> str | None:
    if form.superseded_by is not None:
        return "superseded"
    if form.row is not None and form.row.measure_version != measure.version:
        return "outdated"
    return why_not_licensed(measure, list(licences.values()), form.wording.language, work.now.date())


def read_form(work: Work, code: str, language: str) -> FormRead:
    """A form with its wording. Raises FormNotLicensedError, FormOutdatedError, NotFoundError."""
    measure = get_measure(code)
    form = _form_to_show(work, measure, canonical(language))
    return FormRead(
        measure=measure.code,
        measure_version=measure.version,
        language=form.wording.language,
        edition=BUILT_IN_EDITION if form.row is None else form.row.edition,
        title=form.wording.title,
        instructions=form.wording.instructions,
        stem=form.wording.stem,
        items=[_shown(measure, question) for question in form.wording.questions],
    )


def read_questionnaire_of(work: Work, code: str, language: str) -> QuestionnaireRead:
    """The same as a FHIR Questionnaire."""
    measure = get_measure(code)
    form = _form_to_show(work, measure, canonical(language))
    return QuestionnaireRead.model_validate(write_questionnaire(form.wording, measure))


def _form_to_show(work: Work, measure: Measure, language: str) -> Shelved:
    """The last edition, if it may be shown today."""
    query = select(MeasureForm).where(MeasureForm.measure_code == measure.code, MeasureForm.language == language)
    row = work.session.scalars(query.order_by(MeasureForm.edition.desc()).limit(1)).one_or_none()
    if row is None:
        wording = built_in(measure)
        if wording is None or wording.language != language:
            raise NotFoundError
        return Shelved(BUILT_IN, None, wording, None)
    if row.measure_version != measure.version:
        raise FormOutdatedError
    check_licensed(measure, list(_licences(work, measure).values()), language, work.now.date())
    return Shelved(row.id, row, opened_wording(work, row), None)


def opened_wording(work: Work, row: MeasureForm) -> Wording:
    """The words of an uploaded form."""
    told: dict[str, Any] = work.vault.open(row, "wording", row.wording)
    questions = tuple(
        Question(**{**question, "options": tuple(Option(**option) for option in question["options"])})
        for question in told["questions"]
    )
    return Wording(**{**told, "questions": questions})


def _shown(measure: Measure, question: Question) -> ShownQuestion:
    item = measure.item(question.number)
    if item is None:  # a form of this version asks the items of this version
        raise LookupError(question.number)
    options = [OptionShape(value=option.value, text=option.text) for option in question.options]
    bounds = {"low": item.low, "high": item.high, "step": item.step, "optional": item.optional}
    return ShownQuestion(**{**asdict(question), "options": options, **bounds})
