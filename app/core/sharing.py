"""What one partner lets the other read: kinds of data and how much of them, as rows are read by."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """A kind of one partner's own data that this partner may let the other read."""

    SCORES = "scores"
    CHECK_INS = "check_ins"
    CONCERNS = "concerns"
    DIAGNOSES = "diagnoses"


class Level(StrEnum):
    """How much of a kind is shared."""

    NONE = "none"
    SUMMARY = "summary"
    FULL = "full"

    def holds(self, other: "Level") -> bool:
        """Whether who may read this much may read what is shared from the other level on."""
        return ORDER.index(self) >= ORDER.index(other)


ORDER: Final = (Level.NONE, Level.SUMMARY, Level.FULL)
NOBODY: Final = ""


@dataclass(frozen=True)
class Shared:
    """What the partner whose view it is not lets be read of their compartment; without choices nothing."""

    compartment: str = NOBODY
    levels: frozenset[tuple[Kind, Level]] = frozenset()

    def level(self, kind: Kind) -> Level:
        """How much of a kind is shared; none unless it was chosen."""
        return dict(self.levels).get(kind, Level.NONE)

    def opens(self, kind: Kind, at: Level) -> str:
        """The compartment whose rows of a kind may be read, or nobody's."""
        return self.compartment if at is not Level.NONE and self.level(kind).holds(at) else NOBODY
