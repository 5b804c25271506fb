"""Session Rating Scale: four lines of 10 cm on how the hour just past went; about the alliance, never an outcome."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_KEY = Source("36 and below: ask about the alliance", "recalled_high")
_HOLDER = Source("S. D. Miller's overview of 2012: free to individual clinicians after registration", "read_in_secondary")
_ALLIANCE = Source("It rates the hour, not the partner: there is nothing to recover from", "proposal")

MEASURE = Measure(
    code="srs",
    name="Session Rating Scale",
    version="1",
    kind="outcome",
    constructs=("working alliance",),
    domain="neither",
    items=tuple(Item(number, 0, 10, step=0.1) for number in range(1, 5)),
    scales=(Scale("total", 0, 40, items=(1, 2, 3, 4)),),
    direction=1,
    recall_days=0,
    missing=PRORATE_FROM_80,
    applies_to="any, at the end of each hour",
    licence_tier="D_licensed",
    licence_note="Free to individual clinicians after registration; groups and software need a licence.",
    sources=(_KEY, _HOLDER),
    confidence="medium",
    # It prompts a question in the room; it does not part a clinical from a functional range.
    cutoffs=(Cutoff("alliance_alert", "<=", 36, _KEY, "total"),),
    reliable_change=(ReliableChange("total", "not_an_outcome", _ALLIANCE),),
    limits=(
        "Feedback on the hour: no class of change is ever given.",
        "A mark on a line, read to the millimetre: 0 to 10 in steps of 0.1. Every line must be marked.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 5), 10), {"total": 40}),
        Example("all lowest", dict.fromkeys(range(1, 5), 0), {"total": 0}, meanings=("alliance_alert",)),
        Example("36.0: ask", dict.fromkeys(range(1, 5), 9), {"total": 36}, meanings=("alliance_alert",)),
        Example("36.1: no need", {1: 9, 2: 9, 3: 9, 4: 9.1}, {"total": 36.1}),
        Example(
            "three of four lines marked: no total",
            {1: 9, 2: 9, 3: 9, 4: None},
            {"total": None},
            reasons={4: "skipped"},
            validity="incomplete",
        ),
    ),
)
