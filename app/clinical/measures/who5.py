"""WHO-5 Well-Being Index: five items, told as a percentage."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Measure, Scale, items
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_KEY = Source(
    "help.valant.com: raw 0-25 times 4, below 50 % look for depression, reliable change 10 points", "read_in_secondary"
)
_REVIEW = Source("Topp et al. 2015, Psychother Psychosom 84:167: review of 213 studies", "read_in_primary")
_LICENCE = Source("Re-released by WHO in 2024, CC BY-NC-SA 3.0 IGO", "recalled_medium")

MEASURE = Measure(
    code="who5",
    name="WHO-5 Well-Being Index",
    version="1",
    kind="outcome",
    constructs=("well-being",),
    domain="neither",
    items=items(range(1, 6), 0, 5),
    scales=(Scale("total", 0, 100, items=(1, 2, 3, 4, 5), weight=4),),
    direction=1,
    recall_days=14,
    missing=PRORATE_FROM_80,
    applies_to="any",
    licence_tier="B_free_noncommercial",
    licence_note="Free for non-commercial use, shared alike (CC BY-NC-SA 3.0 IGO).",
    sources=(_KEY, _REVIEW, _LICENCE),
    confidence="high",
    cutoffs=(Cutoff("low", "<", 50, _KEY, "total", separates_functional=True),),
    reliable_change=(ReliableChange("total", "published", _KEY, points=10),),
    limits=(
        "The score is a percentage: the raw sum of 0 to 25 times four. Below 50 is a raw sum below 13.",
        "A low score asks for a look at depression; it is no diagnosis.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 6), 5), {"total": 100}),
        Example("all lowest", dict.fromkeys(range(1, 6), 0), {"total": 0}, meanings=("low",)),
        Example("a raw 12 is 48 %: low", {1: 3, 2: 3, 3: 2, 4: 2, 5: 2}, {"total": 48}, meanings=("low",)),
        Example("a raw 13 is 52 %: not", {1: 3, 2: 3, 3: 3, 4: 2, 5: 2}, {"total": 52}),
        Example(
            "four of five answered, exactly 50 %: not below",
            {1: 3, 2: 3, 3: 2, 4: 2, 5: None},
            {"total": 50},
            reasons={5: "skipped"},
            prorated=True,
        ),
        Example(
            "three of five answered: no score",
            {1: 3, 2: 3, 3: 3, 4: None, 5: None},
            {"total": None},
            reasons={4: "skipped", 5: "skipped"},
            validity="incomplete",
        ),
    ),
)
