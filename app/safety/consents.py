"""Use cases of consents: given alone, withdrawn at any moment, and telling nobody what stood before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.access.work import Work
from app.clinical.protocol import Protocol
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.models import Partner
from app.couples.service import get_couple, get_couple_in_care, get_partner
from app.errors import NotFoundError
from app.protocols.service import newest, pinned
from app.safety.models import Consent
from app.safety.rules import check_consent_scope
from app.safety.schemas import ConsentCreate, ConsentRead, WithdrawalReceipt
from app.safety.states import CONSENT, OfConsent, consent_stands
from app.safety.stops import Stop, announce

EVERYTHING = frozenset(Compartment)


def give_consent(work: Work, couple_id: UUID, partner_id: UUID, body: ConsentCreate) -> ConsentRead:
    """Keeps what one partner says yes to. Raises ConsentScopeError."""
    get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    protocol = _protocol(work, body)
    check_consent_scope(body.kind, protocol, body.stage, named=body.protocol is not None)
    consent = Consent(
        couple_id=couple_id,
        partner_id=partner.id,
        compartment=Compartment.SAFETY,
        kind=body.kind,
        protocol=body.protocol,
        protocol_version=None if protocol is None else protocol.version,
        stage=body.stage,
        text_version=body.text_version,
        language=body.language,
        given_at=work.now,
    )
    work.session.add(consent)
    work.session.flush()
    return ConsentRead.model_validate(consent)


def _protocol(work: Work, body: ConsentCreate) -> Protocol | None:
    if body.protocol is None or body.protocol_version is None:
        return None if body.protocol is None else newest(work, body.protocol)
    return pinned(work, [(body.protocol, body.protocol_version)]).get((body.protocol, body.protocol_version))


def withdraw_consent(work: Work, couple_id: UUID, partner_id: UUID, consent_id: UUID) -> WithdrawalReceipt:
    """Ends a consent, and every other one of that partner to the same thing; in an archived couple's record too.

    Whichever is named, none to the same thing stays in force; the answer never tells what stood before. Raises NotFoundError.
    """
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    with work.session.reaching(EVERYTHING):
        query = select(Consent).where(Consent.couple_id == couple_id, Consent.partner_id == partner.id)
        consents = list(work.session.scalars(query.with_for_update()))
    named = next((consent for consent in consents if consent.id == consent_id), None)
    if named is None:
        raise NotFoundError
    ended = [consent for consent in consents if _may_end(consent) and _scope(consent) == _scope(named)]
    for consent in ended:
        consent.withdrawn_at = work.now
    work.session.flush()
    if ended and named.kind != "data_sharing":
        announce(work, Stop(couple_id, partner.id, "consent_withdrawn", named.protocol))
    return WithdrawalReceipt(consent_id=consent_id, partner_id=partner.id, received_at=work.now)


def stop_everything(work: Work, couple_id: UUID, partner_id: UUID) -> None:
    """Ends every consent of one partner but those to sharing data, and pauses the couple's homework, consents or not.

    In an archived couple's record too, and as often as it is asked.
    """
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    query = select(Consent).where(
        Consent.couple_id == couple_id,
        Consent.partner_id == partner.id,
        Consent.kind != "data_sharing",
        Consent.withdrawn_at.is_(None),
    )
    with work.session.reaching(EVERYTHING):
        for consent in work.session.scalars(query.with_for_update()):
            consent.withdrawn_at = work.now
    work.session.flush()
    announce(work, Stop(couple_id, partner.id, "consent_withdrawn"))


def has_withdrawn_since(work: Work, couple_id: UUID, partner_id: UUID, since: datetime) -> bool:
    """Whether this partner took anything back since then. It knows more than its caller may: never let it out."""
    withdrawn = select(Consent.id).where(
        Consent.couple_id == couple_id, Consent.partner_id == partner_id, Consent.withdrawn_at > since
    )
    with work.session.reaching(EVERYTHING):
        return work.session.scalars(withdrawn).first() is not None


def sharing_data(work: Work) -> dict[UUID, frozenset[str]]:
    """By couple, the places of the partners who agreed to share data and did not take it back, of the whole clinic.

    It knows more than its caller may: never let out who, nor anything from which it follows.
    """
    columns = (Consent.couple_id, Partner.compartment)
    running = (Consent.kind == "data_sharing", Consent.withdrawn_at.is_(None), Partner.erased_at.is_(None))
    query = select(*columns).join(Partner, Partner.id == Consent.partner_id).where(*running).distinct()
    found: dict[UUID, frozenset[str]] = {}
    with work.session.reaching(EVERYTHING):
        for couple_id, place in work.session.execute(query):
            found[couple_id] = found.get(couple_id, frozenset()) | {str(place)}
    return found


def _may_end(consent: Consent) -> bool:
    return OfConsent.WITHDRAW in CONSENT[consent_stands(consent.withdrawn_at)]


def _scope(consent: Consent) -> tuple[str, str | None, int | None]:
    return consent.kind, consent.protocol, consent.stage


def list_consents(work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None) -> Page[ConsentRead]:
    """A page of one partner's consents, oldest first."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "consents", partner.id)
    query = select(Consent).where(Consent.couple_id == couple_id, Consent.partner_id == partner.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Consent.id))))
    return Page(items=[ConsentRead.model_validate(row) for row in rows], next_cursor=next_cursor)


def read_consent(work: Work, couple_id: UUID, partner_id: UUID, consent_id: UUID) -> ConsentRead:
    """One consent. Raises NotFoundError."""
    get_couple(work, couple_id)
    found = select(Consent).where(Consent.couple_id == couple_id, Consent.partner_id == partner_id, Consent.id == consent_id)
    consent = existing(work.session, found)
    return ConsentRead.model_validate(consent)
