"""What became of each couple, in one row: care, homework, time to the first reliable improvement, colour, gaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.permissions import Permission
from app.access.work import Work
from app.clinical.domains import DOMAINS
from app.clinical.on_track import URGENCY, flags
from app.clinical.time_to_change import NotReached, Order
from app.couples.models import Concern, Couple, Episode
from app.exports.absence import unanswered_by
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID
from app.exports.pages import a_few, covers_all
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.states import Status
from app.measures.asks import AskedFor
from app.outcomes.colour import rules_in_force, shown_colour
from app.outcomes.gaps import gaps_in
from app.outcomes.gathering import Gathered, gather_each
from app.outcomes.improvement import shown_improvement
from app.outcomes.improvement_schemas import FirstRead
from app.outcomes.partners import shown_adherence
from app.outcomes.seeing import seen_in
from app.outcomes.spent import how_spent, rabbit_hole_rules

NEVER, NOT_YET, WITHHELD = Missing.NOT_APPLICABLE, Missing.NOT_YET_DUE, Missing.WITHHELD_BY_CONSENT
KINDS: Final = ("measures", "concerns", "homework", "session_notes")
EPISODE, HOMEWORK, VISITS, JUDGED = "concerns", "homework", "session_notes", "all"
ABSENT: Final[Mapping[str, Missing]] = {"not_yet": NOT_YET, "too_few_scores": NOT_YET, "cannot_be_judged": NEVER}


def _side(side: str, who: str) -> tuple[Column, ...]:
    when = f"the first reliably better score of {who} on the {side} side"
    name = side if who == "either partner" else f"{side}_both"
    return (
        Column(f"{name}_weeks", Type.NUMBER, f"To {when}.", (NOT_YET, NEVER), unit="weeks", minimum=0),
        Column(f"{name}_visits", Type.INTEGER, f"Conjoint hours up to {when}.", (NOT_YET, NEVER, WITHHELD), minimum=0),
        Column(f"{name}_not_why", Type.CODE, f"Why {when} is not there.", (NEVER,), categories=get_args(NotReached)),
    )


COLUMNS: Final = (
    COUPLE_ID,
    Column("as_of", Type.DATE, "The day these figures are of, where the couple lives: the day of the export."),
    Column("opened_on", Type.DATE, "First day of the open episode of care, or of the last one.", (NEVER, WITHHELD)),
    Column("closed_on", Type.DATE, "Its last day.", (NOT_YET, NEVER, WITHHELD)),
    Column("close_reason", Type.CODE, "Why care ended.", (NOT_YET, NEVER, WITHHELD)),
    Column("concern", Type.CODE, "Its primary concern.", (NEVER, WITHHELD), vocabulary="concerns"),
    Column("protocol", Type.CODE, "Protocol of the newest plan that began.", (NOT_YET, WITHHELD), vocabulary="protocols"),
    Column(
        "plan_status", Type.CODE, "Where the newest plan stands, as it is shown.", (NOT_YET, WITHHELD), categories=tuple(Status)
    ),
    Column("within_rules", Type.INTEGER, "Occasions done within the rules, of both partners.", (WITHHELD,), minimum=0),
    Column("offered", Type.INTEGER, "Occasions offered so far, of both partners.", (WITHHELD,), minimum=0),
    Column("declined", Type.INTEGER, "Occasions declined, which count neither way.", (WITHHELD,), minimum=0),
    Column("visits", Type.INTEGER, "Conjoint hours that signed notes tell of.", (WITHHELD,), minimum=0),
    *(column for side in DOMAINS for who in ("either partner", "both partners") for column in _side(side, who)),
    Column("which_first", Type.CODE, "Which side was seen first, never why.", (NEVER,), categories=get_args(Order)),
    Column("colour", Type.CODE, "The couple's colour.", (WITHHELD,), categories=URGENCY),
    Column("rule", Type.CODE, "The rule that gave it.", (WITHHELD,)),
    Column("gaps_a", Type.INTEGER, "Stretches of days without A's answers.", minimum=0),
    Column("gaps_b", Type.INTEGER, "Stretches of days without B's answers.", minimum=0),
)


@dataclass(frozen=True)
class _Episode:
    """The episode that is looked at, with its primary concern."""

    opened_on: date | None = None
    closed_on: date | None = None
    close_reason: str | None = None
    concern: str | None = None
    resolved_on: date | None = None

    @property
    def is_open(self) -> bool:
        return self.opened_on is not None and self.closed_on is None

    @property
    def primary(self) -> list[str]:
        return [self.concern] if self.is_open and self.concern else []

    @property
    def unresolved(self) -> str | None:
        return self.concern if self.is_open and self.resolved_on is None else None


@dataclass(frozen=True)
class _Couple:
    """What is known of one couple beside what was gathered."""

    id: UUID
    zone: ZoneInfo
    episode: _Episode
    unanswered: Sequence[AskedFor]


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for page in a_few(reading):
        couples = [couple_id for couple_id in page if covers_all(reading, TABLE.kind, couple_id)]
        found = gather_each(reading.work, couples)
        yield [_row(reading, couple, found[couple.id]) for couple in _couples(reading.work, couples, found)]


def _couples(work: Work, couple_ids: Sequence[UUID], found: Mapping[UUID, Gathered]) -> list[_Couple]:
    zones = work.session.execute(select(Couple.id, Couple.time_zone).where(Couple.id.in_(couple_ids)).order_by(Couple.id))
    episodes, asked = _episodes(work, couple_ids), unanswered_by(work, couple_ids)
    return [
        _Couple(
            id=couple_id,
            zone=ZoneInfo(zone),
            episode=episodes.get(couple_id, _Episode()),
            unanswered=[ask for partner in found[couple_id].partners for ask in asked[partner.id]],
        )
        for couple_id, zone in zones
    ]


def _episodes(work: Work, couple_ids: Sequence[UUID]) -> dict[UUID, _Episode]:
    """The open episode, or the last one; where one was entered late and they overlap, the later one."""
    primary = (Concern.couple_id == Episode.couple_id) & (Concern.episode_id == Episode.id) & Concern.is_primary
    rows = work.session.execute(
        select(
            Episode.couple_id,
            Episode.id,
            Episode.opened_on,
            Episode.closed_on,
            Episode.close_reason,
            Concern.code,
            Concern.resolved_on,
        )
        .join(Concern, primary, isouter=True)
        .where(Episode.couple_id.in_(couple_ids))
        .order_by(Episode.couple_id)
    )
    latest = {
        couple_id: max(own, key=lambda row: (row.closed_on is None, row.opened_on, row.id))
        for couple_id, own in groupby(rows, itemgetter(0))
    }
    return {couple_id: _Episode(*row[2:]) for couple_id, row in latest.items()}


def _row(reading: Reading, couple: _Couple, found: Gathered) -> Row:
    work, episode = reading.work, couple.episode
    first = shown_improvement(found)
    covered = {kind: kind == TABLE.kind or covers_all(reading, kind, couple.id) for kind in KINDS}
    gaps = gaps_in(work, couple.unanswered, found.series, couple.zone, in_care=episode.is_open)
    told: list[tuple[str, Sequence[Any]]] = [
        (TABLE.kind, (couple.id, work.now.astimezone(couple.zone).date())),
        (EPISODE, _care(episode)),
        (HOMEWORK, _homework(found)),
        (VISITS, (found.visits,)),
        *(one for side in DOMAINS for who in (first.either, first.both) for one in _first(getattr(who, side))),
        (TABLE.kind, (first.either.order or NEVER,)),
        (JUDGED, _colour(work, couple, found)),
        (TABLE.kind, [len(gaps.get(partner.id, ())) for partner in found.partners]),
    ]
    covered[JUDGED] = all(covered.values())
    return tuple(value if covered[kind] else WITHHELD for kind, values in told for value in values)


def _care(episode: _Episode) -> Row:
    if episode.opened_on is None:
        return (NEVER,) * 4
    return (episode.opened_on, episode.closed_on or NOT_YET, episode.close_reason or NOT_YET, episode.concern or NEVER)


def _homework(found: Gathered) -> Row:
    plans = found.homework.plans
    begun = [plan.protocol for plan in plans if plan.began_at is not None]
    kept = shown_adherence(found.homework, *found.slots)
    status = plans[-1].status if plans else NOT_YET
    return (begun[-1] if begun else NOT_YET, status, kept.within_rules, kept.offered, kept.declined)


def _first(first: FirstRead) -> Iterator[tuple[str, Row]]:
    why = ABSENT[first.reason] if first.reason else NEVER
    yield TABLE.kind, (why if first.weeks is None else first.weeks,)
    yield VISITS, (why if first.visits is None else first.visits,)
    yield TABLE.kind, (first.reason or NEVER,)


def _colour(work: Work, couple: _Couple, found: Gathered) -> Row:
    """The colour and its rule, from all but safety: what clinic software is told."""
    spent = how_spent(found, couple.episode.unresolved, rabbit_hole_rules(work.settings))
    seen, rules = seen_in(found, couple.episode.primary, spent.lost), rules_in_force(work.settings)
    given = shown_colour(seen, flags(seen, rules), rules)
    return given.colour, given.rule


TABLE: Final = Table(
    name="outcomes",
    title="Outcomes of couples",
    description=(
        "One row a couple, as clinic software reads its outcomes on the day of the export: occasions offered, gaps and the "
        "colour move with the days, so in an incremental export those of a couple that did not change are of the day it last "
        "did. It holds both partners side by side, so a couple stands here only where what both measured may leave."
    ),
    permission=Permission.OUTCOMES_READ,
    kind="measures",
    columns=COLUMNS,
    key=("couple_id",),
    read=_read,
)
