"""Couples Satisfaction Index, 32 items: how satisfied a partner is with the relationship, in full."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale, items
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Funk & Rogge 2007, J Fam Psychol 21:572; authors' scoring sheet", "recalled_medium")
_CUT = Source("statistics.datanalysis.net/?p=24343, citing Funk & Rogge 2007", "read_in_secondary")
_RANGE = Source("One item of 0-6 and 31 of 0-5: 0 to 161", "computed")
_ALPHA = Reliability("total", "alpha", 0.98, Source("Funk & Rogge 2007", "recalled_high"))

MEASURE = Measure(
    code="csi32",
    name="Couples Satisfaction Index (32 items)",
    version="1",
    kind="outcome",
    constructs=("relationship satisfaction",),
    domain="relational",
    items=(Item(1, 0, 6), *items(range(2, 33), 0, 5)),
    scales=(Scale("total", 0, 161, items=tuple(range(1, 33))),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any gender and orientation, partnered",
    licence_tier="B_free_noncommercial",
    licence_note="Freely available for research and clinical use according to its authors, who keep the copyright.",
    sources=(_AUTHORS, _CUT, _RANGE),
    confidence="medium",
    cutoffs=(Cutoff("distressed", "<", 104.5, _CUT, "total", separates_functional=True),),
    norms=(Norms("total", "community", "people online", 121, 32, _AUTHORS, n=5315),),
    reliability=(_ALPHA,),
    reliable_change=(
        ReliableChange(
            "total",
            "lower_bound_from_alpha",
            Source("1.96 * sqrt(2) * 32 * sqrt(1 - .98) = 12.5 points", "computed"),
            norm_set="online_alpha",
            note="The threshold is too small, indicative only: it rests on alpha. Weekly retest and clinical SD are unknown.",
        ),
    ),
    norm_sets=(
        NormSet(
            "online_alpha",
            "total",
            "people online",
            32,
            _ALPHA,
            _AUTHORS,
            n=5315,
            sd_note="SD of a community sample: no clinical group's SD is known",
        ),
    ),
    precoded=True,
    limits=(
        "Pages that print a range of 2 to 158 are wrong: the items add up to 0 to 161.",
        "CSI-16 is its items 1, 5, 9, 11, 12, 17, 19-22, 26-28 and 30-32, CSI-4 its items 1, 12, 19 and 22.",
    ),
    examples=(
        Example("all highest", {1: 6, **dict.fromkeys(range(2, 33), 5)}, {"total": 161}),
        Example("all lowest", dict.fromkeys(range(1, 33), 0), {"total": 0}, meanings=("distressed",)),
        Example(
            "104 is distressed",
            {1: 6, **dict.fromkeys(range(2, 7), 4), **dict.fromkeys(range(7, 33), 3)},
            {"total": 104},
            meanings=("distressed",),
        ),
        Example("105 is not", {1: 6, **dict.fromkeys(range(2, 8), 4), **dict.fromkeys(range(8, 33), 3)}, {"total": 105}),
        Example(
            "a missing answer is filled with the mean, kept to the highest that item allows",
            {1: 6, 2: None, **dict.fromkeys(range(3, 33), 5)},
            {"total": 161},
            reasons={2: "skipped"},
            prorated=True,
        ),
    ),
)
