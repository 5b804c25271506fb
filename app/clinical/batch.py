"""Scores many administrations of one measure at once; equal to scoring each alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.clinical.measure import Measure, Scale
from app.clinical.scoring import DECIMALS, SCORING_VERSION
from app.errors import Fault, InvalidError

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
MOST_FAULTS = 100


@dataclass(frozen=True)
class BatchScores:
    """One array per scale, a value per row (NaN where withheld), with what each row's sheet would say."""

    scales: Mapping[str, Numbers]
    prorated: Flags
    inactive: Flags
    incomplete: Flags
    scoring_version: str = SCORING_VERSION


@dataclass(frozen=True)
class _Column:
    values: Numbers
    prorated: Flags


def score_batch(measure: Measure, rows: Numbers, no_activity: Flags | None = None) -> BatchScores:
    """Scores of `rows` (one administration each, columns as `measure.items`, NaN unanswered).

    `no_activity` marks the unanswered cells whose reason is that. Raises `InvalidError`, `/{row}/answers/{item}` per fault.
    """
    check_rows(measure, rows)
    silent = np.isnan(rows)
    inactive = _inactive(measure, rows, no_activity)
    columns: dict[str, _Column] = {}
    turned = _keyed(measure, rows)
    for scale in measure.scales:
        if not scale.parts:
            columns[scale.code] = _from_items(measure, scale, turned, silent, inactive)
    for scale in measure.scales:
        if scale.parts:
            columns[scale.code] = _from_parts(scale, columns)
    return _gathered(measure, columns, inactive)


def check_rows(measure: Measure, rows: Numbers) -> None:
    """Refuses a wrong shape, infinite numbers, values out of range and values between steps; at most 100 are named."""
    if rows.ndim != 2 or rows.shape[1] != len(measure.items):
        raise InvalidError(faults=(Fault("", "wrong_shape", "A row has one column for each item of the measure."),))
    low, high, step = (np.array([getattr(item, end) for item in measure.items]) for end in ("low", "high", "step"))
    # Comparisons with NaN are false, so unanswered cells pass.
    outside = (rows < low) | (rows > high)
    steps = (np.clip(rows, low, high) - low) / step
    bad = outside | (np.abs(steps - np.rint(steps)) > 1e-6)
    if bad.any():
        raise InvalidError(faults=tuple(_cell_fault(measure, row, column) for row, column in np.argwhere(bad)[:MOST_FAULTS]))


def _cell_fault(measure: Measure, row: int, column: int) -> Fault:
    item = measure.items[column]
    sentence = f"An answer to this item lies from {item.low:g} to {item.high:g} in steps of {item.step:g}."
    return Fault(f"/{row}/answers/{item.number}", "out_of_range", sentence)


def _keyed(measure: Measure, rows: Numbers) -> Numbers:
    turned = [column for column, item in enumerate(measure.items) if item.reversed]
    if not turned:
        return rows
    ends = np.array([measure.items[column].low + measure.items[column].high for column in turned])
    copy = rows.copy()
    copy[:, turned] = ends - rows[:, turned]
    return copy


def _inactive(measure: Measure, rows: Numbers, no_activity: Flags | None) -> Flags:
    inactive = np.zeros(rows.shape, dtype=np.bool_) if no_activity is None else no_activity.copy()
    if rule := measure.inactivity:
        covered = [column for column, item in enumerate(measure.items) if item.number in rule.items]
        inactive[:, covered] |= rows[:, covered] == rule.value
    return inactive


def _from_items(measure: Measure, scale: Scale, turned: Numbers, silent: Flags, inactive: Flags) -> _Column:
    if scale.scored_elsewhere:
        return _Column(np.full(len(turned), np.nan), np.zeros(len(turned), dtype=np.bool_))
    places = [column for column, item in enumerate(measure.items) if item.number in scale.items]
    values, missing = turned[:, places], silent[:, places]
    holes = missing.any(axis=1)
    sums = values.sum(axis=1)
    prorated = np.zeros(len(turned), dtype=np.bool_)
    if holes.any():
        sums[holes] = _filled_sums(measure, places, values[holes], missing[holes])
        prorated = holes & ~np.isnan(sums)
    sums[inactive[:, places].any(axis=1)] = np.nan
    return _Column(np.round(scale.offset + scale.weight * sums, DECIMALS), prorated & ~np.isnan(sums))


def _filled_sums(measure: Measure, places: list[int], values: Numbers, missing: Flags) -> Numbers:
    answered = len(places) - missing.sum(axis=1)
    guarded = np.array([measure.items[place].safety for place in places])
    enough = answered * 100 >= measure.missing.min_percent_answered * len(places)
    allowed = enough & (answered > 0) & ~(missing & guarded).any(axis=1) & measure.missing.prorate
    means = np.where(missing, 0.0, values).sum(axis=1) / np.maximum(answered, 1)
    low = np.array([measure.items[place].low for place in places])
    high = np.array([measure.items[place].high for place in places])
    filled: Numbers = np.where(missing, np.clip(means[:, None], low, high), values).sum(axis=1)
    return np.where(allowed, filled, np.nan)


def _from_parts(scale: Scale, columns: Mapping[str, _Column]) -> _Column:
    parts = [columns[part.scale] for part in scale.parts]
    weighted = [part.weight * column.values for part, column in zip(scale.parts, parts, strict=True)]
    values: Numbers = np.round(scale.offset + np.sum(weighted, axis=0), DECIMALS)
    prorated: Flags = np.logical_or.reduce([column.prorated for column in parts]) & ~np.isnan(values)
    return _Column(values, prorated)


def _gathered(measure: Measure, columns: Mapping[str, _Column], inactive: Flags) -> BatchScores:
    asked = np.array([not item.optional for item in measure.items], dtype=np.bool_)
    optional = {item.number for item in measure.items if item.optional}
    expected = [
        scale.code
        for scale in measure.scales
        if not scale.scored_elsewhere and not (scale.items and optional.issuperset(scale.items))
    ]
    idle: Flags = np.logical_or.reduce(inactive[:, asked], axis=1)
    nothing = np.zeros(len(inactive), dtype=np.bool_)
    withheld: Flags = np.logical_or.reduce([nothing, *(np.isnan(columns[code].values) for code in expected)])
    prorated: Flags = np.logical_or.reduce([nothing, *(column.prorated for column in columns.values())])
    return BatchScores(
        scales={scale.code: columns[scale.code].values for scale in measure.scales},
        prorated=prorated,
        inactive=idle,
        incomplete=withheld & ~idle,
    )
