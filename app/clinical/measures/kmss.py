"""Kansas Marital Satisfaction Scale: three items on the marriage, the partner and the relationship."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Measure, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_KEY = Source("Schumm et al.; key copied at docplayer.net/22184191", "read_in_secondary")
_CRANE = Source("Crane, Middleton & Bean 2000: 16 and below distressed, 17 and above not", "recalled_high")
_ALPHA = Source("Abstract at scilit: alpha .92, 51 wives", "read_in_primary")
_REVIEW = Source("A review of 2022 finds the retest insufficiently shown (scribd 646997145)", "read_in_secondary")

MEASURE = Measure(
    code="kmss",
    name="Kansas Marital Satisfaction Scale",
    version="1",
    kind="outcome",
    constructs=("marital satisfaction",),
    domain="relational",
    items=items(range(1, 4), 1, 7),
    scales=(Scale("total", 3, 21, items=(1, 2, 3)),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="married people: it says marriage and spouse",
    licence_tier="B_free_noncommercial",
    licence_note="Free for education and research without permission, says its author.",
    sources=(_KEY, _CRANE),
    confidence="medium",
    cutoffs=(Cutoff("distressed", "<=", 16, _CRANE, "total", separates_functional=True),),
    reliability=(
        Reliability("total", "test_retest", 0.71, Source("Retest of .71", "recalled_medium"), gap="10 weeks"),
        Reliability("total", "alpha", 0.92, _ALPHA),
    ),
    reliable_change=(
        ReliableChange("total", "insufficient_norms", _REVIEW, note="No SD was found, and the retest is judged too thin."),
    ),
    limits=("With three items every one must be answered: two are 67 %, below the 80 % a total needs.",),
    examples=(
        Example("all highest", {1: 7, 2: 7, 3: 7}, {"total": 21}),
        Example("all lowest", {1: 1, 2: 1, 3: 1}, {"total": 3}, meanings=("distressed",)),
        Example("16 is distressed", {1: 6, 2: 5, 3: 5}, {"total": 16}, meanings=("distressed",)),
        Example("17 is not", {1: 6, 2: 6, 3: 5}, {"total": 17}),
        Example(
            "two of three answered: no total",
            {1: 6, 2: 6, 3: None},
            {"total": None},
            reasons={3: "skipped"},
            validity="incomplete",
        ),
    ),
)
