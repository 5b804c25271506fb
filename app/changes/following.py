"""Follows the trail in the order of commits and says what changed, as far as the one who follows may see it.

What was changed is found in the trail; whether it is there and shows is found in the record, at the moment of asking. So
nothing is told of what is hidden, whenever it was written, and what went is told as gone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select

from app.access.models import CareTeamMember
from app.access.permissions import MACHINE
from app.access.work import Work
from app.changes.kinds import COUPLE, KINDS, PARTNER, SEAT, TOLD, Kind
from app.changes.tokens import StartAnewError
from app.core.commit_order import last_in_commit_order, place_in_commit_order, rows_in_commit_order
from app.core.database import Compartment
from app.core.ids import encode
from app.couples.models import Couple
from app.couples.service import visible_to
from app.ledger.models import LedgerEvent

CHANGES: Final = ("create", "update", "delete")
COLUMNS: Final = (
    LedgerEvent.id,
    LedgerEvent.kind,
    LedgerEvent.subject,
    LedgerEvent.subject_id,
    LedgerEvent.couple_id,
)


class Op(StrEnum):
    """What became of a thing."""

    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True)
class Change:
    """A thing that changed, or went; `event_id` is the latest event that says so.

    `whole` is true of a couple whose every part is to be read anew, because it came into view or one of the two was erased.
    """

    kind: Kind
    id: UUID
    couple_id: UUID
    op: Op
    version: int | None
    event_id: UUID
    href: str | None
    whole: bool = False


@dataclass(frozen=True)
class Followed:
    """Changes in the order of their last events, where in the trail they end, and whether that is its settled end."""

    changes: tuple[Change, ...]
    event_id: UUID | None
    is_all: bool


@dataclass(frozen=True)
class Event:
    """An event of the trail, as far as it says what changed."""

    id: UUID
    kind: str
    subject: str
    subject_id: UUID | None
    couple_id: UUID


@dataclass
class Touched:
    """A thing that events of one page speak of."""

    couple_id: UUID
    event_id: UUID
    is_deleted: bool = False
    is_whole: bool = False


Key = tuple[str, UUID]


@dataclass
class Page:
    """What is found out about one page of events, step by step; things stand in the order of their last events."""

    touched: dict[Key, Touched] = field(default_factory=dict)

    def touch(self, kind: str, thing_id: UUID, event: Event, *, deleted: bool = False, whole: bool = False) -> None:
        """Several events of one thing are one."""
        before = self.touched.pop((kind, thing_id), None)
        whole = whole or (before is not None and before.is_whole)
        self.touched[kind, thing_id] = Touched(event.couple_id, event.id, deleted, whole)

    def ids(self, kind: str) -> list[UUID]:
        """The ids of one kind."""
        return [thing_id for name, thing_id in self.touched if name == kind]


def settled_end(work: Work) -> UUID | None:
    """The last event that nothing can come before any more: where a follower stands who has seen everything."""
    return last_in_commit_order(work.session, LedgerEvent)


def follow(work: Work, after: UUID | None, limit: int, kinds: Iterable[str]) -> Followed:
    """What the next `limit` events after one speak of, in their order. Raises StartAnewError.

    Reads with the compartments of a machine, whoever asks. On PostgreSQL the end is looked up first, because each statement
    sees more than the one before it: what appears in between comes next time.
    """
    work = work.seeing(MACHINE)
    end = settled_end(work)
    if end is None or end == after:
        return Followed((), after, is_all=True)
    events, last, is_all = _events(work, after, end, limit)
    return Followed(tuple(_changes(work, events, frozenset(kinds))), last, is_all)


def _events(work: Work, after: UUID | None, end: UUID, limit: int) -> tuple[list[Event], UUID, bool]:
    """Events that may say something to this caller, the last one looked at, and whether that is the end."""
    start = None if after is None else place_in_commit_order(work.session, LedgerEvent, after)
    if after is not None and start is None:
        raise StartAnewError
    upto = place_in_commit_order(work.session, LedgerEvent, end)
    rows = rows_in_commit_order(work.session, LedgerEvent, COLUMNS, start, limit, upto=upto, only=_may_tell(work))
    events = [Event(*row[1:]) for row in rows]
    if len(events) < limit:
        return events, end, True
    return events, events[-1].id, events[-1].id == end


def _may_tell(work: Work) -> ColumnElement[bool]:
    """Changes of what can be followed, outside safety; to a member, of couples that were ever theirs, and all ends."""
    told = (
        LedgerEvent.kind.in_(CHANGES)
        & LedgerEvent.subject.in_(sorted(TOLD))
        & LedgerEvent.couple_id.is_not(None)
        & or_(LedgerEvent.compartment.is_(None), LedgerEvent.compartment != Compartment.SAFETY)
    )
    if work.actor.role is None:
        return told
    theirs = select(CareTeamMember.couple_id).where(
        CareTeamMember.clinic_id == work.actor.clinic_id, CareTeamMember.member_id == work.actor.id
    )
    ended = (LedgerEvent.subject == COUPLE) & (LedgerEvent.kind == "delete")
    return told & (ended | LedgerEvent.couple_id.in_(theirs))


def _changes(work: Work, events: Sequence[Event], kinds: frozenset[str]) -> Iterator[Change]:
    page = Page()
    seats = _own_seats(work, events)
    found = _leads(work, events)
    for event in events:
        _touch(page, event, found, seats)
    visible = _visible(work, {thing.couple_id for thing in page.touched.values()})
    _erase_parts(work, page)
    shown = {name: _shown(work, KINDS[name], page.ids(name)) for name in {name for name, _id in page.touched}}
    gone = _known_and_gone(work, {thing.couple_id for thing in page.touched.values()} - visible)
    for (name, thing_id), thing in page.touched.items():
        if name not in kinds and not (name == COUPLE and (thing.is_whole or thing.couple_id not in visible)):
            continue  # that a couple came, went or lost a part is told to everybody who follows anything of it
        change = _change(KINDS[name], thing_id, thing, shown[name], visible, gone)
        if change is not None:
            yield change


def _touch(page: Page, event: Event, found: Mapping[tuple[str, str, str], Mapping[UUID, UUID]], seats: set[UUID]) -> None:
    told, is_deleted = TOLD[event.subject], event.kind == "delete"
    if event.subject == SEAT:
        if event.subject_id in seats:
            page.touch(COUPLE, event.couple_id, event, whole=True)
        return
    if told.itself is not None and event.subject_id is not None:
        page.touch(told.itself, event.subject_id, event, deleted=is_deleted)
    for lead in told.through:
        thing_id = found[event.subject, lead.kind, lead.column].get(event.subject_id or event.id)
        if thing_id is not None:
            page.touch(lead.kind, thing_id, event)
    for name in told.couple:
        page.touch(name, event.couple_id, event)


def _own_seats(work: Work, events: Sequence[Event]) -> set[UUID]:
    """Seats of this member among those that events are about: software has none, and sees every couple of its clinic."""
    ids = [event.subject_id for event in events if event.subject == SEAT]
    if work.actor.role is None or not ids:
        return set()
    query = select(CareTeamMember.id).where(CareTeamMember.id.in_(ids), CareTeamMember.member_id == work.actor.id)
    return set(work.session.scalars(query))


def _leads(work: Work, events: Sequence[Event]) -> dict[tuple[str, str, str], dict[UUID, UUID]]:
    """For each way from a row to a thing, where it leads from the rows of these events; one query a way."""
    found: dict[tuple[str, str, str], dict[UUID, UUID]] = {}
    for subject in {event.subject for event in events}:
        ids = [event.subject_id for event in events if event.subject == subject]
        for lead in TOLD[subject].through:
            column = getattr(lead.model, lead.column)
            query = select(lead.model.id, column).where(lead.model.id.in_(ids), column.is_not(None))
            query = query if lead.shows is None else query.where(lead.shows(work))
            found[subject, lead.kind, lead.column] = {row[0]: row[1] for row in work.session.execute(query)}
    return found


def _visible(work: Work, couple_ids: set[UUID]) -> set[UUID]:
    if not couple_ids:
        return set()
    return set(work.session.scalars(select(Couple.id).where(Couple.id.in_(couple_ids), visible_to(work))))


def _known_and_gone(work: Work, couple_ids: set[UUID]) -> set[UUID]:
    """Couples out of view whose going may be told: to software all of its clinic, to a member those they had looked at."""
    if work.actor.role is None or not couple_ids:
        return couple_ids
    query = select(LedgerEvent.couple_id).where(
        LedgerEvent.clinic_id == work.actor.clinic_id,
        LedgerEvent.couple_id.in_(couple_ids),
        LedgerEvent.actor_id == work.actor.id,
    )
    held = select(CareTeamMember.couple_id).where(
        CareTeamMember.member_id == work.actor.id, CareTeamMember.couple_id.in_(couple_ids)
    )
    found = (*work.session.scalars(query.distinct()), *work.session.scalars(held))
    return {couple_id for couple_id in found if couple_id is not None}


def _erase_parts(work: Work, page: Page) -> None:
    """With a partner's end go their rows, and the ends of those stand in no trail: the couple is to be read anew."""
    ids = page.ids(PARTNER)
    if not ids:
        return
    partner = KINDS[PARTNER].model
    erased = work.session.execute(
        select(partner.id, partner.couple_id).where(partner.id.in_(ids), partner.erased_at.is_not(None))
    ).all()
    for partner_id, couple_id in erased:
        page.touched[PARTNER, partner_id].is_deleted = True
        couple = page.touched.get((COUPLE, couple_id))
        if couple is not None:
            couple.is_whole = True


def _shown(work: Work, kind: Kind, ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The rows of a kind that are there and show, with what their address names."""
    columns = [getattr(kind.model, name) for name in (*kind.places, *([kind.version] if kind.version else []))]
    query = select(kind.model.id, *columns).where(kind.model.id.in_(ids))
    query = query if kind.shows is None else query.where(kind.shows(work))
    return {row.id: row for row in work.session.execute(query)}


def _change(  # noqa: PLR0913, PLR0917 - a thing, and what was found out about all
    kind: Kind, thing_id: UUID, thing: Touched, shown: Mapping[UUID, Any], visible: set[UUID], gone: set[UUID]
) -> Change | None:
    row = shown.get(thing_id)
    if thing.couple_id not in visible:
        went = kind.name == COUPLE and thing.couple_id in gone and (thing.is_deleted or thing.is_whole)
    else:
        went = row is None and thing.is_deleted
    if went:
        return Change(kind, thing_id, thing.couple_id, Op.DELETE, None, thing.event_id, None)
    if row is None or thing.couple_id not in visible:
        return None  # it does not show, or went with the couple or partner it belongs to
    places = {name: encode(PREFIXES[name], getattr(row, name)) for name in kind.places}
    href = kind.path.format(couple_id=encode("cpl", thing.couple_id), id=encode(kind.prefix, thing_id), **places)
    version = getattr(row, kind.version) if kind.version else None
    return Change(kind, thing_id, thing.couple_id, Op.UPSERT, version, thing.event_id, href, thing.is_whole)


PREFIXES: Final = {"partner_id": "prt", "plan_id": "pln", "assignment_id": "asg"}
