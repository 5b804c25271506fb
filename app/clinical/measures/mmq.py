"""Maudsley Marital Questionnaire: marital, sexual and general maladjustment, scored elsewhere: its key is not public."""

from app.clinical.measure import Cutoff, Example, Measure, MissingRule, Scale
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Crowe 1978; Arrindell, Boelens & Lambert 1983: Dutch norms", "recalled_medium")
_GAPS = Source("Whoever scores it decides what becomes of gaps; nothing is filled in here", "proposal")
_NORMS = Source("No SD was found, and a retest of about .8 is recalled without a source", "recalled_low")
_SCALES = ("marital", "sexual", "general_life")
_AT_THE_LINE = {"marital": 20, "sexual": 14, "general_life": 9}
_BELOW_IT = _AT_THE_LINE | {"marital": 19}

MEASURE = Measure(
    code="mmq",
    name="Maudsley Marital Questionnaire",
    version="1",
    kind="outcome",
    constructs=("marital maladjustment", "sexual maladjustment", "general life maladjustment"),
    domain="relational",
    items=(),
    scales=(
        Scale("marital", 0, 80, name="Marital maladjustment"),
        Scale("sexual", 0, 40, domain="sexual", name="Sexual maladjustment"),
        Scale("general_life", 0, 40, domain="neither", name="General life maladjustment"),
    ),
    direction=-1,
    recall_days=None,
    missing=MissingRule(prorate=False, min_percent_answered=100, source=_GAPS),
    applies_to="any, partnered",
    licence_tier="C_author_permission",
    licence_note="Ask its author or publisher before showing the wording.",
    sources=(_AUTHORS,),
    confidence="medium",
    cutoffs=(Cutoff("distressed", ">=", 20, _AUTHORS, "marital", separates_functional=True),),
    reliable_change=tuple(ReliableChange(scale, "insufficient_norms", _NORMS) for scale in _SCALES),
    limits=(
        "Scored elsewhere only: we found no open source that says which items are turned, and a guess would be a wrong score.",
        "It has 20 items of 0-8: 10 marital, 5 sexual, 5 general.",
        "No total: it tells marital from sexual maladjustment, and a sum would hide that.",
        "The cut-off is Dutch and of the marital scale only.",
    ),
    examples=(
        Example("20 on the marital scale is distressed", {}, _AT_THE_LINE, meanings=("distressed",), reported=_AT_THE_LINE),
        Example("19 is not", {}, _BELOW_IT, reported=_BELOW_IT),
        Example(
            "two scales missing",
            {},
            {"marital": 12, "sexual": None, "general_life": None},
            validity="incomplete",
            reported={"marital": 12},
        ),
    ),
)
