"""New Sexual Satisfaction Scale, 20 items: satisfaction with one's own sexuality, and with the partner and what is done."""

from app.clinical.measure import PRORATE_FROM_80, Example, Measure, Part, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Stulhofer et al., abstract in Alps-Adria 2008: seven samples, more than 2,000 people", "read_in_primary")
_CHAPTER = Source("Handbook chapter copied at scales.arabpsychology.com", "read_in_secondary")
_WINDOW = Source("Recall of 6 months", "recalled_high")
_STABILITY = Source("Stability of .72 to .84 over a month; the lower end is given", "recalled_medium")
_NORMS = Source("No SD of a clinical group was found; a clinic may bring its own", "recalled_medium")
_SCALES = ("total", "ego", "partner_activity")

MEASURE = Measure(
    code="nsss",
    name="New Sexual Satisfaction Scale",
    version="1",
    kind="outcome",
    constructs=("sexual satisfaction",),
    domain="sexual",
    items=items(range(1, 21), 1, 5),
    scales=(
        Scale("total", 20, 100, parts=(Part("ego"), Part("partner_activity"))),
        Scale("ego", 10, 50, items=tuple(range(1, 11)), name="Ego-focused"),
        Scale("partner_activity", 10, 50, items=tuple(range(11, 21)), name="Partner- and activity-focused"),
    ),
    direction=1,
    recall_days=183,
    missing=PRORATE_FROM_80,
    applies_to="any gender, orientation and relationship status",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording or shortening the window.",
    sources=(_AUTHORS, _CHAPTER, _WINDOW),
    confidence="medium",
    reliability=(
        Reliability("total", "test_retest", 0.72, _STABILITY, gap="1 month; reported as .72 to .84"),
        Reliability("total", "alpha", 0.92, Source("Alpha of .90 to .95 over the samples", "read_in_secondary")),
    ),
    reliable_change=tuple(ReliableChange(scale, "insufficient_norms", _NORMS) for scale in _SCALES),
    limits=(
        "No cut-off: nobody can be called recovered.",
        "It looks back 6 months: answers a few weeks apart speak largely of the same time.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 21), 5), {"total": 100, "ego": 50, "partner_activity": 50}),
        Example("all lowest", dict.fromkeys(range(1, 21), 1), {"total": 20, "ego": 10, "partner_activity": 10}),
        Example(
            "the halves stand apart",
            {**dict.fromkeys(range(1, 11), 4), **dict.fromkeys(range(11, 21), 2)},
            {"total": 60, "ego": 40, "partner_activity": 20},
        ),
        Example(
            "eight of ten answered in one half",
            {**dict.fromkeys(range(1, 21), 3), 1: None, 2: None},
            {"total": 60, "ego": 30, "partner_activity": 30},
            reasons={1: "skipped", 2: "skipped"},
            prorated=True,
        ),
        Example(
            "17 of 20 answered, but seven of ten in one half: that half and the total are withheld",
            {**dict.fromkeys(range(1, 21), 3), 1: None, 2: None, 3: None},
            {"total": None, "ego": None, "partner_activity": 30},
            reasons={1: "skipped", 2: "skipped", 3: "skipped"},
            validity="incomplete",
        ),
    ),
)
