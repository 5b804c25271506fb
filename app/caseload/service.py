"""A caseload, worst first, from the figures kept of each couple: a page costs the page, whatever the clinic holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_

from app.access.models import CareTeamMember, Member
from app.access.work import Work
from app.caseload.following import follow
from app.caseload.models import CoupleStanding
from app.caseload.schemas import CaseloadPage, ColourTotals
from app.caseload.standing import NOT_RECKONED
from app.clinical.next_step import CALM_RULES, OF_RULES
from app.clinical.on_track import URGENCY, Colour
from app.core.crypto import Owner
from app.core.ids import encode
from app.core.paging import PlacePager
from app.core.schemas import wire_moment
from app.couples.models import Couple, Partner
from app.couples.rules import find_concern
from app.couples.service import visible_to
from app.errors import Fault, InvalidError
from app.homework.states import Status
from app.ledger.service import log_reads
from app.protocols.rules import ProtocolUnknownError
from app.protocols.service import newest

RULES: Final = frozenset({*OF_RULES, *CALM_RULES, NOT_RECKONED})
ORDER: Final = (CoupleStanding.urgency, CoupleStanding.weight, CoupleStanding.couple_id)
COLUMNS: Final = (
    *ORDER,
    *(CoupleStanding.id, CoupleStanding.clinic_id, CoupleStanding.in_care, CoupleStanding.rule, CoupleStanding.concern),
    *(CoupleStanding.visits, CoupleStanding.last_visit_on, CoupleStanding.reckoned_at, CoupleStanding.fresh_until),
    *(Couple.external_id, CoupleStanding.shown),
)


class FilterUnknownError(InvalidError):
    """A caseload was to be filtered by something that does not exist: an empty list would look like good news."""

    code = "filter_unknown"
    detail = "There is nothing of that code or id to filter by."


@dataclass(frozen=True)
class Listed:
    """Where the sealed columns of a listed row belong."""

    __tablename__ = CoupleStanding.__tablename__
    clinic_id: UUID
    id: UUID
    couple_id: UUID


@dataclass(frozen=True)
class Filters:
    """What of a caseload is asked for."""

    in_care: bool = True
    colour: Colour | None = None
    concern: str | None = None
    protocol: str | None = None
    rule: str | None = None
    plan_status: Status | None = None
    therapist: UUID | None = None


def read_caseload(work: Work, filters: Filters, limit: int, cursor: str | None, *, with_total: bool = False) -> CaseloadPage:
    """A page of the couples within reach, worst first, each leaving a trace that it was read.

    Raises FilterUnknownError, ConcernUnknownError, ProtocolUnknownError.
    """
    _check(work, filters)
    pager = PlacePager(work.vault, limit, cursor, "caseload", *astuple(filters))
    is_current = follow(work, mine=visible_to(work)) is True
    wanted = _wanted(work, filters)
    query = wanted.with_only_columns(*COLUMNS).order_by(*ORDER).limit(limit + 1)
    if pager.after is not None:
        query = query.where(tuple_(*ORDER) > tuple_(*pager.after))
    rows: list[Row[*tuple[Any, ...]]] = list(work.session.execute(query))
    page = rows[:limit]
    log_reads(work.session, "couple", [row.couple_id for row in page])
    totals = _totals(work, wanted) if with_total else None
    return CaseloadPage.model_construct(
        items=[],
        drawn=b"[%b]" % b",".join(_drawn(work, page, is_current=is_current)),
        next_cursor=pager.write((page[-1].urgency, page[-1].weight, page[-1].couple_id)) if len(rows) > limit else None,
        total=None if totals is None else sum(totals.model_dump().values()),
        colours=totals,
    )


def _check(work: Work, filters: Filters) -> None:
    """A mistyped filter would give a wrong clinical list."""
    if filters.concern is not None:
        find_concern(filters.concern, "/query/concern")
    if filters.protocol is not None and newest(work, filters.protocol) is None:
        raise ProtocolUnknownError(faults=(Fault("/query/protocol", "protocol_unknown", ProtocolUnknownError.detail),))
    if filters.rule is not None and filters.rule not in RULES:
        raise _unknown("/query/rule")
    if filters.therapist is not None:
        known = select(Member.id).where(Member.id == filters.therapist)
        if work.session.execute(known).first() is None:
            raise _unknown("/query/therapist")


def _unknown(pointer: str) -> FilterUnknownError:
    return FilterUnknownError(faults=(Fault(pointer, "filter_unknown", FilterUnknownError.detail),))


def _wanted(work: Work, filters: Filters) -> Select[Any]:
    """The standings that are asked for, of couples within reach: the very condition that every list of couples keeps."""
    conditions: list[ColumnElement[bool]] = [
        CoupleStanding.of_safety == work.sees_safety,
        CoupleStanding.in_care == filters.in_care,
    ]
    named = {name: getattr(filters, name) for name in ("concern", "protocol", "rule", "plan_status")}
    conditions += [getattr(CoupleStanding, name) == value for name, value in named.items() if value is not None]
    if filters.colour is not None:
        conditions.append(CoupleStanding.urgency == URGENCY.index(filters.colour))
    if filters.therapist is not None:
        theirs = (CareTeamMember.member_id == filters.therapist) & CareTeamMember.held_at(work.now)
        conditions.append(CoupleStanding.couple_id.in_(select(CareTeamMember.couple_id).where(theirs)))
    within = (Couple.clinic_id == CoupleStanding.clinic_id) & (Couple.id == CoupleStanding.couple_id)
    return select(CoupleStanding.id).join(Couple, within).where(visible_to(work), *conditions)


def _totals(work: Work, wanted: Select[Any]) -> ColourTotals:
    counted = wanted.with_only_columns(CoupleStanding.urgency, func.count().label("couples")).group_by(CoupleStanding.urgency)
    found = {URGENCY[row.urgency]: row.couples for row in work.session.execute(counted)}
    return ColourTotals(**{colour: found.get(colour, 0) for colour in URGENCY})


def _drawn(work: Work, rows: Sequence[Row[*tuple[Any, ...]]], *, is_current: bool) -> Iterator[bytes]:
    """A page of rows as the wire shows them: what is kept in columns, and what was sealed in the form it is sent in."""
    ids = [row.couple_id for row in rows]
    work.vault.load_keys((Owner.COUPLE, couple_id) for couple_id in ids)
    partners = _partners(work, ids)
    for row in rows:
        told = {
            "couple_id": encode("cpl", row.couple_id),
            "external_id": row.external_id,
            "partners": partners[row.couple_id],
            "in_care": row.in_care,
            "colour": URGENCY[row.urgency],
            "rule": row.rule,
            "concern": row.concern,
            "visits": row.visits,
            "last_visit_on": row.last_visit_on,
            "reckoned_at": wire_moment(row.reckoned_at),
            "current": is_current and row.fresh_until > work.now,
        }
        sealed = work.vault.open_json(Listed(row.clinic_id, row.id, row.couple_id), "shown", row.shown)
        yield to_json(told)[:-1] + b"," + sealed[1:]


def _partners(work: Work, couple_ids: Iterable[UUID]) -> defaultdict[UUID, list[dict[str, str]]]:
    found: defaultdict[UUID, list[dict[str, str]]] = defaultdict(list)
    query = select(Partner.couple_id, Partner.slot, Partner.record_number).where(
        Partner.couple_id.in_(list(couple_ids)), Partner.erased_at.is_(None)
    )
    for couple_id, slot, record_number in work.session.execute(query.order_by(Partner.slot)):
        found[couple_id].append({"slot": slot, "record_number": record_number})
    return found
