"""Sexual Satisfaction Scale for Women: five domains and a total, scored elsewhere: its key is not public."""

from app.clinical.measure import Example, Measure, MissingRule, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Meston & Trapnell 2005, J Sex Med 2:66 (PMC2859306): abstract", "read_in_primary")
_RANGES = Source("30 items of 1-5; total = three domains + half of the two concern domains", "recalled_medium")
_GAPS = Source("Whoever scores it decides what becomes of gaps; nothing is filled in here", "proposal")
_NORMS = Source("No SD and no stability were found; a clinic may bring its own", "recalled_medium")
_DOMAINS = ("contentment", "communication", "compatibility", "relational_concern", "personal_concern")
_WHOLE = {
    "total": 86,
    "contentment": 24,
    "communication": 20,
    "compatibility": 25,
    "relational_concern": 18,
    "personal_concern": 16,
}

MEASURE = Measure(
    code="sss_w",
    name="Sexual Satisfaction Scale for Women",
    version="1",
    kind="outcome",
    constructs=("sexual satisfaction", "sexual distress"),
    domain="sexual",
    items=(),
    scales=(Scale("total", 24, 120), *(Scale(domain, 6, 30) for domain in _DOMAINS)),
    direction=1,
    recall_days=None,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_GAPS),
    applies_to="women",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording.",
    sources=(_AUTHORS, _RANGES),
    confidence="medium",
    reliable_change=tuple(ReliableChange(scale, "insufficient_norms", _NORMS) for scale in ("total", *_DOMAINS)),
    limits=(
        "Scored elsewhere only: we could not read which items are turned, and a guess would be a wrong score.",
        "It has 30 items of 1-5, six a domain; the key stands in the appendix of the article.",
        "Every scale counts upwards, the two concern domains too: higher is less concern.",
        "The total is contentment + communication + compatibility + half of both concern domains.",
        "No cut-off: nobody can be called recovered.",
    ),
    examples=(
        Example("24 + 20 + 25 + half of 18 + half of 16", {}, _WHOLE, reported=_WHOLE),
        Example(
            "a total without its domains",
            {},
            {"total": 86} | dict.fromkeys(_DOMAINS),
            validity="incomplete",
            reported={"total": 86},
        ),
    ),
)
