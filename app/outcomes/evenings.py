"""Evenings that turned, as they are told to the care team: all of them, and by the mood they were begun in."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final
from uuid import UUID

from app.access.work import Work
from app.clinical.dyads import Occasion, TurnAroundRule, turn_around
from app.homework.summary import HomeworkSummary
from app.outcomes.colour import turn_around_in_force
from app.outcomes.cycle_schemas import CycleTurnAround, MoodBandRead
from app.outcomes.schemas import TurnAroundRead

# Moods are whole numbers, 0-10; neither good nor bad is 5, as in `clinical/dyads.py`.
NEUTRAL: Final = 5


def shown_turn_around(work: Work, partner_id: UUID, homework: HomeworkSummary) -> TurnAroundRead:
    """How often an evening begun willing in a poor mood ended better; for whoever reaches safety."""
    found = turn_around(_occasions(partner_id, homework), turn_around_in_force(work.settings))
    return TurnAroundRead(
        n=found.n,
        better=found.better,
        rate=found.rate,
        reason=found.reason,
        pressured_excluded=found.pressured_excluded,
        thresholds={name: value for name, value in asdict(found.rule).items() if name != "source"},
    )


def shown_evenings(work: Work, partner_id: UUID, homework: HomeworkSummary) -> CycleTurnAround:
    """The same, and by the mood the evening was begun in."""
    rule, occasions = turn_around_in_force(work.settings), _occasions(partner_id, homework)
    return CycleTurnAround(
        all=shown_turn_around(work, partner_id, homework),
        slightly_negative=_band(occasions, replace(rule, mood_to=min(rule.mood_to, NEUTRAL - 1))),
        neutral=_band(occasions, replace(rule, mood_from=max(rule.mood_from, NEUTRAL))),
    )


def _occasions(partner_id: UUID, homework: HomeworkSummary) -> list[Occasion]:
    return [
        Occasion(one.willingness, one.pressure, one.mood_before, one.mood_after, one.coerced)
        for one in homework.check_ins.get(partner_id, ())
    ]


def _band(occasions: Sequence[Occasion], rule: TurnAroundRule) -> MoodBandRead | None:
    if rule.mood_from > rule.mood_to:
        return None
    found = turn_around(occasions, rule)
    return MoodBandRead(
        mood_from=rule.mood_from, mood_to=rule.mood_to, n=found.n, better=found.better, rate=found.rate, reason=found.reason
    )
