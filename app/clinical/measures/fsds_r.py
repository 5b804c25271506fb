"""Sexual Distress Scale: the revised Female Sexual Distress Scale's 13 items, used with any gender."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Measure, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_DEROGATIS = Source("DeRogatis et al. 2008; item 13 and the 7-day recall validated there", "read_in_primary")
_TAVARES = Source("Tavares et al. 2022: works in men, stable over a month", "read_in_primary")
_RELIABILITY = Source("DeRogatis et al. 2008", "recalled_medium")
_NORMS = Source("No mean and SD of a clinical group were found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="fsds_r",
    name="Female Sexual Distress Scale, Revised (Sexual Distress Scale)",
    version="1",
    kind="outcome",
    constructs=("sexual distress",),
    domain="sexual",
    items=items(range(1, 14), 0, 4),
    scales=(Scale("total", 0, 52, items=tuple(range(1, 14))),),
    direction=-1,
    recall_days=30,
    missing=PRORATE_FROM_80,
    applies_to="any gender, as the Sexual Distress Scale",
    licence_tier="C_author_permission",
    licence_note="Copyright of the author; ask before showing the wording.",
    sources=(_DEROGATIS, _TAVARES),
    confidence="medium",
    cutoffs=(
        Cutoff("distress", ">=", 11, Source("DeRogatis et al. 2008", "recalled_high"), "total", separates_functional=True),
    ),
    reliability=(
        Reliability("total", "icc", 0.74, _RELIABILITY, gap="4 weeks; reported as above .74"),
        Reliability("total", "alpha", 0.86, _RELIABILITY),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="A clinic can bring the SD of its own baselines, with .80 as a stability to start from (our proposal).",
        ),
    ),
    limits=(
        "Some items behave differently between people with and without a sexual problem.",
        "Registries that print 0 to 48 describe the older form of 12 items.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 14), 4), {"total": 52}, meanings=("distress",)),
        Example("none", dict.fromkeys(range(1, 14), 0), {"total": 0}),
        Example("11 is distress", {1: 4, 2: 4, 3: 3, **dict.fromkeys(range(4, 14), 0)}, {"total": 11}, meanings=("distress",)),
        Example("10 is not", {1: 4, 2: 4, 3: 2, **dict.fromkeys(range(4, 14), 0)}, {"total": 10}),
    ),
)
