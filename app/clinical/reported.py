"""Scores that somebody else computed: which ones a measure takes, and which are missing from what was reported."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from app.clinical.interpretation import BandReached, CutoffResult, Reading, bands_reached, cutoff_results, meanings_met
from app.clinical.measure import Measure, Scale
from app.errors import Fault


@dataclass(frozen=True)
class Reported:
    """Scores by scale in scale points, the standard errors that came with some of them, and what computed them."""

    scores: Mapping[str, float]
    errors: Mapping[str, float] = field(default_factory=dict)
    scored_by: str | None = None


@dataclass(frozen=True)
class Report:
    """Reported scores beside the scales that should have been there; a missing one is None and `withheld` says so."""

    scales: Mapping[str, float | None]
    withheld: Mapping[str, Literal["not_reported"]]
    validity: Literal["valid", "incomplete"]
    cutoffs: tuple[CutoffResult, ...]
    meanings: tuple[str, ...]
    bands: tuple[BandReached, ...]


def report(measure: Measure, reported: Reported) -> Report:
    """What was reported, read as the measure reads its scores; scales of a form that was not used are no gaps."""
    expected = expected_scales(measure, reported.scores)
    scales = {scale.code: reported.scores.get(scale.code) for scale in expected}
    withheld: dict[str, Literal["not_reported"]] = {code: "not_reported" for code, value in scales.items() if value is None}
    validity: Literal["valid", "incomplete"] = "incomplete" if withheld else "valid"
    results = cutoff_results(measure, Reading({}, scales, validity))
    return Report(scales, withheld, validity, results, meanings_met(results), bands_reached(measure, scales))


def expected_scales(measure: Measure, scores: Mapping[str, float]) -> tuple[Scale, ...]:
    """The scales a report must have: those of every form, those of the form it used, and the optional ones it has."""
    forms = {"", *forms_used(measure, scores)}
    return tuple(scale for scale in measure.scales if scale.form in forms and (scale.code in scores or not scale.optional))


def forms_used(measure: Measure, scores: Mapping[str, float]) -> tuple[str, ...]:
    """The forms that the reported scales belong to; of a scale that every form has, none."""
    return tuple(dict.fromkeys(scale.form for scale in measure.scales if scale.form and scale.code in scores))


def check_reported(measure: Measure, reported: Reported, base: str = "") -> tuple[Fault, ...]:
    """Everything wrong with reported scores and their errors.

    Pointers are `{base}/scores_elsewhere/{scale}` and `{base}/standard_errors_elsewhere/{scale}`; a scale the measure does
    not have came from the caller, so it stands as `*`.
    """
    return (
        *_score_faults(measure, reported.scores, f"{base}/scores_elsewhere"),
        *_error_faults(measure, reported, f"{base}/standard_errors_elsewhere"),
    )


def _score_faults(measure: Measure, scores: Mapping[str, float], base: str) -> Iterator[Fault]:
    if not scores:
        yield Fault(base, "too_few", "Too few: at least 1.")
    forms = forms_used(measure, scores)
    for code, value in scores.items():
        scale = measure.scale(code)
        if scale is None:
            yield _unknown_scale(base)
        elif not scale.low <= value <= scale.high:
            sentence = f"A score on this scale lies from {scale.low:g} to {scale.high:g}."
            yield Fault(f"{base}/{code}", "out_of_range", sentence)
        elif scale.form not in {"", *forms[:1]}:
            sentence = f"This scale is of the {scale.form} form, and others are of the {forms[0]} form; a report is of one."
            yield Fault(f"{base}/{code}", "of_another_form", sentence)


def _error_faults(measure: Measure, reported: Reported, base: str) -> Iterator[Fault]:
    for code, error in reported.errors.items():
        if measure.scale(code) is None:
            yield _unknown_scale(base)
        elif not measure.takes_errors(code):
            yield Fault(f"{base}/{code}", "takes_no_standard_error", "Change on this scale does not rest on standard errors.")
        elif code not in reported.scores:
            yield Fault(f"{base}/{code}", "without_score", "A standard error belongs to a score that is reported with it.")
        elif not (isfinite(error) and error > 0):
            yield Fault(f"{base}/{code}", "not_positive", "A standard error is above 0.")


def _unknown_scale(base: str) -> Fault:
    return Fault(f"{base}/*", "unknown_scale", "This measure has no scale of that code.")
