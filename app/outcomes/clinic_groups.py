"""Groups of couples a clinic's figures are told of, and which of them may be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

from app.clinical.suppression import NOTHING, Cell, Shown, may_be_shown
from app.outcomes.clinic_schemas import By, Withheld

AXES: Final[tuple[By, ...]] = ("measure", "concern", "protocol", "concern_and_protocol")
MARGINS: Final[tuple[By, ...]] = AXES[:3]
Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Group:
    """Couples of a concern, a protocol, both or any."""

    by: By
    concern: str | None = None
    protocol: str | None = None

    def of(self, cells: Mapping[Cell, Counted]) -> list[Counted]:
        """What was counted of it."""
        return [counted for cell, counted in cells.items() if self._holds(cell)]

    def is_in(self, shown: Shown) -> bool:
        """Whether a figure of it may be told."""
        match self.by:
            case "measure":
                return shown.total
            case "concern":
                return self.concern in shown.rows
            case "protocol":
                return self.protocol in shown.columns
            case "concern_and_protocol":
                return (self.concern, self.protocol) in shown.cells

    @property
    def names(self) -> dict[str, str | None]:
        """How the wire names it."""
        return {"concern": self.concern, "protocol": self.protocol}

    def _holds(self, cell: Cell) -> bool:
        return self.concern in {None, cell[0]} and self.protocol in {None, cell[1]}


def groups_of(cells: Iterable[Cell], axes: Iterable[By]) -> list[Group]:
    """The groups along the axes asked for, in alphabetical order."""
    there = sorted(cells)
    along: dict[By, list[Group]] = {
        "measure": [Group("measure")],
        "concern": [Group("concern", concern=code) for code in sorted({cell[0] for cell in there})],
        "protocol": [Group("protocol", protocol=code) for code in sorted({cell[1] for cell in there})],
        "concern_and_protocol": [Group("concern_and_protocol", *cell) for cell in there],
    }
    return [group for axis in axes for group in along[axis]]


@dataclass
class Gate:
    """What may be told in one answer, along the axes asked for, and what was withheld from it."""

    minimum: int
    axes: tuple[By, ...]
    withheld: dict[tuple[Any, ...], Withheld] = field(default_factory=dict)

    def shown(self, couples: Mapping[Cell, int]) -> Shown:
        """Which figures of a table may be told: always decided over every axis, whichever is asked for."""
        cells = "concern_and_protocol" in self.axes
        return _decided(frozenset((cell, n) for cell, n in couples.items() if n), self.minimum, cells) if couples else NOTHING

    def withhold(self, group: Group, couples: Mapping[Cell, int], **about: Any) -> None:
        """Notes that something of this group is not told, once an axis; not of which group, nor how many it was."""
        few = sum(group.of(couples)) < self.minimum
        told = Withheld(
            **{"measure": None, "scale": None, "domain": None} | about,
            by=group.by,
            reason="fewer_than_minimum" if few else "would_give_another_away",
        )
        self.withheld.setdefault(tuple(told.model_dump().values()), told)


@lru_cache(maxsize=512)
def _decided(couples: frozenset[tuple[Cell, int]], minimum: int, cells: bool) -> Shown:  # noqa: FBT001 - a key of the cache
    """The same tables come again and again: with every question, and for measures answered by the same couples."""
    return may_be_shown(dict(couples), minimum, cells=cells)
