"""Rows of one table of the record, as far as they may leave, in the order that makes the same snapshot the same bytes."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Select, literal

from app.core.database import Compartment
from app.exports.reading import Reading
from app.exports.table import Row

CONJOINT: Final = literal(str(Compartment.CONJOINT))
"""The place of rows without a compartment of their own, which are both partners'."""


def rows_of(  # noqa: PLR0913, PLR0917 - a query, and what places its rows
    reading: Reading,
    query: Select[*tuple[Any, ...]],
    kind: str,
    couple_id: Any,
    place: Any,
    order: Sequence[Any],
    shown: Callable[[Any], Row] = tuple,
) -> Iterator[Sequence[Row]]:
    """Pages of rows by couple and `order`; `place` is the column that says in whose compartment a row lies."""
    for of in reading.couples():
        page = query.where(reading.may_leave(kind, couple_id, place, of)).order_by(couple_id, *order)
        for some in reading.pages_of(page):
            yield [shown(row) for row in some]
