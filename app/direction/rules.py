"""What may be asked, and what of an answer may be told: pure decisions and their errors."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from app.clinical.lags import minimum
from app.clinical.lags.panel import Panel
from app.clinical.lags.reading import Names
from app.clinical.lags.results import ModelResult, ReadingCode
from app.clinical.measures import MEASURES
from app.errors import ConflictError, Fault, InvalidError

TEN: Final = 10
TOO_FEW_COUPLES: Final = "too_few_couples"
OF_THE_CLINIC: Final = frozenset({"x", "y", "weeks_per_occasion", "weeks_per_wave"})
TOO_FEW: Final = frozenset({TOO_FEW_COUPLES, "too_few_waves", "gap_in_waves", "no_variance"})
LEFT_BEHIND: Final = "The analysis was begun several times and never came to its end. Ask again, with less data if you can."
UNREAD: Final = "A model could not deal with these data. Whoever runs the service finds the kind of failure in its log."


class OwnFiguresStayError(ConflictError):
    """What an analysis of the clinic's own data counted decides what the next one may count."""

    code = "own_figures_stay"
    detail = "An analysis of the clinic's own data is not deleted; one of a panel that you brought is."


def check_scales(x: tuple[str, str], y: tuple[str, str]) -> None:
    """Raises InvalidError for a scale that there is not, that asks of safety, or that is compared with itself."""
    faults = [fault for name, scale in (("x", x), ("y", y)) if (fault := _fault_of(name, *scale)) is not None]
    if not faults and x == y:
        faults = [Fault("/y", "same_scale", "x and y are two different scales.")]
    if faults:
        raise InvalidError(faults=tuple(faults))


def _fault_of(name: str, code: str, scale: str) -> Fault | None:
    measure = MEASURES.get(code)
    if measure is None:
        return Fault(
            f"/{name}/measure", "measure_unknown", "This measure is not in the catalogue: `GET /v1/measures` lists them."
        )
    if measure.kind == "safety_screen" or measure.alerts:
        return Fault(f"/{name}/measure", "asks_of_safety", "Answers that may concern somebody's safety are in no analysis.")
    if measure.scale(scale) is None:
        return Fault(f"/{name}/scale", "unknown_scale", "This measure has no scale of that code.")
    return None


def check_one_source(given: frozenset[str]) -> None:
    """Raises InvalidError where two panels are sent, or what is said of the clinic's own data beside one."""
    if given >= {"panel", "csv"}:
        raise InvalidError(faults=(Fault("/csv", "not_both", "Send the panel either as rows or as CSV."),))
    if given & {"panel", "csv"} and (own := sorted(given & OF_THE_CLINIC)):
        sentence = "This is said of the clinic's own data; a panel brings its own x, y and occasions."
        raise InvalidError(faults=tuple(Fault(f"/{name}", "not_with_a_panel", sentence) for name in own))


def in_whole_tens(number: int) -> str:
    """How many couples, without telling one more or one less: `fewer than 10`, `at least 40`."""
    return f"fewer than {TEN}" if number < TEN else f"at least {number - number % TEN}"


def fewest(model: str) -> int:
    """Couples below which nothing at all is told of the clinic's own data."""
    return minimum.FEWEST_UNITS if model.startswith("ri_clpm") else min(least.units for least in minimum.OWN)


def too_few(model: str, panel: Panel) -> ModelResult:
    """The refusal over too few couples of the clinic: how many they are only in whole tens, 0 when under ten."""
    strung = minimum.longest((before.unit, before.partner) for before, _ in panel.steps())
    if model.startswith("ri_clpm"):
        seen = in_whole_tens(len(strung))
        missing = f"Needed: {minimum.FEWEST_UNITS} couples with two waves or more in a row. There are {seen}."
    else:
        asked = ", or ".join(f"{one.occasions} occasions in a row of {one.units} couples" for one in minimum.OWN)
        found = [in_whole_tens(sum(n >= one.occasions for n in strung.values())) for one in minimum.OWN]
        told = ", and ".join(f"{n} with {one.occasions} or more" for n, one in zip(found, minimum.OWN, strict=True))
        missing = f"Needed: {asked}. There are {told}."
    floored = len(panel.units) // TEN * TEN
    return ModelResult(
        usable=False,
        n_units=floored,
        n_persons=0,
        n_occasions=0,
        n_pairs=0,
        code=TOO_FEW_COUPLES,
        detail="The clinic has too few couples with enough answers on both scales for this model.",
        missing=missing,
    )


def as_told(model: str, panel: Panel, found: ModelResult) -> ModelResult:
    """An answer over the clinic's own couples without the counts of a few of them that it may name."""
    return too_few(model, panel) if found.code in TOO_FEW else replace(found, missing=None)


SAME: Final[Mapping[ReadingCode, str]] = {
    "both_ways": "Among partners A and among partners B alike it went both ways.",
    "x_leads": "Among partners A and among partners B alike {x} came first.",
    "y_leads": "Among partners A and among partners B alike {y} came first.",
    "cannot_tell": "Neither among partners A nor among partners B can be told which came first.",
}


def agreement(a: ModelResult, b: ModelResult, names: Names) -> str:
    """Whether the model says the same of partners A and of partners B, who are two looks at the same couples."""
    if a.reading is None or b.reading is None:
        which = "either partner" if a.reading is b.reading else "partners A" if a.reading is None else "partners B"
        return f"RI-CLPM has no answer for {which}, so it is not compared between them."
    if a.reading.code == b.reading.code:
        return SAME[a.reading.code].format(x=names.x, y=names.y)
    return "Partners A and partners B do not agree on which came first: take neither for the answer."


def called(measure: str, scale: str) -> str:
    """A scale in words, for sentences."""
    if MEASURES[measure].kind == "pulse":
        return scale.replace("_", " ")
    return MEASURES[measure].name if scale == "total" else f"{MEASURES[measure].name} ({scale.replace('_', ' ')})"


def own_notes(weeks_per_occasion: int, weeks_per_wave: int) -> tuple[str, ...]:
    """How the clinic's scores became occasions."""
    weeks = "one week" if weeks_per_occasion == 1 else f"{weeks_per_occasion} weeks"
    return (
        f"An occasion is {weeks} since a couple's first answer; of several answers in one the last counts.",
        f"A wave of RI-CLPM is the mean of {weeks_per_wave} weeks.",
    )
