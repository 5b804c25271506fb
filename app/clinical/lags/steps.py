"""The steps of a panel as columns of numbers, and what is left of them within each person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.clinical.lags.panel import OTHER, Panel, Row, whole

Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]


@dataclass(frozen=True)
class Steps:
    """One row for each step from one occasion to the next.

    `before` holds the state at the earlier occasion: a person's x and y and, in couples, the partner's x and y. `after` holds
    the person's x and y at the later occasion, which is `occasion`. Units and persons are numbered.
    """

    unit: Whole
    person: Whole
    occasion: Whole
    before: Numbers
    after: Numbers

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def persons(self) -> int:
        """How many persons there are."""
        return len(np.unique(self.person))

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(np.unique(self.unit))


def steps_of(panel: Panel) -> Steps:
    """Every usable step: both of the person's rows are whole, and in couples the partner's earlier row is too.

    People with one step only are left out: it says nothing about what happens within them.
    """
    units = {unit: number for number, unit in enumerate(dict.fromkeys(row.unit for row in panel.rows))}
    persons = {person: number for number, person in enumerate(panel.people)}
    found = [
        (units[now.unit], persons[(now.unit, now.partner)], now.occasion, state, (now.x, now.y))
        for before, now in panel.steps()
        if (state := _state(panel, before)) is not None
    ]
    width = 4 if panel.with_partners else 2
    steps = Steps(
        unit=np.array([step[0] for step in found], dtype=np.intp),
        person=np.array([step[1] for step in found], dtype=np.intp),
        occasion=np.array([step[2] for step in found], dtype=np.intp),
        before=np.array([step[3] for step in found], dtype=np.float64).reshape(-1, width),
        after=np.array([step[4] for step in found], dtype=np.float64).reshape(-1, 2),
    )
    counts = np.bincount(steps.person, minlength=len(persons))
    return _only(steps, counts[steps.person] > 1)


def _state(panel: Panel, row: Row) -> tuple[float, ...] | None:
    if row.partner is None:
        return (row.x, row.y)
    other = panel.people.get((row.unit, OTHER[row.partner]), {}).get(row.occasion)
    return (row.x, row.y, other.x, other.y) if other is not None and whole(other) else None


def _only(steps: Steps, kept: NDArray[np.bool_]) -> Steps:
    return Steps(steps.unit[kept], steps.person[kept], steps.occasion[kept], steps.before[kept], steps.after[kept])


def centred(values: Numbers, person: Whole) -> Numbers:
    """Columns around each person's own means: what the fixed effects of persons leave."""
    _, who, counts = np.unique(person, return_inverse=True, return_counts=True)
    means = np.column_stack([np.bincount(who, column) / counts for column in values.T])
    left: Numbers = values - means[who]
    return left


def straightened(values: Numbers, person: Whole, occasion: Whole) -> Numbers:
    """Columns around each person's own straight line over the occasions."""
    time = centred(occasion[:, None].astype(np.float64), person)[:, 0]
    left = centred(values, person)
    _, who = np.unique(person, return_inverse=True)
    slopes = np.column_stack([np.bincount(who, time * column) for column in left.T]) / np.bincount(who, time**2)[:, None]
    straight: Numbers = left - slopes[who] * time[:, None]
    return straight
