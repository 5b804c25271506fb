"""Who opened one partner's record, by day: made so that it can be handed to that partner without a word about the other.

Counted is what opened the couple's record as a whole or this partner's own part, and what was written into that part. Not
counted is whatever could stand there because of the other partner alone: their part, single things of the couple that may be
theirs, lists, all of safety, what partners did by their links and what fell due by itself. Moments are days, a day is
named once a person, and no kind of act is told from another, so that nothing can be counted or timed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select

from app.access.models import Integration, Member
from app.access.work import Work
from app.audit.rules import EXPLANATION, LONGEST_DAYS, REPORTED, ROLES, check_period, sentence
from app.audit.schemas import AccessEntry, AccessReportRead
from app.couples.episodes import today_of
from app.couples.models import Partner
from app.couples.service import get_couple, get_partner
from app.ledger.models import LedgerEvent
from app.ledger.service import Aim

AT_ONCE = 5_000
Entry = tuple[date, str, UUID | None, str | None]
COUNTED = ("member", "integration", "operator")


def read_access_report(
    work: Work, couple_id: UUID, partner_id: UUID, from_on: date | None, to_on: date | None
) -> AccessReportRead:
    """The report over some days, the last year unless told otherwise. Raises NotFoundError, PeriodInvalidError."""
    couple = get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    last = to_on or today_of(work, couple)
    first = from_on or last - timedelta(days=LONGEST_DAYS - 1)
    check_period(first, last)
    entries = sorted(set(_entries(work, partner, first, last, ZoneInfo(couple.time_zone))), key=str)
    names = _names(work, {who for _on, _kind, who, _role in entries if who})
    items = sorted((_shown(entry, names) for entry in entries), key=lambda item: (item.on, item.who, item.role))
    return AccessReportRead(partner_id=partner_id, from_on=first, to_on=last, explanation=EXPLANATION, items=items)


def opens(partner: Partner) -> ColumnElement[bool]:
    """THE condition on events that are this partner's to know."""
    whole = (LedgerEvent.aim == Aim.COUPLE) & LedgerEvent.partner_id.is_(None)
    own = (LedgerEvent.aim == Aim.PARTNER) & (LedgerEvent.partner_id == partner.id)
    in_their_view = LedgerEvent.compartment.is_(None) | (LedgerEvent.compartment == partner.compartment)
    looked = (LedgerEvent.kind == "read") & LedgerEvent.purpose.in_(REPORTED) & (whole | own) & in_their_view
    wrote = (LedgerEvent.kind != "read") & (LedgerEvent.compartment == partner.compartment)
    return LedgerEvent.actor_kind.in_(COUNTED) & (looked | wrote)


def _entries(work: Work, partner: Partner, first: date, last: date, zone: ZoneInfo) -> Iterator[Entry]:
    begin, end = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    query = select(LedgerEvent.at, LedgerEvent.actor_kind, LedgerEvent.actor_id, LedgerEvent.actor_role).where(
        LedgerEvent.couple_id == partner.couple_id, LedgerEvent.at >= begin, LedgerEvent.at < end, opens(partner)
    )
    for at, kind, who, role in work.session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield at.astimezone(zone).date(), kind, who, role


def _names(work: Work, ids: Iterable[UUID]) -> Mapping[UUID, str]:
    """What the clinic calls its members and programs, also those who left."""
    wanted: Any = list(ids)
    found = [
        *work.session.execute(select(Member.id, Member.login).where(Member.id.in_(wanted))),
        *work.session.execute(select(Integration.id, Integration.name).where(Integration.id.in_(wanted))),
    ]
    return {row[0]: row[1] for row in found}


def _shown(entry: Entry, names: Mapping[UUID, str]) -> AccessEntry:
    on, kind, who, held = entry
    name = names.get(who, "somebody") if who else "somebody"
    role = ROLES.get(held or kind, held or kind)
    return AccessEntry(on=on, who=name, role=role, sentence=sentence(on, name, role))
