"""Measures made for tests: one scored like FSFI, one like ASEX, one scored elsewhere."""

from app.clinical.measure import (
    PRORATE_FROM_80,
    Cutoff,
    InactivityRule,
    Item,
    Measure,
    Part,
    Scale,
    items,
)
from app.clinical.norms import NormSet, Reliability, ReliableChange
from app.clinical.source import Source

TEST = Source("made for a test", "proposal")
RETEST = Reliability("total", "test_retest", 0.88, TEST, gap="4 weeks")

FSFI_DOMAINS = {
    "desire": (0.6, range(1, 3)),
    "arousal": (0.3, range(3, 7)),
    "lubrication": (0.3, range(7, 11)),
    "orgasm": (0.4, range(11, 14)),
    "satisfaction": (0.4, range(14, 17)),
    "pain": (0.4, range(17, 20)),
}
FROM_ONE = {1, 2, 15, 16}


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


def _with(plain: Measure, **changes: object) -> Measure:
    fields = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    return Measure(**{**fields, **changes})


LIKE_FSFI = _with(
    measure(
        "like_fsfi",
        tuple(Item(number, 1 if number in FROM_ONE else 0, 5) for number in range(1, 20)),
        (
            Scale("total", 2, 36, parts=tuple(Part(code) for code in FSFI_DOMAINS)),
            *(Scale(code, 0, 6, items=tuple(numbers), weight=weight) for code, (weight, numbers) in FSFI_DOMAINS.items()),
        ),
    ),
    inactivity=InactivityRule(tuple(number for number in range(3, 20) if number not in FROM_ONE), TEST),
    cutoffs=(Cutoff("at_risk", "<=", 26.55, TEST, "total", separates_functional=True),),
    reliability=(RETEST,),
    reliable_change=(ReliableChange("total", "derived", TEST, norm_set="rosen"),),
    norm_sets=(
        NormSet(
            "rosen",
            "total",
            "arousal disorder",
            6.63,
            RETEST,
            TEST,
            clinical_mean=19.2,
            functional_mean=30.5,
            functional_sd=5.29,
        ),
    ),
)
LIKE_ASEX = _with(
    measure("like_asex", items(range(1, 6), 1, 6), (Scale("total", 5, 30, items=(1, 2, 3, 4, 5)),)),
    direction=-1,
    cutoffs=(
        Cutoff("dysfunction", ">=", 19, TEST, "total"),
        Cutoff("dysfunction", ">=", 5, TEST, items=(1, 2, 3, 4, 5)),
        Cutoff("dysfunction", ">=", 4, TEST, items=(1, 2, 3, 4, 5), at_least=3),
    ),
)
TENTHS = measure(
    "tenths",
    tuple(Item(number, 0, 10, step=0.1) for number in range(1, 5)),
    (Scale("total", 0, 40, items=(1, 2, 3, 4)),),
)
ELSEWHERE = measure("elsewhere", (), (Scale("t_score", 0, 100),))
TOYS = (LIKE_FSFI, LIKE_ASEX, TENTHS)
