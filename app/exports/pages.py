"""How tables go through the couples of an export: a few at a time, so that memory stays small whatever a record holds."""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from app.core.database import Compartment
from app.exports.reading import Reading

A_FEW: Final = 50  # couples whose whole course is held at once
ROWS: Final = 1_000  # rows that are opened at once
PLACES: Final = (Compartment.CONJOINT, Compartment.INDIVIDUAL_A, Compartment.INDIVIDUAL_B)


def a_few(reading: Reading) -> Iterator[Sequence[UUID]]:
    """The couples of an export in their order, a few at a time."""
    for page in reading.couples():
        for start in range(0, len(page), A_FEW):
            yield page[start : start + A_FEW]


def covers_all(reading: Reading, kind: str, couple_id: UUID) -> bool:
    """Whether what both partners have, together and each alone, may leave: a row of both holds all of it side by side."""
    return all(reading.covers(kind, place, couple_id) for place in PLACES)
