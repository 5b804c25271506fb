"""The tables of a de-identified export: read as ever, a few couples at a time in random order, and every row changed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from app.exports.columns import Missing, Type
from app.exports.deidentified.classes import Classes, Ladder, classify
from app.exports.deidentified.courses import Course, Courses
from app.exports.deidentified.pseudonyms import Pseudonyms
from app.exports.deidentified.shape import COUPLES, Shape, couples_columns, key_of, shape_of
from app.exports.deidentified.traits import BOTH, FOR_ANYBODY, NAMES, ONE, ladders_of
from app.exports.reading import Reading
from app.exports.table import Row, Table
from app.exports.tables import tables
from app.homework.models import CheckIn
from app.measures.models import Administration

A_FEW: Final = 50
DAYS: Final = frozenset({Type.DATE, Type.MOMENT})


@dataclass(frozen=True)
class Changed:
    """A cohort on its way out: who is in which class, under which names."""

    courses: Courses
    classes: Classes[UUID]
    names: Pseudonyms
    k: int

    @classmethod
    def of(cls, courses: Courses, k: int) -> "Changed":
        """Couples of which both agreed stand in classes of their own: that they did is seen in every row."""
        sets: list[dict[UUID, Sequence[Ladder]]] = [
            {one: ladders_of(course.traits, both) for one, course in courses.by_couple.items() if course.both is both}
            for both in (True, False)
        ]
        both, one = (classify(traits, k) for traits in sets)
        return cls(courses, Classes({**both.told, **one.told}, both.left_out | one.left_out), Pseudonyms(), k)

    @cached_property
    def in_order(self) -> list[UUID]:
        """The couples that leave, in the order of their new names: the one of their old ids is that of their coming."""
        return sorted(self.classes.told, key=self.names.of)

    @cached_property
    def common(self) -> frozenset[str]:
        """Measures that enough couples answered."""
        answered = (frozenset().union(*self.courses.answered[one].values()) for one in self.classes.told)
        counted = Counter(code for codes in answered for code in codes)
        return frozenset(code for code, couples in counted.items() if couples >= self.k)

    def told(self, couple_id: UUID) -> Mapping[str, str | None]:
        """What is told of what may be known of a couple."""
        return dict(zip(NAMES, self.classes.told[couple_id], strict=True))

    def may_show(self, couple_id: UUID, measure: str, slot: str | None = None) -> bool:
        """Whether a row may say that this couple, or one of the two, answered this measure."""
        in_time = self.courses.answered[couple_id]
        if not any(measure in codes for side, codes in in_time.items() if slot is None or side.endswith(slot)):
            return False
        return measure in self.common and (measure in FOR_ANYBODY or self.told(couple_id)["body_measures"] is not None)

    def plans(self, couple_id: UUID) -> frozenset[UUID]:
        """Plans of the protocol that is told of it; exercises would tell of any other."""
        protocol = self.told(couple_id)["protocol"]
        return self.courses.plans[couple_id].get(protocol or "", frozenset())

    def tables(self, names: Sequence[str]) -> list[Table]:
        """These tables as they leave."""
        at_hand = frozenset(names)
        return [self._couples() if name == COUPLES else self._table(tables()[name], at_hand) for name in names]

    def _couples(self) -> Table:
        """What may be known of each couple, as far as it is told."""

        def read(reading: Reading) -> Iterator[Sequence[Row]]:
            for couple_id in self.in_order:
                if list(replace(reading, since=frozenset({couple_id})).couples()):
                    both = self.courses.by_couple[couple_id].both
                    yield [(self.names.of(couple_id), BOTH if both else ONE, *self._words(couple_id, both))]

        base = tables()[COUPLES]
        description = (
            "One row a couple, with all that an outsider may know of one. No combination of its values but the ids is that of"
            f" fewer than {self.k} couples."
        )
        return replace(
            base, title="Couples in classes", description=description, columns=couples_columns(), read=read, straight=None
        )

    def _words(self, couple_id: UUID, both: bool) -> Iterator[str]:  # noqa: FBT001 - one of two kinds of couples
        for name, word in self.told(couple_id).items():
            withheld = Missing.TOO_RARE if both or name == "body_measures" else Missing.WITHHELD_BY_CONSENT
            yield withheld if word is None else word

    def _table(self, table: Table, at_hand: frozenset[str]) -> Table:
        shape = shape_of(table, at_hand)

        def read(reading: Reading) -> Iterator[Sequence[Row]]:
            for start in range(0, len(self.in_order), A_FEW):
                few = replace(reading, since=frozenset(self.in_order[start : start + A_FEW]))
                if rows := list(_Rows(self, shape, few).read()):
                    yield rows

        columns, key = shape.columns, key_of(table)
        return replace(table, columns=columns, key=key, read=read, straight=None)


@dataclass(frozen=True)
class _Rows:
    """The rows of one table of a few couples."""

    changed: Changed
    shape: Shape
    reading: Reading

    def read(self) -> Iterator[Row]:
        """Changed, in an order that tells nothing: by the new ids, and so not by when anything was entered."""
        names = [column.name for column in self.shape.columns]
        key = [names.index(name) for name in key_of(self.shape.table)]
        couple = names.index("couple_id")
        rows = {
            tuple(row[place] for place in key): row  # of two on one day the later
            for page in self.shape.table.read(self.reading)
            for row in map(self._row, page)
            if row is not None
        }
        yield from sorted(rows.values(), key=lambda row: (row[couple], *(row[place] for place in key)))

    def _row(self, row: Row) -> Row | None:
        """The row as it leaves, if it does."""
        had = dict(zip((column.name for column in self.shape.table.columns), row, strict=True))
        course = self.changed.courses.by_couple[had["couple_id"]]
        if not self._may_leave(had, course):
            return None
        if self.shape.dated is not None and course.local(row[self.shape.dated]) > course.until:
            return None
        return tuple(self._value(place, row[place], course) for place in self.shape.places)

    def _may_leave(self, had: Mapping[str, Any], course: Course) -> bool:
        couple_id = had["couple_id"]
        if "measure" in had and not self.changed.may_show(couple_id, had["measure"], had.get("slot")):
            return False
        if "plan_id" in had and had["plan_id"] not in self.changed.plans(couple_id):
            return False
        if self.shape.table.name == "items" and had["administration_id"] not in self._administrations:
            return False
        if self.shape.table.name == "check_in_logs" and had["check_in_id"] not in self._check_ins:
            return False
        if self.shape.table.name == "dyad_week":
            week = had["week"]
            empty = all(isinstance(value, Missing) for name, value in had.items() if name.endswith(("_a", "_b")))
            return not empty and course.local(week) <= course.until
        return True

    @cached_property
    def _administrations(self) -> frozenset[UUID]:
        """Those that were answered in time."""
        columns = (Administration.id, Administration.couple_id, Administration.answered_at)
        return self._in_time(select(*columns).where(Administration.couple_id.in_(self.reading.only or ())))

    @cached_property
    def _check_ins(self) -> frozenset[UUID]:
        """Those about plans that may be told of, and in time."""
        plans = {plan for one in self.reading.only or () for plan in self.changed.plans(one)}
        columns = (CheckIn.id, CheckIn.couple_id, CheckIn.occurred_at)
        return self._in_time(select(*columns).where(CheckIn.plan_id.in_(plans)))

    def _in_time(self, query: Any) -> frozenset[UUID]:
        by_couple = self.changed.courses.by_couple
        found = self.reading.work.session.execute(query)
        return frozenset(one for one, couple, at in found if by_couple[couple].local(at) <= by_couple[couple].until)

    def _value(self, place: int, value: Any, course: Course) -> Any:
        column = self.shape.table.columns[place]
        if isinstance(value, Missing):
            return value
        if column.type is Type.ID:
            return self.changed.names.of(value)
        if column.type in DAYS:
            if course.local(value) > course.until and Missing.NOT_YET_DUE in column.missing:
                return Missing.NOT_YET_DUE
            return course.day(value)
        return value
