"""Female Sexual Function Index, 6 items: one of each of its domains, as a short screen."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, InactivityRule, Item, Measure, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_ISIDORI = Source(
    "Isidori et al. 2010, PubMed 19968774: sensitivity .93, specificity .94 in 160 women, 40 not active or lost excluded",
    "read_in_primary",
)
_FORM = Source("Isidori et al. 2010: items 2, 4, 7, 11, 16 and 17 of the FSFI, summed without weights", "recalled_high")
_RELIABILITY = Source("Isidori et al. 2010; about .95 and about .79", "recalled_medium")
_ZERO_RULE = Source("Our rule, as in the FSFI: a zero says no activity, which is not a low score", "proposal")
_NORMS = Source("No mean and SD of a clinical group were found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="fsfi6",
    name="Female Sexual Function Index (6 items)",
    version="1",
    kind="outcome",
    constructs=("sexual desire", "arousal", "lubrication", "orgasm", "sexual satisfaction", "pain with sex"),
    domain="sexual",
    items=(
        Item(1, 1, 5, topic="desire (item 2 of the FSFI)"),
        Item(2, 0, 5, topic="arousal (item 4 of the FSFI)"),
        Item(3, 0, 5, topic="lubrication (item 7 of the FSFI)"),
        Item(4, 0, 5, topic="orgasm (item 11 of the FSFI)"),
        Item(5, 1, 5, topic="satisfaction (item 16 of the FSFI)"),
        Item(6, 0, 5, topic="pain (item 17 of the FSFI)"),
    ),
    scales=(Scale("total", 2, 30, items=(1, 2, 3, 4, 5, 6)),),
    direction=1,
    recall_days=28,
    missing=PRORATE_FROM_80,
    applies_to="people with a vulva who were sexually active in the last 4 weeks",
    licence_tier="C_author_permission",
    licence_note="Free for academic and clinical use, copyright of its authors; commercial use is licensed. Ask them first.",
    sources=(_ISIDORI, _FORM),
    confidence="medium",
    cutoffs=(Cutoff("dysfunction", "<=", 19, _ISIDORI, "total", separates_functional=True),),
    inactivity=InactivityRule((2, 3, 4, 6), _ZERO_RULE),
    reliability=(
        Reliability("total", "test_retest", 0.95, _RELIABILITY),
        Reliability("total", "alpha", 0.79, _RELIABILITY),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="Its stability is known, its spread is not; a clinic can bring the SD of its own baselines.",
        ),
    ),
    precoded=True,
    limits=(
        "Not valid without sexual activity in the last 4 weeks: a zero withholds the total.",
        "The cut-off was made on 160 women, without those who were not sexually active.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 7), 5), {"total": 30}),
        Example(
            "the lowest that active answers can give", dict.fromkeys(range(1, 7), 1), {"total": 6}, meanings=("dysfunction",)
        ),
        Example("19 is dysfunction", {**dict.fromkeys(range(1, 7), 3), 6: 4}, {"total": 19}, meanings=("dysfunction",)),
        Example("20 is not", {**dict.fromkeys(range(1, 7), 3), 5: 4, 6: 4}, {"total": 20}),
        Example(
            "one zero: no total, and nothing is said",
            {**dict.fromkeys(range(1, 7), 3), 6: 0},
            {"total": None},
            validity="inactive_or_partial",
        ),
        Example(
            "one item of six skipped: the person's mean stands in",
            {**dict.fromkeys(range(1, 7), 4), 4: None},
            {"total": 24},
            reasons={4: "skipped"},
            prorated=True,
        ),
    ),
)
