"""The gate before shared touch: gathers what it looks at, and refuses without betraying anyone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.core.database import Compartment
from app.couples.models import Couple
from app.couples.service import partners_of
from app.errors import Fault
from app.safety.flag_rules import Finding, flag_faults, latest, precondition_faults
from app.safety.models import Clearance, Consent, OpenedFlag, PreconditionRecord, SafetyScreen, SafetySignal
from app.safety.rules import (
    ClearanceStanding,
    PartnerStanding,
    Standing,
    check_open,
    explained,
    unmet_conditions,
    unmet_of_therapy,
)
from app.safety.states import Consented, consent_stands
from app.safety.stops import Stop

EVERYTHING = frozenset(Compartment)


@dataclass(frozen=True)
class Exercise:
    """What is to run: one stage of a protocol, and which partner practises where only one does."""

    couple_id: UUID
    protocol: Protocol
    stage: int
    shared_touch: bool
    practising: UUID | None

    @property
    def is_together(self) -> bool:
        """Whether the partners do it together, touching or not."""
        return self.shared_touch or self.protocol.is_together(self.stage)


def check_may_run(work: Work, exercise: Exercise) -> None:
    """Raises PlanCannotGoOnNowError unless the exercise may run now; the care team is told why, and what would satisfy it."""
    check_open(unmet(work, exercise), may_know=work.sees_safety)


def unmet(work: Work, exercise: Exercise) -> tuple[Fault, ...]:
    """What the exercise still needs. It knows more than its caller may: never let it out, except through `check_open`."""
    with work.session.reaching(EVERYTHING):
        return (*_of_touch(work, exercise), *_of_flags(work, exercise), *_of_preconditions(work, exercise))


def clearance_ran_out(work: Work, couple_id: UUID) -> Stop | None:
    """The stop of a couple whose latest clearance has run out, dated to then. It knows more than its caller may."""
    with work.session.reaching(EVERYTHING):
        clearance = _clearance(work, couple_id)
    if clearance is None or clearance.expires_at is None or clearance.expires_at > work.now:
        return None
    return Stop(couple_id, None, "clearance_expired", at=clearance.expires_at)


def clearances_ran_out(work: Work, couple_ids: Collection[UUID]) -> list[UUID]:
    """Those of many couples whose latest clearance has run out, in one query. It knows more than its caller may."""
    query = select(Clearance.couple_id, Clearance.expires_at).where(Clearance.couple_id.in_(couple_ids))
    with work.session.reaching(EVERYTHING):
        latest = dict(work.session.execute(query.order_by(Clearance.id)).all())
    return sorted(couple_id for couple_id, ends in latest.items() if ends is not None and ends <= work.now)


def clearance_ends_at(work: Work, couple_id: UUID) -> datetime | None:
    """When the couple's latest clearance ends, for who reaches safety; None where there is none to end."""
    clearance = _clearance(work, couple_id)
    return None if clearance is None else clearance.expires_at


def _of_touch(work: Work, exercise: Exercise) -> tuple[Fault, ...]:
    if not exercise.shared_touch:
        return _of_therapy(work, exercise)
    standing = _standing(work, exercise)
    return explained(unmet_conditions(standing, work.now))


def _of_therapy(work: Work, exercise: Exercise) -> tuple[Fault, ...]:
    """Without touch nobody waits for the other, but nobody practises who has left therapy."""
    stage = exercise.protocol.stage(exercise.stage)
    alone = exercise.practising if stage is not None and stage.company == "practising_alone" else None
    _, left = _consents(work, exercise)
    a, b = (partner.id in left and alone in {None, partner.id} for partner in partners_of(work, exercise.couple_id))
    return explained(unmet_of_therapy(left_a=a, left_b=b, pause_waits=_signals(work, exercise.couple_id).pause_waits))


def _of_flags(work: Work, exercise: Exercise) -> tuple[Fault, ...]:
    waiting = select(OpenedFlag.code).where(OpenedFlag.couple_id == exercise.couple_id, OpenedFlag.cleared_at.is_(None))
    found = work.session.scalars(waiting)
    return tuple(flag_faults(exercise.protocol, found, shared_touch=exercise.shared_touch, together=exercise.is_together))


def _of_preconditions(work: Work, exercise: Exercise) -> tuple[Fault, ...]:
    codes = [one.code for one in exercise.protocol.preconditions]
    if not codes:
        return ()
    query = (
        select(PreconditionRecord)
        .where(PreconditionRecord.couple_id == exercise.couple_id, PreconditionRecord.code.in_(codes))
        .order_by(PreconditionRecord.id)
    )
    found = latest(Finding(row.code, row.partner_id, row.met, row.expires_on) for row in work.session.scalars(query))
    today = _today(work, exercise.couple_id)
    return tuple(precondition_faults(exercise.protocol, found, exercise.practising, today))


def _today(work: Work, couple_id: UUID) -> date:
    zone = work.session.scalars(select(Couple.time_zone).where(Couple.id == couple_id)).one()
    return work.now.astimezone(ZoneInfo(zone)).date()


def _standing(work: Work, exercise: Exercise) -> Standing:
    couple_id = exercise.couple_id
    screens = work.session.execute(
        select(SafetyScreen.partner_id, SafetyScreen.needs_review, SafetyScreen.recorded_at).where(
            SafetyScreen.couple_id == couple_id
        )
    ).all()
    to_stage, left = _consents(work, exercise)
    consented = to_stage - left
    screened = {screen.partner_id for screen in screens}
    a, b = (PartnerStanding(partner.id in screened, partner.id in consented) for partner in partners_of(work, couple_id))
    signals = _signals(work, couple_id)
    alarming = (*signals.alarming, *(screen.recorded_at for screen in screens if screen.needs_review))
    return Standing(a, b, _clearance(work, couple_id), max(alarming, default=None), signals.waits)


def _consents(work: Work, exercise: Exercise) -> tuple[set[UUID], set[UUID]]:
    """Partners with a consent to this stage in force, and those who have taken back their consent to therapy as a whole."""
    query = select(Consent).where(Consent.couple_id == exercise.couple_id).order_by(Consent.id)
    # What a stage asks of the partners may differ between versions, so that a yes is to one of them.
    this = (exercise.protocol.code, exercise.protocol.version, exercise.stage)
    to_stage: set[UUID] = set()
    out_of_therapy: set[UUID] = set()
    for consent in work.session.scalars(query):
        if consent.kind == "homework_stage" and (consent.protocol, consent.protocol_version, consent.stage) == this:
            if consent_stands(consent.withdrawn_at) is Consented.IN_FORCE:
                to_stage.add(consent.partner_id)
        elif consent.kind == "therapy":
            stands = consent_stands(consent.withdrawn_at) is Consented.IN_FORCE
            (out_of_therapy.discard if stands else out_of_therapy.add)(consent.partner_id)
    return to_stage, out_of_therapy


def _clearance(work: Work, couple_id: UUID) -> ClearanceStanding | None:
    query = select(Clearance).where(Clearance.couple_id == couple_id).order_by(Clearance.id.desc()).limit(1)
    latest = work.session.scalars(query).one_or_none()
    return None if latest is None else ClearanceStanding(latest.decision, latest.decided_at, latest.expires_at)


@dataclass(frozen=True)
class _Signals:
    """When answers that pause became known; whether one of them waits for review, or one of them or of self-harm does."""

    alarming: tuple[datetime, ...]
    pause_waits: bool
    waits: bool


def _signals(work: Work, couple_id: UUID) -> _Signals:
    rows = work.session.execute(
        select(SafetySignal.response, SafetySignal.recorded_at, SafetySignal.reviewed_at).where(
            SafetySignal.couple_id == couple_id,
            SafetySignal.response != "none",
            or_(SafetySignal.response == "pause", SafetySignal.kind == "self_harm"),
        )
    ).all()
    pausing = [row for row in rows if row.response == "pause"]
    return _Signals(
        alarming=tuple(row.recorded_at for row in pausing),
        pause_waits=any(row.reviewed_at is None for row in pausing),
        waits=any(row.reviewed_at is None for row in rows),
    )
