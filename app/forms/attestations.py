"""Use cases of licences: a member attests one, reads what was attested, revokes it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.measure import Measure
from app.clinical.measures import MEASURES
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.errors import NotFoundError
from app.forms.models import LicenceAttestation, LicenceRevocation
from app.forms.rules import AttestationRevokedError, Licence, canonical, check_period
from app.forms.schemas import AttestationCreate, AttestationRead, RevocationCreate


def get_measure(code: str) -> Measure:
    """A measure of the catalogue, named in a path. Raises NotFoundError."""
    if code not in MEASURES:
        raise NotFoundError
    return MEASURES[code]


def attest(work: Work, code: str, body: AttestationCreate) -> AttestationRead:
    """Keeps a member's word that the clinic may show a measure's wording. Raises AttestationPeriodError."""
    get_measure(code)
    check_period(body.granted_on, body.expires_on, work.now.date())
    row = LicenceAttestation(
        clinic_id=work.actor.clinic_id,
        measure_code=code,
        languages=None if body.languages is None else sorted({canonical(tag) for tag in body.languages}),
        granted_on=body.granted_on,
        expires_on=body.expires_on,
        attested_by=work.actor.id,
        attested_at=work.now,
    )
    row.terms = work.vault.seal(row, "terms", body.model_dump(include={"licence_reference", "holder", "note"}))
    work.session.add(row)
    work.session.flush()
    return _shown(work, row, None)


def list_attestations(work: Work, code: str, limit: int, cursor: str | None) -> Page[AttestationRead]:
    """A page of what was attested for a measure, oldest first, revoked ones included."""
    get_measure(code)
    pager = Pager(work.vault, limit, cursor, "licence attestations", code)
    query = select(LicenceAttestation).where(LicenceAttestation.measure_code == code)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, LicenceAttestation.id))))
    ended = revocations_of(work, [row.id for row in rows])
    return Page(items=[_shown(work, row, ended.get(row.id)) for row in rows], next_cursor=next_cursor)


def revoke(work: Work, attestation_id: UUID, body: RevocationCreate) -> AttestationRead:
    """Ends an attestation for good. Raises AttestationRevokedError, NotFoundError."""
    row = existing(work.session, select(LicenceAttestation).where(LicenceAttestation.id == attestation_id))
    if revocations_of(work, [row.id]):
        raise AttestationRevokedError
    ended = LicenceRevocation(
        clinic_id=work.actor.clinic_id, attestation_id=row.id, revoked_by=work.actor.id, revoked_at=work.now
    )
    ended.reason = None if body.reason is None else work.vault.seal(ended, "reason", body.reason)
    work.session.add(ended)
    work.session.flush()
    return _shown(work, row, ended)


def revocations_of(work: Work, attestation_ids: Sequence[UUID]) -> dict[UUID, LicenceRevocation]:
    """The revocations of attestations, by attestation; one query for all."""
    query = select(LicenceRevocation).where(LicenceRevocation.attestation_id.in_(attestation_ids))
    return {row.attestation_id: row for row in work.session.scalars(query)}


def licences_of(work: Work, code: str) -> dict[UUID, Licence]:
    """All that was attested for a measure, as far as it decides, oldest first; a handful in years of contracts."""
    query = (
        select(LicenceAttestation, LicenceRevocation.id)
        .outerjoin(LicenceRevocation, LicenceRevocation.attestation_id == LicenceAttestation.id)
        .where(LicenceAttestation.measure_code == code)
        .order_by(LicenceAttestation.id)
    )
    return {row.id: licence_of(row, revoked=ended is not None) for row, ended in work.session.execute(query)}


def licence_of(row: LicenceAttestation, *, revoked: bool) -> Licence:
    """What decides of an attestation."""
    languages = None if row.languages is None else tuple(row.languages)
    return Licence(languages, row.granted_on, row.expires_on, revoked)


def _shown(work: Work, row: LicenceAttestation, ended: LicenceRevocation | None) -> AttestationRead:
    terms: dict[str, Any] = work.vault.open(row, "terms", row.terms)
    licence = licence_of(row, revoked=ended is not None)
    return AttestationRead(
        id=row.id,
        measure=row.measure_code,
        **terms,
        granted_on=row.granted_on,
        expires_on=row.expires_on,
        languages=row.languages,
        attested_by=row.attested_by,
        attested_at=row.attested_at,
        revoked_by=None if ended is None else ended.revoked_by,
        revoked_at=None if ended is None else ended.revoked_at,
        revocation_reason=None if ended is None else work.vault.open(ended, "reason", ended.reason),
        holds=licence.holds(work.now.date()),
    )
