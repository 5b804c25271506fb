"""Sexual Desire Inventory-2: how much desire, with a partner and alone; there is no total."""

from app.clinical.measure import PRORATE_FROM_80, Example, Item, Measure, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Spector, Carey & Steinberg 1996, J Sex Marital Ther 22:175", "recalled_medium")
_EDITIONS = Source("Handbook chapter copied at scales.arabpsychology.com describes an edition of 11 items", "read_in_secondary")
_RANGES = Source("Two items of 0-7 and six of 0-8: 0 to 62; one of 0-7 and two of 0-8: 0 to 23", "computed")
_NORMS = Source("No SD of a clinical group was found; a clinic may bring its own", "recalled_medium")
_MORE = "More desire is more, not better: what is wished for is the couple's to say, so no change is called an improvement."
_RETEST = "1 month; one value is reported for the inventory"
_FREQUENCY, _ITEMS = (1, 2, 10, 14), range(1, 15)

MEASURE = Measure(
    code="sdi2",
    name="Sexual Desire Inventory-2",
    version="1",
    kind="outcome",
    constructs=("dyadic sexual desire", "solitary sexual desire"),
    domain="sexual",
    items=tuple(Item(number, 0, 7 if number in _FREQUENCY else 8) for number in _ITEMS),
    scales=(
        Scale("dyadic", 0, 62, items=tuple(range(1, 9)), direction=0, name="Desire for a partner", desire=True),
        Scale("solitary", 0, 23, items=(10, 11, 12), direction=0, name="Desire alone"),
    ),
    direction=1,
    recall_days=30,
    missing=PRORATE_FROM_80,
    applies_to="any",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording.",
    sources=(_AUTHORS, _EDITIONS, _RANGES),
    confidence="medium",
    reliability=(
        Reliability("dyadic", "test_retest", 0.76, _AUTHORS, gap=_RETEST),
        Reliability("solitary", "test_retest", 0.76, _AUTHORS, gap=_RETEST),
        Reliability("dyadic", "alpha", 0.86, _AUTHORS),
        Reliability("solitary", "alpha", 0.96, _AUTHORS),
    ),
    reliable_change=(
        ReliableChange("dyadic", "insufficient_norms", _NORMS, note=_MORE),
        ReliableChange("solitary", "insufficient_norms", _NORMS, note=_MORE),
    ),
    limits=(
        "No total: editions differ (11 and 14 items), and items 9, 13 and 14 belong to neither scale.",
        "No cut-off and no better end. Two partners' dyadic scores give the desire discrepancy, with its error.",
    ),
    examples=(
        Example(
            "all highest: frequency items end at 7, strength items at 8",
            {number: 7 if number in _FREQUENCY else 8 for number in _ITEMS},
            {"dyadic": 62, "solitary": 23},
        ),
        Example("none", dict.fromkeys(_ITEMS, 0), {"dyadic": 0, "solitary": 0}),
        Example(
            "items 9, 13 and 14 count nowhere",
            {**dict.fromkeys(_ITEMS, 0), 9: 8, 13: 8, 14: 7},
            {"dyadic": 0, "solitary": 0},
        ),
        Example(
            "a missing frequency item is filled with the mean, kept to its highest answer",
            {**dict.fromkeys(_ITEMS, 8), 1: None, 2: 7, 10: 7, 14: 7},
            {"dyadic": 62, "solitary": 23},
            reasons={1: "skipped"},
            prorated=True,
        ),
        Example(
            "two of three answered: no solitary score",
            {**dict.fromkeys(_ITEMS, 4), 12: None},
            {"dyadic": 32, "solitary": None},
            reasons={12: "declined"},
            validity="incomplete",
        ),
    ),
)
