"""Outcome Rating Scale: four lines of 10 cm on how the past week went."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_KEY = Source("hiboop.com/assessments/ors: clinical at 25 and below (adults), reliable change 5 points", "read_in_secondary")
_HOLDER = Source("S. D. Miller's overview of 2012: free to individual clinicians after registration", "read_in_secondary")

MEASURE = Measure(
    code="ors",
    name="Outcome Rating Scale",
    version="1",
    kind="outcome",
    constructs=("well-being and functioning",),
    domain="neither",
    items=tuple(Item(number, 0, 10, step=0.1) for number in range(1, 5)),
    scales=(Scale("total", 0, 40, items=(1, 2, 3, 4)),),
    direction=1,
    recall_days=7,
    missing=PRORATE_FROM_80,
    applies_to="any adult",
    licence_tier="D_licensed",
    licence_note="Free to individual clinicians after registration; groups and software need a licence.",
    sources=(_KEY, _HOLDER),
    confidence="medium",
    cutoffs=(Cutoff("clinical", "<=", 25, _KEY, "total", separates_functional=True),),
    reliable_change=(ReliableChange("total", "published", _KEY, points=5),),
    limits=(
        "A mark on a line, read to the millimetre: 0 to 10 in steps of 0.1.",
        "With four lines every one must be marked: three are 75 %, below the 80 % a total needs.",
        "The cut-off is for adults.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 5), 10), {"total": 40}),
        Example("all lowest", dict.fromkeys(range(1, 5), 0), {"total": 0}, meanings=("clinical",)),
        Example("25.0 is clinical", {1: 6.3, 2: 6.2, 3: 6.3, 4: 6.2}, {"total": 25}, meanings=("clinical",)),
        Example("25.1 is not", {1: 6.3, 2: 6.3, 3: 6.3, 4: 6.2}, {"total": 25.1}),
        Example(
            "three of four lines marked: no total",
            {1: 6.3, 2: 6.3, 3: 6.3, 4: None},
            {"total": None},
            reasons={4: "skipped"},
            validity="incomplete",
        ),
    ),
)
