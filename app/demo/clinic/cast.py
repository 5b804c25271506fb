"""Who comes to the invented clinic: which couple plays which part, drawn by quotas so that the shares are exact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from app.demo.clinic.truths import (
    BETTER,
    COMPLETED,
    RARE,
    RARE_COUPLES,
    RELATED,
    ROLES,
    SHARES,
    Role,
    Setting,
)

FITTING: Final = {
    "desire_discrepancy": ("sensate_focus", "scheduled_intimacy", "affection_ritual"),
    "low_sex_relationship": ("sensate_focus", "scheduled_intimacy", "affection_ritual"),
    "initiation_refusal_pattern": ("scheduled_intimacy",),
    "performance_anxiety": ("sensate_focus",),
    RARE: ("affection_ritual",),
}
ALWAYS_PLANNED: Final[frozenset[Role]] = frozenset({"talking_with_a_plan", "pressed", "tasks_missed"})
NEVER_PLANNED: Final[frozenset[Role]] = frozenset({"rabbit_hole", "talking_but_better", "talked_once"})
ALWAYS_BETTER: Final[frozenset[Role]] = frozenset({"talking_but_better", "one_ahead"})
MAY_BE_BETTER: Final[frozenset[Role]] = frozenset({"plain", "tasks_missed"})
GMSEX_EVERY, RDAS_EVERY = 4, 8


@dataclass(frozen=True)
class Pair:
    """One invented couple; weeks count from its first, and a partner who never improves has none.

    `improves_in`: the week of the first reliably better GMSEX of A and of B; `follows_in` the same of the RDAS.
    """

    number: int
    label: str
    concern: str
    role: Role
    protocol: str | None = None
    improves_in: tuple[int | None, int | None] = (None, None)
    follows_in: tuple[int | None, int | None] = (None, None)
    leaves_in: int | None = None
    leaves_as: str = "completed"

    @property
    def is_better(self) -> bool:
        """Whether either partner becomes reliably better."""
        return any(week is not None for week in self.improves_in)

    @property
    def first_better_in(self) -> int | None:
        """The week in which the first of the two is reliably better."""
        return min((week for week in self.improves_in if week is not None), default=None)


def invent_pairs(setting: Setting, rng: np.random.Generator) -> tuple[Pair, ...]:
    """All couples, each with its part, its concern, and what becomes of it."""
    better = _who_is_better(pairs := _with_parts(setting, rng), rng)
    return tuple(_with_course(pair, setting, rng, is_better=pair.number in better) for pair in pairs)


def _with_parts(setting: Setting, rng: np.random.Generator) -> list[Pair]:
    roles: list[Role] = []
    for role, (share, fewest) in ROLES.items():
        roles += [role] * max(fewest, round(share * setting.couples))
    common = setting.couples - RARE_COUPLES
    roles += ["plain"] * (common - len(roles))
    concerns = [concern for concern, count in _shared_out(SHARES, common).items() for _ in range(count)]
    concerns = [str(concern) for concern in rng.permutation(concerns)]
    concerns += [RARE] * RARE_COUPLES
    roles += ["plain"] * RARE_COUPLES
    order = rng.permutation(setting.couples)
    counted: dict[str, int] = {}
    pairs = []
    for number, drawn in enumerate(order):
        role = roles[drawn]
        counted[role] = counted.get(role, 0) + 1
        label = f"invented-{role.replace('_', '-')}-{counted[role]}"
        pairs.append(Pair(number, label, concerns[drawn], role))
    return pairs


def _shared_out(shares: Mapping[str, float], total: int) -> dict[str, int]:
    counts = {name: int(share * total) for name, share in shares.items()}
    counts[next(iter(counts))] += total - sum(counts.values())
    return counts


def _who_is_better(pairs: list[Pair], rng: np.random.Generator) -> set[int]:
    """The numbers of the couples that become better: exactly the planted share of each concern."""
    better: set[int] = set()
    for concern, share in BETTER.items():
        those = [pair for pair in pairs if pair.concern == concern]
        sure = [pair.number for pair in those if pair.role in ALWAYS_BETTER]
        others = [pair.number for pair in those if pair.role in MAY_BE_BETTER]
        wanted = round(share * len(those)) - len(sure)
        if not 0 <= wanted <= len(others):
            raise ValueError(f"the clinic is too small for the planted share of {concern}")
        better |= {*sure, *(int(number) for number in rng.permutation(others)[:wanted])}
    return better


def _with_course(pair: Pair, setting: Setting, rng: np.random.Generator, *, is_better: bool) -> Pair:
    planned = pair.role in ALWAYS_PLANNED or (pair.role not in NEVER_PLANNED and rng.random() < (0.85 if is_better else 0.5))
    fitting = FITTING[pair.concern]
    protocol = fitting[rng.integers(len(fitting))]
    pair = replace(pair, protocol=protocol if planned else None)
    if pair.role == "lost":
        return replace(pair, leaves_in=int(rng.integers(5, setting.weeks // 2)), leaves_as="lost_contact")
    return _better(pair, setting, rng) if is_better else pair


def _better(pair: Pair, setting: Setting, rng: np.random.Generator) -> Pair:
    given = [week for week in range(2 * GMSEX_EVERY, setting.weeks, GMSEX_EVERY) if week <= max(0.65 * setting.weeks, 12)]
    first = int(rng.integers(len(given)))
    second = int(np.clip(first + rng.integers(-1, 2), 0, len(given) - 1))
    if pair.role == "one_ahead":
        return replace(pair, improves_in=(given[first], None))
    improves = (given[first], given[second])
    later = [week for week in range(0, setting.weeks, RDAS_EVERY) if week > max(improves) + GMSEX_EVERY]
    follows = later[min(int(rng.integers(2)), len(later) - 1)] if later and rng.random() < RELATED else None
    pair = replace(pair, improves_in=improves, follows_in=(follows, follows))
    is_early = max(improves) <= setting.weeks // 2 and pair.role == "plain"
    if is_early and rng.random() < COMPLETED:
        return replace(pair, leaves_in=int(rng.integers(setting.weeks - 4, setting.weeks)), leaves_as="completed")
    return pair
