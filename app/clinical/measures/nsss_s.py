"""New Sexual Satisfaction Scale, short form of 12 items: one score."""

from app.clinical.measure import PRORATE_FROM_80, Example, Measure, Scale, items
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Stulhofer et al., abstract in Alps-Adria 2008: seven samples, more than 2,000 people", "read_in_primary")
_CHAPTER = Source("Handbook chapter copied at scales.arabpsychology.com", "read_in_secondary")
_WINDOW = Source("Recall of 6 months", "recalled_high")
_NORMS = Source("No SD of a clinical group was found; a clinic may bring its own", "recalled_medium")

MEASURE = Measure(
    code="nsss_s",
    name="New Sexual Satisfaction Scale, short form",
    version="1",
    kind="outcome",
    constructs=("sexual satisfaction",),
    domain="sexual",
    items=items(range(1, 13), 1, 5),
    scales=(Scale("total", 12, 60, items=tuple(range(1, 13))),),
    direction=1,
    recall_days=183,
    missing=PRORATE_FROM_80,
    applies_to="any gender, orientation and relationship status",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording or shortening the window.",
    sources=(_AUTHORS, _CHAPTER, _WINDOW),
    confidence="medium",
    reliable_change=(ReliableChange("total", "insufficient_norms", _NORMS),),
    limits=(
        "No cut-off: nobody can be called recovered.",
        "One score: the two halves of the long form are not scored here.",
        "Reliabilities are published for both forms together and not taken over for this one.",
        "It looks back 6 months: answers a few weeks apart speak largely of the same time.",
    ),
    examples=(
        Example("all highest", dict.fromkeys(range(1, 13), 5), {"total": 60}),
        Example("all lowest", dict.fromkeys(range(1, 13), 1), {"total": 12}),
        Example("fours and twos", {**dict.fromkeys(range(1, 7), 4), **dict.fromkeys(range(7, 13), 2)}, {"total": 36}),
        Example(
            "10 of 12 answered: the person's mean stands in",
            {**dict.fromkeys(range(1, 11), 4), 11: None, 12: None},
            {"total": 48},
            reasons={11: "skipped", 12: "skipped"},
            prorated=True,
        ),
        Example(
            "9 of 12 answered: no total",
            {**dict.fromkeys(range(1, 10), 4), 10: None, 11: None, 12: None},
            {"total": None},
            reasons={10: "skipped", 11: "skipped", 12: "skipped"},
            validity="incomplete",
        ),
    ),
)
