"""Whose view a read is: the care team's, or what one partner may be shown. The unit of work narrows its reach to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.core.database import Compartment, Reach, RecordSession
from app.core.sharing import Shared

ViewName = Literal["therapist", "partner_a", "partner_b"]
View = Annotated[
    ViewName,
    Field(description="Whose view: the care team's, or only what one partner may be shown.", examples=["therapist"]),
]
As = Annotated[
    View,
    Query(
        alias="as",
        description="Whose view: yours, or only what one partner may be shown. What that partner may not see does not exist.",
        examples=["therapist"],
    ),
]
OWN: Final[dict[str, Compartment]] = {"partner_a": Compartment.INDIVIDUAL_A, "partner_b": Compartment.INDIVIDUAL_B}
OTHERS: Final[dict[str, Compartment]] = {"partner_a": Compartment.INDIVIDUAL_B, "partner_b": Compartment.INDIVIDUAL_A}
SEEN_BY: Final[dict[str, frozenset[Compartment]]] = {
    "therapist": frozenset(Compartment),
    **{view: frozenset({Compartment.CONJOINT, own}) for view, own in OWN.items()},
}


@dataclass(frozen=True)
class Seen:
    """What is looked at: in whose view, and of which couple, if of one."""

    view: ViewName = "therapist"
    couple_id: UUID | None = None

    @property
    def is_partners(self) -> bool:
        """Whether it is the view of one partner."""
        return self.view != "therapist"


# Who knows what a partner shares stands above the door, so the door cannot call it: it is told here.
Lookup = Callable[[RecordSession, UUID, Compartment], Shared]
_lookups: list[Lookup] = []


def tells_what_is_shared(lookup: Lookup) -> Lookup:
    """Registers who knows what the partner of a compartment shares; without one, nothing is."""
    _lookups.append(lookup)
    return lookup


def narrowed(session: RecordSession, reach: Reach, seen: Seen) -> Reach:
    """The reach of a view: never more than the caller's own, but for what the other partner shares with this one."""
    compartments = reach.compartments & SEEN_BY[seen.view]
    if not seen.is_partners:
        return Reach(reach.clinic_id, compartments)
    other, shared = OTHERS[seen.view], Shared()
    if seen.couple_id is not None and other in reach.compartments:
        for lookup in _lookups:
            shared = lookup(session, seen.couple_id, other)
    return Reach(reach.clinic_id, compartments, shared)
