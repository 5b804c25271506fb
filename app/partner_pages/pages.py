"""What a link asks, as its holder sees it: no names, and nothing that is not this partner's or both partners'."""

from sqlalchemy import select

from app.access.work import Work
from app.clinical.measures import MEASURES
from app.clinical.protocol import UNIVERSAL_FIELDS, Protocol, Stage
from app.clinical.verdict import role_of
from app.core.database import Compartment
from app.couples.service import get_couple
from app.errors import NotFoundError
from app.forms.rules import FormNotLicensedError, FormOutdatedError
from app.forms.schemas import FormRead
from app.forms.service import read_form
from app.homework.assignments import get_assignment
from app.homework.plans import get_plan, protocol_of
from app.partner_pages.models import LinkUse, PartnerLink
from app.partner_pages.rules import LinkNotOpenError, Standing, opens
from app.partner_pages.schemas import CheckInPage, ConsentPage, ItemAsked, MeasureAsked, MeasurePage, PageRead
from app.partner_pages.service import asked_check_in, asked_consent, asked_measure
from app.protocols.schemas import LogFieldRead, StageRead
from app.protocols.service import newest


def own_link(work: Work) -> PartnerLink:
    """The link that this partner holds. Raises LinkNotOpenError when it is shut and only a stored answer was left of it."""
    link = work.session.scalars(select(PartnerLink).where(PartnerLink.id == work.actor.credential_id)).one()
    used_at = work.now if is_spent(work, link) else None
    if not opens(link.purpose, Standing(link.expires_at, link.revoked_at, used_at), work.now):
        raise LinkNotOpenError
    return link


def is_spent(work: Work, link: PartnerLink) -> bool:
    """Whether a link was used, also where its holder may not read it: never let it out of a consent's."""
    with work.session.reaching(frozenset(Compartment)):
        used = select(LinkUse.id).where(LinkUse.couple_id == link.couple_id, LinkUse.link_id == link.id)
        return work.session.scalars(used).first() is not None


def read_page(work: Work) -> PageRead:
    """What the link asks; reading it spends nothing. Raises LinkNotOpenError where it has nothing to ask any more."""
    link = own_link(work)
    get_couple(work, link.couple_id)
    measure = asked_measure(link)
    return PageRead(
        purpose=link.purpose,
        expires_at=link.expires_at,
        measure=_measure(work, measure) if measure else None,
        check_in=_check_in(work, link),
        consent=_consent(work, link),
    )


def _measure(work: Work, asked: MeasureAsked) -> MeasurePage:
    measure = MEASURES.get(asked.code)
    if measure is None:
        raise LinkNotOpenError
    return MeasurePage(
        code=measure.code,
        version=measure.version,
        language=asked.language,
        items=[ItemAsked.model_validate(item) for item in measure.items],
        form=_form(work, asked),
    )


def _form(work: Work, asked: MeasureAsked) -> FormRead | None:
    try:
        return read_form(work, asked.code, asked.language)
    except (NotFoundError, FormNotLicensedError, FormOutdatedError):
        return None


def _check_in(work: Work, link: PartnerLink) -> CheckInPage | None:
    """The assignment whatever became of its plan: a pause that showed here would tell."""
    asked = asked_check_in(link)
    if asked is None:
        return None
    plan = get_plan(work, link.couple_id, asked.plan_id)
    protocol = protocol_of(work, plan)
    role = role_of(link.partner_id, plan.practising_partner_id)
    assignment = get_assignment(work, link.couple_id, asked.plan_id, asked.assignment_id)
    return CheckInPage(
        protocol=protocol.name,
        stage=_stage(protocol, assignment.stage),
        hard_rules=list(protocol.hard_rules),
        starts_on=assignment.starts_on,
        ends_on=assignment.ends_on,
        ratings=[LogFieldRead.model_validate(field) for field in UNIVERSAL_FIELDS],
        log_fields=[LogFieldRead.model_validate(field) for field in protocol.fields_for(role)],
    )


def _consent(work: Work, link: PartnerLink) -> ConsentPage | None:
    asked = asked_consent(link)
    if asked is None:
        return None
    stage = None if asked.protocol is None or asked.stage is None else _stage_of(work, asked.protocol, asked.stage)
    return ConsentPage(**dict(asked), stage_asked=stage)


def _stage_of(work: Work, code: str, number: int) -> StageRead:
    protocol = newest(work, code)
    if protocol is None:
        raise LinkNotOpenError
    return _stage(protocol, number)


def _stage(protocol: Protocol, number: int) -> StageRead:
    found: Stage | None = protocol.stage(number)
    if found is None:
        raise LinkNotOpenError
    return StageRead.model_validate(found)
