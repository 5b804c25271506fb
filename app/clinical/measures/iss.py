"""Index of Sexual Satisfaction (Hudson): 25 items on discord in the sexual relationship; a high score is a bad one."""

from collections.abc import Mapping

from app.clinical.measure import Cutoff, Example, Measure, MissingRule, Scale, items
from app.clinical.norms import Reliability, ReliableChange
from app.clinical.source import Source

_PUBLISHER = Source("The publisher's chapter, copied at scales.arabpsychology.com", "read_in_secondary")
_ITEMS = range(1, 26)
_REVERSED = (1, 2, 3, 9, 10, 12, 16, 17, 19, 21, 22, 23)
# S = (sum - N) * 100 / ((K - 1) * N) with N = 25 items and K = 7 answers. With fewer items answered the person's
# mean in the gaps gives the published formula over the answered ones: sum * 25/N takes the place of the sum.
_WEIGHT, _OFFSET = 100 / 150, -100 / 6


def _turned(answer: int, items_: Mapping[int, float | None] | None = None) -> dict[int, float | None]:
    """Answers that all count as `answer`, save those given."""
    return {number: 8 - answer if number in _REVERSED else answer for number in _ITEMS} | dict(items_ or {})


MEASURE = Measure(
    code="iss",
    name="Index of Sexual Satisfaction",
    version="1",
    kind="outcome",
    constructs=("sexual discord",),
    domain="sexual",
    items=items(_ITEMS, 1, 7, reversed_items=_REVERSED),
    scales=(Scale("total", 0, 100, items=tuple(_ITEMS), weight=_WEIGHT, offset=_OFFSET),),
    direction=-1,
    recall_days=None,
    missing=MissingRule(prorate=True, min_percent_answered=80, source=_PUBLISHER),
    applies_to="any, partnered; readable from age 12",
    licence_tier="D_licensed",
    licence_note="Sold by WALMYR Publishing; a licence is needed to show the wording.",
    sources=(_PUBLISHER,),
    confidence="high",
    cutoffs=(Cutoff("discord", ">", 30, _PUBLISHER, "total", separates_functional=True),),
    reliability=(Reliability("total", "alpha", 0.92, _PUBLISHER),),
    reliable_change=(
        ReliableChange(
            "total",
            "derived",
            Source("1.96 * sqrt(2) * 4.24 = 11.75 points, from the published standard error", "computed"),
            points=11.75,
            note="The publisher gives the standard error of 4.24 without a retest: the true threshold may be larger.",
        ),
    ),
    limits=(
        "Despite its name a high score means dissatisfaction.",
        "Answers of the older form go from 1 to 5 and cannot be scored with this definition.",
    ),
    examples=(
        Example("all answers count as 1", _turned(1), {"total": 0}),
        Example("all count as 4", _turned(4), {"total": 50}, meanings=("discord",)),
        Example("all count as 7", _turned(7), {"total": 100}, meanings=("discord",)),
        Example(
            "every answer is a raw 1: the turned ones count as 7",
            dict.fromkeys(_ITEMS, 1),
            {"total": 48},
            meanings=("discord",),
        ),
        Example("30 is not yet discord", _turned(3, {4: 1, 5: 2, 6: 1}), {"total": 30}),
        Example("a point of one item more is", _turned(3, {4: 1, 5: 2, 6: 2}), {"total": 30.666667}, meanings=("discord",)),
        Example(
            "20 of 25 answered, each counting as 3: scaled by the published formula",
            _turned(3, dict.fromkeys((4, 8, 11, 14, 25))),
            {"total": 33.333333},
            reasons=dict.fromkeys((4, 8, 11, 14, 25), "skipped"),
            meanings=("discord",),
            prorated=True,
        ),
        Example(
            "19 of 25 answered are 76 %: no total",
            _turned(3, dict.fromkeys((4, 8, 11, 14, 24, 25))),
            {"total": None},
            reasons=dict.fromkeys((4, 8, 11, 14, 24, 25), "skipped"),
            validity="incomplete",
        ),
    ),
)
