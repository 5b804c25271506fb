"""Changes in Sexual Functioning Questionnaire, 14 items, form for women: built to find what medication does to sex."""

from app.clinical.measure import Cutoff, Example, Item, Measure, MissingRule, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_KELLER = Source("Keller, McGarvey & Clayton 2006", "recalled_medium")
_PURPOSE = Source("Guide (simpleandpractical.com): built for side effects of medication, 3 to 5 minutes", "read_in_secondary")
_NORMS = Source("No mean, SD and stability over time were found; a clinic may bring its own", "recalled_medium")
_WHOLE = Source(
    "No developer rule known. Its subscales have one to three items, too few to fill, and no total stands without them",
    "proposal",
)
_SUBSCALES: dict[str, tuple[int, ...]] = {
    "pleasure": (1,),
    "desire_frequency": (2, 3),
    "desire_interest": (4, 5, 6),
    "arousal": (7, 8, 9),
    "orgasm": (11, 12, 13),
}
_LINES = {"pleasure": 4, "desire_frequency": 6, "desire_interest": 9, "arousal": 12, "orgasm": 11}
_ALL_LOW = ("dysfunction", *(f"low_{code}" for code in _SUBSCALES))


def _items() -> tuple[Item, ...]:
    topics = {number: code.replace("_", ", ") for code, numbers in _SUBSCALES.items() for number in numbers}
    return tuple(Item(number, 1, 5, topic=topics.get(number, "in the total only")) for number in range(1, 15))


MEASURE = Measure(
    code="csfq14_f",
    name="Changes in Sexual Functioning Questionnaire (14 items, form for women)",
    version="1",
    kind="outcome",
    constructs=("sexual pleasure", "sexual desire", "arousal", "orgasm"),
    items=_items(),
    scales=(
        Scale("total", 14, 70, items=tuple(range(1, 15))),
        *(Scale(code, len(numbers), 5 * len(numbers), items=numbers) for code, numbers in _SUBSCALES.items()),
    ),
    direction=1,
    recall_days=None,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_WHOLE),
    applies_to="those whom the form for women suits by anatomy and practice",
    licence_tier="C_author_permission",
    licence_note="Copyright of A. Clayton and the University of Virginia; ask before showing the wording.",
    sources=(_KELLER, _PURPOSE),
    confidence="medium",
    cutoffs=(
        Cutoff("dysfunction", "<=", 41, _KELLER, "total", separates_functional=True),
        *(Cutoff(f"low_{code}", "<=", line, _KELLER, code, separates_functional=True) for code, line in _LINES.items()),
    ),
    reliable_change=tuple(ReliableChange(code, "insufficient_norms", _NORMS) for code in ("total", *_SUBSCALES)),
    precoded=True,
    limits=(
        "Built for side effects of medication.",
        "Items 10 and 14 count in the total and in no subscale; the published key has turned them already.",
        "A subscale may be low while the total is not, and the other way round.",
        "A screening score is never a diagnosis.",
    ),
    examples=(
        Example(
            "all highest",
            dict.fromkeys(range(1, 15), 5),
            {"total": 70, **{code: 5 * len(numbers) for code, numbers in _SUBSCALES.items()}},
        ),
        Example(
            "all lowest",
            dict.fromkeys(range(1, 15), 1),
            {"total": 14, **{code: len(numbers) for code, numbers in _SUBSCALES.items()}},
            meanings=_ALL_LOW,
        ),
        Example(
            "a total of 41 is dysfunction",
            {**dict.fromkeys(range(1, 15), 3), 10: 2},
            {"total": 41, **{code: 3 * len(numbers) for code, numbers in _SUBSCALES.items()}},
            meanings=_ALL_LOW,
        ),
        Example(
            "42 is not, though every subscale is low: item 10 counts in the total alone",
            dict.fromkeys(range(1, 15), 3),
            {"total": 42, **{code: 3 * len(numbers) for code, numbers in _SUBSCALES.items()}},
            meanings=_ALL_LOW[1:],
        ),
        Example(
            "every subscale at its line",
            {1: 4, 2: 3, 3: 3, 4: 3, 5: 3, 6: 3, 7: 4, 8: 4, 9: 4, 10: 3, 11: 4, 12: 4, 13: 3, 14: 3},
            {"total": 48, **_LINES},
            meanings=_ALL_LOW[1:],
        ),
        Example(
            "every subscale one above it",
            {1: 5, 2: 4, 3: 3, 4: 4, 5: 3, 6: 3, 7: 5, 8: 4, 9: 4, 10: 3, 11: 4, 12: 4, 13: 4, 14: 3},
            {"total": 53, **{code: line + 1 for code, line in _LINES.items()}},
        ),
        Example(
            "one item skipped: its subscale and the total are withheld",
            {**dict.fromkeys(range(1, 15), 5), 8: None},
            {"total": None, **{code: 5 * len(numbers) for code, numbers in _SUBSCALES.items()}, "arousal": None},
            reasons={8: "skipped"},
            validity="incomplete",
        ),
    ),
)
