"""PROMIS Sexual Function and Satisfaction v2.0: eleven domains as T-scores with their own standard errors, scored elsewhere."""

from app.clinical.measure import Example, Measure, MissingRule, Orientation, Scale
from app.clinical.norms import Norms, ReliableChange
from app.clinical.source import Source

_WEINFURT = Source("Weinfurt et al. 2015, abstract: the domains of v2.0", "read_in_primary")
_PHENX = Source("PhenX Toolkit protocol 880801: the past 30 days", "read_in_primary")
_TABLES = Source("healthmeasures.net: T-scores with mean 50 and SD 10, by look-up table or scoring service", "recalled_high")
_ERRORS = Source("1.96 * sqrt(SE1^2 + SE2^2): each T-score brings its own standard error", "computed")
_SWEDISH = "The erectile domain is weak in healthy young men (alpha .53 in a Swedish validation)."

# Function, interest and satisfaction are better when higher; discomfort and dryness when lower.
_DOMAINS: tuple[tuple[str, Orientation], ...] = (
    ("interest", 1),
    ("lubrication", 1),
    ("vaginal_discomfort", -1),
    ("clitoral_discomfort", -1),
    ("labial_discomfort", -1),
    ("erectile_function", 1),
    ("orgasm_ability", 1),
    ("orgasm_pleasure", 1),
    ("oral_dryness", -1),
    ("oral_discomfort", -1),
    ("satisfaction", 1),
)
_MEN = {"interest": 44.1, "erectile_function": 38.5, "orgasm_ability": 47.0, "satisfaction": 41.2}

MEASURE = Measure(
    code="promis_sexfs_brief_v2",
    name="PROMIS Sexual Function and Satisfaction v2.0, Brief Profile",
    version="1",
    kind="outcome",
    constructs=("sexual interest", "sexual function", "sexual discomfort", "satisfaction with sex life"),
    domain="sexual",
    items=(),
    scales=tuple(
        Scale(code, 0, 100, name=code.replace("_", " "), direction=direction, optional=True) for code, direction in _DOMAINS
    ),
    direction=1,
    recall_days=30,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_TABLES),
    applies_to="male form of 10 and female form of 14 questions, chosen by the body a person reports",
    licence_tier="B_free_noncommercial",
    licence_note="No fee for individual clinical or research use; the PROMIS Health Organization keeps the copyright,"
    " and electronic redistribution needs its permission.",
    sources=(_WEINFURT, _PHENX, _TABLES),
    confidence="medium",
    norms=tuple(Norms(code, "community", "the T-score's reference population", 50, 10, _TABLES) for code, _ in _DOMAINS),
    reliable_change=tuple(
        ReliableChange(
            code,
            "from_score_errors",
            _ERRORS,
            note="Send the standard error of each T-score with it: without both errors a change has no class.",
        )
        for code, _ in _DOMAINS
    ),
    limits=(
        "Finished T-scores only: answers are refused, because the tables that turn them into scores belong to HealthMeasures.",
        "Its screener routes people without sexual activity past a domain: it is then absent from the report, not low.",
        "Every domain stands alone: there is no total and no cut-off, so nobody can be called recovered.",
        "Version 1 had alpha .87 to .95 and test-retest .71 to .87; of version 2.0 neither was found.",
        _SWEDISH,
    ),
    examples=(
        Example("a man who was active: four domains", {}, _MEN, reported=_MEN),
        Example(
            "no activity in the past 30 days: the screener left two domains",
            {},
            {"interest": 39.8, "satisfaction": 36.4},
            reported={"interest": 39.8, "satisfaction": 36.4},
        ),
    ),
)
