"""Licences and forms of measures over HTTP."""

from typing import Annotated

from fastapi import Path, Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import AttestationId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Code, Language
from app.forms import attestations, service
from app.forms.questionnaire_schemas import QuestionnaireRead
from app.forms.rules import (
    AttestationPeriodError,
    AttestationRevokedError,
    FormInvalidError,
    FormNotLicensedError,
    FormNotPossibleError,
    FormOutdatedError,
    LicenceNotAttestedError,
)
from app.forms.schemas import (
    AttestationCreate,
    AttestationRead,
    FormCreate,
    FormRead,
    FormSummary,
    RevocationCreate,
)

router = RecordRouter("Forms")
LICENCES = "/measures/{code}/licence-attestations"
FORMS = "/measures/{code}/forms"
FORM = FORMS + "/{language}"

MeasureCode = Annotated[Code, Path(description="Measure, by its code in the catalogue.", examples=["rekindle_pulse"])]
LicensedCode = Annotated[Code, Path(description="Measure, by its code in the catalogue.", examples=["gmsex"])]
FormLanguage = Annotated[Language, Path(description="Language (BCP 47).", examples=["en"])]


@router.creates(LICENCES, Permission.LICENCES_WRITE, AttestationPeriodError)
def attest_licence(work: Work, code: LicensedCode, body: AttestationCreate) -> AttestationRead:
    """Attest that the clinic may show a measure's wording; only a member can vouch for a contract."""
    return attestations.attest(work, code, body)


@router.reads(LICENCES, Permission.FORMS_READ, CursorInvalidError)
def list_licence_attestations(
    work: Work,
    code: LicensedCode,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[AttestationRead]:
    """List what was attested for a measure, oldest first, revoked attestations included."""
    return attestations.list_attestations(work, code, limit, cursor)


@router.creates("/licence-attestations/{attestation_id}/revocations", Permission.LICENCES_WRITE, AttestationRevokedError)
def revoke_licence_attestation(work: Work, attestation_id: AttestationId, body: RevocationCreate) -> AttestationRead:
    """Revoke an attestation for good; forms that rested on it alone are no longer shown."""
    return attestations.revoke(work, attestation_id, body)


@router.creates(FORMS, Permission.FORMS_WRITE, FormNotPossibleError, FormInvalidError, LicenceNotAttestedError)
def upload_form(work: Work, code: MeasureCode, body: FormCreate) -> FormSummary:
    """Upload a measure's wording in one language; it supersedes the form in that language before it."""
    return service.upload_form(work, code, body)


@router.reads(FORMS, Permission.FORMS_READ, CursorInvalidError)
def list_forms(
    work: Work,
    code: MeasureCode,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[FormSummary]:
    """List a measure's forms, superseded ones included, and whether each can be read now."""
    return service.list_forms(work, code, limit, cursor)


@router.reads(FORM, Permission.FORMS_READ, FormNotLicensedError, FormOutdatedError)
def read_form(work: Work, code: MeasureCode, language: FormLanguage) -> FormRead:
    """Read a form with its wording, while a licence lets it be shown."""
    return service.read_form(work, code, language)


@router.reads(FORM + "/questionnaire", Permission.FORMS_READ, FormNotLicensedError, FormOutdatedError)
def read_questionnaire(work: Work, code: MeasureCode, language: FormLanguage) -> QuestionnaireRead:
    """Read a form as a FHIR R4 Questionnaire, such as can be uploaded."""
    return service.read_questionnaire_of(work, code, language)
