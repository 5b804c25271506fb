"""Copies, couple files, holds, retention, erasures and the scope of a breach over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.actor import StepUpRequiredError
from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import CopyId, CoupleId, CredentialId, ErasureId, HoldId, MemberId, PartnerId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.core.schemas import Moment
from app.couples.rules import DayInFutureError
from app.disclosures.rules import (
    KindUnknownError,
    PrivilegeAssertedError,
    PsychotherapyStandsAloneError,
    ReleaseInPreparationError,
    ReleaseNotAuthorisedError,
)
from app.errors import NotFoundError
from app.releases import breach, copies, couple_files, erasures, holds, retention
from app.releases.breach import ScopeBackwardsError
from app.releases.copies import NotThisFileError
from app.releases.rules import (
    CopyNotNowError,
    ErasureNeedsBothError,
    ErasureNotNowError,
    ErasureOpenError,
    ExtendedOnceError,
    HeldError,
    JurisdictionUnknownError,
    ReviewByAnotherError,
)
from app.releases.schemas import (
    BreachScope,
    CopyCreate,
    CopyDenial,
    CopyExtension,
    CopyFile,
    CopyHandover,
    CopyPreparation,
    CopyRead,
    CoupleFileCreate,
    CoupleFileRead,
    DueRead,
    ErasureCreate,
    ErasureRead,
    HoldCreate,
    HoldLifting,
    HoldRead,
    ProofRead,
    RetentionChange,
    RetentionRead,
    RuleCreate,
    RuleRead,
)

router = RecordRouter("Releases")
keeping = RecordRouter("Keeping and erasing")
COUPLE = "/couples/{couple_id}"
COPIES = COUPLE + "/partners/{partner_id}/copies"
COPY = COPIES + "/{copy_id}"
ERASURE = "/erasures/{erasure_id}"
LimitQuery = Annotated[Limit, Query()]
CursorQuery = Annotated[Cursor | None, Query()]


@router.creates(COPIES, Permission.RELEASES_WRITE, DayInFutureError)
def ask_for_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: CopyCreate) -> CopyRead:
    """Keep one partner's request for a copy of their record; it has to be answered within 30 days."""
    return copies.ask(work, couple_id, partner_id, body)


@router.reads(COPIES, Permission.RELEASES_READ, CursorInvalidError)
def list_copies(
    work: Work, couple_id: CoupleId, partner_id: PartnerId, limit: LimitQuery = 50, cursor: CursorQuery = None
) -> Page[CopyRead]:
    """List one partner's requests for a copy, oldest first."""
    return copies.list_copies(work, couple_id, partner_id, limit, cursor)


@router.reads(COPY, Permission.RELEASES_READ)
def read_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId) -> CopyRead:
    """Read a request for a copy. Outside the care team it is in preparation until it is settled."""
    return copies.read_copy(work, couple_id, partner_id, copy_id)


@router.creates(COPY + "/extensions", Permission.RELEASES_WRITE, CopyNotNowError, ExtendedOnceError, status=200)
def extend_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId, body: CopyExtension) -> CopyRead:
    """Lengthen the time to answer by 30 days, once, with the reason the partner is told."""
    return copies.extend(work, couple_id, partner_id, copy_id, body)


@router.creates(COPY + "/preparations", Permission.RELEASES_WRITE, CopyNotNowError, ReleaseNotAuthorisedError, status=200)
def prepare_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId, body: CopyPreparation) -> CopyRead:
    """Put the copy together, for you to look at before it leaves; again replaces it."""
    return copies.prepare(work, couple_id, partner_id, copy_id, body)


@router.reads(COPY + "/file", Permission.RELEASES_WRITE)
def read_copy_file(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId) -> CopyFile:
    """Read the prepared copy in both its forms, byte for byte as they were hashed."""
    return copies.read_file(work, couple_id, partner_id, copy_id)


@router.creates(
    COPY + "/handovers",
    Permission.RELEASES_WRITE,
    CopyNotNowError,
    NotThisFileError,
    ReleaseNotAuthorisedError,
    ReleaseInPreparationError,
    status=200,
)
def hand_copy_over(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId, body: CopyHandover) -> CopyRead:
    """Keep that the prepared copy was handed over; it is a disclosure."""
    return copies.hand_over(work, couple_id, partner_id, copy_id, body)


@router.creates(COPY + "/denials", Permission.RELEASES_WRITE, CopyNotNowError, status=200)
def deny_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId, body: CopyDenial) -> CopyRead:
    """Deny a copy; the ground is for the care team alone, and the partner may ask for a review by somebody else."""
    return copies.deny(work, couple_id, partner_id, copy_id, body)


@router.creates(COPY + "/reviews", Permission.RELEASES_WRITE, CopyNotNowError, ReviewByAnotherError, status=200)
def review_denial(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId) -> CopyRead:
    """Take a denial back, as somebody who had no part in it."""
    return copies.review(work, couple_id, partner_id, copy_id)


@router.creates(COPY + "/withdrawals", Permission.RELEASES_WRITE, CopyNotNowError, status=200)
def withdraw_copy(work: Work, couple_id: CoupleId, partner_id: PartnerId, copy_id: CopyId) -> CopyRead:
    """Keep that the partner no longer asks for the copy."""
    return copies.withdraw(work, couple_id, partner_id, copy_id)


@router.creates(
    COUPLE + "/couple-files",
    Permission.RELEASES_WRITE,
    KindUnknownError,
    PsychotherapyStandsAloneError,
    ReleaseNotAuthorisedError,
    PrivilegeAssertedError,
    ReleaseInPreparationError,
    status=200,
)
def release_couple_file(work: Work, couple_id: CoupleId, body: CoupleFileCreate) -> CoupleFileRead:
    """Make a file of exactly what was signed for or ordered, and keep it as a disclosure. The file itself is not kept."""
    return couple_files.release_file(work, couple_id, body)


@keeping.creates(COUPLE + "/legal-holds", Permission.ERASURES_WRITE)
def set_legal_hold(work: Work, couple_id: CoupleId, body: HoldCreate) -> HoldRead:
    """Set a legal hold: from this moment nothing of the couple is destroyed."""
    return holds.set_hold(work, couple_id, body)


@keeping.reads(COUPLE + "/legal-holds", Permission.ERASURES_READ, CursorInvalidError)
def list_legal_holds(work: Work, couple_id: CoupleId, limit: LimitQuery = 50, cursor: CursorQuery = None) -> Page[HoldRead]:
    """List a couple's legal holds, oldest first."""
    return holds.list_holds(work, couple_id, limit, cursor)


@keeping.reads(COUPLE + "/legal-holds/{hold_id}", Permission.ERASURES_READ)
def read_legal_hold(work: Work, couple_id: CoupleId, hold_id: HoldId) -> HoldRead:
    """Read a legal hold."""
    return holds.read_hold(work, couple_id, hold_id)


@keeping.creates(COUPLE + "/legal-holds/{hold_id}/liftings", Permission.ERASURES_WRITE, StepUpRequiredError, status=200)
def lift_legal_hold(work: Work, couple_id: CoupleId, hold_id: HoldId, body: HoldLifting) -> HoldRead:
    """Lift one legal hold; others stand. Needs a recent sign-in."""
    return holds.lift_hold(work, couple_id, hold_id, body)


@keeping.reads(COUPLE + "/retention", Permission.ERASURES_READ)
def read_retention(work: Work, couple_id: CoupleId) -> RetentionRead:
    """Read when a couple's record need not be kept any longer, and the rule that makes it so late."""
    return retention.read_retention(work, couple_id)


@keeping.creates(COUPLE + "/retention", Permission.ERASURES_WRITE, JurisdictionUnknownError, status=200)
def set_retention(work: Work, couple_id: CoupleId, body: RetentionChange) -> RetentionRead:
    """Say which law counts for a couple; the longest rule wins."""
    return retention.set_retention(work, couple_id, body)


@keeping.reads("/retention-rules", Permission.ERASURES_READ)
def list_retention_rules(work: Work) -> Page[RuleRead]:
    """List the retention rules that count now, by jurisdiction, with their sources."""
    return retention.list_rules(work)


@keeping.creates("/retention-rules", Permission.ERASURES_WRITE, StepUpRequiredError, status=200)
def add_retention_rule(work: Work, body: RuleCreate) -> RuleRead:
    """Bring a rule of the clinic's own for a jurisdiction, with its source. Needs a recent sign-in."""
    return retention.add_rule(work, body)


@keeping.reads("/retention-due", Permission.ERASURES_READ, CursorInvalidError)
def list_retention_due(work: Work, limit: LimitQuery = 50, cursor: CursorQuery = None) -> Page[DueRead]:
    """List the couples whose time is over, by id, with whether a hold stands."""
    return retention.list_due(work, limit, cursor)


@keeping.creates(
    "/erasures", Permission.ERASURES_WRITE, ErasureNeedsBothError, ErasureOpenError, ErasureNotNowError, NotFoundError
)
def request_erasure(work: Work, body: ErasureCreate) -> ErasureRead:
    """Keep a request to erase a couple's record, or what is one partner's own."""
    return erasures.request(work, body)


@keeping.reads("/erasures", Permission.ERASURES_READ, CursorInvalidError)
def list_erasures(work: Work, limit: LimitQuery = 50, cursor: CursorQuery = None) -> Page[ErasureRead]:
    """List erasures, oldest first."""
    return erasures.list_erasures(work, limit, cursor)


@keeping.reads(ERASURE, Permission.ERASURES_READ)
def read_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """Read an erasure and where it stands."""
    return erasures.read_erasure(work, erasure_id)


@keeping.creates(ERASURE + "/refusals", Permission.ERASURES_WRITE, HeldError, ErasureNotNowError, status=200)
def refuse_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """Refuse an erasure because the law still asks to keep the record; the answer says until when."""
    return erasures.refuse(work, erasure_id)


@keeping.creates(
    ERASURE + "/restrictions", Permission.ERASURES_WRITE, HeldError, ErasureNotNowError, StepUpRequiredError, status=200
)
def restrict_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """Delete now what is kept by consent alone, and lock the rest until its day. Needs a recent sign-in."""
    return erasures.restrict(work, erasure_id)


@keeping.creates(
    ERASURE + "/confirmations", Permission.ERASURES_WRITE, HeldError, ErasureNotNowError, StepUpRequiredError, status=200
)
def confirm_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """The first of two steps to destroy a record whose time is over. Needs a recent sign-in."""
    return erasures.confirm(work, erasure_id)


@keeping.creates(
    ERASURE + "/shreddings", Permission.ERASURES_WRITE, HeldError, ErasureNotNowError, StepUpRequiredError, status=200
)
def shred_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """The second step: destroy keys and rows for good. Needs a recent sign-in, a day after the first."""
    return erasures.shred(work, erasure_id)


@keeping.creates(ERASURE + "/withdrawals", Permission.ERASURES_WRITE, ErasureNotNowError, status=200)
def withdraw_erasure(work: Work, erasure_id: ErasureId) -> ErasureRead:
    """Keep that nobody asks for the erasure any longer."""
    return erasures.withdraw(work, erasure_id)


@keeping.reads(ERASURE + "/proof", Permission.ERASURES_READ)
def read_erasure_proof(work: Work, erasure_id: ErasureId) -> ProofRead:
    """Read the signed tombstone of an erasure."""
    return erasures.read_proof(work, erasure_id)


@keeping.reads("/breach-scope", Permission.BREACH_SCOPE_READ, ScopeBackwardsError)
def read_breach_scope(
    work: Work,
    from_at: Annotated[Moment, Query(description="From when.", examples=["2026-11-01T00:00:00Z"])],
    to_at: Annotated[Moment | None, Query(description="Until when; now when left out.")] = None,
    credential_id: Annotated[CredentialId | None, Query(description="Only with this key.")] = None,
    member_id: Annotated[MemberId | None, Query(description="Only by this member.")] = None,
) -> BreachScope:
    """Read whom a breach touched: couples by id, what was read and changed of them, and how often; no content."""
    return breach.scope_of(work, from_at, to_at, credential_id, member_id)
