"""What a partner does with a link: the same use cases as the API's, in that partner's own reach and once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.access.work import Work
from app.core.database import Compartment
from app.couples.rules import CoupleArchivedError, EpisodeClosedError
from app.errors import InvalidError, NotFoundError
from app.homework.check_ins import record_check_in
from app.homework.schemas import CheckInAnswers, CheckInCreate
from app.measures.schemas import AdministrationCreate, Answered
from app.measures.service import record_administration
from app.partner_pages.door import OPENS
from app.partner_pages.models import LinkUse, PartnerLink
from app.partner_pages.pages import is_spent, own_link
from app.partner_pages.rules import PARTS, LinkNotOpenError, below, check_answers_fit
from app.partner_pages.schemas import PageAnswers, PageReceipt
from app.partner_pages.service import asked_check_in, asked_consent, asked_measure
from app.safety.consents import give_consent, has_withdrawn_since, stop_everything


def take_answers(work: Work, body: PageAnswers) -> PageReceipt:
    """Does what the link is for, which spends it. Raises AnswersDoNotFitError, and what the use case raises of the answers."""
    link = own_link(work)
    if link.purpose == "stop":
        raise LinkNotOpenError
    work.actor.check(OPENS[link.purpose])
    check_answers_fit(link.purpose, {part for part in PARTS if getattr(body, part, None) is not None})
    with _told_at(link.purpose):
        if body.measure is not None:
            _answer_measure(work, link, body.measure)
        elif body.check_in is not None:
            _check_in(work, link, body.check_in)
        else:
            _consent(work, link)
    if not is_spent(work, link):
        spend(work, link)
    return PageReceipt(received_at=work.now)


def stop(work: Work) -> PageReceipt:
    """Takes back what this partner agreed to and pauses homework; the link stays, because a stop may be needed again."""
    link = own_link(work)
    if link.purpose != "stop":
        raise LinkNotOpenError
    work.actor.check(OPENS[link.purpose])
    stop_everything(work, link.couple_id, link.partner_id)
    for asking in _consents_asked(work, link):
        if not is_spent(work, asking):
            spend(work, asking)
    return PageReceipt(received_at=work.now)


@contextmanager
def _told_at(part: str) -> Iterator[None]:
    """Faults stand where they are in the page's body; what can no longer be done is a link that does not open."""
    try:
        yield
    except InvalidError as error:
        raise type(error)(error.sentence, below(part, error.faults)) from None
    except (NotFoundError, CoupleArchivedError, EpisodeClosedError):
        raise LinkNotOpenError from None


def _answer_measure(work: Work, link: PartnerLink, given: Answered) -> None:
    asked = asked_measure(link)
    if asked is None:
        raise LinkNotOpenError
    sent = {"measure": asked.code, "language": asked.language, "mode": "self", **given.model_dump()}
    record_administration(work, link.couple_id, link.partner_id, AdministrationCreate.model_validate(sent))


def _check_in(work: Work, link: PartnerLink, given: CheckInAnswers) -> None:
    asked = asked_check_in(link)
    if asked is None:
        raise LinkNotOpenError
    sent = CheckInCreate(partner_id=link.partner_id, **dict(given))
    record_check_in(work, link.couple_id, asked.plan_id, asked.assignment_id, sent)


def _consent(work: Work, link: PartnerLink) -> None:
    """A yes counts once, and not after a no: whoever finds the link later cannot undo what was taken back since."""
    if is_spent(work, link) or has_withdrawn_since(work, link.couple_id, link.partner_id, link.created_at):
        return
    asked = asked_consent(link)
    if asked is None:
        raise LinkNotOpenError
    give_consent(work, link.couple_id, link.partner_id, asked)


def _consents_asked(work: Work, link: PartnerLink) -> list[PartnerLink]:
    """The links that still ask this partner for a consent; locked, so that none gives it in the same moment."""
    asking = select(PartnerLink).where(
        PartnerLink.couple_id == link.couple_id,
        PartnerLink.partner_id == link.partner_id,
        PartnerLink.purpose == "consent",
        PartnerLink.expires_at > work.now,
    )
    return list(work.session.scalars(asking.order_by(PartnerLink.id).with_for_update()))


def spend(work: Work, link: PartnerLink) -> None:
    """Notes that a link was used."""
    tells = link.purpose == "consent"
    work.session.add(
        LinkUse(
            couple_id=link.couple_id,
            partner_id=link.partner_id,
            link_id=link.id,
            compartment=Compartment.SAFETY if tells else link.compartment,
            used_at=work.now,
        )
    )
    work.session.flush()
