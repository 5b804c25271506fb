"""Turns one partner's answers into scores; what cannot be scored honestly is withheld with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.clinical.answers import check_answers
from app.clinical.interpretation import (
    AlertRaised,
    BandReached,
    CutoffResult,
    Reading,
    alerts_raised,
    bands_reached,
    cutoff_results,
    meanings_met,
)
from app.clinical.measure import Answers, Item, Measure, Reasons, Scale
from app.errors import InvalidError

SCORING_VERSION = "2"
DECIMALS = 6

Validity = Literal["valid", "incomplete", "inactive_or_partial"]
Withheld = Literal[
    "no_activity",
    "skipped",
    "declined",
    "not_asked",
    "too_few_answers",
    "safety_item_unanswered",
    "part_withheld",
    "scored_elsewhere",
]
WHOLLY: Final[tuple[Withheld, ...]] = ("skipped", "declined", "not_asked")


@dataclass(frozen=True)
class ScoreSheet:
    """The scores of one administration; a withheld scale is None and `withheld` says why.

    A scale that has a score and stands in `withheld` is not to be read, because it counts answers of no activity.
    """

    measure: str
    measure_version: str
    scales: Mapping[str, float | None]
    validity: Validity
    prorated: bool
    withheld: Mapping[str, Withheld]
    cutoffs: tuple[CutoffResult, ...]
    meanings: tuple[str, ...]
    bands: tuple[BandReached, ...]
    alerts: tuple[AlertRaised, ...]
    scoring_version: str = SCORING_VERSION


@dataclass(frozen=True)
class _Scored:
    value: float | None
    prorated: bool = False
    why: Withheld | None = None


_NO_SCORE: Final = _Scored(None)


def score(measure: Measure, answers: Answers, reasons: Reasons | None = None) -> ScoreSheet:
    """Scores in scale points; raises `InvalidError` with a fault per item when the answers cannot be read."""
    reasons = reasons or {}
    if faults := check_answers(measure, answers, reasons):
        raise InvalidError(faults=faults)
    inactive = inactive_items(measure, answers, reasons)
    scored = _score_scales(measure, answers, reasons, inactive)
    scales = {code: found.value for code, found in scored.items()}
    validity = _validity(measure, scored, inactive)
    results = cutoff_results(measure, Reading(answers, scales, validity))
    return ScoreSheet(
        measure=measure.code,
        measure_version=measure.version,
        scales=scales,
        validity=validity,
        prorated=any(found.prorated for found in scored.values()),
        withheld={code: found.why for code, found in scored.items() if found.why},
        cutoffs=results,
        meanings=meanings_met(results),
        bands=bands_reached(measure, scales, answers),
        alerts=alerts_raised(measure, Reading(answers, scales, validity), meanings_met(results)),
    )


def keyed(item: Item, answer: float) -> float:
    """An answer turned so that it counts in its scale's direction; turning twice gives the answer back."""
    return item.low + item.high - answer if item.reversed else answer


def inactive_items(measure: Measure, answers: Answers, reasons: Reasons) -> frozenset[int]:
    """Items that say 'no sexual activity', by the published zero or by reason code."""
    by_reason = {number for number, reason in reasons.items() if reason == "no_activity"}
    rule = measure.inactivity
    by_value = {number for number in rule.items if answers.get(number) == rule.value} if rule else set[int]()
    return frozenset(by_reason | by_value)


def _score_scales(measure: Measure, answers: Answers, reasons: Reasons, inactive: frozenset[int]) -> dict[str, _Scored]:
    scored = {scale.code: _score_items(measure, scale, answers, inactive) for scale in measure.scales if not scale.parts}
    for scale in measure.scales:
        if scored.get(scale.code, _NO_SCORE).why == "too_few_answers" and (why := _one_reason(scale, answers, reasons)):
            scored[scale.code] = _Scored(None, why=why)
    for scale in measure.scales:
        if scale.parts:
            scored[scale.code] = _score_parts(scale, scored)
    return {scale.code: scored[scale.code] for scale in measure.scales}


def _score_items(measure: Measure, scale: Scale, answers: Answers, inactive: frozenset[int]) -> _Scored:
    if scale.scored_elsewhere:
        return _Scored(None, why="scored_elsewhere")
    idle = inactive.intersection(scale.items)
    effect = measure.inactivity.effect if measure.inactivity else "withheld"
    if idle and (effect == "withheld" or any(answers.get(number) is None for number in idle)):
        return _Scored(None, why="no_activity")
    items = [item for item in measure.items if item.number in scale.items]
    values = {item.number: keyed(item, answer) for item in items if (answer := answers.get(item.number)) is not None}
    missing = [item for item in items if item.number not in values]
    if why := _why_not(measure, missing, len(items)):
        return _Scored(None, why=why)
    mean = sum(values.values()) / len(values)
    total = sum(values.values()) + sum(within(item, mean) for item in missing)
    value = float(round(scale.offset + scale.weight * total, DECIMALS))
    return _Scored(value, prorated=bool(missing), why="no_activity" if idle and effect == "unread" else None)


def _one_reason(scale: Scale, answers: Answers, reasons: Reasons) -> Withheld | None:
    """Why nothing on a scale was answered, where it was all for one reason: that tells more than that it was too little."""
    if any(answers.get(number) is not None for number in scale.items):
        return None
    given = {reasons.get(number) for number in scale.items}
    return next((why for why in WHOLLY if given == {why}), None)


def _why_not(measure: Measure, missing: list[Item], asked: int) -> Withheld | None:
    if not missing:
        return None
    if any(item.safety for item in missing):
        return "safety_item_unanswered"
    enough = (asked - len(missing)) * 100 >= measure.missing.min_percent_answered * asked
    return None if measure.missing.prorate and enough else "too_few_answers"


def within(item: Item, mean: float) -> float:
    """The person's mean kept in the item's own range: with unequal ranges it could otherwise pass the scale's end."""
    return min(max(mean, item.low), item.high)


def _score_parts(scale: Scale, scored: Mapping[str, _Scored]) -> _Scored:
    parts = [scored[part.scale] for part in scale.parts]
    whys = {part.why for part in parts}
    why: Withheld | None = "no_activity" if "no_activity" in whys else next((one for one in WHOLLY if whys == {one}), None)
    values = [part.value for part in parts if part.value is not None]
    if len(values) < len(parts):
        return _Scored(None, why=why or "part_withheld")
    total = scale.offset + sum(part.weight * value for part, value in zip(scale.parts, values, strict=True))
    return _Scored(round(total, DECIMALS), prorated=any(part.prorated for part in parts), why=why)


def _validity(measure: Measure, scored: Mapping[str, _Scored], inactive: frozenset[int]) -> Validity:
    optional = {item.number for item in measure.items if item.optional}
    if not inactive <= optional:
        return "inactive_or_partial"
    expected = [scale.code for scale in measure.scales if not scale.items or not optional.issuperset(scale.items)]
    withheld = [code for code in expected if scored[code].why not in {None, "scored_elsewhere"}]
    return "incomplete" if withheld else "valid"
