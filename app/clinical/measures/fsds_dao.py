"""Female Sexual Distress Scale, desire, arousal and orgasm: the revised scale with two items more."""

from app.clinical.measure import PRORATE_FROM_80, Example, Measure, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_FORM = Source("FSDS-R with an item on arousal and an item on orgasm: 15 items, 0-60", "recalled_high")
_TRIAL = Source("J Patient Rep Outcomes 2021, s41687-021-00359-1: a trial, N = 325", "read_in_primary")
_NORMS = Source("No mean and SD of a clinical group were found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="fsds_dao",
    name="Female Sexual Distress Scale, Desire/Arousal/Orgasm",
    version="1",
    kind="outcome",
    constructs=("sexual distress",),
    domain="sexual",
    items=items(range(1, 16), 0, 4),
    scales=(Scale("total", 0, 60, items=tuple(range(1, 16))),),
    direction=-1,
    recall_days=30,
    missing=PRORATE_FROM_80,
    applies_to="women",
    licence_tier="C_author_permission",
    licence_note="Copyright of the author; ask before showing the wording.",
    sources=(_FORM, _TRIAL),
    confidence="medium",
    reliability=(
        Reliability("total", "icc", 0.61, _TRIAL, gap="4 weeks"),
        Reliability("total", "alpha", 0.91, _TRIAL),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="With a stability of .61 the threshold is 1.73 times the SD, whatever SD a clinic brings: large.",
        ),
    ),
    limits=(
        "No cut-off of its own: the 11 of the 13-item form does not carry over to 15 items.",
        "Moderate stability over 4 weeks: small changes are noise.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 16), 4), {"total": 60}),
        Example("none", dict.fromkeys(range(1, 16), 0), {"total": 0}),
        Example("twos and ones", {**dict.fromkeys(range(1, 8), 2), **dict.fromkeys(range(8, 16), 1)}, {"total": 22}),
        Example(
            "12 of 15 answered: the person's mean stands in",
            {**dict.fromkeys(range(1, 13), 2), 13: None, 14: None, 15: None},
            {"total": 30},
            reasons={13: "skipped", 14: "skipped", 15: "declined"},
            prorated=True,
        ),
        Example(
            "11 of 15 answered: no total",
            {**dict.fromkeys(range(1, 12), 2), **dict.fromkeys(range(12, 16))},
            {"total": None},
            reasons=dict.fromkeys(range(12, 16), "skipped"),
            validity="incomplete",
        ),
    ),
)
