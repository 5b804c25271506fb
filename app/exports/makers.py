"""Who makes exports of destinations that stand above this slice: on the same job, with the same files and the same endings.

A destination registers its maker; what asks for, tells of and hands out its exports is its own, and no other's lists hold them.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from app.access.actor import Actor
from app.access.work import Runtime
from app.core.database import RecordSession
from app.exports.making import Made, Tell
from app.exports.models import Export
from app.exports.sinks import Sink


class Underway(Protocol):
    """An export that is being made."""

    @property
    def epoch(self) -> int:
        """How often keys of the clinic had changed when the snapshot was taken."""
        ...

    def steps(self) -> Iterator[int]:
        """Writes file after file; each time how many steps are done."""
        ...

    def finish(self) -> Made:
        """What came of it."""
        ...


@dataclass(frozen=True)
class Maker:
    """How exports of one destination are made."""

    operation: str
    """What the trail calls it."""
    purpose: str
    """The permission it is done with."""
    asker: Callable[[RecordSession, Export], Actor]
    """Whoever asked, as they stand now. Raises NotAllowedError where they may not have all of it any more."""
    make: Callable[[Runtime, Actor, dict[str, Any], Sink, Tell], AbstractContextManager[Underway]]
    """Begins to make what was asked in `words`; each couple is told of before anything of it is written."""


_makers: dict[str, Maker] = {}


def makes(destination: str, maker: Maker) -> Maker:
    """Registers who makes exports of a destination."""
    _makers[destination] = maker
    return maker


def maker_of(row: Export) -> Maker | None:
    """Who makes an export; None where this slice does."""
    return _makers.get(row.question["destination"])
