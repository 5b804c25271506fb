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
NEARLY = 1e-6
BLOCK = 2048  # rows looked at together, so that they stay in the processor's cache


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
    inactive = _inactive(measure, rows, no_activity)
    columns = _from_items(measure, rows, inactive)
    for scale in measure.scales:
        if scale.parts:
            columns[scale.code] = _from_parts(scale, columns)
    return _gathered(measure, columns, inactive)


def check_rows(measure: Measure, rows: Numbers) -> None:
    """Refuses a wrong shape, infinite numbers, values out of range and values between steps; at most 100 are named."""
    if rows.ndim != 2 or rows.shape[1] != len(measure.items):
        raise InvalidError(faults=(Fault("", "wrong_shape", "A row has one column for each item of the measure."),))
    bad: list[tuple[int, int]] = []
    for start in range(0, len(rows), BLOCK):
        fits = _fits(measure, rows[start : start + BLOCK])
        if not fits.all():
            bad += [(start + row, column) for row, column in np.argwhere(~fits).tolist()]
    if bad:
        raise InvalidError(faults=tuple(_cell_fault(measure, row, column) for row, column in bad[:MOST_FAULTS]))


def _fits(measure: Measure, rows: Numbers) -> Flags:
    low, high, step = (np.array([getattr(item, end) for item in measure.items]) for end in ("low", "high", "step"))
    steps = (rows - low) / step
    fits: Flags = rows >= low
    fits &= rows <= high
    with np.errstate(invalid="ignore"):  # an infinite number is no whole number of steps
        fits &= np.abs(steps - np.rint(steps)) <= NEARLY
    fits |= np.isnan(rows)  # unanswered cells fail every comparison
    return fits


def _cell_fault(measure: Measure, row: int, column: int) -> Fault:
    item = measure.items[column]
    sentence = f"An answer to this item lies from {item.low:g} to {item.high:g} in steps of {item.step:g}."
    return Fault(f"/{row}/answers/{item.number}", "out_of_range", sentence)


def _inactive(measure: Measure, rows: Numbers, no_activity: Flags | None) -> Flags | None:
    """Cells that say 'no sexual activity'; None where none does, which is what most batches are."""
    inactive = no_activity if no_activity is not None and no_activity.any() else None
    if rule := measure.inactivity:
        covered = np.array([item.number in rule.items for item in measure.items])
        zeros = (rows == rule.value) & covered
        inactive = zeros if inactive is None else zeros | inactive
    return inactive if inactive is not None and inactive.any() else None


def _from_items(measure: Measure, rows: Numbers, inactive: Flags | None) -> dict[str, _Column]:
    """Every scale that is a sum of items: one matrix says which item counts in which scale, turned or not."""
    turned = np.array([item.reversed for item in measure.items], dtype=np.bool_)
    ends = np.array([item.low + item.high for item in measure.items]) * turned
    scales = [scale for scale in measure.scales if not scale.parts]
    counts = np.array([[item.number in scale.items for scale in scales] for item in measure.items], dtype=np.float64)
    counts = counts.reshape(len(measure.items), len(scales))
    signs = np.where(turned, -1.0, 1.0)[:, None] * counts
    sums = rows @ signs + ends @ counts  # an unanswered item leaves its whole row without a number: those are summed apart
    holes = np.flatnonzero(np.isnan(sums).any(axis=1))
    filled = np.zeros(sums.shape, dtype=np.bool_)
    for place, scale in enumerate(scales):
        if scale.scored_elsewhere:
            sums[:, place] = np.nan
        elif holes.size:
            sums[holes, place], filled[holes, place] = _with_holes(
                measure, scale, np.where(turned, ends - rows[holes], rows[holes])
            )
    if inactive is not None:
        blank = inactive if measure.inactivity is None or measure.inactivity.effect == "withheld" else inactive & np.isnan(rows)
        sums[(blank.astype(np.float64) @ counts) > 0] = np.nan
    values = np.round(sums * [scale.weight for scale in scales] + [scale.offset for scale in scales], DECIMALS)
    filled &= ~np.isnan(values)
    return {scale.code: _Column(values[:, place], filled[:, place]) for place, scale in enumerate(scales)}


def _with_holes(measure: Measure, scale: Scale, turned: Numbers) -> tuple[Numbers, Flags]:
    """Sums of one scale where something is unanswered, and whether the person's own mean stands in."""
    places = [column for column, item in enumerate(measure.items) if item.number in scale.items]
    values = turned[:, places]
    missing = np.isnan(values)
    sums = _filled_sums(measure, places, values, missing)
    return sums, missing.any(axis=1) & ~np.isnan(sums)


def _filled_sums(measure: Measure, places: list[int], values: Numbers, missing: Flags) -> Numbers:
    answered = len(places) - missing.sum(axis=1)
    guarded = np.array([measure.items[place].safety for place in places])
    enough = answered * 100 >= measure.missing.min_percent_answered * len(places)
    allowed = enough & (answered > 0) & ~(missing & guarded).any(axis=1) & measure.missing.prorate
    means = np.where(missing, 0.0, values).sum(axis=1) / np.maximum(answered, 1)
    low = np.array([measure.items[place].low for place in places])
    high = np.array([measure.items[place].high for place in places])
    filled: Numbers = np.where(missing, np.clip(means[:, None], low, high), values).sum(axis=1)
    return np.where(allowed | ~missing.any(axis=1), filled, np.nan)


def _from_parts(scale: Scale, columns: Mapping[str, _Column]) -> _Column:
    parts = [columns[part.scale] for part in scale.parts]
    weighted = [part.weight * column.values for part, column in zip(scale.parts, parts, strict=True)]
    values: Numbers = np.round(scale.offset + np.sum(weighted, axis=0), DECIMALS)
    prorated: Flags = np.logical_or.reduce([column.prorated for column in parts]) & ~np.isnan(values)
    return _Column(values, prorated)


def _gathered(measure: Measure, columns: Mapping[str, _Column], inactive: Flags | None) -> BatchScores:
    asked = np.array([not item.optional for item in measure.items], dtype=np.bool_)
    optional = {item.number for item in measure.items if item.optional}
    expected = [
        scale.code
        for scale in measure.scales
        if not scale.scored_elsewhere and not (scale.items and optional.issuperset(scale.items))
    ]
    nothing = np.zeros(len(next(iter(columns.values())).values), dtype=np.bool_)
    idle: Flags = nothing if inactive is None else np.logical_or.reduce(inactive[:, asked], axis=1)
    withheld: Flags = np.logical_or.reduce([nothing, *(np.isnan(columns[code].values) for code in expected)])
    prorated: Flags = np.logical_or.reduce([nothing, *(column.prorated for column in columns.values())])
    return BatchScores(
        scales={scale.code: columns[scale.code].values for scale in measure.scales},
        prorated=prorated,
        inactive=idle,
        incomplete=withheld & ~idle,
    )
