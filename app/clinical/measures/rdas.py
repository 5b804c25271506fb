"""Revised Dyadic Adjustment Scale, 14 items: consensus, satisfaction and cohesion of a relationship."""

from collections.abc import Mapping

from app.clinical.measure import PRORATE_FROM_80, Cutoff, Example, Item, Measure, Part, Scale
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_KEY = Source("Copy of the scoring key (scribd 638654715)", "read_in_secondary")
_COHESION = Source("Items 11 (0-4) and 12-14 (0-5): cohesion 0 to 19, total 0 to 69", "computed")
_ANDERSON = Source("Anderson et al. 2014, J Marital Fam Ther 40:525: cut-off 47.31, reliable change 11.58", "read_in_primary")
_CRANE = Source("Crane, Middleton & Bean 2000: 47 and below distressed, 48 and above not", "recalled_high")
_BUSBY = Source("Busby et al. 1995; means, SDs and alpha recalled", "recalled_medium")
_ALPHA = Reliability("total", "alpha", 0.90, _BUSBY)
_ITEMS = range(1, 15)


def _scores(consensus: float, satisfaction: float, cohesion: float) -> Mapping[str, float]:
    total = consensus + satisfaction + cohesion
    return {"total": total, "consensus": consensus, "satisfaction": satisfaction, "cohesion": cohesion}


MEASURE = Measure(
    code="rdas",
    name="Revised Dyadic Adjustment Scale",
    version="1",
    kind="outcome",
    constructs=("dyadic consensus", "dyadic satisfaction", "dyadic cohesion"),
    domain="relational",
    items=tuple(Item(number, 0, 4 if number == 11 else 5) for number in _ITEMS),
    scales=(
        Scale("total", 0, 69, parts=(Part("consensus"), Part("satisfaction"), Part("cohesion"))),
        Scale("consensus", 0, 30, items=(1, 2, 3, 4, 5, 6), name="Consensus"),
        Scale("satisfaction", 0, 20, items=(7, 8, 9, 10), name="Satisfaction"),
        Scale("cohesion", 0, 19, items=(11, 12, 13, 14), name="Cohesion"),
    ),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any, partnered",
    licence_tier="C_author_permission",
    licence_note="Copyright of the publisher (AAMFT, Wiley); ask before showing the wording.",
    sources=(_KEY, _COHESION, _ANDERSON),
    confidence="high",
    cutoffs=(
        Cutoff("distressed", "<", 47.31, _ANDERSON, "total", separates_functional=True),
        # The older rule says the same of every whole score; it is told, and classes rest on the newer one.
        Cutoff("distressed", "<=", 47, _CRANE, "total"),
    ),
    norms=(
        Norms("total", "functional", "not distressed", 52.3, 6.6, _BUSBY),
        Norms("total", "clinical", "distressed", 41.6, 8.2, _BUSBY),
    ),
    reliability=(_ALPHA,),
    reliable_change=(
        ReliableChange(
            "total",
            "published",
            _ANDERSON,
            points=11.58,
            norm_set="busby_alpha",
            note="12 points of a whole score. Busby's norms and alpha would give 7.2, which is too small.",
        ),
        *(
            ReliableChange(scale, "insufficient_norms", Source("No norms of the subscales were found", "recalled_medium"))
            for scale in ("consensus", "satisfaction", "cohesion")
        ),
    ),
    norm_sets=(
        NormSet(
            "busby_alpha",
            "total",
            "distressed, against not distressed",
            8.2,
            _ALPHA,
            _BUSBY,
            clinical_mean=41.6,
            functional_mean=52.3,
            functional_sd=6.6,
        ),
    ),
    precoded=True,
    limits=(
        "Calculators that print cohesion as 0 to 20 are wrong: item 11 ends at 4.",
        "One consensus item asks about the sexual relationship, so part of a change may be the concern itself.",
    ),
    examples=(
        Example("all highest", {**dict.fromkeys(_ITEMS, 5), 11: 4}, _scores(30, 20, 19)),
        Example("all lowest", dict.fromkeys(_ITEMS, 0), _scores(0, 0, 0), meanings=("distressed",)),
        Example(
            "47 is distressed, by either rule",
            {**dict.fromkeys(_ITEMS, 3), **dict.fromkeys(range(1, 6), 4)},
            _scores(23, 12, 12),
            meanings=("distressed",),
        ),
        Example("48 is not", {**dict.fromkeys(_ITEMS, 3), **dict.fromkeys(range(1, 7), 4)}, _scores(24, 12, 12)),
        Example(
            "one of six consensus items missing: filled with their mean",
            {**dict.fromkeys(_ITEMS, 4), 6: None},
            _scores(24, 16, 16),
            reasons={6: "skipped"},
            prorated=True,
        ),
        Example(
            "one of four cohesion items missing: no cohesion and no total",
            {**dict.fromkeys(_ITEMS, 4), 12: None},
            {"total": None, "consensus": 24, "satisfaction": 16, "cohesion": None},
            reasons={12: "skipped"},
            validity="incomplete",
        ),
    ),
)
