"""One row a couple and calendar week, A's and B's answers in columns beside each other: for models of dyads."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.access.permissions import Permission
from app.access.work import Work
from app.clinical.gaps import Gap
from app.clinical.weeks import WEEK, week_of
from app.couples.models import Couple, Episode, Partner
from app.exports.absence import OF_SCORE, absence, most_telling, unanswered_by
from app.exports.columns import Column, Missing, Type
from app.exports.keys import COUPLE_ID
from app.exports.pages import a_few, covers_all
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.homework.summary import HomeworkSummary
from app.measures.series import Point, Series
from app.outcomes.gaps import gaps_in
from app.outcomes.gathering import Gathered, gather_each

PULSE: Final = "rekindle_pulse"
# Primary on either side of a couple's life are its two satisfactions; the others are what they are modelled with.
SCALES: Final = ("sexual_satisfaction", "relationship_satisfaction", "closeness", "desire", "stress")
WEEK_LESS_A_DAY: Final = timedelta(days=6)
UNKNOWN, NOT_ASKED, WITHHELD = Missing.UNKNOWN, Missing.NOT_ASKED, Missing.WITHHELD_BY_CONSENT
HOMEWORK, VISITS = "homework", "session_notes"
NO_SCORE: Final = (*OF_SCORE, Missing.NOT_YET_DUE)
NO_COUNT: Final = (NOT_ASKED, UNKNOWN, WITHHELD)


def _of_partner(slot: str) -> tuple[Column, ...]:
    who = slot.upper()
    counted = {"check_ins": "Check-ins", "within_rules": "Check-ins that kept the rules"}
    return (
        *(
            Column(
                f"{scale}_{slot}", Type.NUMBER, f"{who}'s last {scale} of the week's pulse.", NO_SCORE, minimum=0, maximum=10
            )
            for scale in SCALES
        ),
        *(
            Column(f"{name}_{slot}", Type.INTEGER, f"{told} of {who} about occasions of the week.", NO_COUNT, minimum=0)
            for name, told in counted.items()
        ),
    )


COLUMNS: Final = (
    COUPLE_ID,
    Column("week", Type.DATE, "The Monday of the calendar week, where the couple lives."),
    Column("week_number", Type.INTEGER, "Weeks since the one in which the first episode opened, which is 0.", minimum=0),
    Column("in_care", Type.BOOLEAN, "Whether an episode was open on a day of the week."),
    *_of_partner("a"),
    *_of_partner("b"),
    Column("visits", Type.INTEGER, "Conjoint hours that signed notes tell of.", (WITHHELD,), minimum=0),
    Column("visit_minutes", Type.INTEGER, "How long they lasted.", (WITHHELD,), unit="minutes", minimum=0),
)


@dataclass(frozen=True)
class _Weeks:
    """What one couple's weeks are told from; what may not leave is not in it."""

    id: UUID
    zone: ZoneInfo
    care: Sequence[tuple[date, date | None]]
    gaps: Mapping[UUID, Sequence[Gap]]
    erased: frozenset[UUID]
    found: Gathered
    homework: HomeworkSummary | None
    shows_visits: bool

    def rows(self) -> Iterator[Row]:
        """From the week care began to the last that anything tells of: what does not change the record changes no row."""
        if not self.care:
            return
        first = _monday(min(opened for opened, _ in self.care))
        last = max([first, *self.told_in])
        sides = [self._side(partner.id) for partner in self.found.partners]
        for number in range((last - first) // WEEK + 1):
            week = first + number * WEEK
            in_care = any(opened < week + WEEK and (closed is None or closed >= week) for opened, closed in self.care)
            told = [value for side in sides for value in side.told(week)]
            yield (self.id, week, number, in_care, *told, *self._visits(week))

    @cached_property
    def told_in(self) -> set[date]:
        """The weeks in which something was said, done or decided that these rows hold."""
        days = [day for span in self.care for day in span if day is not None]
        days += [visit.held_on for visit in self.hours]
        moments = [point.answered_at for one in self.pulse for point in one.points]
        if self.homework:
            moments += [one.occurred_at for own in self.homework.check_ins.values() for one in own]
        return {_monday(day) for day in days} | {week_of(moment, self.zone) for moment in moments}

    @cached_property
    def pulse(self) -> list[Series]:
        return [one for one in self.found.series if one.measure == PULSE and one.scale in SCALES]

    @property
    def hours(self) -> Iterable[Any]:
        return self.found.hours if self.shows_visits else ()

    def _side(self, partner_id: UUID) -> "_Side":
        points = {one.scale: self._weekly(one.points) for one in self.pulse if one.partner_id == partner_id}
        gaps = [gap for gap in self.gaps.get(partner_id, ()) if gap.measure == PULSE]
        return _Side(points, gaps, self._homework(partner_id), gone=partner_id in self.erased)

    def _weekly(self, points: Iterable[Point]) -> dict[date, float | Missing]:
        """The last score of each week; a week with none has the reason of its last answer."""
        found: dict[date, float | Missing] = {}
        for point in points:
            week = week_of(point.answered_at, self.zone)
            if point.value is not None and point.reason is None:
                found[week] = point.value
            elif not isinstance(found.get(week), float):
                found[week] = absence(point.reason)
        return found

    def _homework(self, partner_id: UUID) -> "_Homework | None":
        if self.homework is None:
            return None
        told, kept = Counter[date](), Counter[date]()
        for one in self.homework.check_ins.get(partner_id, ()):
            week = week_of(one.occurred_at, self.zone)
            told[week] += 1
            kept[week] += one.done == "within_rules"
        windows = [(window.starts_on, window.ends_on) for window in self.homework.windows]
        return _Homework(told, kept, windows)

    def _visits(self, week: date) -> Row:
        if not self.shows_visits:
            return (WITHHELD, WITHHELD)
        hours = [visit for visit in self.found.hours if week <= visit.held_on < week + WEEK]
        return len(hours), sum(visit.length_minutes for visit in hours)


@dataclass(frozen=True)
class _Homework:
    """One partner's check-ins by week, and the days homework was given for."""

    told: Mapping[date, int]
    kept: Mapping[date, int]
    windows: Sequence[tuple[date, date]]

    def in_week(self, week: date) -> Row:
        """How many there were, and how many kept the rules; in a week without homework there was nothing to tell."""
        was_given = any(starts < week + WEEK and ends >= week for starts, ends in self.windows)
        return (self.told[week], self.kept[week]) if was_given or self.told[week] else (NOT_ASKED, NOT_ASKED)


@dataclass(frozen=True)
class _Side:
    """One partner's half of the rows, from what is this partner's alone; of one who was erased nothing is known."""

    scores: Mapping[str, Mapping[date, float | Missing]]
    gaps: Sequence[Gap]
    homework: _Homework | None
    gone: bool

    def told(self, week: date) -> Row:
        """This partner's columns of a week."""
        if self.gone:
            counted = UNKNOWN if self.homework else WITHHELD
            return (*(UNKNOWN for _ in SCALES), counted, counted)
        meeting = [gap for gap in self.gaps if gap.starts_on <= week + WEEK_LESS_A_DAY and gap.ends_on >= week]
        missing = most_telling(meeting)
        scores = [self.scores.get(scale, {}).get(week, missing) for scale in SCALES]
        return (*scores, *(self.homework.in_week(week) if self.homework else (WITHHELD, WITHHELD)))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _read(reading: Reading) -> Iterator[Sequence[Row]]:
    for page in a_few(reading):
        couples = [couple_id for couple_id in page if covers_all(reading, TABLE.kind, couple_id)]
        yield [row for weeks in _weeks(reading, couples) for row in weeks.rows()]


def _weeks(reading: Reading, couple_ids: Sequence[UUID]) -> Iterator[_Weeks]:
    work = reading.work
    found = gather_each(work, couple_ids)
    care, erased, asked = _care(work, couple_ids), _erased(work, couple_ids), unanswered_by(work, couple_ids)
    for couple_id, zone in work.session.execute(
        select(Couple.id, Couple.time_zone).where(Couple.id.in_(couple_ids)).order_by(Couple.id)
    ):
        one, place = found[couple_id], ZoneInfo(zone)
        unanswered = [ask for partner in one.partners for ask in asked[partner.id]]
        is_open = any(closed is None for _, closed in care[couple_id])
        yield _Weeks(
            id=couple_id,
            zone=place,
            care=care[couple_id],
            gaps=gaps_in(work, unanswered, one.series, place, in_care=is_open),
            erased=erased,
            found=one,
            homework=one.homework if covers_all(reading, HOMEWORK, couple_id) else None,
            shows_visits=reading.covers(VISITS, "conjoint", couple_id),
        )


def _care(work: Work, couple_ids: Sequence[UUID]) -> Mapping[UUID, list[tuple[date, date | None]]]:
    """First and last days of the episodes."""
    found: defaultdict[UUID, list[tuple[date, date | None]]] = defaultdict(list)
    query = select(Episode.couple_id, Episode.opened_on, Episode.closed_on).where(Episode.couple_id.in_(couple_ids))
    for couple_id, opened_on, closed_on in work.session.execute(query):
        found[couple_id].append((opened_on, closed_on))
    return found


def _erased(work: Work, couple_ids: Sequence[UUID]) -> frozenset[UUID]:
    gone = select(Partner.id).where(Partner.couple_id.in_(couple_ids), Partner.erased_at.is_not(None))
    return frozenset(work.session.scalars(gone))


TABLE: Final = Table(
    name="dyad_week",
    title="Weeks of couples",
    description=(
        "One row a couple and calendar week, from the week its first episode opened to the last week anything in the row tells "
        "of, weeks without an answer kept. Scores are those of the weekly pulse, the one measure given every week; longer "
        "measures are in `scores`. Willingness belongs to safety, and is in no export. Each partner's columns are told from "
        "that partner's answers alone, and the two are never averaged; partners can recognise each other in these rows."
    ),
    permission=Permission.OUTCOMES_READ,
    kind="measures",
    columns=COLUMNS,
    key=("couple_id", "week"),
    read=_read,
)
