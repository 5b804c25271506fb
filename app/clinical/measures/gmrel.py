"""Global Measure of Relationship Satisfaction: five bipolar ratings, the twin of GMSEX for the relationship as a whole."""

from app.clinical.measure import PRORATE_FROM_80, Example, Measure, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Lawrance & Byers 1995; Handbook of Sexuality-Related Measures", "recalled_high")
_NORMS = Source("No SD was found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="gmrel",
    name="Global Measure of Relationship Satisfaction",
    version="1",
    kind="outcome",
    constructs=("relationship satisfaction",),
    domain="relational",
    items=items(range(1, 6), 1, 7),
    scales=(Scale("total", 5, 35, items=(1, 2, 3, 4, 5)),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any gender and orientation, partnered",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording.",
    sources=(_AUTHORS,),
    confidence="medium",
    reliability=(
        Reliability("total", "test_retest", 0.81, _AUTHORS, gap="2 weeks"),
        Reliability("total", "test_retest", 0.70, _AUTHORS, gap="3 months"),
        Reliability("total", "alpha", 0.91, Source("Lawrance & Byers 1995: alpha of .91 to .96", "recalled_high")),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="Its stability is known, its spread is not. The SD of GMSEX is not borrowed.",
        ),
    ),
    limits=("No cut-off: nobody can be called recovered.",),
    examples=(
        Example("all highest", {1: 7, 2: 7, 3: 7, 4: 7, 5: 7}, {"total": 35}),
        Example("all lowest", {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}, {"total": 5}),
        Example("mixed", {1: 4, 2: 5, 3: 3, 4: 4, 5: 6}, {"total": 22}),
        Example(
            "four of five answered: the person's mean stands in",
            {1: 4, 2: 5, 3: 3, 4: 4, 5: None},
            {"total": 20},
            reasons={5: "skipped"},
            prorated=True,
        ),
        Example(
            "three of five answered: no total",
            {1: 4, 2: 5, 3: 3, 4: None, 5: None},
            {"total": None},
            reasons={4: "skipped", 5: "declined"},
            validity="incomplete",
        ),
    ),
)
