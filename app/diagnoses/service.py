"""Use cases of diagnoses; every comparison stays within one person and within the caller's reach."""

from collections.abc import Iterable
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.diagnosis_codes import System, tells_of_violence
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.models import Partner
from app.couples.rules import check_not_before, check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, get_known, get_partner
from app.diagnoses.models import Diagnosis, DiagnosisStatus, ExclusionOverride
from app.diagnoses.reading import Beside, beside_of, coding_of, shown, without_reason
from app.diagnoses.rules import (
    ACTIVE,
    Excluded,
    Status,
    check_code,
    check_exclusions,
    check_kept_apart,
    check_link,
    check_not_recorded,
    check_status,
    exclusions_of,
)
from app.diagnoses.schemas import DiagnosisChange, DiagnosisCreate, DiagnosisRead, ExclusionOverrideCreate, StatusChange
from app.errors import StaleVersionError


def record_diagnosis(work: Work, couple_id: UUID, partner_id: UUID, body: DiagnosisCreate) -> DiagnosisRead:
    """Records a diagnosis of one partner.

    Raises DiagnosisCodeInvalidError, CodeNotBillableError, ConcernUnknownError, ExcludesOneError, DiagnosisRecordedError,
    DayInFutureError, DaysOutOfOrderError.
    """
    couple = get_couple_in_care(work, couple_id)
    partner = _locked(work, get_partner(work, couple_id, partner_id))
    check_code(body.system, body.code, body.concern)
    today = today_of(work, couple)
    recorded_on = body.recorded_on or today
    check_not_in_future(recorded_on, today, "/recorded_on")
    if body.onset_on is not None:
        check_not_before(recorded_on, body.onset_on, "/onset_on")
    diagnosis = _new(work, partner, body)
    diagnosis.recorded_on = recorded_on
    beside = beside_of(work, couple_id, partner_id, [])
    found = _checked(diagnosis, beside, body.exclusion_override)
    work.session.add(diagnosis)
    work.session.flush()
    _keep_status(work, diagnosis, beside, recorded_on)
    _keep_overrides(work, diagnosis, found, beside, body.exclusion_override)
    return shown(work, diagnosis, beside)


def _locked(work: Work, partner: Partner) -> Partner:
    """Two diagnoses that exclude each other must not come in side by side, each blind to the other."""
    work.session.execute(select(Partner.id).where(Partner.id == partner.id).with_for_update())
    return partner


def _new(work: Work, partner: Partner, body: DiagnosisCreate) -> Diagnosis:
    private = body.care_team_only or tells_of_violence(body.system, body.code, body.concern)
    diagnosis = Diagnosis(
        clinic_id=work.actor.clinic_id,
        couple_id=partner.couple_id,
        partner_id=partner.id,
        compartment=Compartment.SAFETY if private else partner.compartment,
        system=body.system,
        code=body.code,
        concern=body.concern,
        status=body.status,
        contributing_factors=list(dict.fromkeys(body.contributing_factors)),
        onset_on=body.onset_on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
        **body.specifiers.model_dump(),
    )
    diagnosis.note = None if body.note is None else work.vault.seal(diagnosis, "note", body.note)
    return diagnosis


def _checked(row: Diagnosis, beside: Beside, override: ExclusionOverrideCreate | None) -> list[Excluded]:
    """What the diagnosis, if active, is kept apart from."""
    if row.status not in ACTIVE:
        return []
    others = [coding_of(other) for other in beside.active]
    check_not_recorded(coding_of(row), others)
    found = exclusions_of(coding_of(row), others)
    check_exclusions(without_reason(found, beside.overrides), overridden=override is not None)
    return found


def _keep_status(work: Work, diagnosis: Diagnosis, beside: Beside, on: date) -> None:
    row = DiagnosisStatus(
        couple_id=diagnosis.couple_id,
        diagnosis_id=diagnosis.id,
        compartment=diagnosis.compartment,
        status=diagnosis.status,
        on=on,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    work.session.add(row)
    work.session.flush()
    beside.history[diagnosis.id].append(row)


def _keep_overrides(
    work: Work, diagnosis: Diagnosis, found: Iterable[Excluded], beside: Beside, given: ExclusionOverrideCreate | None
) -> None:
    if given is None:
        return
    rows = {row.id: row for row in beside.active}
    for pair in without_reason(found, beside.overrides):
        private = Compartment.SAFETY in {diagnosis.compartment, rows[pair.other.id].compartment}
        override = ExclusionOverride(
            clinic_id=work.actor.clinic_id,
            couple_id=diagnosis.couple_id,
            partner_id=diagnosis.partner_id,
            compartment=Compartment.SAFETY if private else diagnosis.compartment,
            diagnosis_id=diagnosis.id,
            other_diagnosis_id=pair.other.id,
            rule=pair.conflict.rule,
            recorded_at=work.now,
            recorded_by=work.actor.id,
        )
        override.reason = work.vault.seal(override, "reason", given.reason)
        work.session.add(override)
        beside.overrides.append(override)
    work.session.flush()


def _get(work: Work, couple_id: UUID, partner_id: UUID, diagnosis_id: UUID) -> Diagnosis:
    get_known(work, couple_id, partner_id)
    return existing(
        work.session,
        select(Diagnosis).where(
            Diagnosis.couple_id == couple_id, Diagnosis.partner_id == partner_id, Diagnosis.id == diagnosis_id
        ),
    )


def read_diagnosis(work: Work, couple_id: UUID, partner_id: UUID, diagnosis_id: UUID) -> DiagnosisRead:
    """One diagnosis."""
    get_couple(work, couple_id)
    row = _get(work, couple_id, partner_id, diagnosis_id)
    return shown(work, row, beside_of(work, couple_id, partner_id, [row]))


def list_diagnoses(  # noqa: PLR0913 - whose, which page, and which of them
    work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None, *, active: bool | None
) -> Page[DiagnosisRead]:
    """A page of one partner's diagnoses, oldest first."""
    get_couple(work, couple_id)
    get_known(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "diagnoses", couple_id, partner_id, active)
    query = select(Diagnosis).where(Diagnosis.couple_id == couple_id, Diagnosis.partner_id == partner_id)
    if active is not None:
        query = query.where(Diagnosis.status.in_(ACTIVE) if active else Diagnosis.status.not_in(ACTIVE))
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Diagnosis.id))))
    beside = beside_of(work, couple_id, partner_id, rows)
    return Page(items=[shown(work, row, beside) for row in rows], next_cursor=next_cursor)


def change_diagnosis(  # noqa: PLR0913, PLR0917 - which one, in which version
    work: Work, couple_id: UUID, partner_id: UUID, diagnosis_id: UUID, version: int, body: DiagnosisChange
) -> DiagnosisRead:
    """Changes what was sent. Raises StaleVersionError, ConcernUnknownError, DiagnosisCodeInvalidError, DaysOutOfOrderError."""
    get_couple_in_care(work, couple_id)
    row = _get(work, couple_id, partner_id, diagnosis_id)
    if row.version != version:
        raise StaleVersionError
    beside = beside_of(work, couple_id, partner_id, [row])
    sent = body.model_dump(include=body.model_fields_set)
    if "concern" in sent:
        check_link(cast("System", row.system), row.code, body.concern)
        check_kept_apart(body.concern, kept=row.compartment == Compartment.SAFETY)
    if sent.get("onset_on") is not None:
        check_not_before(row.recorded_on, sent["onset_on"], "/onset_on")
    if "note" in sent:
        sent["note"] = None if body.note is None else work.vault.seal(row, "note", body.note)
    if "contributing_factors" in sent:
        sent["contributing_factors"] = list(dict.fromkeys(body.contributing_factors))
    sent |= sent.pop("specifiers", {})
    for name, value in sent.items():
        setattr(row, name, value)
    work.session.flush()
    return shown(work, row, beside)


def change_status(work: Work, couple_id: UUID, partner_id: UUID, diagnosis_id: UUID, body: StatusChange) -> DiagnosisRead:
    """Gives a diagnosis another status.

    Raises StatusUnreachableError, ExcludesOneError, DiagnosisRecordedError, DayInFutureError, DaysOutOfOrderError.
    """
    couple = get_couple_in_care(work, couple_id)
    _locked(work, get_partner(work, couple_id, partner_id))
    row = _get(work, couple_id, partner_id, diagnosis_id)
    beside = beside_of(work, couple_id, partner_id, [row])
    check_status(cast("Status", row.status), body.status)
    today = today_of(work, couple)
    changed_on = body.changed_on or today
    check_not_in_future(changed_on, today, "/changed_on")
    check_not_before(changed_on, beside.history[row.id][-1].on, "/changed_on")
    row.status = body.status
    found = _checked(row, beside, body.exclusion_override)
    work.session.flush()
    _keep_status(work, row, beside, changed_on)
    _keep_overrides(work, row, found, beside, body.exclusion_override)
    return shown(work, row, beside)
