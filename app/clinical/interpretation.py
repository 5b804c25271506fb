"""What scores mean: cut-offs met, bands reached, and alerts that people must see."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from app.clinical.activity import is_unread
from app.clinical.compare import compare
from app.clinical.measure import Alert, Answers, Audience, Band, Cutoff, Measure, Operator
from app.clinical.source import Source


@dataclass(frozen=True)
class CutoffResult:
    """One cut-off and whether it was met; None where nothing can be said: withheld, or without activity."""

    scale: str | None
    items: tuple[int, ...]
    operator: Operator
    value: float
    meaning: str
    met: bool | None
    source: Source


@dataclass(frozen=True)
class BandReached:
    """The band a score lies in."""

    scale: str
    meaning: str
    source: Source


@dataclass(frozen=True)
class AlertRaised:
    """Something people must act on; `audience` says who may see it, and a partner never may."""

    code: str
    sentence: str
    audience: Audience
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reading:
    """Answers with the scores and the validity they gave."""

    answers: Answers
    scales: Mapping[str, float | None]
    validity: str


def cutoff_results(measure: Measure, reading: Reading) -> tuple[CutoffResult, ...]:
    """Every cut-off of the measure with whether it was met."""
    return tuple(
        CutoffResult(cut.scale, cut.items, cut.operator, cut.value, cut.meaning, _met(measure, cut, reading), cut.source)
        for cut in measure.cutoffs
    )


def meanings_met(results: tuple[CutoffResult, ...]) -> tuple[str, ...]:
    """What the answers were found to mean: each meaning once, met by any of its cut-offs."""
    return tuple(dict.fromkeys(result.meaning for result in results if result.met))


def bands_reached(
    measure: Measure, scales: Mapping[str, float | None], answers: Answers = MappingProxyType({})
) -> tuple[BandReached, ...]:
    """The band of every scale that has bands and a score, unless it shows, or the answers do, that there was no activity."""
    return tuple(
        BandReached(band.scale, band.meaning, band.source)
        for band in measure.bands
        if (value := scales.get(band.scale)) is not None
        and _lies_in(measure, band, value)
        and not is_unread(measure, band.scale, value, answers)
    )


def alerts_raised(measure: Measure, reading: Reading, meanings: tuple[str, ...]) -> tuple[AlertRaised, ...]:
    """The measure's own alerts, and those every unanswered safety item raises."""
    own = tuple(
        AlertRaised(alert.code, alert.sentence, alert.audience, _alarming(alert, reading.answers))
        for alert in measure.alerts
        if alert.on_meaning in meanings or _alarming(alert, reading.answers)
    )
    return (*own, *_unanswered_safety(measure, reading.answers))


def _met(measure: Measure, cut: Cutoff, reading: Reading) -> bool | None:
    if cut.items:
        return _items_meet(cut, reading.answers)
    value = reading.scales.get(cut.scale or "")
    if value is not None:
        return None if is_unread(measure, cut.scale or "", value, reading.answers) else compare(value, cut.operator, cut.value)
    # A screen left half empty may already be past its cut-off whatever the rest would have been.
    if measure.kind == "safety_screen" and compare(_floor(measure, cut, reading.answers), cut.operator, cut.value):
        return True
    return None


def _items_meet(cut: Cutoff, answers: Answers) -> bool | None:
    given = [answer for number in cut.items if (answer := answers.get(number)) is not None]
    count = sum(compare(answer, cut.operator, cut.value) for answer in given)
    if count >= cut.at_least:
        return True
    return None if count + len(cut.items) - len(given) >= cut.at_least else False


def _floor(measure: Measure, cut: Cutoff, answers: Answers) -> float:
    scale = measure.scale(cut.scale or "")
    counted = [item for item in measure.items if scale and item.number in scale.items]
    return sum(item.low if (answer := answers.get(item.number)) is None else answer for item in counted)


def _lies_in(measure: Measure, band: Band, value: float) -> bool:
    # A prorated score may fall between two whole-number bands. Published lines name the last score of the worse one ("25 or
    # less", "10 or more"), so that by them it is of the better; the band must not say otherwise.
    others = [other for other in measure.bands if other.scale == band.scale]
    if measure.direction_of(band.scale) == -1:
        return band.low <= value < min((other.low for other in others if other.low > band.low), default=inf)
    worse = [other.high for other in others if other.high < band.low]
    return (value > max(worse) if worse else value >= band.low) and value <= band.high


def _alarming(alert: Alert, answers: Answers) -> tuple[int, ...]:
    return tuple(
        number
        for number in alert.items
        if (answer := answers.get(number)) is not None and compare(answer, alert.operator, alert.value)
    )


def _unanswered_safety(measure: Measure, answers: Answers) -> tuple[AlertRaised, ...]:
    silent = tuple(item.number for item in measure.items if item.safety and answers.get(item.number) is None)
    sentence = "A safety item has no answer: ask this partner alone before relying on the rest."
    return (AlertRaised("safety_item_unanswered", sentence, "care_team", silent),) if silent else ()
