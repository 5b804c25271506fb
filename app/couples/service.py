"""Use cases of couples and partners, and the one function through which everything about a couple is reached."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from app.access.models import BreakGlass, CareTeamMember
from app.access.permissions import Role
from app.access.seats import join_care_team
from app.access.work import Work
from app.core.crypto import Owner
from app.core.database import Compartment
from app.core.existing import existing
from app.core.paging import Page, Pager
from app.couples.models import Couple, Partner, Slot, sealed_person
from app.couples.rules import CoupleArchivedError
from app.couples.schemas import (
    Contact,
    CoupleChange,
    CoupleCreate,
    CoupleRead,
    PartnerChange,
    PartnerCreate,
    PartnerRead,
    PartnerSummary,
)
from app.errors import ConflictError, NotAllowedError, NotFoundError, StaleVersionError
from app.ledger.service import log_reads, under_break_glass

ONLY_READ: Final = "You opened this record in an emergency, to read it. Who changes it has a seat on the couple's care team."


class ExternalIdTakenError(ConflictError):
    """Another couple or partner of the clinic has this number."""

    code = "external_id_taken"
    detail = "Another record of this clinic has this external id or record number."


def visible_to(work: Work) -> ColumnElement[bool]:
    """THE condition on couples: a member sees those they care for, an integration those of its clinic, a partner their own."""
    own = Couple.clinic_id == work.actor.clinic_id  # said here too, so that this layer holds without the ones below it
    if work.actor.link is not None:
        return own & (Couple.id == work.actor.link.couple_id)
    if work.actor.role is None:
        return own
    return own & Couple.id.in_(
        select(CareTeamMember.couple_id).where(CareTeamMember.member_id == work.actor.id, CareTeamMember.held_at(work.now))
    )


def find_couple(work: Work, couple_id: UUID) -> Couple:
    """A couple within reach, of which nothing is told: for what must not show in anybody's trail. Raises NotFoundError."""
    couple = work.session.scalars(select(Couple).where(Couple.id == couple_id, visible_to(work))).one_or_none()
    if couple is None:
        couple = _opened_in_an_emergency(work, couple_id)
    if couple is None:
        raise NotFoundError
    return couple


def get_couple(work: Work, couple_id: UUID) -> Couple:
    """A couple within reach, leaving a trace that it was read. Raises NotFoundError: what may not be seen does not exist."""
    couple = find_couple(work, couple_id)
    log_reads(work.session, "couple", [couple.id])
    return couple


def _opened_in_an_emergency(work: Work, couple_id: UUID) -> Couple | None:
    """A couple that this member opened by break-glass, for as long as that lasts, with everything they do marked by it.

    Alone by its own address and only to be read: it stands in no list of theirs. Raises NotAllowedError for a change.
    """
    if work.actor.role is None:
        return None
    opening = work.session.scalars(
        select(BreakGlass.id)
        .where(BreakGlass.member_id == work.actor.id, BreakGlass.couple_id == couple_id, BreakGlass.until > work.now)
        .order_by(BreakGlass.id.desc())
        .limit(1)
    ).one_or_none()
    if opening is None:
        return None
    if work.writes:
        raise NotAllowedError(ONLY_READ)
    under_break_glass(work.session, opening)
    own = Couple.clinic_id == work.actor.clinic_id
    return work.session.scalars(select(Couple).where(Couple.id == couple_id, own)).one_or_none()


def get_couple_in_care(work: Work, couple_id: UUID) -> Couple:
    """The same, for changes. Raises CoupleArchivedError."""
    couple = get_couple(work, couple_id)
    if couple.archived_at is not None:
        raise CoupleArchivedError
    return couple


def get_couples_in_care(work: Work, couple_ids: set[UUID]) -> set[UUID]:
    """Those of many couples that are within reach and in care, in one query, each with its trace."""
    found = set(
        work.session.scalars(select(Couple.id).where(Couple.id.in_(couple_ids), Couple.archived_at.is_(None), visible_to(work)))
    )
    log_reads(work.session, "couple", sorted(found))
    return found


def get_partner(work: Work, couple_id: UUID, partner_id: UUID) -> Partner:
    """A partner of a couple that is within reach already. Raises NotFoundError."""
    return existing(
        work.session,
        select(Partner).where(Partner.couple_id == couple_id, Partner.id == partner_id, Partner.erased_at.is_(None)),
    )


@dataclass(frozen=True)
class Known:
    """A partner as far as both partners know that there is one."""

    id: UUID
    slot: Slot

    @property
    def compartment(self) -> Compartment:
        """The compartment of what belongs to this partner alone."""
        return self.slot.compartment


def both_of(work: Work, couple_id: UUID) -> list[Known]:
    """Both partners, A first, whoever of them is within reach: that there are two is no secret, what is kept of each is."""
    return both_of_each(work, [couple_id]).get(couple_id, [])


def both_of_each(work: Work, couple_ids: Collection[UUID]) -> dict[UUID, list[Known]]:
    """The same of many couples, in one query."""
    partners = work.session.reach.compartments and frozenset({Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B})
    with work.session.reaching(partners):
        rows = work.session.execute(
            select(Partner.couple_id, Partner.id, Partner.slot).where(Partner.couple_id.in_(couple_ids)).order_by(Partner.slot)
        ).all()
    found: dict[UUID, list[Known]] = {}
    for couple_id, partner_id, slot in rows:
        found.setdefault(couple_id, []).append(Known(partner_id, Slot(slot)))
    return found


def get_known(work: Work, couple_id: UUID, partner_id: UUID) -> Known:
    """One of both, for reads of what they have. Raises NotFoundError."""
    for partner in both_of(work, couple_id):
        if partner.id == partner_id:
            return partner
    raise NotFoundError


def partners_of(work: Work, couple_id: UUID) -> list[Partner]:
    """Both partners within reach, A first."""
    return list(work.session.scalars(select(Partner).where(Partner.couple_id == couple_id).order_by(Partner.slot)))


def open_couple(work: Work, body: CoupleCreate) -> CoupleRead:
    """Creates a couple, both partners and their keys. Raises ExternalIdTakenError, MemberUnknownError."""
    numbers = [body.partner_a.record_number, body.partner_b.record_number]
    _check_numbers_free(work, body.external_id, numbers)
    couple = Couple(clinic_id=work.actor.clinic_id, external_id=body.external_id, time_zone=body.time_zone, created_at=work.now)
    work.session.add(couple)
    work.vault.create_key(Owner.COUPLE, couple.id)
    for slot, partner in ((Slot.A, body.partner_a), (Slot.B, body.partner_b)):
        work.session.add(_new_partner(work, couple.id, slot, partner))
    work.session.flush()
    members = set(body.care_team) | ({work.actor.id} if work.actor.role is Role.THERAPIST else set())
    for member_id in sorted(members):
        take_seat(work, couple.id, member_id, None, "/care_team")
    return read(work, [couple])[0]


def take_seat(work: Work, couple_id: UUID, member_id: UUID, until: datetime | None, pointer: str) -> CareTeamMember:
    """A seat on a care team; software gives none to supervisors. Raises MemberUnknownError, GrantEndsWronglyError."""
    by = None if work.actor.role is None else work.actor.id
    longest = None if by is None else timedelta(days=work.settings.supervision_days)
    return join_care_team(work.session, couple_id, member_id, work.now, pointer, by=by, longest=longest, until=until)


def _check_numbers_free(work: Work, external_id: str | None, numbers: Sequence[str]) -> None:
    taken = select(func.count()).select_from(Partner).where(Partner.record_number.in_(numbers))
    if len(set(numbers)) < len(numbers) or work.session.execute(taken).scalar_one():
        raise ExternalIdTakenError
    same = select(func.count()).select_from(Couple).where(Couple.external_id == external_id)
    if external_id is not None and work.session.execute(same).scalar_one():
        raise ExternalIdTakenError


def _new_partner(work: Work, couple_id: UUID, slot: Slot, body: PartnerCreate) -> Partner:
    partner = Partner(
        clinic_id=work.actor.clinic_id,
        couple_id=couple_id,
        slot=slot,
        compartment=slot.compartment,
        record_number=body.record_number,
    )
    work.vault.create_key(Owner.PARTNER, partner.id)
    contact = body.contact.model_dump() if body.contact else None
    partner.person = work.vault.seal(partner, "person", sealed_person(body.name, body.pronouns, contact))
    return partner


def list_couples(work: Work, limit: int, cursor: str | None, external_id: str | None, *, archived: bool) -> Page[CoupleRead]:
    """A page of the couples within reach, oldest first; archived ones only when asked for."""
    pager = Pager(work.vault, limit, cursor, "couples", external_id, archived)
    query: Select[Any] = select(Couple).where(visible_to(work))
    query = query.where(Couple.archived_at.is_not(None) if archived else Couple.archived_at.is_(None))
    if external_id is not None:
        query = query.where(Couple.external_id == external_id)
    couples, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, Couple.id))))
    log_reads(work.session, "couple", [couple.id for couple in couples])
    return Page(items=read(work, couples), next_cursor=next_cursor)


def read(work: Work, couples: Iterable[Couple]) -> list[CoupleRead]:
    """Couples as the wire shows them, with the partners within reach; one query for all."""
    couples = list(couples)
    partners: defaultdict[UUID, list[PartnerSummary]] = defaultdict(list)
    rows = work.session.execute(
        select(Partner.couple_id, Partner.id, Partner.slot, Partner.record_number)
        .where(Partner.couple_id.in_([couple.id for couple in couples]), Partner.erased_at.is_(None))
        .order_by(Partner.slot)
    )
    for couple_id, partner_id, slot, record_number in rows:
        partners[couple_id].append(PartnerSummary(id=partner_id, slot=Slot(slot).value, record_number=record_number))
    return [
        CoupleRead(
            id=couple.id,
            version=couple.version,
            external_id=couple.external_id,
            time_zone=couple.time_zone,
            partners=partners[couple.id],
            created_at=couple.created_at,
            archived_at=couple.archived_at,
        )
        for couple in couples
    ]


def change_couple(work: Work, couple_id: UUID, version: int, body: CoupleChange) -> CoupleRead:
    """Changes what was sent and nothing else. Raises StaleVersionError, ExternalIdTakenError."""
    couple = get_couple_in_care(work, couple_id)
    check_version(couple, version)
    if "external_id" in body.model_fields_set and body.external_id != couple.external_id:
        _check_numbers_free(work, body.external_id, [])
        couple.external_id = body.external_id
    if "time_zone" in body.model_fields_set:
        couple.time_zone = body.time_zone
    work.session.flush()
    return read(work, [couple])[0]


def archive_couple(work: Work, couple_id: UUID, version: int) -> None:
    """Puts a couple away; its record stays, and can be restored."""
    couple = get_couple_in_care(work, couple_id)
    check_version(couple, version)
    couple.archived_at = work.now


def restore_couple(work: Work, couple_id: UUID) -> CoupleRead:
    """Takes an archived couple back into care; one in care stays there."""
    couple = get_couple(work, couple_id)
    couple.archived_at = None
    work.session.flush()
    return read(work, [couple])[0]


def read_partner(work: Work, couple_id: UUID, partner_id: UUID) -> PartnerRead:
    """One partner with what is sealed about them."""
    get_couple(work, couple_id)
    return _shown(work, get_partner(work, couple_id, partner_id))


def change_partner(work: Work, couple_id: UUID, partner_id: UUID, version: int, body: PartnerChange) -> PartnerRead:
    """Changes what was sent about one partner. Raises StaleVersionError, ExternalIdTakenError."""
    get_couple_in_care(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    check_version(partner, version)
    sent = body.model_dump(include=body.model_fields_set)
    number = sent.pop("record_number", partner.record_number)
    if number != partner.record_number:
        _check_numbers_free(work, None, [number])
        partner.record_number = number
    person = work.vault.open(partner, "person", partner.person) | sent
    partner.person = work.vault.seal(partner, "person", person)
    work.session.flush()
    return _shown(work, partner)


def _shown(work: Work, partner: Partner) -> PartnerRead:
    person = work.vault.open(partner, "person", partner.person)
    contact = person["contact"]
    return PartnerRead(
        id=partner.id,
        version=partner.version,
        couple_id=partner.couple_id,
        slot=Slot(partner.slot).value,
        record_number=partner.record_number,
        name=person["name"],
        pronouns=person["pronouns"],
        contact=Contact(**contact) if contact else None,
    )


def check_version(row: Couple | Partner, version: int) -> None:
    """Raises StaleVersionError when the caller read an older version."""
    if row.version != version:
        raise StaleVersionError
