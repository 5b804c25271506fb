"""Use cases of sharing choices: each partner's own act, kept for good, taken back at once, and told to the door."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select

from app.access.views import tells_what_is_shared
from app.access.work import Work
from app.core.database import Compartment, RecordSession
from app.core.existing import existing
from app.core.ids import encode
from app.core.paging import Page, Pager
from app.core.sharing import Kind, Level, Shared
from app.couples.rules import CoupleArchivedError
from app.couples.service import get_couple, get_partner
from app.sharing.models import SharingChoice
from app.sharing.rules import LEVELS, check_level
from app.sharing.schemas import SharedNow, SharingChoiceCreate, SharingChoiceRead, SharingRead

RECORDERS: Final = {"member": "mem", "integration": "int", "partner": "prt"}


def choose(work: Work, couple_id: UUID, partner_id: UUID, body: SharingChoiceCreate) -> SharingChoiceRead:
    """Keeps a partner's choice; taking back works in an archived couple's record too.

    Raises LevelNotOfferedError, CoupleArchivedError, NotFoundError.
    """
    return _shown(keep_choice(work, couple_id, partner_id, Kind(body.kind), Level(body.level), body.told))


def keep_choice(  # noqa: PLR0913, PLR0917 - whose choice it is, and what was chosen
    work: Work, couple_id: UUID, partner_id: UUID, kind: Kind, level: Level, told: str
) -> SharingChoice:
    """The same, for whoever takes the choice in."""
    couple = get_couple(work, couple_id)
    if couple.archived_at is not None and level is not Level.NONE:
        raise CoupleArchivedError
    partner = get_partner(work, couple_id, partner_id)
    check_level(kind, level)
    choice = SharingChoice(
        couple_id=couple_id,
        partner_id=partner.id,
        compartment=partner.compartment,
        kind=kind,
        level=level,
        told=told,
        chosen_at=work.now,
        recorded_by_kind=work.actor.kind,
        recorded_by=work.actor.id,
    )
    work.session.add(choice)
    work.session.flush()
    return choice


def list_choices(work: Work, couple_id: UUID, partner_id: UUID, limit: int, cursor: str | None) -> Page[SharingChoiceRead]:
    """A page of one partner's choices, oldest first; in the other's view there is no such list."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    pager = Pager(work.vault, limit, cursor, "sharing choices", partner.id)
    query = select(SharingChoice).where(SharingChoice.couple_id == couple_id, SharingChoice.partner_id == partner.id)
    rows, next_cursor = pager.split(list(work.session.scalars(pager.cut(query, SharingChoice.id))))
    return Page(items=[_shown(row) for row in rows], next_cursor=next_cursor)


def read_choice(work: Work, couple_id: UUID, partner_id: UUID, choice_id: UUID) -> SharingChoiceRead:
    """One choice. Raises NotFoundError."""
    get_couple(work, couple_id)
    found = select(SharingChoice).where(
        SharingChoice.couple_id == couple_id, SharingChoice.partner_id == partner_id, SharingChoice.id == choice_id
    )
    row = existing(work.session, found)
    return _shown(row)


def read_sharing(work: Work, couple_id: UUID, partner_id: UUID) -> SharingRead:
    """What one partner shares now, every kind; in the other's view there is no such thing."""
    get_couple(work, couple_id)
    partner = get_partner(work, couple_id, partner_id)
    latest = _latest(_choices(work.session, couple_id, partner.compartment))
    return SharingRead(partner_id=partner.id, kinds=[_now(kind, latest.get(kind)) for kind in Kind])


def _now(kind: Kind, choice: SharingChoice | None) -> SharedNow:
    level, since = (Level.NONE, None) if choice is None else (Level(choice.level), choice.chosen_at)
    return SharedNow(kind=kind, level=level, levels=list(LEVELS[kind]), since=since)


@tells_what_is_shared
def shared_by(session: RecordSession, couple_id: UUID, compartment: Compartment) -> Shared:
    """What the partner of a compartment lets the other read; always the same one query."""
    with session.reaching(frozenset({compartment})):
        latest = _latest(_choices(session, couple_id, compartment))
    return Shared(compartment, frozenset((kind, Level(row.level)) for kind, row in latest.items()))


def _choices(session: RecordSession, couple_id: UUID, compartment: Compartment) -> list[SharingChoice]:
    query = select(SharingChoice).where(SharingChoice.couple_id == couple_id, SharingChoice.compartment == compartment)
    return list(session.scalars(query.order_by(SharingChoice.id)))


def _latest(rows: Iterable[SharingChoice]) -> dict[Kind, SharingChoice]:
    return {Kind(row.kind): row for row in rows}


def _shown(row: SharingChoice) -> SharingChoiceRead:
    return SharingChoiceRead(
        id=row.id,
        partner_id=row.partner_id,
        kind=row.kind,
        level=row.level,
        told=row.told,
        chosen_at=row.chosen_at,
        recorded_by=encode(RECORDERS[row.recorded_by_kind], row.recorded_by),
    )
