"""Arizona Sexual Experience Scale: five ratings of sexual ease over a week, positive in any of three ways."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source(
    "McGahuey et al. 2000, abstract: alpha .9055, retest .801 in patients, sensitivity 82 %, specificity 90 %",
    "read_in_primary",
)
_IN_CONTROLS = Source("McGahuey et al. 2000, abstract: retest .892 in controls", "read_in_primary")
_RULE = Source("Published rule: total of 19, or one item of 5, or three items of 4 (testable.org)", "read_in_secondary")
_FORM = Source("Clinical guide (simpleandpractical.com): items, range, last week", "read_in_secondary")
_NORMS = Source("No SD of a clinical group was found; a clinic may bring its own", "recalled_medium")
_ALL = (1, 2, 3, 4, 5)

MEASURE = Measure(
    code="asex",
    name="Arizona Sexual Experience Scale",
    version="1",
    kind="outcome",
    constructs=("sexual drive", "arousal", "erection or lubrication", "orgasm"),
    domain="sexual",
    items=(
        Item(1, 1, 6, topic="drive"),
        Item(2, 1, 6, topic="arousal"),
        Item(3, 1, 6, topic="erection or lubrication"),
        Item(4, 1, 6, topic="ease of orgasm; needs activity in the last week"),
        Item(5, 1, 6, topic="satisfaction with orgasm; needs activity in the last week"),
    ),
    scales=(Scale("total", 5, 30, items=_ALL),),
    direction=-1,
    recall_days=7,
    missing=PRORATE_FROM_80,
    applies_to="any, in a form for men and one for women; items 4 and 5 need sexual activity in the last week",
    licence_tier="C_author_permission",
    licence_note="Permission comes from the Arizona Board of Regents.",
    sources=(_AUTHORS, _RULE, _FORM),
    confidence="high",
    cutoffs=(
        Cutoff("dysfunction", ">=", 19, _RULE, "total"),
        Cutoff("dysfunction", ">=", 5, _RULE, items=_ALL),
        Cutoff("dysfunction", ">=", 4, _RULE, items=_ALL, at_least=3),
    ),
    reliability=(
        Reliability("total", "test_retest", 0.801, _AUTHORS),
        Reliability("total", "test_retest", 0.892, _IN_CONTROLS),
        Reliability("total", "alpha", 0.9055, _AUTHORS),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="Stability is known, spread is not. The line at 19 is one of three ways to be positive, so it does not divide "
            "the ranges: with a clinic's own norms somebody below it may still be positive by single items.",
        ),
    ),
    limits=(
        "A total below 19 may be positive: single items count too.",
        "The form has no answer for a week without activity: items 4 and 5 then carry the reason `no_activity`.",
        "Without items 4 and 5 there is no total; the rule on single items still reads the others.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example("all lowest, the easiest", dict.fromkeys(_ALL, 1), {"total": 5}),
        Example("all highest", dict.fromkeys(_ALL, 6), {"total": 30}, meanings=("dysfunction",)),
        Example("18, and positive: three items of 4", {1: 4, 2: 4, 3: 4, 4: 3, 5: 3}, {"total": 18}, meanings=("dysfunction",)),
        Example("17 with two items of 4: negative", {1: 4, 2: 4, 3: 3, 4: 3, 5: 3}, {"total": 17}),
        Example(
            "19 by sum, which whole numbers only reach with three items of 4 or one of 5",
            {1: 4, 2: 4, 3: 4, 4: 4, 5: 3},
            {"total": 19},
            meanings=("dysfunction",),
        ),
        Example("9, and positive: one item of 5", {1: 5, 2: 1, 3: 1, 4: 1, 5: 1}, {"total": 9}, meanings=("dysfunction",)),
        Example("8 with one item of 4: negative", {1: 4, 2: 1, 3: 1, 4: 1, 5: 1}, {"total": 8}),
        Example(
            "no activity last week: no total",
            {1: 3, 2: 3, 3: 3, 4: None, 5: None},
            {"total": None},
            reasons={4: "no_activity", 5: "no_activity"},
            validity="inactive_or_partial",
        ),
        Example(
            "no activity last week, yet no drive at all: positive by that item",
            {1: 6, 2: 3, 3: 3, 4: None, 5: None},
            {"total": None},
            reasons={4: "no_activity", 5: "no_activity"},
            meanings=("dysfunction",),
            validity="inactive_or_partial",
        ),
    ),
)
