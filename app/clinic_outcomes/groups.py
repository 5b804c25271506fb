"""Groups of couples a clinic's figures are told of, and which of them may be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, TypeVar

from app.clinic_outcomes.schemas import By, Withheld
from app.clinical.suppression import NOTHING, Cell, Shown, may_be_shown

AXES: Final[tuple[By, ...]] = ("measure", "concern", "protocol", "concern_and_protocol")
MARGINS: Final[tuple[By, ...]] = AXES[:3]
Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Group:
    """Couples of a concern, a protocol, both or any; `told` are the concerns that stand for all where all would tell of few."""

    by: By
    concern: str | None = None
    protocol: str | None = None
    told: frozenset[str] | None = None

    def of(self, cells: Mapping[Cell, Counted]) -> list[Counted]:
        """What was counted of it."""
        return [counted for cell, counted in cells.items() if self._holds(cell)]

    def is_in(self, shown: Shown) -> bool:
        """Whether a figure of it may be told."""
        match self.by:
            case "measure":
                return shown.total if self.told is None else self.told <= shown.rows
            case "concern":
                return self.concern in shown.rows
            case "protocol":
                return self.protocol in shown.columns
            case "concern_and_protocol":
                return (self.concern, self.protocol) in shown.cells

    @property
    def names(self) -> dict[str, Any]:
        """How the wire names it."""
        covers = "every_couple" if self.told is None else "told_concerns"
        return {"concern": self.concern, "protocol": self.protocol, "covers": covers}

    def _holds(self, cell: Cell) -> bool:
        is_told = self.told is None or cell[0] in self.told
        return is_told and self.concern in {None, cell[0]} and self.protocol in {None, cell[1]}


def everybody(*shown: Shown) -> Group:
    """All couples, where each of the tables lets all be told; else those of every concern that each lets be told, if any.

    The second is the sum of figures that are told anyway, so nothing follows from it.
    """
    told = frozenset.intersection(*(one.rows for one in shown))
    return Group("measure", told=None if not told or all(one.total for one in shown) else told)


def groups_of(cells: Iterable[Cell], axes: Iterable[By], *shown: Shown) -> list[Group]:
    """The groups along the axes asked for, in alphabetical order; `shown` is what may be told of each table it is about."""
    there = sorted(cells)
    along: dict[By, list[Group]] = {
        "measure": [everybody(*shown)],
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
