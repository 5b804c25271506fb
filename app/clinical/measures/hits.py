"""HITS (hurt, insult, threaten, scream): a screen for violence by the partner, answered alone; a gate, never an outcome."""

from app.clinical.measure import NEVER_PRORATE, Alert, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_VETERANS = Source("PubMed 25624170: 6 is best in women veterans, sensitivity .75, specificity .83", "read_in_primary")
_AHRQ = Source("AHRQ evidence review NBK533715: 10 or more", "read_in_primary")
_OVER_TEN = Source("KFF appendix; fpnotebook.com: more than 10, that is 11 or more", "read_in_secondary")
_ACCURACY = Source("PMC2688958: sensitivity .30 to 1.00, specificity .86 to .99", "read_in_primary")
_OURS = Source("Our conservative rule, as for E-HITS: any physical harm asks for review whatever the total", "proposal")
_SCREEN = Source("A safety screen decides on a gate; it is not charted and not classified", "proposal")
_TOPICS = ("physical harm", "insult", "threat", "screaming or cursing")
_HARM = 1

MEASURE = Measure(
    code="hits",
    name="HITS (Hurt, Insult, Threaten, Scream)",
    version="1",
    kind="safety_screen",
    constructs=("violence by the partner",),
    domain="neither",
    items=tuple(Item(number, 1, 5, safety=True, topic=topic) for number, topic in enumerate(_TOPICS, start=1)),
    scales=(Scale("total", 4, 20, items=(1, 2, 3, 4)),),
    direction=-1,
    recall_days=365,
    missing=NEVER_PRORATE,
    applies_to="each partner alone; validated mostly in women",
    licence_tier="C_author_permission",
    licence_note="Copyright of K. Sherin for commercial use; ask before showing the wording.",
    sources=(_AHRQ, _OVER_TEN, _VETERANS, _ACCURACY),
    confidence="medium",
    # Sources conflict. All three lines are told, each with whether it was met; the lowest decides, because a screen that
    # was one too many costs an interview, and one too few costs more.
    cutoffs=(
        Cutoff("review", ">=", 6, _VETERANS, "total"),
        Cutoff("review", ">=", 10, _AHRQ, "total"),
        Cutoff("review", ">=", 11, _OVER_TEN, "total"),
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
        "Published cut-offs conflict (6, 10 and 11): each is told with its source, and the lowest asks for review.",
        "It does not ask about forced sexual activity: prefer E-HITS.",
        "Some forms ask about the present instead of the last 12 months.",
        "A negative screen clears nobody: one in four is missed. The gate also needs an individual interview.",
        "Tools of this kind were validated mostly in women; screen men too.",
    ),
    examples=(
        Example("all lowest", dict.fromkeys(range(1, 5), 1), {"total": 4}),
        Example("all highest", dict.fromkeys(range(1, 5), 5), {"total": 20}, meanings=("review",), alerts=("violence_review",)),
        Example("one insult: five, negative", {1: 1, 2: 2, 3: 1, 4: 1}, {"total": 5}),
        Example(
            "six: past the lowest line alone",
            {1: 1, 2: 2, 3: 1, 4: 2},
            {"total": 6},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "nine: short of ten", {1: 1, 2: 3, 3: 2, 4: 3}, {"total": 9}, meanings=("review",), alerts=("violence_review",)
        ),
        Example(
            "ten: short of eleven", {1: 1, 2: 3, 3: 3, 4: 3}, {"total": 10}, meanings=("review",), alerts=("violence_review",)
        ),
        Example(
            "eleven: past every line",
            {1: 1, 2: 4, 3: 3, 4: 3},
            {"total": 11},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "five, but physical harm once",
            {1: 2, 2: 1, 3: 1, 4: 1},
            {"total": 5},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "one answer missing: no total, and the silence itself is raised",
            {1: 1, 2: 1, 3: 1, 4: None},
            {"total": None},
            reasons={4: "declined"},
            alerts=("safety_item_unanswered",),
            validity="incomplete",
        ),
        Example(
            "one answer missing, yet past a line whatever it would have been",
            {1: 1, 2: 3, 3: 1, 4: None},
            {"total": None},
            reasons={4: "skipped"},
            meanings=("review",),
            alerts=("violence_review", "safety_item_unanswered"),
            validity="incomplete",
        ),
    ),
)
