"""How much data a lag model needs before it may speak, and what is missing when there is less."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from app.clinical.source import Source

SIMULATED = Source(
    "facts 4.3 (b): a true path of .10 (partner .05) is found in eight or nine of ten simulated panels", "computed"
)
PROPOSED = Source("facts 4.3 (c): with 100 units and four waves a true path of .20 is found in two of three panels", "proposal")


@dataclass(frozen=True)
class Least:
    """So many units with so many occasions in a row each."""

    units: int
    occasions: int


OWN: tuple[Least, ...] = (Least(50, 14), Least(100, 8))
"""For what a person's own series say of each other (`SIMULATED`); either is enough."""
ACROSS: tuple[Least, ...] = (Least(200, 14),)
"""For what one partner's series say of the other's (`SIMULATED`): such paths are about half as large."""
FEWEST_WAVES = 3
MOST_WAVES = 12
FEWEST_UNITS = 100
"""For the RI-CLPM: our proposal (`PROPOSED`)."""
UNITS_PER_PARAMETER = 2
"""For the RI-CLPM: our proposal; with fewer its chi-square rejects true models too often."""

MOST_REPEATED = 0.2
"""Of people who have every value of somebody else: our proposal. A few may by chance, with few waves of whole numbers."""
REPEATED = "Many people have every value of somebody else: they are not independent, or were pasted twice."


def longest(steps: Iterable[tuple[Hashable, object]]) -> dict[Hashable, int]:
    """For each unit the occasions that one of its persons strings together: usable steps, and one more to begin with.

    `steps` are pairs of a unit and whoever in it made the step from one occasion to the next.
    """
    made: dict[tuple[Hashable, object], int] = {}
    for person in steps:
        made[person] = made.get(person, 0) + 1
    most: dict[Hashable, int] = {}
    for (unit, _), count in made.items():
        most[unit] = max(most.get(unit, 0), count + 1)
    return most


def missing(occasions: dict[Hashable, int], needed: Sequence[Least], noun: str) -> str | None:
    """What more is needed, or None where one of the ways of having enough is met; `occasions` of each unit as by `longest`."""
    if any(_with(occasions, least) >= least.units for least in needed):
        return None
    asked = ", or ".join(f"{least.occasions} occasions in a row of {least.units} {noun}" for least in needed)
    found = ", and ".join(f"{_with(occasions, least)} {noun} with {least.occasions} or more" for least in needed)
    return f"Needed: {asked}. There are {found}."


def _with(occasions: dict[Hashable, int], least: Least) -> int:
    return sum(count >= least.occasions for count in occasions.values())


def missing_units(units: int, parameters: int) -> str | None:
    """What more the RI-CLPM needs, or None; `parameters` are those of its covariances."""
    needed = max(FEWEST_UNITS, UNITS_PER_PARAMETER * parameters)
    if units >= needed:
        return None
    return f"Needed: {needed} couples (or persons) seen at two occasions or more. There are {units}."
