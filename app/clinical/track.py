"""One partner's series on one scale, read against its intake."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from math import sqrt

from app.clinical.change import Change, ChangeClass, changes
from app.clinical.compare import compare
from app.clinical.measure import Cutoff, Measure
from app.clinical.on_track_rules import OnTrackRules
from app.clinical.reliable_index import TWO_SIDED_95, Method


@dataclass(frozen=True)
class Look:
    """One score of a series; `reason` says why there is none or why it is not read, `error` is its standard error."""

    at: datetime
    value: float | None
    reason: str | None = None
    error: float | None = None


@dataclass(frozen=True)
class Track:
    """One partner's series on one scale, judged by a method; a gap is no look, whatever the reason."""

    partner: str
    measure: Measure
    scale: str
    looks: tuple[Look, ...]
    method: Method = "jacobson_truax"

    def judged_by(self, method: Method) -> "Track":
        """The same series, judged by a method."""
        return self if method == self.method else replace(self, method=method)

    @cached_property
    def scored(self) -> tuple[Look, ...]:
        """Looks that have a score which may be read."""
        return tuple(look for look in self.looks if look.value is not None and look.reason is None)

    @property
    def intake(self) -> Look | None:
        """The first score."""
        return self.scored[0] if self.scored else None

    @property
    def latest(self) -> Look | None:
        """The last score."""
        return self.scored[-1] if self.scored else None

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """Every later score against intake."""
        return self._judged(self.scored[1:])

    @cached_property
    def change(self) -> Change | None:
        """The last score against intake; None with fewer than two."""
        if "changes" in vars(self):
            return self.changes[-1] if self.changes else None
        return next(iter(self._judged(self.scored[1:][-1:])), None)

    def _judged(self, later: tuple[Look, ...]) -> tuple[Change, ...]:
        pairs = [(look.value, look.error) for look in (*self.scored[:1], *later) if look.value is not None]
        return changes(self.measure, self.scale, pairs[0], pairs[1:], self.method) if pairs else ()

    @cached_property
    def classes(self) -> tuple[ChangeClass, ...]:
        """The class of every later score."""
        return tuple(found.change_class for found in self.changes)

    @property
    def is_classifiable(self) -> bool:
        """Whether change on this scale may be classified at all."""
        return any(found != "not_classifiable" for found in self.classes)

    @property
    def has_improved(self) -> bool:
        """Whether any look was reliably better than intake."""
        return any(found in {"improved", "recovered"} for found in self.classes)

    @property
    def line(self) -> Cutoff | None:
        """The published line between the clinical and the functional range, if there is one."""
        return self.measure.functional_cutoff(self.scale)

    def deteriorates(self, rules: OnTrackRules) -> bool:
        """Reliably worse than intake at each of the last looks: one alone gives too many false alarms."""
        lately = self.classes[-rules.in_a_row :]
        return len(lately) == rules.in_a_row and all(found == "deteriorated" for found in lately)

    def worse_lately(self, rules: OnTrackRules) -> tuple[int, int]:
        """On how many of the last looks after intake it was worse by the rule's standard errors, and of how many."""
        lately = self.changes[-rules.look_back :]
        return sum(_is_worse(found, rules.sems_worse) for found in lately), len(lately)

    def stays_functional(self, rules: OnTrackRules) -> bool:
        """On the functional side of the published line at each of the last looks; where the series began does not count."""
        line, lately = self.line, self.scored[-rules.in_a_row :]
        if line is None or len(lately) < rules.in_a_row:
            return False
        return all(look.value is not None and not compare(look.value, line.operator, line.value) for look in lately)


def _is_worse(found: Change, sems: float) -> bool:
    """A threshold is 1.96 * sqrt(2) standard errors of measurement, and the published ones are taken for the same."""
    if found.change_class == "not_classifiable" or found.gained is None or found.threshold_points is None:
        return False
    return found.gained <= -sems * found.threshold_points / (TWO_SIDED_95 * sqrt(2))
