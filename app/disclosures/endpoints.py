"""Authorisations, flags that hold releases back, and disclosures over HTTP."""

from typing import Annotated

from fastapi import Query

from app.access.permissions import Permission
from app.access.routes import RecordRouter
from app.access.work import Work
from app.core.ids import AuthorisationId, CoupleId, PartnerId, ReleaseFlagId
from app.core.paging import Cursor, CursorInvalidError, Limit, Page
from app.couples.rules import DayInFutureError
from app.disclosures import accounts, authorisations, flags
from app.disclosures.rules import (
    AlreadySignedError,
    AuthorisationOverError,
    ExpiryInvalidError,
    KindNotJointError,
    KindUnknownError,
    NotTheirsError,
    PrivilegeAssertedError,
    PsychotherapyStandsAloneError,
    ReleaseInPreparationError,
    ReleaseNotAuthorisedError,
)
from app.disclosures.schemas import (
    Account,
    AuthorisationCreate,
    AuthorisationEnd,
    AuthorisationRead,
    AuthorisationSign,
    DisclosureCreate,
    DisclosureRead,
    EndingReceipt,
    ReleaseFlagCreate,
    ReleaseFlagLifting,
    ReleaseFlagRead,
)

router = RecordRouter("Releases")
COUPLE = "/couples/{couple_id}"
AUTHORISATIONS = COUPLE + "/authorisations"
AUTHORISATION = AUTHORISATIONS + "/{authorisation_id}"
FLAGS = COUPLE + "/release-flags"
KINDS_REFUSED = (KindUnknownError, PsychotherapyStandsAloneError)


@router.creates(AUTHORISATIONS, Permission.RELEASES_WRITE, *KINDS_REFUSED, KindNotJointError, ExpiryInvalidError)
def draw_up_authorisation(work: Work, couple_id: CoupleId, body: AuthorisationCreate) -> AuthorisationRead:
    """Draw up an authorisation to release something; nothing leaves before all have signed who must."""
    return authorisations.draw_up(work, couple_id, body)


@router.reads(AUTHORISATIONS, Permission.RELEASES_READ, CursorInvalidError)
def list_authorisations(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[AuthorisationRead]:
    """List a couple's authorisations, oldest first."""
    return authorisations.list_authorisations(work, couple_id, limit, cursor)


@router.reads(AUTHORISATION, Permission.RELEASES_READ)
def read_authorisation(work: Work, couple_id: CoupleId, authorisation_id: AuthorisationId) -> AuthorisationRead:
    """Read an authorisation and where it stands."""
    return authorisations.read_authorisation(work, couple_id, authorisation_id)


@router.creates(
    AUTHORISATION + "/signatures",
    Permission.RELEASES_WRITE,
    *KINDS_REFUSED,
    AlreadySignedError,
    AuthorisationOverError,
    NotTheirsError,
    DayInFutureError,
    status=200,
)
def sign_authorisation(
    work: Work, couple_id: CoupleId, authorisation_id: AuthorisationId, body: AuthorisationSign
) -> AuthorisationRead:
    """Keep one partner's signature, given alone, with what of their own they let go along."""
    return authorisations.sign(work, couple_id, authorisation_id, body)


@router.creates(AUTHORISATION + "/reviews", Permission.SAFETY_WRITE, status=200)
def see_to_authorisation(work: Work, couple_id: CoupleId, authorisation_id: AuthorisationId) -> AuthorisationRead:
    """Keep that you, as a clinician, have seen to what is to leave; until then it is in preparation."""
    return authorisations.see_to(work, couple_id, authorisation_id)


@router.creates(AUTHORISATION + "/endings", Permission.CONSENTS_WRITE, NotTheirsError, status=200)
def end_authorisation(
    work: Work, couple_id: CoupleId, authorisation_id: AuthorisationId, body: AuthorisationEnd
) -> EndingReceipt:
    """End an authorisation at once; the receipt is the same whatever stood before."""
    return authorisations.end(work, couple_id, authorisation_id, body)


@router.creates(FLAGS, Permission.SAFETY_WRITE)
def set_release_flag(work: Work, couple_id: CoupleId, body: ReleaseFlagCreate) -> ReleaseFlagRead:
    """Hold releases back, because handing something over may endanger somebody; only the care team knows of it."""
    return flags.set_flag(work, couple_id, body)


@router.reads(FLAGS, Permission.SAFETY_READ, CursorInvalidError)
def list_release_flags(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[ReleaseFlagRead]:
    """List the flags that hold, or held, a couple's releases back, oldest first."""
    return flags.list_flags(work, couple_id, limit, cursor)


@router.reads(FLAGS + "/{flag_id}", Permission.SAFETY_READ)
def read_release_flag(work: Work, couple_id: CoupleId, flag_id: ReleaseFlagId) -> ReleaseFlagRead:
    """Read a flag that holds releases back."""
    return flags.read_flag(work, couple_id, flag_id)


@router.creates(FLAGS + "/{flag_id}/liftings", Permission.SAFETY_WRITE, status=200)
def lift_release_flag(work: Work, couple_id: CoupleId, flag_id: ReleaseFlagId, body: ReleaseFlagLifting) -> ReleaseFlagRead:
    """Lift a flag, with the reason why it no longer holds."""
    return flags.lift_flag(work, couple_id, flag_id, body)


@router.creates(
    COUPLE + "/disclosures",
    Permission.RELEASES_WRITE,
    *KINDS_REFUSED,
    ReleaseNotAuthorisedError,
    PrivilegeAssertedError,
    ReleaseInPreparationError,
    DayInFutureError,
    status=200,
)
def record_disclosure(work: Work, couple_id: CoupleId, body: DisclosureCreate) -> Page[DisclosureRead]:
    """Keep what left by other ways than a file made here, under the same rules; one row for each place it came from."""
    return accounts.record(work, couple_id, body)


@router.reads(COUPLE + "/disclosures", Permission.RELEASES_READ, CursorInvalidError)
def list_disclosures(
    work: Work,
    couple_id: CoupleId,
    limit: Annotated[Limit, Query()] = 50,
    cursor: Annotated[Cursor | None, Query()] = None,
) -> Page[DisclosureRead]:
    """List what left the clinic of a couple's record, oldest first."""
    return accounts.list_disclosures(work, couple_id, limit, cursor)


@router.reads(COUPLE + "/partners/{partner_id}/disclosures", Permission.RELEASES_READ)
def account_for_disclosures(work: Work, couple_id: CoupleId, partner_id: PartnerId) -> Account:
    """Account to one partner for six years of disclosures of what is theirs or the couple's, and of nothing else."""
    return accounts.account(work, couple_id, partner_id)
