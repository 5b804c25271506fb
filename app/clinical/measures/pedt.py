"""Premature Ejaculation Diagnostic Tool: five ratings of control and what its lack brings."""

from app.clinical.measure import PRORATE_FROM_80, Band, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_SYMONDS = Source(
    "Symonds et al. 2007 (ResearchGate 6529877): 8 or less none, 9-10 probable, 11 or more; 292 men with it, 309 by their own "
    "report, 701 without",
    "read_in_primary",
)
_FORM = Source("Symonds et al. 2007: five items of 0-4, none turned", "recalled_high")
_RELIABILITY = Source("Symonds et al. 2007; about .73 and about .71", "recalled_low")
_CHINESE = Source("Chinese version: items' retest .70 or more, alpha .77", "read_in_primary")
_NORMS = Source("No SD of a clinical group was found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="pedt",
    name="Premature Ejaculation Diagnostic Tool",
    version="1",
    kind="outcome",
    constructs=("ejaculatory control", "distress about early ejaculation"),
    domain="sexual",
    items=(
        Item(1, 0, 4, topic="control"),
        Item(2, 0, 4, topic="frequency"),
        Item(3, 0, 4, topic="minimal stimulation"),
        Item(4, 0, 4, topic="distress"),
        Item(5, 0, 4, topic="difficulty between the partners"),
    ),
    scales=(Scale("total", 0, 20, items=(1, 2, 3, 4, 5)),),
    direction=-1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="people with a penis",
    licence_tier="D_licensed",
    licence_note="Copyright of Cronos CCS, an IQVIA company; a licence is needed.",
    sources=(_SYMONDS, _FORM, _CHINESE),
    confidence="medium",
    # Only 8 or less is called free of it, so the functional range begins there and not below 11.
    cutoffs=(
        Cutoff("premature_ejaculation", ">=", 11, _SYMONDS, "total"),
        Cutoff("probable_or_present", ">=", 9, _SYMONDS, "total", separates_functional=True),
    ),
    bands=(
        Band("total", 0, 8, "no_premature_ejaculation", _SYMONDS),
        Band("total", 9, 10, "probable", _SYMONDS),
        Band("total", 11, 20, "premature_ejaculation", _SYMONDS),
    ),
    reliability=(
        Reliability("total", "icc", 0.73, _RELIABILITY),
        Reliability("total", "alpha", 0.71, _RELIABILITY),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "insufficient_norms",
            _NORMS,
            note="Its stability is recalled with low confidence and its spread is not known.",
        ),
    ),
    limits=(
        "Best beside the time from penetration to ejaculation, taken with a stopwatch.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example("all lowest", dict.fromkeys(range(1, 6), 0), {"total": 0}),
        Example("8 is not", {1: 2, 2: 2, 3: 2, 4: 1, 5: 1}, {"total": 8}),
        Example("9 is probable", {1: 2, 2: 2, 3: 2, 4: 2, 5: 1}, {"total": 9}, meanings=("probable_or_present",)),
        Example("10 is probable", dict.fromkeys(range(1, 6), 2), {"total": 10}, meanings=("probable_or_present",)),
        Example(
            "11 is premature ejaculation",
            {1: 3, 2: 2, 3: 2, 4: 2, 5: 2},
            {"total": 11},
            meanings=("premature_ejaculation", "probable_or_present"),
        ),
        Example(
            "all highest",
            dict.fromkeys(range(1, 6), 4),
            {"total": 20},
            meanings=("premature_ejaculation", "probable_or_present"),
        ),
    ),
)
