"""Patient Health Questionnaire, 9 items: depression over two weeks, with one item on thoughts of death or self-harm."""

from app.clinical.measure import PRORATE_FROM_80, Alert, Band, Cutoff, Example, FormWords, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_KROENKE = Source("Kroenke, Spitzer & Williams 2001; statement on the form", "recalled_high")
_NHS = Source("NHS Talking Therapies manual, quoted by cbtwatch.com: reliable change 6, recovery below 10", "read_in_secondary")

_WORDING = (
    "Little interest or pleasure in doing things",
    "Feeling down, depressed, or hopeless",
    "Trouble falling or staying asleep, or sleeping too much",
    "Feeling tired or having little energy",
    "Poor appetite or overeating",
    "Feeling bad about yourself, or that you are a failure or have let yourself or your family down",
    "Trouble concentrating on things, such as reading the newspaper or watching television",
    (
        "Moving or speaking so slowly that other people could have noticed. Or the opposite, being so fidgety or restless "
        "that you have been moving around a lot more than usual"
    ),
    "Thoughts that you would be better off dead, or of hurting yourself in some way",
)
_SELF_HARM = 9


def _item(number: int, wording: str) -> Item:
    if number == _SELF_HARM:
        return Item(number, 0, 3, safety=True, topic="thoughts of death or self-harm", wording=wording)
    return Item(number, 0, 3, wording=wording)


def _band(low: float, high: float, meaning: str) -> Band:
    return Band("total", low, high, meaning, _KROENKE)


MEASURE = Measure(
    code="phq9",
    name="Patient Health Questionnaire (PHQ-9)",
    version="1",
    kind="outcome",
    constructs=("depression",),
    domain="neither",
    items=tuple(_item(number, wording) for number, wording in enumerate(_WORDING, start=1)),
    scales=(Scale("total", 0, 27, items=tuple(range(1, 10))),),
    direction=-1,
    recall_days=14,
    missing=PRORATE_FROM_80,
    applies_to="any",
    licence_tier="A_free_reproduce",
    licence_note="The holder states that no permission is needed to reproduce, translate, display or distribute it.",
    sources=(_KROENKE, _NHS),
    confidence="high",
    cutoffs=(Cutoff("caseness", ">=", 10, _NHS, "total", separates_functional=True),),
    bands=(
        _band(0, 4, "minimal"),
        _band(5, 9, "mild"),
        _band(10, 14, "moderate"),
        _band(15, 19, "moderately_severe"),
        _band(20, 27, "severe"),
    ),
    alerts=(
        Alert(
            "suicide_risk_review",
            "Item 9 is above zero: see this partner alone and assess risk today.",
            _KROENKE,
            items=(_SELF_HARM,),
        ),
    ),
    reliable_change=(ReliableChange("total", "published", _NHS, points=6),),
    limits=("A screening score is never a diagnosis.",),
    form_words=FormWords(
        stem="Over the last 2 weeks, how often have you been bothered by any of the following problems?",
        answers=("Not at all", "Several days", "More than half the days", "Nearly every day"),
    ),
    examples=(
        Example("none", dict.fromkeys(range(1, 10), 0), {"total": 0}),
        Example(
            "all highest",
            dict.fromkeys(range(1, 10), 3),
            {"total": 27},
            meanings=("caseness",),
            alerts=("suicide_risk_review",),
        ),
        Example("ten", {**dict.fromkeys(range(1, 9), 1), 1: 3, 9: 0}, {"total": 10}, meanings=("caseness",)),
        Example("nine", {**dict.fromkeys(range(1, 9), 1), 1: 2, 9: 0}, {"total": 9}),
        Example(
            "low total, yet item 9 above zero",
            {**dict.fromkeys(range(1, 9), 0), 9: 1},
            {"total": 1},
            alerts=("suicide_risk_review",),
        ),
        Example(
            "item 9 unanswered: never filled in",
            {**dict.fromkeys(range(1, 9), 1), 9: None},
            {"total": None},
            reasons={9: "declined"},
            alerts=("safety_item_unanswered",),
            validity="incomplete",
        ),
    ),
)
