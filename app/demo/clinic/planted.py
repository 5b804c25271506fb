"""What is true of an invented year, in the words of the outcomes, and where each truth shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from app.demo.clinic.cast import Pair
from app.demo.clinic.truths import AFTERGLOW, AFTERGLOW_HOURS, BETTER, RARE, RARE_COUPLES, TURNED, Role
from app.demo.clinic.year import Year

ANALYSES: Final = "POST /v1/clinic/direction-analyses"
OUTCOMES: Final = "GET /v1/couples/{id}/outcomes"
CYCLE: Final = "GET /v1/couples/{id}/outcomes/cycle"
CASELOAD: Final = "GET /v1/caseload"
CLINIC: Final = "GET /v1/clinic/outcomes"
FLAGGED: Final[tuple[tuple[str, tuple[Role, ...]], ...]] = (
    ("deteriorated_twice", ("worsening",)),
    ("safety_signal_open", ("pressed",)),
    ("rabbit_hole", ("rabbit_hole",)),
    ("tasks_missed", ("tasks_missed",)),
    ("partners_diverge", ("one_ahead", "worsening")),
    ("slipping", ()),
)
"""Every flag that is planted, and at which couples it stands; at no other."""


@dataclass(frozen=True)
class Truth:
    """One thing that is true."""

    what: str
    value: str
    where: str


def labels(year: Year, *roles: Role) -> list[str]:
    """The external ids of the couples that play these parts."""
    return sorted(pair.label for pair in year.pairs if pair.role in roles)


def partners_better(year: Year, concern: str) -> tuple[int, int]:
    """Of the partners of a concern with two GMSEX at least, how many are reliably better, and how many they are."""
    judged = [
        pair.improves_in[partner] is not None
        for pair in year.pairs
        for partner in (0, 1)
        if pair.concern == concern and len(year.totals(pair, partner, "gmsex")) > 1
    ]
    return sum(judged), len(judged)


def lost(pairs: Iterable[Pair]) -> int:
    """How many of these couples nobody heard of again."""
    return sum(pair.leaves_in is not None and pair.leaves_as == "lost_contact" for pair in pairs)


def truths(year: Year) -> Iterator[Truth]:
    """All of them, as a page shows them."""
    lead = f"{year.setting.lead:g} within persons from sexual to relationship satisfaction a week later; 0 the other way"
    yield Truth("what leads", f"{lead}; 0 between partners", ANALYSES)
    yield Truth(
        "occasions that turn around", f"{TURNED:.0%} of those begun willing, unpressured, in a mood of 3 to 5", OUTCOMES
    )
    yield Truth("after intimacy", f"{AFTERGLOW:g} points more closeness and tolerance within {AFTERGLOW_HOURS} hours", CYCLE)
    for code, roles in FLAGGED:
        yield Truth(code, ", ".join(labels(year, *roles)) or "nobody", f"{OUTCOMES}, {CASELOAD}")
    for concern in BETTER:
        if concern != RARE:
            n, of = partners_better(year, concern)
            yield Truth(f"reliably better, {concern}", f"{n} of {of} partners", CLINIC)
    yield Truth(f"anything of {RARE}", f"nothing: {RARE_COUPLES} couples are too few", CLINIC)
    yield Truth("lost", f"{lost(year.pairs)} of {len(year.pairs)} couples", CLINIC)
