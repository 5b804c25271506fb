"""Rekindle's weekly pulse: six single ratings and the hours since the last satisfying intimacy, worded by this project."""

from app.clinical.measure import Example, FormWords, Item, Measure, MeasuredDomain, MissingRule, Orientation, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_OURS = Source("Rekindle's own items, free for anyone to use", "proposal")
_SINGLE = Source("Single items have unknown reliability, usually .5 to .7: no reliable change is computed", "proposal")

# How one bears small annoyances is temper, and the hours are a time: neither says how a side of their life is.
_DOMAINS: dict[str, MeasuredDomain] = {
    "sexual_satisfaction": "sexual",
    "relationship_satisfaction": "relational",
    "closeness": "relational",
    "desire": "sexual",
}
_RATINGS: tuple[tuple[str, str, Orientation], ...] = (
    ("sexual_satisfaction", "How satisfied were you with your sexual life together this week?", 1),
    ("relationship_satisfaction", "How satisfied were you with your relationship this week?", 1),
    ("closeness", "How close did you feel to your partner this week?", 1),
    ("desire", "How much desire did you feel this week, whether or not anything came of it?", 0),
    ("stress", "How much stress did you carry this week?", -1),
    ("irritability_tolerance", "When something small annoyed you at home this week, how easily did you let it pass?", 1),
)
_ENDS = {
    1: ("not at all satisfied", "as satisfied as can be"),
    2: ("not at all satisfied", "as satisfied as can be"),
    3: ("not close at all", "as close as can be"),
    4: ("none", "very much"),
    5: ("none", "more than I could carry"),
    6: ("not easily at all", "without a second thought"),
}
_HOURS = 7
_HOURS_WORDING = "About how many hours ago were you last intimate in a way that satisfied you? Any kind of intimacy counts."
_YEAR_IN_HOURS = 8760

MEASURE = Measure(
    code="rekindle_pulse",
    name="Rekindle weekly pulse",
    version="1",
    kind="pulse",
    constructs=tuple(code.replace("_", " ") for code, _, _ in _RATINGS),
    domain="neither",
    items=(
        *(Item(number, 0, 10, topic=code, wording=wording) for number, (code, wording, _) in enumerate(_RATINGS, start=1)),
        Item(
            _HOURS,
            0,
            _YEAR_IN_HOURS,
            optional=True,
            topic="hours_since_satisfying_intimacy",
            wording=_HOURS_WORDING,
        ),
    ),
    scales=(
        *(
            Scale(code, 0, 10, items=(number,), direction=direction, domain=_DOMAINS.get(code), desire=code == "desire")
            for number, (code, _, direction) in enumerate(_RATINGS, start=1)
        ),
        Scale("hours_since_satisfying_intimacy", 0, _YEAR_IN_HOURS, items=(_HOURS,), direction=0),
    ),
    direction=1,
    recall_days=7,
    rhythm_days=7,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_SINGLE),
    applies_to="any, partnered",
    licence_tier="own",
    licence_note="Written by this project; free to use, change and translate.",
    sources=(_OURS,),
    confidence="medium",
    reliable_change=tuple(ReliableChange(code, "not_an_outcome", _SINGLE) for code, _, _ in _RATINGS),
    limits=(
        "Each item stands alone: there is no total and no class of change, only a run chart against one's own weeks.",
        "Desire and hours have no better end: more is not the aim.",
        "That small annoyances weigh less after good intimacy is a hypothesis; the two are shown side by side, no more.",
    ),
    form_words=FormWords(
        instructions="Think of the past seven days, and answer for yourself alone. The last question may stay empty.",
        ends=_ENDS,
    ),
    examples=(
        Example(
            "a week",
            {1: 6, 2: 7, 3: 8, 4: 5, 5: 4, 6: 6, 7: 40},
            {
                "sexual_satisfaction": 6,
                "relationship_satisfaction": 7,
                "closeness": 8,
                "desire": 5,
                "stress": 4,
                "irritability_tolerance": 6,
                "hours_since_satisfying_intimacy": 40,
            },
        ),
        Example(
            "the hours may stay unsaid",
            {1: 0, 2: 10, 3: 5, 4: 0, 5: 10, 6: 0},
            {
                "sexual_satisfaction": 0,
                "relationship_satisfaction": 10,
                "closeness": 5,
                "desire": 0,
                "stress": 10,
                "irritability_tolerance": 0,
                "hours_since_satisfying_intimacy": None,
            },
        ),
    ),
)
