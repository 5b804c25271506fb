"""What both forms of the Changes in Sexual Functioning Questionnaire (14 items) share: all but their lines."""

from collections.abc import Mapping

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
SUBSCALES: Mapping[str, tuple[int, ...]] = {
    "pleasure": (1,),
    "desire_frequency": (2, 3),
    "desire_interest": (4, 5, 6),
    "arousal": (7, 8, 9),
    "orgasm": (11, 12, 13),
}
EVERY_SUBSCALE_LOW = tuple(f"low_{code}" for code in SUBSCALES)


def every_answer(answer: int) -> dict[str, float | None]:
    """The subscales' scores when every item has this answer."""
    return {code: answer * len(numbers) for code, numbers in SUBSCALES.items()}


def form(people: str, code: str, lines: Mapping[str, float], examples: tuple[Example, ...]) -> Measure:
    """The form for these people; `lines` are the highest scores, by scale, that are called a dysfunction."""
    return Measure(
        code=code,
        name=f"Changes in Sexual Functioning Questionnaire (14 items, form for {people})",
        version="1",
        kind="outcome",
        constructs=("sexual pleasure", "sexual desire", "arousal", "orgasm"),
        domain="sexual",
        items=_items(),
        scales=(
            Scale("total", 14, 70, items=tuple(range(1, 15))),
            *(Scale(code, len(numbers), 5 * len(numbers), items=numbers) for code, numbers in SUBSCALES.items()),
        ),
        direction=1,
        recall_days=None,
        missing=MissingRule(prorate=False, min_percent_answered=100, source=_WHOLE),
        applies_to=f"those whom the form for {people} suits by anatomy and practice",
        licence_tier="C_author_permission",
        licence_note="Copyright of A. Clayton and the University of Virginia; ask before showing the wording.",
        sources=(_KELLER, _PURPOSE),
        confidence="medium",
        cutoffs=tuple(_cutoff(scale, line) for scale, line in lines.items()),
        reliable_change=tuple(ReliableChange(scale, "insufficient_norms", _NORMS) for scale in ("total", *SUBSCALES)),
        precoded=True,
        limits=(
            "Built for side effects of medication.",
            "Items 10 and 14 count in the total and in no subscale; the published key has turned them already.",
            "A subscale may be low while the total is not, and the other way round.",
            "A screening score is never a diagnosis.",
        ),
        examples=examples,
    )


def _items() -> tuple[Item, ...]:
    topics = {number: code.replace("_", ", ") for code, numbers in SUBSCALES.items() for number in numbers}
    return tuple(Item(number, 1, 5, topic=topics.get(number, "in the total only")) for number in range(1, 15))


def _cutoff(scale: str, line: float) -> Cutoff:
    meaning = "dysfunction" if scale == "total" else f"low_{scale}"
    return Cutoff(meaning, "<=", line, _KELLER, scale, separates_functional=True)
