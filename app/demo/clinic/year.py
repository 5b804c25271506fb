"""The whole invented year at once: pure, so that what was planted can be found again in it without a database."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.demo.clinic.cast import Pair, invent_pairs
from app.demo.clinic.courses import FSFI_COUPLES, FSFI_WEEKS, Asked, Homework, answers_of, homework_of, visits_of
from app.demo.clinic.truths import YEAR, Setting
from app.demo.clinic.weeks import Pulses, invent_pulses


@dataclass(frozen=True)
class Year:
    """Everything that happens, by couple."""

    setting: Setting
    pairs: tuple[Pair, ...]
    pulses: Pulses
    asked: tuple[Asked, ...]
    homework: tuple[Homework | None, ...]
    visits: tuple[dict[int, dict[str, int]], ...]

    def is_there(self, pair: Pair, week: int) -> bool:
        """Whether a couple is still in care in a week."""
        return pair.leaves_in is None or week < pair.leaves_in

    def totals(self, pair: Pair, partner: int, measure: str) -> dict[int, int]:
        """What one partner's answers to a measure add up to, by week, without gaps."""
        return self._totals.get((pair.number, partner, measure), {})

    @cached_property
    def _totals(self) -> dict[tuple[int, int, str], dict[int, int]]:
        found: dict[tuple[int, int, str], dict[int, int]] = {}
        for one in self.asked:
            if one.total is not None:
                found.setdefault((one.couple, one.partner, one.measure), {})[one.week] = one.total
        return found


def invent(setting: Setting = YEAR) -> Year:
    """The year of a setting; the same setting gives the same year."""
    pulses_rng, cast_rng, course_rng = np.random.default_rng(setting.seed).spawn(3)
    pairs = invent_pairs(setting, cast_rng)
    asked = [one for pair in pairs for one in answers_of(pair, setting, course_rng)]
    asked += _without_activity(pairs, setting)
    return Year(
        setting,
        pairs,
        invent_pulses(setting, pulses_rng),
        tuple(sorted(asked, key=lambda one: (one.week, one.couple, one.partner))),
        tuple(homework_of(pair, setting, course_rng) for pair in pairs),
        tuple(visits_of(pair, setting) for pair in pairs),
    )


def _without_activity(pairs: tuple[Pair, ...], setting: Setting) -> list[Asked]:
    """A few are given the FSFI too, and say in between that there was no sexual activity: a reason, never a zero."""
    plain = [pair for pair in pairs if pair.role == "plain" and not pair.is_better][:FSFI_COUPLES]
    ends = {FSFI_WEEKS[0], FSFI_WEEKS[-1]}
    return [
        Asked(pair.number, 0, week, "fsfi", 57 if week in ends else None, None if week in ends else "no_activity")
        for pair in plain
        for week in FSFI_WEEKS
        if week < setting.weeks
    ]
