"""Couples Satisfaction Index, 4 items: the short form for every week."""

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Scale, items
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Funk & Rogge 2007, J Fam Psychol 21:572; authors' scoring sheet", "recalled_medium")
_ALPHA = Reliability("total", "alpha", 0.94, Source("Funk & Rogge 2007", "recalled_high"))

MEASURE = Measure(
    code="csi4",
    name="Couples Satisfaction Index (4 items)",
    version="1",
    kind="outcome",
    constructs=("relationship satisfaction",),
    domain="relational",
    items=(Item(1, 0, 6), *items(range(2, 5), 0, 5)),
    scales=(Scale("total", 0, 21, items=(1, 2, 3, 4)),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any gender and orientation, partnered",
    licence_tier="B_free_noncommercial",
    licence_note="Freely available for research and clinical use according to its authors, who keep the copyright.",
    sources=(_AUTHORS,),
    confidence="medium",
    cutoffs=(
        Cutoff("distressed", "<", 13.5, Source("Funk & Rogge 2007", "recalled_high"), "total", separates_functional=True),
    ),
    norms=(Norms("total", "community", "people online", 16, 4, _AUTHORS, n=5315),),
    reliability=(_ALPHA,),
    reliable_change=(
        ReliableChange(
            "total",
            "lower_bound_from_alpha",
            Source("1.96 * sqrt(2) * 4 * sqrt(1 - .94) = 2.7 points", "computed"),
            norm_set="online_alpha",
            note="The threshold is too small, indicative only: it rests on alpha. Weekly retest and clinical SD are unknown.",
        ),
    ),
    norm_sets=(
        NormSet(
            "online_alpha",
            "total",
            "people online",
            4,
            _ALPHA,
            _AUTHORS,
            n=5315,
            sd_note="SD of a community sample: no clinical group's SD is known",
        ),
    ),
    precoded=True,
    limits=("With four items every one must be answered: three are 75 %, below the 80 % a total needs.",),
    examples=(
        Example("all highest", {1: 6, 2: 5, 3: 5, 4: 5}, {"total": 21}),
        Example("13 is distressed", {1: 4, 2: 3, 3: 3, 4: 3}, {"total": 13}, meanings=("distressed",)),
        Example("14 is not", {1: 5, 2: 3, 3: 3, 4: 3}, {"total": 14}),
        Example(
            "three of four answered: no total",
            {1: 4, 2: 3, 3: 3, 4: None},
            {"total": None},
            reasons={4: "skipped"},
            validity="incomplete",
        ),
    ),
)
