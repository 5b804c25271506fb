"""What partners were asked to answer. Who asks them stands above the measures, so it is told here, by whoever knows."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.access.work import Work


@dataclass(frozen=True)
class AskedFor:
    """One partner asked for one measure until a moment, and not having answered by the moment that is looked at."""

    partner_id: UUID
    measure: str
    asked_at: datetime
    until: datetime


Lookup = Callable[[Work, Collection[UUID]], list[AskedFor]]
_LOOKUPS: Final[list[Lookup]] = []


def tells_what_was_asked(lookup: Lookup) -> Lookup:
    """Registers who knows what partners were asked and did not answer."""
    _LOOKUPS.append(lookup)
    return lookup


def read_unanswered(work: Work, couple_ids: Collection[UUID]) -> list[AskedFor]:
    """What partners of couples that are within reach already were asked and did not answer; one query for each who knows."""
    return [one for lookup in _LOOKUPS for one in lookup(work, couple_ids)]
