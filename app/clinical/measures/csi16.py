"""Couples Satisfaction Index, 16 items: how satisfied a partner is with the relationship."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale, items
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Funk & Rogge 2007, J Fam Psychol 21:572; authors' scoring sheet", "recalled_medium")
_RANGE = Source("Published copy of the CSI-16 scoring sheet", "read_in_secondary")
_ALPHA = Reliability("total", "alpha", 0.98, Source("Funk & Rogge 2007", "recalled_high"))

MEASURE = Measure(
    code="csi16",
    name="Couples Satisfaction Index (16 items)",
    version="1",
    kind="outcome",
    constructs=("relationship satisfaction",),
    domain="relational",
    items=(Item(1, 0, 6), *items(range(2, 17), 0, 5)),
    scales=(Scale("total", 0, 81, items=tuple(range(1, 17))),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any gender and orientation, partnered",
    licence_tier="B_free_noncommercial",
    licence_note="Freely available for research and clinical use according to its authors, who keep the copyright.",
    sources=(_AUTHORS, _RANGE),
    confidence="medium",
    cutoffs=(
        Cutoff("distressed", "<", 51.5, Source("Funk & Rogge 2007", "recalled_high"), "total", separates_functional=True),
    ),
    norms=(Norms("total", "community", "people online", 61, 17, _AUTHORS, n=5315),),
    reliability=(_ALPHA,),
    reliable_change=(
        ReliableChange(
            "total",
            "lower_bound_from_alpha",
            Source("1.96 * sqrt(2) * 17 * sqrt(1 - .98) = 6.7 points", "computed"),
            norm_set="online_alpha",
            note="The threshold is too small, indicative only: it rests on alpha. Weekly retest and clinical SD are unknown.",
        ),
    ),
    norm_sets=(
        NormSet(
            "online_alpha",
            "total",
            "people online",
            17,
            _ALPHA,
            _AUTHORS,
            n=5315,
            sd_note="SD of a community sample: no clinical group's SD is known",
        ),
    ),
    precoded=True,
    examples=(
        Example("all highest", {1: 6, **dict.fromkeys(range(2, 17), 5)}, {"total": 81}),
        Example("all lowest", dict.fromkeys(range(1, 17), 0), {"total": 0}, meanings=("distressed",)),
        Example("51 is distressed", {1: 6, **dict.fromkeys(range(2, 17), 3)}, {"total": 51}, meanings=("distressed",)),
        Example("52 is not", {1: 6, 2: 4, **dict.fromkeys(range(3, 17), 3)}, {"total": 52}),
        Example(
            "a missing answer is filled with the mean, kept to the highest that item allows",
            {1: 6, 2: None, **dict.fromkeys(range(3, 17), 5)},
            {"total": 81},
            reasons={2: "skipped"},
            prorated=True,
        ),
    ),
)
