"""Golombok-Rust Inventory of Sexual Satisfaction: seven subscales a person, scored elsewhere by licensed tables."""

from app.clinical.measure import Cutoff, Example, Measure, MissingRule, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Rust & Golombok 1985/1986; abstract: split half, 69 clinical against 59 other people", "read_in_primary")
_STANDARD = Source("Rust & Golombok, manual: standard scale of 1 to 9, a problem from 5", "recalled_high")
_RETEST = Source(
    "Rust & Golombok: about .76 in men and .65 in women; whether subscales or total is not certain", "recalled_medium"
)
_NORMS = Source("No SD of the standard scale was found, so nothing is known of reliable change", "recalled_medium")
_ELSEWHERE = Source("Raw answers become standard scores by the manual's tables, which are licensed", "recalled_high")

_BOTH = ("infrequency", "non_communication")
_MALE = ("erection", "early_ejaculation", "male_avoidance", "male_non_sensuality", "male_dissatisfaction")
_FEMALE = ("anorgasmia", "vaginismus", "female_avoidance", "female_non_sensuality", "female_dissatisfaction")
_ALL = ("total", *_BOTH, *_MALE, *_FEMALE)
_A_MAN = {
    "total": 6,
    "infrequency": 4,
    "non_communication": 3,
    "erection": 8,
    "early_ejaculation": 2,
    "male_avoidance": 4,
    "male_non_sensuality": 3,
    "male_dissatisfaction": 5,
}
_A_WOMAN = dict.fromkeys(("total", *_BOTH, *_FEMALE), 4)
_LACKING_ONE = {code: score for code, score in _A_WOMAN.items() if code != "vaginismus"}


def _scale(code: str) -> Scale:
    form = "male" if code in _MALE else "female" if code in _FEMALE else ""
    return Scale(code, 1, 9, name="Overall" if code == "total" else code.replace("_", " "), form=form)


MEASURE = Measure(
    code="griss",
    name="Golombok-Rust Inventory of Sexual Satisfaction (GRISS)",
    version="1",
    kind="outcome",
    constructs=("sexual problems of each partner", "sexual problems of the couple"),
    domain="sexual",
    items=(),
    scales=tuple(_scale(code) for code in _ALL),
    direction=-1,
    recall_days=None,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_ELSEWHERE),
    applies_to="mixed-sex couples: a male and a female form of 28 items each, chosen by the body and practice a person reports",
    licence_tier="C_author_permission",
    licence_note="Copyright of J. Rust and S. Golombok; wording and tables are in the licensed manual.",
    sources=(_AUTHORS, _STANDARD, _ELSEWHERE),
    confidence="medium",
    cutoffs=tuple(Cutoff("problem", ">=", 5, _STANDARD, code, separates_functional=True) for code in _ALL),
    reliability=(
        Reliability("total", "split_half", 0.94, Source("Rust & Golombok, female form", "read_in_primary")),
        Reliability("total", "split_half", 0.87, Source("Rust & Golombok, male form", "read_in_primary")),
        Reliability("total", "test_retest", 0.76, _RETEST),
        Reliability("total", "test_retest", 0.65, _RETEST),
    ),
    reliable_change=tuple(ReliableChange(code, "insufficient_norms", _NORMS) for code in _ALL),
    limits=(
        "Finished standard scores only: answers are refused, because the tables that turn them into scores are licensed.",
        "A report is of one form: the seven subscales of that person and the overall score.",
        "The wording assumes a man and a woman; for other couples use measures without that assumption.",
        "Change went with therapists' ratings only moderately: .54 in men, .43 in women.",
    ),
    examples=(
        Example("a male form: erection and dissatisfaction are a problem", {}, _A_MAN, meanings=("problem",), reported=_A_MAN),
        Example("a female form, all below 5", {}, _A_WOMAN, reported=_A_WOMAN),
        Example(
            "a female form whose report lacks a subscale",
            {},
            {**_LACKING_ONE, "vaginismus": None},
            validity="incomplete",
            reported=_LACKING_ONE,
        ),
    ),
)
