"""Screens, clearances, consents and signals over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import (
    ClearanceId,
    ConsentId,
    CoupleId,
    PartnerId,
    PreconditionRecordId,
    RedFlagId,
    ScreenId,
    SignalId,
)
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import CoupleArchivedError, DayInFutureError
from app.safety import clearances, consents, flags, preconditions, screens, signals
from app.safety.flag_rules import ExpiryInvalidError, PreconditionUnknownError, RedFlagIsOpenError, RedFlagUnknownError
from app.safety.flag_schemas import (
    PreconditionRecordCreate,
    PreconditionRecordRead,
    RedFlagClearing,
    RedFlagCreate,
    RedFlagRead,
)
from app.safety.rules import (
    ClearanceIncompleteError,
    ClearanceNeedsScreensError,
    ConsentScopeError,
    NotAScreenError,
    ScreenNotAloneError,
)
from app.safety.schemas import (
    ClearanceCreate,
    ClearanceRead,
    ConsentCreate,
    ConsentRead,
    ScreenCreate,
    ScreenRead,
    SignalRead,
    SignalReview,
    WithdrawalReceipt,
)

router = RecordRouter("Safety")
COUPLE = "/couples/{couple_id}"
PARTNER = COUPLE + "/partners/{partner_id}"


@router.creates(
    PARTNER + "/safety-screens",
    Permission.SAFETY_WRITE,
    NotAScreenError,
    ScreenNotAloneError,
    DayInFutureError,
    CoupleArchivedError,
)
def record_safety_screen(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: ScreenCreate) -> ScreenRead:
    """Keep a safety screen that one partner answered alone. One that asks for review pauses homework at once."""
    return screens.record_screen(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/safety-screens", Permission.SAFETY_READ, CursorInvalidError)
def list_safety_screens(
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[ScreenRead]:
    """List one partner's safety screens, oldest first."""
    return screens.list_screens(work, couple_id, partner_id, limit, cursor)


@router.reads(PARTNER + "/safety-screens/{screen_id}", Permission.SAFETY_READ)
def read_safety_screen(work: Work, couple_id: CoupleId, partner_id: PartnerId, screen_id: ScreenId) -> ScreenRead:
    """Read a safety screen."""
    return screens.read_screen(work, couple_id, partner_id, screen_id)


@router.creates(
    COUPLE + "/clearances",
    Permission.SAFETY_WRITE,
    ClearanceIncompleteError,
    ClearanceNeedsScreensError,
    CoupleArchivedError,
)
def decide_clearance(work: Work, couple_id: CoupleId, body: ClearanceCreate) -> ClearanceRead:
    """Decide whether shared touch is safe for this couple. A block pauses homework at once."""
    return clearances.decide_clearance(work, couple_id, body)


@router.reads(COUPLE + "/clearances", Permission.SAFETY_READ, CursorInvalidError)
def list_clearances(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[ClearanceRead]:
    """List a couple's clearances, oldest first; the last one counts."""
    return clearances.list_clearances(work, couple_id, limit, cursor)


@router.reads(COUPLE + "/clearances/{clearance_id}", Permission.SAFETY_READ)
def read_clearance(work: Work, couple_id: CoupleId, clearance_id: ClearanceId) -> ClearanceRead:
    """Read a clearance."""
    return clearances.read_clearance(work, couple_id, clearance_id)


@router.creates(PARTNER + "/consents", Permission.CONSENTS_WRITE, ConsentScopeError, CoupleArchivedError)
def give_consent(work: Work, couple_id: CoupleId, partner_id: PartnerId, body: ConsentCreate) -> ConsentRead:
    """Keep what one partner, asked alone, says yes to."""
    return consents.give_consent(work, couple_id, partner_id, body)


@router.reads(PARTNER + "/consents", Permission.SAFETY_READ, CursorInvalidError)
def list_consents(
    work: Work,
    couple_id: CoupleId,
    partner_id: PartnerId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[ConsentRead]:
    """List one partner's consents, oldest first."""
    return consents.list_consents(work, couple_id, partner_id, limit, cursor)


@router.reads(PARTNER + "/consents/{consent_id}", Permission.SAFETY_READ)
def read_consent(work: Work, couple_id: CoupleId, partner_id: PartnerId, consent_id: ConsentId) -> ConsentRead:
    """Read a consent."""
    return consents.read_consent(work, couple_id, partner_id, consent_id)


@router.creates(PARTNER + "/consents/{consent_id}/withdrawals", Permission.CONSENTS_WRITE, status=200)
def withdraw_consent(work: Work, couple_id: CoupleId, partner_id: PartnerId, consent_id: ConsentId) -> WithdrawalReceipt:
    """Withdraw a consent: at once, without a reason, as often as one likes. The answer is always the same."""
    return consents.withdraw_consent(work, couple_id, partner_id, consent_id)


@router.reads(COUPLE + "/safety-signals", Permission.SAFETY_READ, CursorInvalidError)
def list_safety_signals(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[SignalRead]:
    """List the answers that ask for the therapist's attention, oldest first."""
    return signals.list_signals(work, couple_id, limit, cursor)


@router.creates(COUPLE + "/safety-signals/{signal_id}/reviews", Permission.SAFETY_WRITE, CoupleArchivedError, status=200)
def review_safety_signal(work: Work, couple_id: CoupleId, signal_id: SignalId, body: SignalReview) -> SignalRead:
    """Note that you attended to a signal; until then no shared touch starts or goes on."""
    return signals.review_signal(work, couple_id, signal_id, body)


@router.creates(COUPLE + "/red-flags", Permission.SAFETY_WRITE, RedFlagUnknownError, RedFlagIsOpenError, CoupleArchivedError)
def open_red_flag(work: Work, couple_id: CoupleId, body: RedFlagCreate) -> RedFlagRead:
    """Open a red flag about a partner or the couple. What it forbids pauses at once, and does not go on until it is cleared."""
    return flags.open_flag(work, couple_id, body)


@router.reads(COUPLE + "/red-flags", Permission.SAFETY_READ, CursorInvalidError)
def list_red_flags(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[RedFlagRead]:
    """List a couple's red flags, oldest first, with those that were cleared."""
    return flags.list_flags(work, couple_id, limit, cursor)


@router.reads(COUPLE + "/red-flags/{red_flag_id}", Permission.SAFETY_READ)
def read_red_flag(work: Work, couple_id: CoupleId, red_flag_id: RedFlagId) -> RedFlagRead:
    """Read a red flag."""
    return flags.read_flag(work, couple_id, red_flag_id)


@router.creates(COUPLE + "/red-flags/{red_flag_id}/clearings", Permission.SAFETY_WRITE, CoupleArchivedError, status=200)
def clear_red_flag(work: Work, couple_id: CoupleId, red_flag_id: RedFlagId, body: RedFlagClearing) -> RedFlagRead:
    """Clear a red flag that no longer holds, with the reason. Nothing resumes by itself."""
    return flags.clear_flag(work, couple_id, red_flag_id, body)


@router.creates(
    COUPLE + "/precondition-records",
    Permission.SAFETY_WRITE,
    PreconditionUnknownError,
    ExpiryInvalidError,
    DayInFutureError,
    CoupleArchivedError,
)
def record_precondition(work: Work, couple_id: CoupleId, body: PreconditionRecordCreate) -> PreconditionRecordRead:
    """Record whether something is met that a protocol asks for before it starts. What is not met pauses what needs it."""
    return preconditions.record_precondition(work, couple_id, body)


@router.reads(COUPLE + "/precondition-records", Permission.SAFETY_READ, CursorInvalidError)
def list_precondition_records(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[PreconditionRecordRead]:
    """List a couple's precondition records, oldest first; the latest about the same counts."""
    return preconditions.list_records(work, couple_id, limit, cursor)


@router.reads(COUPLE + "/precondition-records/{record_id}", Permission.SAFETY_READ)
def read_precondition_record(work: Work, couple_id: CoupleId, record_id: PreconditionRecordId) -> PreconditionRecordRead:
    """Read a precondition record."""
    return preconditions.read_record(work, couple_id, record_id)
