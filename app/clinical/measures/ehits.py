"""Extended HITS: a screen for violence by the partner, answered by each partner alone; a gate, never an outcome."""

from app.clinical.measure import NEVER_PRORATE, Alert, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_AHRQ = Source(
    "AHRQ evidence review NBK533715; PubMed 25624170: at 7, sensitivity .75, specificity .82 (N = 80)", "read_in_primary"
)
_OURS = Source("Our conservative rule: any force or physical harm asks for review whatever the total", "proposal")
_SCREEN = Source("A safety screen decides on a gate; it is not charted and not classified", "proposal")
_TOPICS = ("physical harm", "insult", "threat", "screaming or cursing", "forced sexual activity")
_HARM, _FORCE = 1, 5


def _item(number: int, topic: str) -> Item:
    return Item(number, 1, 5, safety=True, topic=topic)


MEASURE = Measure(
    code="ehits",
    name="Extended HITS (E-HITS)",
    version="1",
    kind="safety_screen",
    constructs=("violence by the partner",),
    domain="neither",
    items=tuple(_item(number, topic) for number, topic in enumerate(_TOPICS, start=1)),
    scales=(Scale("total", 5, 25, items=(1, 2, 3, 4, 5)),),
    direction=-1,
    recall_days=365,
    missing=NEVER_PRORATE,
    applies_to="each partner alone; validated mostly in women",
    licence_tier="C_author_permission",
    licence_note="Copyright of K. Sherin for commercial use; ask before showing the wording.",
    sources=(_AHRQ,),
    confidence="high",
    cutoffs=(
        Cutoff("review", ">=", 7, _AHRQ, "total"),
        Cutoff("review", ">", 1, _OURS, items=(_FORCE,)),
        Cutoff("review", ">", 1, _OURS, items=(_HARM,)),
    ),
    alerts=(
        Alert(
            "violence_review",
            "This screen is positive: a clinician must see this partner alone before any shared exercise.",
            _OURS,
            on_meaning="review",
        ),
    ),
    reliable_change=(ReliableChange("total", "safety_screen_no_change_scores", _SCREEN),),
    limits=(
        "A negative screen clears nobody: one in four is missed. The gate also needs an individual interview.",
        "Tools of this kind were validated mostly in women; screen men too.",
    ),
    examples=(
        Example("all lowest", dict.fromkeys(range(1, 6), 1), {"total": 5}),
        Example("one insult often: six, negative", {1: 1, 2: 2, 3: 1, 4: 1, 5: 1}, {"total": 6}),
        Example(
            "seven",
            {1: 1, 2: 2, 3: 1, 4: 2, 5: 1},
            {"total": 7},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "six, but force once",
            {1: 1, 2: 1, 3: 1, 4: 1, 5: 2},
            {"total": 6},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "six, but physical harm once",
            {1: 2, 2: 1, 3: 1, 4: 1, 5: 1},
            {"total": 6},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "one answer missing: no total, and the silence itself is raised",
            {1: 1, 2: 1, 3: 1, 4: 1, 5: None},
            {"total": None},
            reasons={5: "declined"},
            alerts=("safety_item_unanswered",),
            validity="incomplete",
        ),
        Example(
            "one answer missing, yet past the line whatever it would have been",
            {1: 1, 2: 3, 3: 1, 4: 3, 5: None},
            {"total": None},
            reasons={5: "skipped"},
            meanings=("review",),
            alerts=("violence_review", "safety_item_unanswered"),
            validity="incomplete",
        ),
    ),
)
