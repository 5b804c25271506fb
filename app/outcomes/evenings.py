"""Evenings that turned, as the cycle tells them to the care team: all of them, and by the mood they were begun in."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

from app.access.work import Work
from app.clinical.dyads import Occasion, TurnAroundRule, turn_around
from app.homework.summary import CheckInSummary
from app.outcomes.colour import turn_around_in_force
from app.outcomes.cycle_schemas import CycleTurnAround, MoodBandRead
from app.outcomes.schemas import TurnAroundRead

# Moods are whole numbers, 0-10; neither good nor bad is 5, as in `clinical/dyads.py`.
NEUTRAL: Final = 5


def shown_evenings(work: Work, check_ins: Sequence[CheckInSummary]) -> CycleTurnAround:
    """One partner's turn-around rate; for whoever reaches safety."""
    rule = turn_around_in_force(work.settings)
    occasions = [Occasion(one.willingness, one.pressure, one.mood_before, one.mood_after, one.coerced) for one in check_ins]
    found = turn_around(occasions, rule)
    return CycleTurnAround(
        all=TurnAroundRead(
            n=found.n,
            better=found.better,
            rate=found.rate,
            reason=found.reason,
            pressured_excluded=found.pressured_excluded,
            thresholds={name: value for name, value in asdict(rule).items() if name != "source"},
        ),
        slightly_negative=_band(occasions, replace(rule, mood_to=min(rule.mood_to, NEUTRAL - 1))),
        neutral=_band(occasions, replace(rule, mood_from=max(rule.mood_from, NEUTRAL))),
    )


def _band(occasions: Sequence[Occasion], rule: TurnAroundRule) -> MoodBandRead | None:
    if rule.mood_from > rule.mood_to:
        return None
    found = turn_around(occasions, rule)
    return MoodBandRead(
        mood_from=rule.mood_from, mood_to=rule.mood_to, n=found.n, better=found.better, rate=found.rate, reason=found.reason
    )
