"""Measures made for tests: one scored like ISS, one in tenths, one scored elsewhere."""

from dataclasses import replace

from app.clinical.measure import (
    PRORATE_FROM_80,
    Cutoff,
    Item,
    Measure,
    Scale,
    items,
)
from app.clinical.norms import ReliableChange
from app.clinical.source import Source

TEST = Source("made for a test", "proposal")


def measure(code: str, items_: tuple[Item, ...], scales: tuple[Scale, ...]) -> Measure:
    return Measure(
        code=code,
        name=code,
        version="1",
        kind="outcome",
        constructs=("test",),
        items=items_,
        scales=scales,
        direction=1,
        recall_days=28,
        missing=PRORATE_FROM_80,
        applies_to="tests",
        licence_tier="own",
        licence_note="",
        sources=(TEST,),
        confidence="low",
        examples=(),
    )


ISS_REVERSED = (1, 2, 3, 9, 10, 12, 16, 17, 19, 21, 22, 23)
LIKE_ISS = replace(
    measure(
        "like_iss",
        items(range(1, 26), 1, 7, reversed_items=ISS_REVERSED),
        (Scale("total", 0, 100, items=tuple(range(1, 26)), weight=100 / 150, offset=-100 / 6),),
    ),
    direction=-1,
    cutoffs=(Cutoff("discord", ">", 30, TEST, "total", separates_functional=True),),
    reliable_change=(ReliableChange("total", "derived", TEST, points=11.75),),
)
TENTHS = measure(
    "tenths",
    tuple(Item(number, 0, 10, step=0.1) for number in range(1, 5)),
    (Scale("total", 0, 40, items=(1, 2, 3, 4)),),
)
ELSEWHERE = measure("elsewhere", (), (Scale("t_score", 0, 100),))
TOYS = (LIKE_ISS, TENTHS)
