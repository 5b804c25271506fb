"""Codes of measures: LOINC where it is sure what a code means, our own code system for each score, and words always.

How sure LOINC's codes are (it could not be asked itself):

- PHQ-9, panel 44249-1, total 44261-6 and its items: verified, they stand with their names in the packages of US Core 6.1.0.
- GAD-7, panel 69737-5 and total 70274-6: stated, alike, by a value set and a profile of two national guides. Its items are left
  out: public sources give two of them the other way round.
- WHO-5, FSFI, FSDS, IIEF, SHIM, RDAS, CSI and the rest: no code was found that is sure, so they have none but ours.
"""

from collections.abc import Mapping
from typing import Any, Final

from app.clinical.domains import domain_of
from app.clinical.measure import Measure, Scale
from app.fhir.labels import MH, SEX
from app.fhir.measured import SHOWN
from app.fhir.values import Token

LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
SCORE_UNIT: Final = "{score}"
SCORES: Final = "CodeSystem/outcome-measures"
PANEL_CODES: Final[Mapping[str, str]] = {"phq9": "44249-1", "gad7": "69737-5"}
SCORE_CODES: Final[Mapping[tuple[str, str], str]] = {("phq9", "total"): "44261-6", ("gad7", "total"): "70274-6"}
ITEM_CODES: Final[Mapping[str, tuple[str, ...]]] = {
    "phq9": ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
}
"""By the measure, in the order of its items."""


def loinc(code: str) -> dict[str, str]:
    """A LOINC code; without its name, which LOINC changes from one release to the next."""
    return {"system": LOINC, "code": code}


def panel(measure: Measure) -> list[dict[str, str]]:
    """The codes of a measure as a whole."""
    return [loinc(PANEL_CODES[measure.code])] if measure.code in PANEL_CODES else []


def item(measure: Measure, number: int) -> list[dict[str, str]]:
    """The codes of one item."""
    known = ITEM_CODES.get(measure.code, ())
    return [loinc(known[number - 1])] if number <= len(known) else []


def score_code(measure: str, scale: str) -> str:
    """The code of a score in our own system."""
    return f"{measure}.{scale}"


def score_words(measure: Measure, scale: Scale) -> str:
    """What a score is, in words."""
    name = scale.name or scale.code.replace("_", " ")
    return measure.name if scale.code == "total" else f"{measure.name}: {name}"


def score(base: str, measure: Measure, scale: Scale) -> dict[str, Any]:
    """The codes of a score."""
    known, words = SCORE_CODES.get((measure.code, scale.code)), score_words(measure, scale)
    own = {"system": f"{base}/{SCORES}", "code": score_code(measure.code, scale.code)}
    return {"coding": [own] if known is None else [loinc(known), own], "text": words}


def scores_meant(base: str, token: Token) -> list[tuple[str, str]]:
    """The scores, as measure and scale, that a code may mean."""
    return [
        (measure.code, scale.code)
        for measure in SHOWN.values()
        for scale in measure.scales
        if token.is_of(f"{base}/{SCORES}", score_code(measure.code, scale.code))
        or ((measure.code, scale.code) in SCORE_CODES and token.is_of(LOINC, SCORE_CODES[measure.code, scale.code]))
    ]


def sensitivities(measure: Measure) -> tuple[str, ...]:
    """The labels of a measure and all that is of it: SEX where it asks of the sexual side of a life, MH of mood and well-being.

    What is of one scale bears the labels of all, for it tells that the rest was asked as well.
    """
    sides = {domain_of(measure, scale.code) for scale in measure.scales}
    return tuple(label for label, side in ((MH, None), (SEX, "sexual")) if side in sides)


def measures_bearing(label: str) -> list[str]:
    """The measures whose label it is."""
    return [code for code, measure in SHOWN.items() if label in sensitivities(measure)]
