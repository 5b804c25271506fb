"""What is read of a cohort before its rows leave: when each couple's care began, up to which day rows go, and its traits."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from hmac import digest
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.couples.models import Concern, Couple, Episode
from app.exports.deidentified.cohort import Sides
from app.exports.deidentified.traits import FOR_ANYBODY, Traits
from app.exports.reading import Reading
from app.exports.tables import tables
from app.measures.models import Administration


@dataclass(frozen=True)
class Course:
    """One couple: who agreed, its zone, its day 0, the last day of which anything leaves, and what may be known of it."""

    sides: Sides
    zone: ZoneInfo
    began: date
    until: date
    traits: Traits

    @property
    def both(self) -> bool:
        """Whether both partners agreed."""
        return len(self.sides) > 1

    def day(self, at: date | datetime) -> int:
        """Whole days since day 0, where the couple lives."""
        return (self.local(at) - self.began).days

    def local(self, at: date | datetime) -> date:
        """The day where the couple lives."""
        return at.astimezone(self.zone).date() if isinstance(at, datetime) else at


@dataclass(frozen=True)
class Ends:
    """When what a cohort's exports hold ends: for each couple on a day of its own, drawn once, before the cohort was renewed.

    Without this whoever knows the day of an export and sees the last day of a couple in care knows when its care began.
    """

    renewed_at: datetime
    seed: bytes
    within_days: int

    def of(self, couple_id: UUID, zone: ZoneInfo) -> date:
        """The last day of a couple."""
        drawn = int.from_bytes(digest(self.seed, couple_id.bytes, sha256)[:8]) % max(1, self.within_days)
        return self.renewed_at.astimezone(zone).date() - timedelta(days=1 + drawn)


@dataclass(frozen=True)
class Courses:
    """All couples of a cohort whose care began in time, and which measures each answered."""

    by_couple: Mapping[UUID, Course]
    answered: Mapping[UUID, Mapping[str, frozenset[str]]]
    """In time, by couple and the place of the partner."""
    plans: Mapping[UUID, Mapping[str, frozenset[UUID]]]
    """The plans of each couple, by protocol."""


def read_courses(reading: Reading, agreed: Mapping[UUID, Sides], ends: Ends) -> Courses:
    """Reads them; the reading reaches both partners' own."""
    session = reading.work.session
    zones = {one: ZoneInfo(zone) for one, zone in session.execute(select(Couple.id, Couple.time_zone)) if one in agreed}
    spans: defaultdict[UUID, list[tuple[date, date | None, str | None, UUID]]] = defaultdict(list)
    columns = (Episode.couple_id, Episode.opened_on, Episode.closed_on, Episode.close_reason, Episode.id)
    for row in session.execute(select(*columns).order_by(Episode.opened_on, Episode.id)):
        spans[row.couple_id].append((row.opened_on, row.closed_on, row.close_reason, row.id))
    of_primary = session.execute(select(Concern.episode_id, Concern.code).where(Concern.is_primary))
    primary = {row.episode_id: row.code for row in of_primary}
    measures, plans = _measures(reading, agreed), _plans(reading)
    found: dict[UUID, Course] = {}
    answered: dict[UUID, Mapping[str, frozenset[str]]] = {}
    kept: dict[UUID, Mapping[str, frozenset[UUID]]] = {}
    for couple_id, zone in zones.items():
        until, own = ends.of(couple_id, zone), spans[couple_id]
        if not own or own[0][0] > until:
            continue
        told = {
            side: frozenset(code for code, at in measures[couple_id, side] if at.astimezone(zone).date() <= until)
            for side in agreed[couple_id]
        }
        began = [one for one in plans[couple_id] if one[0].astimezone(zone).date() <= until]
        closed = None if any(end is None or end > until for _, end, _, _ in own) else max(own, key=lambda one: one[1] or until)
        last = until if closed is None or closed[1] is None else closed[1]
        traits = Traits(
            concern=primary.get(own[0][3], ""),
            protocol=began[0][1] if began else None,
            close_reason=None if closed is None else closed[2] or "",
            days_in_care=(last - own[0][0]).days,
            measures=tuple(codes - FOR_ANYBODY for codes in told.values()),
        )
        found[couple_id] = Course(agreed[couple_id], zone, own[0][0], until, traits)
        answered[couple_id] = told
        by_protocol: defaultdict[str, set[UUID]] = defaultdict(set)
        for _, protocol, plan_id in began:
            by_protocol[protocol].add(plan_id)
        kept[couple_id] = {protocol: frozenset(ids) for protocol, ids in by_protocol.items()}
    return Courses(found, answered, kept)


def _measures(reading: Reading, agreed: Mapping[UUID, Sides]) -> Mapping[tuple[UUID, str], list[tuple[str, datetime]]]:
    """When each partner first answered each measure."""
    by = (Administration.couple_id, Administration.compartment, Administration.measure_code)
    found: defaultdict[tuple[UUID, str], list[tuple[str, datetime]]] = defaultdict(list)
    for couple_id, side, code, first in reading.work.session.execute(
        select(*by, func.min(Administration.answered_at)).group_by(*by)
    ):
        if couple_id in agreed:
            found[couple_id, str(side)].append((code, first))
    return found


def _plans(reading: Reading) -> Mapping[UUID, list[tuple[datetime, str, UUID]]]:
    """Every plan as the table `plans` shows it, by couple, the first opened first."""
    table = tables()["plans"]
    names = [column.name for column in table.columns]
    at, protocol, plan, couple = (names.index(name) for name in ("opened_at", "protocol", "plan_id", "couple_id"))
    found: defaultdict[UUID, list[tuple[datetime, str, UUID]]] = defaultdict(list)
    for page in table.read(reading):
        for row in page:
            found[row[couple]].append((row[at], row[protocol], row[plan]))
    for rows in found.values():
        rows.sort()
    return found
