"""From answers to the scores that are stored: many at once, each the same as if it had come alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.clinical.batch import score_batch
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
from app.clinical.measure import Answers, Measure, Reasons
from app.clinical.reported import Reported, report
from app.clinical.scoring import score


@dataclass(frozen=True)
class Content:
    """What a partner answered, checked before: answers with reasons, or scores that somebody else computed."""

    answers: Answers
    reasons: Reasons
    elsewhere: Reported | None = None


@dataclass(frozen=True)
class Scored:
    """What is stored of the scoring; `scoring_version` is None where it was done elsewhere."""

    scales: Mapping[str, float | None]
    withheld: Mapping[str, str]
    validity: str
    prorated: bool
    scoring_version: str | None
    errors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Interpretation:
    """What scores mean today; alerts are for the care team alone."""

    cutoffs: tuple[CutoffResult, ...]
    meanings: tuple[str, ...]
    bands: tuple[BandReached, ...]
    alerts: tuple[AlertRaised, ...]


def score_all(measure: Measure, contents: Sequence[Content]) -> list[Scored]:
    """Scores many administrations of one measure, in their order."""
    own = [content for content in contents if content.elsewhere is None]
    computed = iter(_computed(measure, own)) if own else iter(())
    return [next(computed) if content.elsewhere is None else _reported(measure, content.elsewhere) for content in contents]


def _computed(measure: Measure, contents: Sequence[Content]) -> list[Scored]:
    numbers = [item.number for item in measure.items]
    rows = np.array([[_cell(content.answers.get(number)) for number in numbers] for content in contents], dtype=np.float64)
    idle = np.array([[content.reasons.get(number) == "no_activity" for number in numbers] for content in contents])
    batch = score_batch(measure, rows, idle)
    columns = {code: values.tolist() for code, values in batch.scales.items()}
    gaps = np.logical_or.reduce([np.isnan(values) for values in batch.scales.values()]).tolist()
    flags = zip(batch.prorated.tolist(), batch.inactive.tolist(), batch.incomplete.tolist(), gaps, strict=True)
    found = []
    for row, (prorated, inactive, incomplete, has_gap) in enumerate(flags):
        validity = "inactive_or_partial" if inactive else "incomplete" if incomplete else "valid"
        scales = {code: None if values[row] != values[row] else values[row] for code, values in columns.items()}
        # Why a scale was withheld is told by scoring it alone; few have gaps.
        withheld = dict(score(measure, contents[row].answers, contents[row].reasons).withheld) if has_gap or inactive else {}
        found.append(Scored(scales, withheld, validity, prorated, batch.scoring_version))
    return found


def _cell(answer: float | None) -> float:
    return np.nan if answer is None else answer


def _reported(measure: Measure, elsewhere: Reported) -> Scored:
    found = report(measure, elsewhere)
    return Scored(
        found.scales, dict(found.withheld), found.validity, prorated=False, scoring_version=None, errors=elsewhere.errors
    )


def interpret(measure: Measure, content: Content, scales: Mapping[str, float | None], validity: str) -> Interpretation:
    """Cut-offs, bands and alerts of stored scores; scores from elsewhere raise no alert, because no item is known."""
    reading = Reading(content.answers, scales, validity)
    results = cutoff_results(measure, reading)
    meanings = meanings_met(results)
    alerts = alerts_raised(measure, reading, meanings) if content.elsewhere is None else ()
    return Interpretation(results, meanings, bands_reached(measure, scales, content.answers), alerts)


def can_alert(measure: Measure) -> bool:
    """Whether any answers to this measure could raise an alert."""
    return bool(measure.alerts) or any(item.safety for item in measure.items)
