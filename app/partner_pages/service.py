"""Use cases of links: a clinic makes one for one partner, sees how it stands, and revokes it."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select

from app.access.keys import issue_link
from app.access.work import Work
from app.clinical.protocols import PROTOCOLS
from app.core.database import Compartment
from app.core.existing import existing
from app.core.ids import encode
from app.core.paging import Page, Pager
from app.couples.models import Partner
from app.couples.service import get_couple, get_couple_in_care, get_known, get_partner
from app.errors import Fault
from app.homework.assignments import get_assignment
from app.homework.plans import get_plan
from app.measures.asks import AskedFor, tells_what_was_asked
from app.measures.rules import find_measure, refusal
from app.partner_pages.door import OPENS, hash_of
from app.partner_pages.models import LinkUse, PartnerLink
from app.partner_pages.rules import PARTS, LinkAsksError, Standing, below, check_asks, state_of
from app.partner_pages.schemas import CheckInAsked, LinkCreate, LinkMade, LinkRead, MeasureAsked
from app.safety.rules import ConsentScopeError, check_consent_scope
from app.safety.schemas import ConsentCreate

MAKERS: Final = {"member": "mem", "integration": "int"}
PATH: Final = "/p/"


def create_link(work: Work, couple_id: UUID, partner_id: UUID, body: LinkCreate) -> LinkMade:
    """A link, its address told this once. Raises LinkAsksError, CoupleArchivedError, NotFoundError, NotAllowedError.

    Whoever makes a link could also use it, so making one takes the permission to do the same thing directly.
    """
    work.actor.check(OPENS[body.purpose])
    get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    check_asks(body.purpose, {part for part in PARTS if getattr(body, part, None) is not None})
    _check_exists(work, partner, body)
    link = _new_link(work, partner, body)
    text, secret = issue_link(link.clinic_id, link.id)
    link.secret_hash = hash_of(work.vault, link.id, secret)
    work.session.add(link)
    work.session.flush()
    return LinkMade(**dict(_shown(work, [link])[0]), url=f"{work.settings.public_url}{PATH}{text}")


def _check_exists(work: Work, partner: Partner, body: LinkCreate) -> None:
    """What the link asks for must be there, within this partner's own reach."""
    if body.measure is not None:
        measure = find_measure(body.measure.code, "/measure/code")
        if isinstance(measure, Fault):
            raise refusal([measure])
        if measure.scored_elsewhere_only or not measure.items:
            raise LinkAsksError(faults=(Fault("/measure/code", "not_answerable", "This measure cannot be answered here."),))
    if body.check_in is not None:
        with work.session.reaching(frozenset({Compartment.CONJOINT, partner.compartment})):
            get_plan(work, partner.couple_id, body.check_in.plan_id)
            get_assignment(work, partner.couple_id, body.check_in.plan_id, body.check_in.assignment_id)
    if body.consent is not None:
        protocol, named = PROTOCOLS.get(body.consent.protocol or ""), body.consent.protocol is not None
        try:
            check_consent_scope(body.consent.kind, protocol, body.consent.stage, named=named)
        except ConsentScopeError as error:
            raise ConsentScopeError(faults=below("consent", error.faults)) from None


def _new_link(work: Work, partner: Partner, body: LinkCreate) -> PartnerLink:
    measure, check_in, consent = body.measure, body.check_in, body.consent
    return PartnerLink(
        clinic_id=work.actor.clinic_id,
        couple_id=partner.couple_id,
        partner_id=partner.id,
        compartment=partner.compartment,
        purpose=body.purpose,
        measure_code=measure.code if measure else None,
        language=measure.language if measure else consent.language if consent else None,
        plan_id=check_in.plan_id if check_in else None,
        assignment_id=check_in.assignment_id if check_in else None,
        consent_kind=consent.kind if consent else None,
        protocol=consent.protocol if consent else None,
        stage=consent.stage if consent else None,
        text_version=consent.text_version if consent else None,
        created_by_kind=work.actor.kind,
        created_by=work.actor.id,
        created_at=work.now,
        expires_at=work.now + timedelta(hours=body.expires_in_hours or work.settings.link_hours),
        revoked_at=None,
    )


def list_links(work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None) -> Page[LinkRead]:
    """A page of one partner's links, oldest first."""
    get_couple(work, couple_id)
    partner = get_known(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "partner links", partner.id)
    query = select(PartnerLink).where(PartnerLink.couple_id == couple_id, PartnerLink.partner_id == partner.id)
    links, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, PartnerLink.id))))
    return Page(items=_shown(work, links), next_cursor=next_cursor)


def read_link(work: Work, couple_id: UUID, partner_id: UUID, link_id: UUID) -> LinkRead:
    """One link. Raises NotFoundError."""
    get_couple(work, couple_id)
    return _shown(work, [_get_link(work, couple_id, partner_id, link_id)])[0]


def revoke_link(work: Work, couple_id: UUID, partner_id: UUID, link_id: UUID) -> LinkRead:
    """Closes a link for good; one that is closed stays as it is. In an archived couple's record too."""
    get_couple(work, couple_id)
    link = _get_link(work, couple_id, partner_id, link_id)
    if link.revoked_at is None:
        link.revoked_at = work.now
        work.session.flush()
    return _shown(work, [link])[0]


def _get_link(work: Work, couple_id: UUID, partner_id: UUID, link_id: UUID) -> PartnerLink:
    return existing(
        work.session,
        select(PartnerLink).where(
            PartnerLink.couple_id == couple_id, PartnerLink.partner_id == partner_id, PartnerLink.id == link_id
        ),
    )


def _shown(work: Work, links: Sequence[PartnerLink]) -> list[LinkRead]:
    """Links as far as their reader may know; whether one was used is read where its use lies."""
    ids = [link.id for link in links]
    couples = {link.couple_id for link in links}
    uses = select(LinkUse.link_id, LinkUse.used_at).where(LinkUse.couple_id.in_(couples), LinkUse.link_id.in_(ids))
    used = {use.link_id: use.used_at for use in work.session.execute(uses)}
    return [
        LinkRead(
            id=link.id,
            partner_id=link.partner_id,
            purpose=link.purpose,
            measure=asked_measure(link),
            check_in=asked_check_in(link),
            consent=asked_consent(link),
            state=state_of(Standing(link.expires_at, link.revoked_at, used.get(link.id)), work.now),
            created_by=encode(MAKERS[link.created_by_kind], link.created_by),
            created_at=link.created_at,
            expires_at=link.expires_at,
            used_at=used.get(link.id),
            revoked_at=link.revoked_at,
        )
        for link in links
    ]


@tells_what_was_asked
def unanswered_links(work: Work, couple_ids: Collection[UUID]) -> list[AskedFor]:
    """Links that ask for a measure and were not used by the moment that is looked at; one that was revoked asks no more."""
    use = (LinkUse.link_id == PartnerLink.id) & LinkUse.couple_id.in_(couple_ids) & work.has_happened(LinkUse.used_at)
    rows = work.session.execute(
        select(PartnerLink.partner_id, PartnerLink.measure_code, PartnerLink.created_at, PartnerLink.expires_at)
        .outerjoin(LinkUse, use)
        .where(
            PartnerLink.couple_id.in_(couple_ids),
            PartnerLink.measure_code.is_not(None),
            LinkUse.id.is_(None),
            work.has_happened(PartnerLink.created_at),
            or_(work.has_not_happened(PartnerLink.revoked_at), PartnerLink.revoked_at >= PartnerLink.expires_at),
        )
        .order_by(PartnerLink.id)
    )
    return [AskedFor(partner_id, str(measure), asked_at, until) for partner_id, measure, asked_at, until in rows]


def asked_measure(link: PartnerLink) -> MeasureAsked | None:
    """The measure a link asks for."""
    if link.measure_code is None or link.language is None:
        return None
    return MeasureAsked(code=link.measure_code, language=link.language)


def asked_check_in(link: PartnerLink) -> CheckInAsked | None:
    """The assignment a link asks about."""
    if link.plan_id is None or link.assignment_id is None:
        return None
    return CheckInAsked(plan_id=link.plan_id, assignment_id=link.assignment_id)


def asked_consent(link: PartnerLink) -> ConsentCreate | None:
    """What a link asks to say yes to."""
    if link.consent_kind is None:
        return None
    names = {"protocol": link.protocol, "stage": link.stage, "text_version": link.text_version, "language": link.language}
    return ConsentCreate.model_validate({"kind": link.consent_kind, **names})
