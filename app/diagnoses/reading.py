"""Diagnoses of one person as they are shown, with what stands beside them within the caller's reach."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.diagnosis_codes import System, is_known
from app.clinical.specifiers import Context, Onset, suggested_icd11
from app.core.database import Compartment
from app.diagnoses.models import Diagnosis, DiagnosisStatus, ExclusionOverride
from app.diagnoses.rules import ACTIVE, Coding, Excluded, exclusions_of
from app.diagnoses.schemas import (
    CodedRead,
    ConflictRead,
    DiagnosisRead,
    ExclusionOverrideRead,
    Specifiers,
    StatusRead,
)


@dataclass
class Beside:
    """What is shown with diagnoses of one person, as far as it is within reach."""

    active: list[Diagnosis] = field(default_factory=list)
    overrides: list[ExclusionOverride] = field(default_factory=list)
    history: defaultdict[UUID, list[DiagnosisStatus]] = field(default_factory=lambda: defaultdict(list))


def coding_of(row: Diagnosis) -> Coding:
    """The diagnosis, as far as codes are compared."""
    return Coding(row.id, row.system, row.code)


def without_reason(found: Iterable[Excluded], overrides: Iterable[ExclusionOverride]) -> list[Excluded]:
    """Those pairs for which no coder gave a reason."""
    given = {frozenset((row.diagnosis_id, row.other_diagnosis_id)) for row in overrides}
    return [pair for pair in found if frozenset((pair.one.id, pair.other.id)) not in given]


def beside_of(work: Work, couple_id: UUID, partner_id: UUID, rows: Sequence[Diagnosis]) -> Beside:
    """Three queries, however many diagnoses."""
    of_partner = (Diagnosis.couple_id == couple_id, Diagnosis.partner_id == partner_id)
    active = work.session.scalars(select(Diagnosis).where(*of_partner, Diagnosis.status.in_(ACTIVE)).order_by(Diagnosis.id))
    overrides = work.session.scalars(
        select(ExclusionOverride)
        .where(ExclusionOverride.couple_id == couple_id, ExclusionOverride.partner_id == partner_id)
        .order_by(ExclusionOverride.id)
    )
    beside = Beside(list(active), list(overrides))
    history = work.session.scalars(
        select(DiagnosisStatus)
        .where(DiagnosisStatus.couple_id == couple_id, DiagnosisStatus.diagnosis_id.in_([row.id for row in rows]))
        .order_by(DiagnosisStatus.id)
    )
    for row in history:
        beside.history[row.diagnosis_id].append(row)
    return beside


def shown(work: Work, row: Diagnosis, beside: Beside) -> DiagnosisRead:
    """A diagnosis as the wire shows it."""
    return DiagnosisRead(
        id=row.id,
        version=row.version,
        couple_id=row.couple_id,
        partner_id=row.partner_id,
        system=row.system,
        code=row.code,
        in_catalogue=is_known(cast("System", row.system), row.code),
        concern=row.concern,
        status=row.status,
        specifiers=Specifiers.model_validate(row),
        contributing_factors=row.contributing_factors,
        onset_on=row.onset_on,
        recorded_on=row.recorded_on,
        note=work.vault.open(row, "note", row.note),
        care_team_only=row.compartment == Compartment.SAFETY,
        suggested_icd11=_suggested(row),
        conflicts=_conflicts(row, beside),
        exclusion_overrides=[_shown_override(work, row, given) for given in beside.overrides if _is_about(row, given)],
        history=[
            StatusRead(status=step.status, changed_on=step.on, recorded_at=step.recorded_at) for step in beside.history[row.id]
        ],
    )


def _suggested(row: Diagnosis) -> list[CodedRead]:
    if row.concern is None or row.onset is None or row.context is None or row.system == "icd11":
        return []
    found = suggested_icd11(row.concern, cast("Onset", row.onset), cast("Context", row.context))
    return [CodedRead.model_validate(coded) for coded in found]


def _conflicts(row: Diagnosis, beside: Beside) -> list[ConflictRead]:
    if row.status not in ACTIVE:
        return []
    found = exclusions_of(coding_of(row), [coding_of(other) for other in beside.active])
    return [
        ConflictRead(diagnosis_id=pair.other.id, code=pair.other.code, rule=pair.conflict.rule, disputed=pair.conflict.disputed)
        for pair in without_reason(found, beside.overrides)
    ]


def _is_about(row: Diagnosis, given: ExclusionOverride) -> bool:
    return row.id in {given.diagnosis_id, given.other_diagnosis_id}


def _shown_override(work: Work, row: Diagnosis, given: ExclusionOverride) -> ExclusionOverrideRead:
    other = given.diagnosis_id if row.id == given.other_diagnosis_id else given.other_diagnosis_id
    return ExclusionOverrideRead(
        other_diagnosis_id=other,
        rule=given.rule,
        reason=work.vault.open(given, "reason", given.reason),
        recorded_at=given.recorded_at,
    )
