"""An exported table: what its rows mean, who may have them, and how they are read from a snapshot."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.access.permissions import Permission
from app.exports.columns import Column
from app.exports.reading import Reading
from app.exports.straight import Straight

Row = tuple[Any, ...]
"""One value a column, in their order; where there is none, a `Missing`."""


@dataclass(frozen=True)
class Table:
    """One table, `exports/tables/<name>.py: TABLE`.

    `permission` is what reading the same over the API takes, `kind` what a release has to cover (`disclosures.rules.KINDS`),
    `key` the columns that tell one row from every other, `read` its rows in pages, ordered by couple and key, so that the same
    snapshot gives the same bytes. Every table has a column `couple_id`. `straight` is how the database spells the same
    rows itself, where there are many.
    """

    name: str
    title: str
    description: str
    permission: Permission
    kind: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    read: Callable[[Reading], Iterator[Sequence[Row]]]
    straight: Straight | None = None
