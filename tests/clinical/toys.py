"""Measures made for tests: one in tenths, one scored elsewhere."""

from app.clinical.measure import PRORATE_FROM_80, Item, Measure, Scale
from app.clinical.source import Source

TEST = Source("made for a test", "proposal")


def measure(code: str, items_: tuple[Item, ...], scales: tuple[Scale, ...]) -> Measure:
    return Measure(
        code=code,
        name=code,
        version="1",
        kind="outcome",
        constructs=("test",),
        domain="neither",
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


TENTHS = measure(
    "tenths",
    tuple(Item(number, 0, 10, step=0.1) for number in range(1, 5)),
    (Scale("total", 0, 40, items=(1, 2, 3, 4)),),
)
ELSEWHERE = measure("elsewhere", (), (Scale("t_score", 0, 100),))
TOYS = (TENTHS,)
