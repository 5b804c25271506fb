"""Use cases of authorisations: drawn up, signed by each alone, seen to by a clinician, ended at once by either."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.core.schemas import FUTURE_LEEWAY
from app.couples.rules import DayInFutureError
from app.couples.service import get_couple, get_partner
from app.disclosures.models import Authorisation, AuthorisationSignature, AuthorisationStep
from app.disclosures.rules import (
    AlreadySignedError,
    NotTheirsError,
    check_added,
    check_expiry,
    check_joint,
    check_kinds,
    check_may_sign,
    check_own,
)
from app.disclosures.schemas import (
    AuthorisationCreate,
    AuthorisationEnd,
    AuthorisationRead,
    AuthorisationSign,
    EndingReceipt,
    SignatureRead,
)
from app.disclosures.service import ENDED, SEEN_TO, Signed, load, lock_couple, signed
from app.errors import Fault, NotFoundError


def draw_up(work: Work, couple_id: UUID, body: AuthorisationCreate) -> AuthorisationRead:
    """Keeps what is to be signed. Raises KindUnknownError, KindNotJointError, ExpiryInvalidError."""
    get_couple(work, couple_id)
    check_kinds(body.kinds, "/kinds")
    (check_joint if body.partner_id is None else check_own)(body.kinds)
    check_expiry(body.expires_at, work.now)
    partner = None if body.partner_id is None else get_partner(work, couple_id, body.partner_id)
    row = Authorisation(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        partner_id=None if partner is None else partner.id,
        compartment=Compartment.CONJOINT if partner is None else partner.compartment,
        recipient_kind=body.recipient_kind,
        kinds=list(dict.fromkeys(body.kinds)),
        from_on=body.from_on,
        to_on=body.to_on,
        created_at=work.now,
        created_by_kind=work.actor.kind,
        created_by=work.actor.id,
        expires_at=body.expires_at,
    )
    row.words = work.vault.seal(row, "words", {"recipient": body.recipient, "purpose": body.purpose})
    work.session.add(row)
    work.session.flush()
    return shown(work, couple_id, [row])[0]


def sign(work: Work, couple_id: UUID, authorisation_id: UUID, body: AuthorisationSign) -> AuthorisationRead:
    """Keeps one partner's signature. Raises AuthorisationOverError, AlreadySignedError, NotTheirsError, KindUnknownError."""
    found = _get_to_change(work, couple_id, authorisation_id)
    row, partner = found.row, get_partner(work, couple_id, body.partner_id)
    if row.partner_id not in {None, partner.id}:
        raise NotTheirsError(faults=(Fault("/partner_id", "not_theirs", NotTheirsError.detail),))
    check_kinds(body.own_kinds, "/own_kinds")
    check_added(body.own_kinds)
    check_may_sign(found.standing)
    if any(signature.partner_id == partner.id for signature in found.signatures):
        raise AlreadySignedError
    if body.signed_at is not None and body.signed_at > work.now + FUTURE_LEEWAY:
        raise DayInFutureError(faults=(Fault("/signed_at", "moment_in_future", "This moment has not come yet."),))
    signature = AuthorisationSignature(
        couple_id=couple_id,
        authorisation_id=row.id,
        partner_id=partner.id,
        compartment=partner.compartment,
        own_kinds=list(dict.fromkeys(body.own_kinds)),
        method=body.method,
        signed_at=body.signed_at or work.now,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    work.session.add(signature)
    work.session.flush()
    return shown(work, couple_id, [row])[0]


def see_to(work: Work, couple_id: UUID, authorisation_id: UUID) -> AuthorisationRead:
    """Keeps that a clinician looked at what is to leave, which the care team alone is told. Raises AuthorisationOverError."""
    found = _get_to_change(work, couple_id, authorisation_id)
    if not found.seen_to:
        _add_step(work, found.row, SEEN_TO, None)
    return shown(work, couple_id, [found.row])[0]


def end(work: Work, couple_id: UUID, authorisation_id: UUID, body: AuthorisationEnd) -> EndingReceipt:
    """Ends an authorisation at once; the receipt is the same whatever stood before. Raises NotTheirsError."""
    found = _get_to_change(work, couple_id, authorisation_id)
    partner = None if body.partner_id is None else get_partner(work, couple_id, body.partner_id)
    if partner is not None and found.row.partner_id not in {None, partner.id}:
        raise NotTheirsError(faults=(Fault("/partner_id", "not_theirs", NotTheirsError.detail),))
    if found.row.ended_at is None:
        found.row.ended_at = work.now
        _add_step(work, found.row, ENDED, None if partner is None else partner.id)
    return EndingReceipt(authorisation_id=authorisation_id, received_at=work.now)


def _add_step(work: Work, row: Authorisation, step: str, partner_id: UUID | None) -> None:
    work.session.add(
        AuthorisationStep(
            couple_id=row.couple_id,
            authorisation_id=row.id,
            partner_id=partner_id,
            compartment=Compartment.SAFETY,
            step=step,
            at=work.now,
            recorded_by=work.actor.id,
        )
    )
    work.session.flush()


def _get_to_change(work: Work, couple_id: UUID, authorisation_id: UUID) -> Signed:
    """An authorisation while no release and no other change of it can run beside. Raises NotFoundError."""
    get_couple(work, couple_id)
    lock_couple(work, couple_id)
    found = load(work, couple_id, [authorisation_id])
    if not found:
        raise NotFoundError
    return found[0]


def list_authorisations(work: Work, couple_id: UUID, limit: int, cursor: str | None) -> Page[AuthorisationRead]:
    """A page of a couple's authorisations within reach, oldest first."""
    get_couple(work, couple_id)
    pager = Pager(work.vault, limit, cursor, "authorisations", couple_id)
    query = select(Authorisation).where(Authorisation.couple_id == couple_id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Authorisation.id))))
    return Page(items=shown(work, couple_id, rows), next_cursor=next_cursor)


def read_authorisation(work: Work, couple_id: UUID, authorisation_id: UUID) -> AuthorisationRead:
    """One authorisation. Raises NotFoundError."""
    get_couple(work, couple_id)
    query = select(Authorisation).where(Authorisation.couple_id == couple_id, Authorisation.id == authorisation_id)
    row = existing(work.session, query)
    return shown(work, couple_id, [row])[0]


def shown(work: Work, couple_id: UUID, rows: Sequence[Authorisation]) -> list[AuthorisationRead]:
    """Authorisations as the wire shows them: signatures within reach, and for the care team whether a clinician saw to it."""
    within = work.session.reach.compartments
    return [
        AuthorisationRead(
            id=one.row.id,
            couple_id=couple_id,
            partner_id=one.row.partner_id,
            recipient_kind=one.row.recipient_kind,
            kinds=one.row.kinds,
            from_on=one.row.from_on,
            to_on=one.row.to_on,
            created_at=one.row.created_at,
            expires_at=one.row.expires_at,
            status=one.standing,
            signatures=[SignatureRead.model_validate(made) for made in one.signatures if made.compartment in within],
            seen_to=one.seen_to if work.sees_safety else None,
            **work.vault.open(one.row, "words", one.row.words),
        )
        for one in signed(work, couple_id, rows)
    ]
