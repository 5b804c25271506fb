"""Generalised Anxiety Disorder scale, 7 items: anxiety over two weeks."""

from app.clinical.measure import PRORATE_FROM_80, Band, Cutoff, Example, FormWords, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_SPITZER = Source("Spitzer, Kroenke, Williams & Löwe 2006; statement on the form", "recalled_high")
_NHS = Source("NHS Talking Therapies manual, quoted by cbtwatch.com: reliable change 4, recovery below 8", "read_in_secondary")
_WORDING = (
    "Feeling nervous, anxious or on edge",
    "Not being able to stop or control worrying",
    "Worrying too much about different things",
    "Trouble relaxing",
    "Being so restless that it is hard to sit still",
    "Becoming easily annoyed or irritable",
    "Feeling afraid as if something awful might happen",
)
_BOTH = ("caseness", "caseness_uk_services")


def _band(low: float, high: float, meaning: str) -> Band:
    return Band("total", low, high, meaning, _SPITZER)


MEASURE = Measure(
    code="gad7",
    name="Generalised Anxiety Disorder scale (GAD-7)",
    version="1",
    kind="outcome",
    constructs=("anxiety",),
    domain="neither",
    items=tuple(Item(number, 0, 3, wording=wording) for number, wording in enumerate(_WORDING, start=1)),
    scales=(Scale("total", 0, 21, items=tuple(range(1, 8))),),
    direction=-1,
    recall_days=14,
    missing=PRORATE_FROM_80,
    applies_to="any",
    licence_tier="A_free_reproduce",
    licence_note="The holder states that no permission is needed to reproduce, translate, display or distribute it.",
    sources=(_SPITZER, _NHS),
    confidence="high",
    cutoffs=(
        Cutoff("caseness", ">=", 10, _SPITZER, "total", separates_functional=True),
        Cutoff("caseness_uk_services", ">=", 8, _NHS, "total"),
    ),
    bands=(_band(0, 4, "minimal"), _band(5, 9, "mild"), _band(10, 14, "moderate"), _band(15, 21, "severe")),
    reliable_change=(
        ReliableChange(
            "total",
            "published",
            _NHS,
            points=4,
            note="`recovered` is told by the published line of 10; UK services ask for less than 8.",
        ),
    ),
    limits=("A screening score is never a diagnosis.",),
    form_words=FormWords(
        stem="Over the last 2 weeks, how often have you been bothered by the following problems?",
        answers=("Not at all", "Several days", "More than half the days", "Nearly every day"),
    ),
    examples=(
        Example("none", dict.fromkeys(range(1, 8), 0), {"total": 0}),
        Example("all highest", dict.fromkeys(range(1, 8), 3), {"total": 21}, meanings=_BOTH),
        Example("ten", {**dict.fromkeys(range(1, 8), 1), 1: 3, 2: 2}, {"total": 10}, meanings=_BOTH),
        Example("nine", {**dict.fromkeys(range(1, 8), 1), 1: 3}, {"total": 9}, meanings=("caseness_uk_services",)),
        Example("eight", {**dict.fromkeys(range(1, 8), 1), 1: 2}, {"total": 8}, meanings=("caseness_uk_services",)),
        Example("seven", dict.fromkeys(range(1, 8), 1), {"total": 7}),
        Example(
            "six of seven answered: the person's mean stands in",
            {**dict.fromkeys(range(1, 7), 1), 7: None},
            {"total": 7},
            reasons={7: "skipped"},
            prorated=True,
        ),
        Example(
            "five of seven answered: no total",
            {**dict.fromkeys(range(1, 6), 1), 6: None, 7: None},
            {"total": None},
            reasons={6: "skipped", 7: "skipped"},
            validity="incomplete",
        ),
    ),
)
