"""Sharing choices and agreements on secrets over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CoupleId, PartnerId, SecretsAgreementId, SharingChoiceId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import CoupleArchivedError, DayInFutureError
from app.sharing import agreements, choices
from app.sharing.rules import LevelNotOfferedError, PolicyReplacedError
from app.sharing.schemas import (
    SecretsAgreementCreate,
    SecretsAgreementRead,
    SharingChoiceCreate,
    SharingChoiceRead,
    SharingRead,
    SignatureCreate,
    SignatureReceipt,
    SpeechRead,
)

router = RecordRouter("Sharing and secrets")
COUPLE = "/couples/{couple_id}"
PARTNER = COUPLE + "/partners/{partner_id}"
AGREEMENTS = COUPLE + "/secrets-agreements"


@router.creates(PARTNER + "/sharing-choices", Permission.CONSENTS_WRITE, LevelNotOfferedError, CoupleArchivedError)
def choose_sharing(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: SharingChoiceCreate) -> SharingChoiceRead:
    """Keep how much of a kind of their own data one partner, asked alone, lets the other read. `none` takes it back at once."""
    return choices.choose(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/sharing-choices", Permission.COUPLES_READ, CursorInvalidError)
def list_sharing_choices(
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[SharingChoiceRead]:
    """List one partner's sharing choices, oldest first; the latest of each kind counts."""
    return choices.list_choices(work, couple_id, partner_id, limit, cursor)


@router.reads(PARTNER + "/sharing-choices/{choice_id}", Permission.COUPLES_READ)
def read_sharing_choice(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, choice_id: SharingChoiceId
) -> SharingChoiceRead:
    """Read a sharing choice."""
    return choices.read_choice(work, couple_id, partner_id, choice_id)


@router.reads(PARTNER + "/sharing", Permission.COUPLES_READ)
def read_sharing(work: Work, couple_id: CoupleId, partner_id: PartnerId) -> SharingRead:
    """Read what one partner lets the other read now. It exists in that partner's view alone."""
    return choices.read_sharing(work, couple_id, partner_id)


@router.creates(AGREEMENTS, Permission.COUPLES_WRITE, CoupleArchivedError)
def propose_secrets_agreement(work: Work, couple_id: CoupleId, body: SecretsAgreementCreate) -> SecretsAgreementRead:
    """Propose an agreement on secrets, in the words that both are to sign. The one before counts until both have."""
    return agreements.propose(work, couple_id, body)


@router.reads(AGREEMENTS, Permission.COUPLES_READ, CursorInvalidError)
def list_secrets_agreements(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[SecretsAgreementRead]:
    """List a couple's agreements on secrets, oldest first."""
    return agreements.list_agreements(work, couple_id, limit, cursor)


@router.reads(AGREEMENTS + "/{agreement_id}", Permission.COUPLES_READ)
def read_secrets_agreement(work: Work, couple_id: CoupleId, agreement_id: SecretsAgreementId) -> SecretsAgreementRead:
    """Read an agreement on secrets."""
    return agreements.read_agreement(work, couple_id, agreement_id)


@router.creates(
    AGREEMENTS + "/{agreement_id}/signatures",
    Permission.CONSENTS_WRITE,
    PolicyReplacedError,
    DayInFutureError,
    CoupleArchivedError,
    status=200,
)
def sign_secrets_agreement(
    work: Work, couple_id: CoupleId, agreement_id: SecretsAgreementId, body: SignatureCreate
) -> SignatureReceipt:
    """Keep that one partner, alone, signed the newest agreement. The answer never tells whether the other has."""
    return agreements.sign(work, couple_id, agreement_id, body)


@router.reads(COUPLE + "/secrets-policy", Permission.COUPLES_READ)
def read_secrets_policy(work: Work, couple_id: CoupleId) -> SpeechRead:
    """Read how what one partner said alone is treated in speech now. No policy changes what anybody is shown."""
    return agreements.read_speech(work, couple_id)
