"""Sexual Health Inventory for Men (IIEF-5): five ratings of erection over six months, with answers for no attempt."""

from app.clinical.measure import PRORATE_FROM_80, Band, Cutoff, Example, InactivityRule, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_ROSEN = Source("Rosen et al. 1999: items 5, 15, 4, 2 and 7 of the IIEF; sensitivity .98, specificity .88", "recalled_high")
_BANDS = Source("SCIRE: 22-25, 17-21, 12-16, 8-11, 5-7; total of the IIEF-5 5-25", "read_in_secondary")
_SHIM = Source("SHIM form: four items gain an answer of 0, so that the total runs from 1 and severe is 1-7", "recalled_high")
_ZERO_RULE = Source(
    "Our rule, as in the whole IIEF: the form counts its answers of no attempt, but no activity is a reason and no low score",
    "proposal",
)
_NORMS = Source("No mean, SD, stability over time or published threshold was found", "recalled_medium")

MEASURE = Measure(
    code="iief5_shim",
    name="Sexual Health Inventory for Men (IIEF-5)",
    version="1",
    kind="outcome",
    constructs=("erectile function",),
    domain="sexual",
    items=(
        Item(1, 1, 5, topic="confidence (item 15 of the IIEF)"),
        Item(2, 0, 5, topic="firmness (item 2 of the IIEF)"),
        Item(3, 0, 5, topic="keeping it (item 4 of the IIEF)"),
        Item(4, 0, 5, topic="keeping it to the end (item 5 of the IIEF)"),
        Item(5, 0, 5, topic="satisfaction (item 7 of the IIEF)"),
    ),
    scales=(Scale("total", 1, 25, items=(1, 2, 3, 4, 5)),),
    direction=1,
    recall_days=183,
    missing=PRORATE_FROM_80,
    applies_to="people with a penis who attempted intercourse in the last 6 months",
    licence_tier="D_licensed",
    licence_note="Copyright of Pfizer, licensed through Mapi (ePROVIDE).",
    sources=(_ROSEN, _BANDS, _SHIM),
    confidence="medium",
    cutoffs=(Cutoff("erectile_dysfunction", "<=", 21, _ROSEN, "total", separates_functional=True),),
    bands=(
        Band("total", 1, 7, "severe", _SHIM),
        Band("total", 8, 11, "moderate", _BANDS),
        Band("total", 12, 16, "mild_to_moderate", _BANDS),
        Band("total", 17, 21, "mild", _BANDS),
        Band("total", 22, 25, "no_erectile_dysfunction", _BANDS),
    ),
    inactivity=InactivityRule((2, 3, 4, 5), _ZERO_RULE, effect="unread"),
    reliable_change=(ReliableChange("total", "insufficient_norms", _NORMS),),
    precoded=True,
    limits=(
        "It looks back six months, which makes it unfit for weekly tracking.",
        "The published form counts its zeros and calls 1 to 7 severe, as if who did not try had failed.",
        "A zero says no activity or no attempt: the total is kept as the form counts it, and nothing is read from it.",
        "A total of 1 to 4 holds a zero for certain, wherever it was scored: it is kept and not classifiable.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 6), 5), {"total": 25}),
        Example("22 is no dysfunction", {1: 4, 2: 4, 3: 4, 4: 5, 5: 5}, {"total": 22}),
        Example("21 is mild", {1: 4, 2: 4, 3: 4, 4: 4, 5: 5}, {"total": 21}, meanings=("erectile_dysfunction",)),
        Example("17 is mild", {1: 3, 2: 3, 3: 3, 4: 4, 5: 4}, {"total": 17}, meanings=("erectile_dysfunction",)),
        Example("16 is mild to moderate", {1: 3, 2: 3, 3: 3, 4: 3, 5: 4}, {"total": 16}, meanings=("erectile_dysfunction",)),
        Example("12 is mild to moderate", {1: 2, 2: 2, 3: 2, 4: 3, 5: 3}, {"total": 12}, meanings=("erectile_dysfunction",)),
        Example("11 is moderate", {1: 2, 2: 2, 3: 2, 4: 2, 5: 3}, {"total": 11}, meanings=("erectile_dysfunction",)),
        Example("8 is moderate", {1: 1, 2: 1, 3: 2, 4: 2, 5: 2}, {"total": 8}, meanings=("erectile_dysfunction",)),
        Example("7 is severe", {1: 1, 2: 1, 3: 1, 4: 2, 5: 2}, {"total": 7}, meanings=("erectile_dysfunction",)),
        Example(
            "the lowest that answers about attempts can give",
            dict.fromkeys(range(1, 6), 1),
            {"total": 5},
            meanings=("erectile_dysfunction",),
        ),
        Example(
            "the lowest of all: one point, and four zeros",
            {1: 1, 2: 0, 3: 0, 4: 0, 5: 0},
            {"total": 1},
            validity="inactive_or_partial",
        ),
        Example(
            "no attempt: counted as the form does, and called nothing",
            {1: 3, 2: 0, 3: 0, 4: 0, 5: 0},
            {"total": 3},
            validity="inactive_or_partial",
        ),
    ),
)
