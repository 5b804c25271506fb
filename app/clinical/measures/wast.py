"""Woman Abuse Screening Tool: a screen for abuse by the partner, answered alone; a gate, never an outcome."""

from app.clinical.measure import NEVER_PRORATE, Alert, Cutoff, Example, Item, Measure, Scale
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_COMMON = Source("Commonly 13 or more (medcalcu.com; statistics.datanalysis.net); the original fixes none", "read_in_secondary")
_SHORT = Source("WAST-Short, fpnotebook.com: positive if both first answers are the most extreme", "read_in_secondary")
_ORDER = Source("Order of the items: fpnotebook.com", "read_in_secondary")
_BROWN = Source("Brown et al. 2000, J Fam Pract 49:896: abstract", "read_in_primary")
_REVIEW = Source("PMC2688958: sensitivity .47, specificity .96", "read_in_primary")
_OURS = Source("Our conservative rule: any violence, or fear of the partner, asks for review whatever the total", "proposal")
_SCREEN = Source("A safety screen decides on a gate; it is not charted and not classified", "proposal")
_TOPICS = (
    "tension",
    "difficulty with arguments",
    "being put down in arguments",
    "hitting in arguments",
    "fear of the partner",
    "physical abuse",
    "emotional abuse",
    "sexual abuse",
)
_VIOLENCE_OR_FEAR = (4, 5, 6, 8)
_CALM = dict.fromkeys(range(1, 9), 1)

MEASURE = Measure(
    code="wast",
    name="Woman Abuse Screening Tool",
    version="1",
    kind="safety_screen",
    constructs=("abuse by the partner",),
    domain="neither",
    items=tuple(Item(number, 1, 3, safety=True, topic=topic) for number, topic in enumerate(_TOPICS, start=1)),
    scales=(Scale("total", 8, 24, items=tuple(range(1, 9))),),
    direction=-1,
    recall_days=None,
    missing=NEVER_PRORATE,
    applies_to="each partner alone, about the current partner; validated in women",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording.",
    sources=(_COMMON, _SHORT, _ORDER, _BROWN, _REVIEW),
    confidence="medium",
    cutoffs=(
        Cutoff("review", ">=", 13, _COMMON, "total"),
        Cutoff("review", ">=", 3, _SHORT, items=(1, 2), at_least=2),
        Cutoff("review", ">", 1, _OURS, items=_VIOLENCE_OR_FEAR),
    ),
    alerts=(
        Alert(
            "violence_review",
            "This screen is positive: a clinician must see this partner alone before any shared exercise.",
            _OURS,
            on_meaning="review",
        ),
    ),
    reliability=(Reliability("total", "alpha", 0.75, _BROWN),),
    reliable_change=(ReliableChange("total", "safety_screen_no_change_scores", _SCREEN),),
    limits=(
        "A negative screen clears nobody: at 13 it misses about half. The gate also needs an individual interview.",
        "Its authors left the reading to clinical judgement; 13 is common use. Any one of the cut-offs asks for review.",
        "The short form's two questions find 92 %, and call a third to almost half of the others positive.",
        "Tools of this kind were validated mostly in women; screen men too.",
    ),
    examples=(
        Example("all lowest", _CALM, {"total": 8}),
        Example("all highest", dict.fromkeys(range(1, 9), 3), {"total": 24}, meanings=("review",), alerts=("violence_review",)),
        Example("12 without violence or fear", {**_CALM, 1: 3, 2: 2, 3: 2}, {"total": 12}),
        Example(
            "13 without violence or fear",
            {**_CALM, 1: 3, 2: 2, 3: 3},
            {"total": 13},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example(
            "12, but both first answers at their worst: the short form's rule",
            {**_CALM, 1: 3, 2: 3},
            {"total": 12},
            meanings=("review",),
            alerts=("violence_review",),
        ),
        Example("fear sometimes", {**_CALM, 5: 2}, {"total": 9}, meanings=("review",), alerts=("violence_review",)),
        Example(
            "one answer missing: no total, and the silence itself is raised",
            {**_CALM, 7: None},
            {"total": None},
            reasons={7: "declined"},
            alerts=("safety_item_unanswered",),
            validity="incomplete",
        ),
    ),
)
