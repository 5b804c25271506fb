"""Use cases of agreements on secrets: proposed to both, signed by each alone, in force once both have."""

from collections import defaultdict
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from app.access.work import Work
from app.clinical.secrets_policy import NEVER, POLICIES, WITHOUT_AGREEMENT
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.episodes import today_of
from app.couples.models import Couple
from app.couples.rules import check_not_in_future
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.sharing.models import SecretsAgreement, SecretsSignature
from app.sharing.rules import Agreed, PolicyReplacedError, stands
from app.sharing.schemas import (
    SecretsAgreementCreate,
    SecretsAgreementRead,
    SignatureCreate,
    SignatureRead,
    SignatureReceipt,
    SpeechRead,
)

BOTH: Final = frozenset({Compartment.CONJOINT, Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})


def propose(work: Work, couple_id: UUID, body: SecretsAgreementCreate) -> SecretsAgreementRead:
    """Proposes a text to both; what was agreed on before holds until both have signed this one."""
    get_couple_in_care(work, couple_id)
    _lock(work, couple_id)
    last = select(func.max(SecretsAgreement.number)).where(SecretsAgreement.couple_id == couple_id)
    agreement = SecretsAgreement(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        compartment=Compartment.CONJOINT,
        number=(work.session.execute(last).scalar_one() or 0) + 1,
        policy=body.policy,
        text_version=body.text_version,
        language=body.language,
        proposed_at=work.now,
        proposed_by_kind=work.actor.kind,
        proposed_by=work.actor.id,
    )
    agreement.text = work.vault.seal(agreement, "text", body.text)
    work.session.add(agreement)
    work.session.flush()
    return _shown(work, [agreement], couple_id)[0]


def _lock(work: Work, couple_id: UUID) -> None:
    """Two proposals, or a proposal and a signature, come one after the other."""
    row = select(Couple.id).where(Couple.id == couple_id)
    work.session.scalars(row.with_for_update(key_share=True)).one()


def sign(work: Work, couple_id: UUID, agreement_id: UUID, body: SignatureCreate) -> SignatureReceipt:
    """Keeps that one partner signed; signing again changes nothing.

    Raises PolicyReplacedError, DayInFutureError, NotFoundError, CoupleArchivedError.
    """
    couple = get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, body.partner_id)
    agreement = _get(work, couple_id, agreement_id)
    today = today_of(work, couple)
    signed_on = body.signed_on or today
    check_not_in_future(signed_on, today, "/signed_on")
    _lock(work, couple_id)
    newest = select(func.max(SecretsAgreement.number)).where(SecretsAgreement.couple_id == couple_id)
    if work.session.execute(newest).scalar_one() != agreement.number:
        raise PolicyReplacedError
    same = select(SecretsSignature.id).where(
        SecretsSignature.couple_id == couple_id,
        SecretsSignature.agreement_id == agreement.id,
        SecretsSignature.partner_id == partner.id,
    )
    if work.session.scalars(same).one_or_none() is None:
        signature = SecretsSignature(
            couple_id=couple_id,
            agreement_id=agreement.id,
            partner_id=partner.id,
            compartment=partner.compartment,
            told=body.told,
            signed_on=signed_on,
            recorded_at=work.now,
            recorded_by_kind=work.actor.kind,
            recorded_by=work.actor.id,
        )
        work.session.add(signature)
        work.session.flush()
    return SignatureReceipt(agreement_id=agreement.id, partner_id=partner.id, received_at=work.now)


def list_agreements(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[SecretsAgreementRead]:
    """A page of a couple's agreements, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "secrets agreements", couple_id)
    query = select(SecretsAgreement).where(SecretsAgreement.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, SecretsAgreement.id))))
    return Page(items=_shown(work, rows, couple_id), next_cursor=next_cursor)


def read_agreement(work: Work, couple_id: UUID, agreement_id: UUID) -> SecretsAgreementRead:
    """One agreement. Raises NotFoundError."""
    get_couple(work, couple_id)
    return _shown(work, [_get(work, couple_id, agreement_id)], couple_id)[0]


def read_speech(work: Work, couple_id: UUID) -> SpeechRead:
    """How what one partner said alone is treated in speech now."""
    get_couple(work, couple_id)
    found = [one for one in _standings(work, couple_id).items() if one[1] is Agreed.IN_FORCE]
    agreement = _get(work, couple_id, found[0][0]) if found else None
    policy = POLICIES[agreement.policy] if agreement else WITHOUT_AGREEMENT
    return SpeechRead(
        couple_id=couple_id,
        policy=policy.code,
        agreed=agreement is not None,
        agreement_id=agreement and agreement.id,
        name=policy.name,
        speech=policy.speech,
        never=NEVER,
    )


def _get(work: Work, couple_id: UUID, agreement_id: UUID) -> SecretsAgreement:
    return existing(
        work.session,
        select(SecretsAgreement).where(SecretsAgreement.couple_id == couple_id, SecretsAgreement.id == agreement_id),
    )


def _standings(work: Work, couple_id: UUID) -> dict[UUID, Agreed]:
    """Where each agreement stands. That both have signed is both partners' to know; that one has, is not."""
    with work.session.reaching(work.session.reach.compartments and BOTH):
        agreements = work.session.scalars(
            select(SecretsAgreement.id).where(SecretsAgreement.couple_id == couple_id).order_by(SecretsAgreement.number)
        ).all()
        rows = work.session.execute(
            select(SecretsSignature.agreement_id, SecretsSignature.recorded_at).where(SecretsSignature.couple_id == couple_id)
        ).all()
    signed: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for agreement_id, recorded_at in rows:
        signed[agreement_id].append(recorded_at)
    both = [max(signed[one]) if len(signed[one]) == 2 else None for one in agreements]
    return {one: stands(both, place) for place, one in enumerate(agreements)}


def _shown(work: Work, rows: list[SecretsAgreement], couple_id: UUID) -> list[SecretsAgreementRead]:
    standings = _standings(work, couple_id)
    query = select(SecretsSignature).where(SecretsSignature.couple_id == couple_id).order_by(SecretsSignature.id)
    signatures: defaultdict[UUID, list[SignatureRead]] = defaultdict(list)
    for signature in work.session.scalars(query):
        signatures[signature.agreement_id].append(SignatureRead.model_validate(signature))
    return [
        SecretsAgreementRead(
            id=row.id,
            couple_id=row.couple_id,
            policy=row.policy,
            text_version=row.text_version,
            language=row.language,
            text=work.vault.open(row, "text", row.text),
            state=standings[row.id],
            proposed_at=row.proposed_at,
            signatures=signatures[row.id],
        )
        for row in rows
    ]
