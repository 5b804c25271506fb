"""From a clinic's scores to panels: occasions of one or more weeks since a couple's first answer, and waves of several."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isnan, nan
from statistics import fmean
from typing import Final

from app.clinical.lags.minimum import FEWEST_UNITS, FEWEST_WAVES
from app.clinical.lags.panel import Panel, Partner, Row
from app.clinical.lags.results import Series

WEEK: Final = 7
MOST_WAVES: Final = 6  # our proposal: parameters grow with the waves, and few couples are followed for longer


@dataclass(frozen=True)
class Answer:
    """One partner's score on one of the two scales, on a day where the couple lives."""

    couple: Hashable
    partner: Partner
    series: Series
    on: date
    value: float


@dataclass
class Weeks:
    """The last score of each partner and week since the couple's first answer; answers come couple by couple, oldest first."""

    found: dict[tuple[Hashable, Partner, int], dict[Series, float]] = field(default_factory=lambda: defaultdict(dict))
    _began: dict[Hashable, date] = field(default_factory=dict)

    def take(self, answers: Iterable[Answer]) -> None:
        """Takes answers in; of several in one week the last one stays."""
        for answer in answers:
            began = self._began.setdefault(answer.couple, answer.on)
            week = max(0, (answer.on - began).days // WEEK)  # a partner in another zone's yesterday is in the first week too
            self.found[answer.couple, answer.partner, week][answer.series] = answer.value

    def occasions(self, weeks: int) -> Panel:
        """A panel of occasions of so many weeks; of several scores in one the last stays."""
        latest: dict[tuple[Hashable, Partner, int], dict[Series, float]] = defaultdict(dict)
        for (couple, partner, week), scores in sorted(self.found.items(), key=lambda one: one[0][2]):
            latest[couple, partner, week // weeks].update(scores)
        return Panel(tuple(_rows(latest)))

    def waves(self, weeks: int) -> Panel:
        """A panel of waves of so many weeks, each the mean of the weeks in it, as many as enough couples have come to."""
        within: dict[tuple[Hashable, Partner, int], dict[Series, list[float]]] = defaultdict(lambda: {"x": [], "y": []})
        for (couple, partner, week), scores in self.found.items():
            for series, score in scores.items():
                within[couple, partner, week // weeks][series].append(score)
        most = _waves_of_enough(within)
        means = {
            place: {series: fmean(values) for series, values in scores.items() if values}
            for place, scores in within.items()
            if place[2] < most
        }
        return Panel(tuple(_rows(means)))


def _rows(scores: "dict[tuple[Hashable, Partner, int], dict[Series, float]]") -> Iterator[Row]:
    for (couple, partner, occasion), both in scores.items():
        row = Row(couple, occasion, both.get("x", nan), both.get("y", nan), partner)
        if not (isnan(row.x) and isnan(row.y)):
            yield row


def _waves_of_enough(within: Iterable[tuple[Hashable, Partner, int]]) -> int:
    """The most waves, from 3 to 6, whose last one enough couples have answered in; 3 where there are too few of them anyway."""
    answered: defaultdict[int, set[Hashable]] = defaultdict(set)
    for couple, _partner, wave in within:
        answered[wave].add(couple)
    enough = [wave + 1 for wave in range(FEWEST_WAVES, MOST_WAVES) if len(answered[wave]) >= FEWEST_UNITS]
    return max(enough, default=FEWEST_WAVES)
