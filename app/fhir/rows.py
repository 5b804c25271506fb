"""Resources that are drawn from rows of the record: filtered, ordered and cut into pages by the database."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from types import FunctionType
from typing import Any, Final
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    tuple_,
    type_coerce,
)

from app.access.work import Work
from app.core.database import Compartment, Moment
from app.core.days import DayBegins, DayOf
from app.couples.models import Couple, Partner
from app.couples.service import visible_to
from app.fhir.labels import CONFIDENTIALITY, SENSITIVITY, coded, coded_text
from app.fhir.resource import Asked, Content, Drawing, Drawn, Query, Written
from app.fhir.spans import holds, whole_days
from app.fhir.values import Span, Token

SLOTS: Final = ("a", "b")
UTC_ZONE: Final = literal("UTC", String)
Place = tuple[int, float, Any]


@dataclass(frozen=True)
class Rows:
    """Rows of one query. The columns it selects are what `draw` draws from; the four named below are added to them."""

    query: Callable[[Work], Query]
    """The columns and joins; which clinic and compartments they reach is the session's to say."""
    draw: Callable[[Drawing, Sequence[Any]], Sequence[Content | Written]]
    """A page of rows as resources, in their order: whatever else they need is fetched for all of them at once."""
    key: Any
    """The row's id."""
    updated: Any
    """When what is shown of it last changed, never null; a function of the work where that depends on the time it is."""
    changed: Callable[[Span], ColumnElement[bool]] | None = None
    """The condition on when that was, where the moment is another row's, which the database then looks for but once."""
    couple_id: Any = None
    """Whose it is, where it is a couple's: each couple that is shown leaves a trace."""
    slot: Any = None
    """Which partner's, where a row is shown as one resource for each."""
    labels: Callable[[Any], tuple[str, ...]] = lambda _row: ()
    """Sensitivities of a row besides that it is restricted."""
    labelled: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    """Which rows bear which of these labels."""
    sorts: Mapping[str, Any] = field(default_factory=dict)
    """Columns by the names that `_sort` may use; moments all."""
    strewn: bool = False
    """Whether resources that came in one moment, or of one row, stand apart: else neighbours would be partners."""
    dated: Callable[[Drawing], bool] = lambda _drawing: True
    """Whether a client is told when one last changed, which tells which two changed in one moment."""

    def count(self, drawing: Drawing, type_: str, asked: Asked) -> int:
        """How many rows there are."""
        found = self._found(drawing, type_, asked).with_only_columns(self.key).order_by(None)
        return drawing.work.session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def page(self, drawing: Drawing, type_: str, asked: Asked, after: Place | None, limit: int) -> list[Drawn]:
        """The next rows after a place, drawn."""
        rows = drawing.work.session.execute(self._in_order(drawing, type_, asked, after).limit(limit)).all()
        return list(self._drawn(drawing, type_, rows, is_sorted=asked.sort is not None))

    def pages(self, drawing: Drawing, type_: str, asked: Asked, at_once: int) -> Iterator[list[Drawn]]:
        """All rows, so many at once, by a single statement: what it takes to find them is done but once."""
        query = self._in_order(drawing, type_, asked, None).execution_options(yield_per=at_once)
        for rows in drawing.work.session.execute(query).partitions():
            yield list(self._drawn(drawing, type_, rows, is_sorted=asked.sort is not None))

    def _in_order(self, drawing: Drawing, type_: str, asked: Asked, after: Place | None) -> Query:
        query = self._found(drawing, type_, asked).add_columns(
            self.key.label("fhir_key"),
            self._updated(drawing.work).label("fhir_updated"),
            *([] if self.couple_id is None else [self.couple_id.label("fhir_couple_id")]),
            *([] if self.slot is None else [self.slot.label("fhir_slot")]),
        )
        sort, is_newest_first = self._sort(drawing, asked)
        if sort is not None:
            query = query.add_columns(sort.label("fhir_sort"))
        return self._cut(query, sort, after, newest_first=is_newest_first)

    def _found(self, drawing: Drawing, type_: str, asked: Asked) -> Query:
        query = self.query(drawing.work)
        if self.couple_id is not None:
            query = query.where(self.couple_id.in_(select(Couple.id).where(visible_to(drawing.work))))
            if asked.couples is not None:
                query = query.where(self.couple_id.in_(asked.couples))
        for one in asked.where:
            condition = one.param.condition(drawing, one.values)
            query = query.where(not_(condition) if one.is_not else condition)
        if asked.ids is not None:
            query = query.where(self._among(drawing, type_, asked.ids))
        for span in asked.updated if self.dated(drawing) else map(whole_days, asked.updated):
            where = self.changed(span) if self.changed else holds(span, self._updated(drawing.work), drawing.work.now)
            query = query.where(where)
        for labels in asked.security:
            query = query.where(or_(*(self._bears(label) for label in labels)))
        return query

    def _updated(self, work: Work) -> Any:
        return self.updated(work) if isinstance(self.updated, FunctionType) else self.updated

    def _among(self, drawing: Drawing, type_: str, ids: Sequence[str]) -> ColumnElement[bool]:
        """One list a partner, however many ids there are: databases let conditions be only so deep."""

        def listed(slot: str) -> ColumnElement[bool]:
            found: ColumnElement[bool] = self.key.in_([row for one in ids if (row := drawing.ids.row(type_, one, slot))])
            return found

        return listed("") if self.slot is None else or_(*(and_(self.slot == slot, listed(slot)) for slot in SLOTS))

    def _bears(self, label: Token) -> ColumnElement[bool]:
        if label.is_of(CONFIDENTIALITY, "R"):
            return true()
        bearing = [one for code, one in self.labelled.items() if label.is_of(SENSITIVITY, code)]
        return or_(false(), *bearing)

    def _sort(self, drawing: Drawing, asked: Asked) -> tuple[Any, bool]:
        """What rows are sorted by: of moments that are not told by their days, or those of one moment would be neighbours."""
        if asked.sort is None:
            return None, False
        moment = self.sorts[asked.sort.removeprefix("-")]
        sort = moment if self.dated(drawing) else type_coerce(DayBegins(DayOf(moment, UTC_ZONE), 0, UTC_ZONE), Moment())
        return sort, asked.sort.startswith("-")

    def _cut(self, query: Query, sort: Any, after: Place | None, *, newest_first: bool) -> Query:
        order = [self.key] if self.slot is None else [self.key, self.slot]
        last: list[Any] = [] if after is None else [after[2]] if self.slot is None else [after[2], SLOTS[after[0]]]
        if self.strewn:
            order, last = [strewing(self.key, self.slot), *order], last and [strewn(*last), *last]
        if after is not None:
            beyond: ColumnElement[bool] = order[0] > last[0] if len(order) == 1 else tuple_(*order) > tuple_(*last)
            if sort is not None:
                moment = datetime.fromtimestamp(after[1], UTC)
                further = sort < moment if newest_first else sort > moment
                beyond = or_(further, and_(sort == moment, beyond))
            query = query.where(beyond)
        return query.order_by(*([] if sort is None else [sort.desc() if newest_first else sort.asc()]), *order)

    def _drawn(self, drawing: Drawing, type_: str, rows: Sequence[Any], *, is_sorted: bool) -> Iterator[Drawn]:
        is_dated = self.dated(drawing)
        for fhir_id, row, content in zip(self._ids(drawing, type_, rows), rows, self.draw(drawing, rows), strict=True):
            updated = instant(row.fhir_updated) if is_dated else None
            weight = row.fhir_sort.timestamp() if is_sorted else 0.0
            place = (0 if self.slot is None else SLOTS.index(row.fhir_slot), weight, row.fhir_key)
            drawn = _whole(type_, fhir_id, content, updated, self.labels(row))
            yield Drawn(drawn, place, None if self.couple_id is None else row.fhir_couple_id)

    def _ids(self, drawing: Drawing, type_: str, rows: Sequence[Any]) -> list[str]:
        if self.slot is None:
            return drawing.ids.of_all(type_, [row.fhir_key for row in rows])
        return [drawing.ids.of(type_, row.fhir_key, row.fhir_slot) for row in rows]


def _whole(
    type_: str, fhir_id: str, content: Content | Written, updated: str | None, labels: tuple[str, ...]
) -> Content | Written:
    if isinstance(content, Written):
        return written(type_, fhir_id, content, updated, labels)
    version = content.pop("version", None) or fingerprint(to_json(content))
    return {"resourceType": type_, "id": fhir_id, "meta": meta_of(version, updated, labels), **content}


def meta_of(version: str, updated: str | None, labels: tuple[str, ...]) -> dict[str, Any]:
    """What is said about a resource: its version is a fingerprint of what it says, unless it brings one of its own."""
    dated = {} if updated is None else {"lastUpdated": updated}
    return {"versionId": version, **dated, "security": coded(labels)}


def written(type_: str, fhir_id: str, content: Written, updated: str | None, labels: tuple[str, ...]) -> bytes:
    """The same, letter by letter, around a content that is written already."""
    dated = "" if updated is None else f'"lastUpdated":"{updated}",'
    meta = f'"meta":{{"versionId":"{fingerprint(content)}",{dated}"security":{coded_text(labels)}}}'
    return f'{{"resourceType":"{type_}","id":"{fhir_id}",{meta},'.encode() + content[1:]


def fingerprint(content: Written) -> str:
    """The same for the same content, and another for any other; mappers say everything in one order."""
    return blake2b(content, digest_size=8).hexdigest()


@lru_cache(maxsize=4_096)  # rows of one moment come together
def instant(moment: datetime) -> str:
    """A moment as FHIR writes it, in UTC and to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


RANDOM: Final = {"": 3, "a": 3, "b": 7}
"""How far before its end four letters of an id begin by which a resource stands in order: of the random part of a UUIDv7."""
LETTERS: Final = 4


def strewing(key: Any, slot: Any) -> ColumnElement[str]:
    """What rows are strewn by: it says nothing of when they came, nor of which two are one row's."""
    text = cast(key, String)

    def letters(of: str) -> ColumnElement[str]:
        found: ColumnElement[str] = func.substr(text, func.length(text) - RANDOM[of], LETTERS)
        return found

    return letters("") if slot is None else case((slot == "a", letters("a")), else_=letters("b"))


def strewn(key: UUID, slot: str = "") -> str:
    """The same of a place."""
    begins = len(key.hex) - 1 - RANDOM[slot]
    return key.hex[begins : begins + LETTERS]


def later(one: Any, other: Any) -> ColumnElement[datetime]:
    """The later of two moments of a row, neither of which is null."""
    return case((one >= other, one), else_=other)


def of_each_partner(query: Query, couple_id: Any, compartment: Any) -> Query:
    """The same rows once for each partner they belong to: what is both partners' twice, what is one's once.

    The other partner's own rows never come in, and none at all for a partner who was erased.
    """
    belongs = or_(compartment == Compartment.CONJOINT, compartment == Partner.compartment)
    return query.join(
        Partner,
        and_(Partner.clinic_id == _clinic_of(couple_id), Partner.couple_id == couple_id, Partner.erased_at.is_(None), belongs),
    )


def _clinic_of(column: Any) -> Any:
    return column.class_.clinic_id
