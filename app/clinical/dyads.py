"""What can be said of two partners side by side; never one averaged score."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from app.clinical.change import Change, ChangeClass
from app.clinical.norms import NormSet
from app.clinical.reliable_index import TWO_SIDED_95, s_diff, sem
from app.clinical.source import Source

PairLabel = Literal[
    "both_recovered",
    "both_reliably_improved",
    "one_improved_one_unchanged",
    "split",
    "none",
    "any_deteriorated",
    "not_classifiable",
]
TURN_AROUND_SOURCE = Source("Our default; willing and pressure limits as in the neutral-start protocol", "proposal")
BETTER: frozenset[ChangeClass] = frozenset({"recovered", "improved"})


@dataclass(frozen=True)
class Divergence:
    """How far apart the partners' changes are, in standard errors; positive when A gained more; None with `reason`."""

    z: float | None
    flagged: bool
    reason: Literal["no_reliable_basis", "different_scales"] | None = None


@dataclass(frozen=True)
class DesireDiscrepancy:
    """A's desire minus B's in scale points, with the standard error of a difference between two people."""

    signed: float
    absolute: float
    standard_error: float | None


@dataclass(frozen=True)
class Occasion:
    """One partner's private answers about one occasion, each 0-10 or None; `coerced` when there was force or fear."""

    willing: float | None
    pressure: float | None
    mood_before: float | None
    mood_after: float | None
    coerced: bool = False


@dataclass(frozen=True)
class TurnAroundRule:
    """What counts as begun willing, unpressured and not in a good mood; every number is our proposal, for a clinic to set.

    Moods are 0-10 with 5 neutral: 3 and 4 are slightly negative; better means at least `better_by` points higher after.
    """

    willing_at_least: float = 5
    pressure_at_most: float = 1
    mood_from: float = 3
    mood_to: float = 5
    better_by: float = 1
    fewest: int = 5
    source: Source = TURN_AROUND_SOURCE


@dataclass(frozen=True)
class TurnAround:
    """Of `n` occasions begun willing in a neutral or slightly negative mood, `better` ended better.

    Too few give neither a count nor a rate: three of four would be read as one.
    """

    n: int
    better: int | None
    rate: float | None
    reason: Literal["too_few"] | None
    pressured_excluded: int
    rule: TurnAroundRule


PROPOSED = TurnAroundRule()


def pair_label(a: ChangeClass, b: ChangeClass) -> PairLabel:
    """The couple's label from both partners' classes, whichever of them is called A."""
    pair = {a, b}
    if "deteriorated" in pair:
        return "split" if pair & BETTER else "any_deteriorated"
    if "not_classifiable" in pair:
        return "not_classifiable"
    if pair == {"recovered"}:
        return "both_recovered"
    if pair <= BETTER:
        return "both_reliably_improved"
    return "one_improved_one_unchanged" if pair & BETTER else "none"


def divergence(a: Change, b: Change) -> Divergence:
    """`z = (gain A - gain B) / sqrt(S_diff A^2 + S_diff B^2)`, flagged from 1.96; only on a classifiable basis."""
    if (a.measure, a.scale) != (b.measure, b.scale):
        return Divergence(None, flagged=False, reason="different_scales")
    if a.gained is None or b.gained is None or not _spread(a) or not _spread(b):
        return Divergence(None, flagged=False, reason="no_reliable_basis")
    z = (a.gained - b.gained) / sqrt(_spread(a) ** 2 + _spread(b) ** 2)
    return Divergence(z, flagged=abs(z) >= TWO_SIDED_95)


def desire_discrepancy(a: float, b: float, sem_a: float | None = None, sem_b: float | None = None) -> DesireDiscrepancy:
    """The difference of two dyadic-desire scores; the error is `sqrt(SEM_A^2 + SEM_B^2)`, None without both."""
    error = None if sem_a is None or sem_b is None else sqrt(sem_a**2 + sem_b**2)
    return DesireDiscrepancy(a - b, abs(a - b), error)


def error_of_one(norms: NormSet | None) -> float | None:
    """The standard error of measurement of one score, None unless norms with stability over time are in force."""
    return sem(norms.sd, norms.reliability.value) if norms and norms.reliability.over_time else None


def turn_around(occasions: Iterable[Occasion], rule: TurnAroundRule = PROPOSED) -> TurnAround:
    """How often willing occasions in a neutral or slightly negative mood ended better, for one partner.

    An occasion with an answer missing is not counted: silence is neither willing nor unpressured. Pressured ones are
    left out and told apart, because they ask for review.
    """
    all_of_them = tuple(occasions)
    gains = [gain for occasion in all_of_them if (gain := _gain(occasion, rule)) is not None]
    better = sum(gain >= rule.better_by for gain in gains)
    pressured = sum(_is_pressured(occasion, rule) for occasion in all_of_them)
    enough = len(gains) >= rule.fewest
    if not enough:
        return TurnAround(len(gains), None, None, "too_few", pressured, rule)
    return TurnAround(len(gains), better, better / len(gains), None, pressured, rule)


def _spread(change: Change) -> float:
    """The standard error of a difference, whichever method gave the class; 0 without an index, which is no basis."""
    basis = change.basis
    if change.index is None or change.threshold_points is None:
        return 0.0
    if basis.method in {"jacobson_truax", "maassen"} or basis.sd is None or basis.reliability is None:
        return change.threshold_points / TWO_SIDED_95
    # The thresholds of Edwards-Nunnally and Gulliksen-Lord-Novick count in errors of a prediction, not of a difference.
    return s_diff(basis.sd, basis.reliability)


def _is_pressured(occasion: Occasion, rule: TurnAroundRule) -> bool:
    return occasion.coerced or (occasion.pressure is not None and occasion.pressure > rule.pressure_at_most)


def _gain(occasion: Occasion, rule: TurnAroundRule) -> float | None:
    willing, pressure, before, after = occasion.willing, occasion.pressure, occasion.mood_before, occasion.mood_after
    if willing is None or pressure is None or before is None or after is None:
        return None
    counts = willing >= rule.willing_at_least and not _is_pressured(occasion, rule) and rule.mood_from <= before <= rule.mood_to
    return after - before if counts else None
