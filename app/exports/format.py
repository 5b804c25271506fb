"""A format of exported files: how rows of a table become bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.exports.straight import Layout
from app.exports.table import Row, Table


class Writes(Protocol):
    """How rows become bytes."""

    def __call__(self, table: Table, pages: Iterable[Sequence[Row]]) -> Iterator[bytes]:
        """The bytes of one part, piece by piece in bounded memory; the first holds the header if there is one."""


@dataclass(frozen=True)
class Format:
    """One format, `exports/formats/<code>.py: FORMAT`; `needs` names the optional extra to install for it, if it takes one.

    A format of lines of text may say how it lays out a table's rows where the database spells them (`Table.straight`), and what
    stands above them; the bytes are those that `write` gives.
    """

    code: str
    title: str
    suffix: str
    media_type: str
    write: Writes
    needs: str | None = None
    layout: Callable[[Table], Layout] | None = None
    header: Callable[[Table], bytes] | None = None
