"""How a score is said in FHIR: its value or why there is none, what its published lines make of it, and where they lie.

All of it is made once for a measure and a scale, and what a score means once for each value, because scores are many.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from app.clinical.interpretation import Reading, bands_reached, cutoff_results, meanings_met
from app.clinical.measure import Band, Cutoff, Measure
from app.clinical.source import Source
from app.fhir.codes import SCORE_UNIT, UCUM, score
from app.fhir.measured import ABSENT_BECAUSE, SHOWN
from app.forms.wording import whole_if_whole

Json = dict[str, Any]
ABSENCES: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
WITHHELD: Final = "CodeSystem/withheld"
INTERPRETATIONS: Final = "CodeSystem/interpretation"
NOTHING_KNOWN: Final = "insufficient_norms"
NOTHING_KNOWN_TEXT: Final = "No published cut-off or band is known here for this score."
OPERATORS: Final = {">=": "{:g} or more", "<=": "{:g} or less", ">": "more than {:g}", "<": "less than {:g}"}
# The ends of a range are part of it in FHIR, so that a line which is not can be told in words alone.
ENDS: Final = {">=": "low", "<=": "high"}


def quantity(value: float) -> Json:
    """A score as a quantity."""
    return {"value": whole_if_whole(value), "unit": "score", "system": UCUM, "code": SCORE_UNIT}


def _bound(value: float) -> Json:
    """An end of a range, in the unit of the score that it stands beside."""
    return {"value": whole_if_whole(value)}


@lru_cache(maxsize=256)
def absence(base: str, reason: str | None) -> Json:
    """Why a score has no value: as R4 says it, and as this record does."""
    told: list[Json] = [{"system": ABSENCES, "code": ABSENT_BECAUSE.get(reason or "", "unknown")}]
    if reason is None:
        return {"coding": told}
    return {"coding": [*told, {"system": f"{base}/{WITHHELD}", "code": reason}], "text": _words(reason)}


@lru_cache(maxsize=1_024)
def unchanging(base: str, measure: str, scale: str) -> tuple[Json, list[Json]]:
    """What all scores of a scale have in common: the code, and the ranges of its bands and cut-offs with who says so."""
    known = SHOWN[measure]
    found = known.scale(scale)
    if found is None:
        return {"text": f"{known.name}: {_words(scale)}"}, []
    return score(base, known, found), [*_bands(known, scale), *_lines(known, scale)]


@lru_cache(maxsize=16_384)
def interpretation(base: str, measure: str, scale: str, value: float) -> list[Json]:
    """The bands and cut-offs that a score meets, or that none are known; of a score that is not to be read, nothing."""
    known = SHOWN[measure]
    if not _own_lines(known, scale) and not _own_bands(known, scale):
        return [_meaning(base, NOTHING_KNOWN, NOTHING_KNOWN_TEXT)]
    scores = {scale: value}
    bands = [band.meaning for band in bands_reached(known, scores) if band.scale == scale]
    results = cutoff_results(known, Reading({}, scores, "valid"))
    met = meanings_met(tuple(one for one in results if one.scale == scale))
    return [_meaning(base, one, _words(one)) for one in dict.fromkeys([*bands, *met])]


def _meaning(base: str, code: str, words: str) -> Json:
    return {"coding": [{"system": f"{base}/{INTERPRETATIONS}", "code": code}], "text": words}


def _own_lines(measure: Measure, scale: str) -> list[Cutoff]:
    return [cut for cut in measure.cutoffs if cut.scale == scale]


def _own_bands(measure: Measure, scale: str) -> list[Band]:
    return [band for band in measure.bands if band.scale == scale]


def _bands(measure: Measure, scale: str) -> Iterator[Json]:
    for band in _own_bands(measure, scale):
        words = f"{_words(band.meaning)}: {band.low:g} to {band.high:g}"
        yield {"low": _bound(band.low), "high": _bound(band.high), "text": _sourced(words, band.source)}


def _lines(measure: Measure, scale: str) -> Iterator[Json]:
    for cut in _own_lines(measure, scale):
        words = f"{_words(cut.meaning)}: {OPERATORS[cut.operator].format(cut.value)}"
        end = {ENDS[cut.operator]: _bound(cut.value)} if cut.operator in ENDS else {}
        yield end | {"text": _sourced(words, cut.source)}


def _sourced(words: str, source: Source) -> str:
    return f"{words} ({source.text}; {_words(source.grade)})"


def _words(code: str) -> str:
    return code.replace("_", " ")
