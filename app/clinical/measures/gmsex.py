"""Global Measure of Sexual Satisfaction: five bipolar ratings of how satisfying the sexual relationship is."""

from app.clinical.measure import PRORATE_FROM_80, Example, Measure, Scale, items
from app.clinical.norms import Norms, NormSet, Reliability, ReliableChange
from app.clinical.source import Source

_AUTHORS = Source("Lawrance & Byers 1995; Handbook of Sexuality-Related Measures", "recalled_high")
_DRES = Source("Computed from DRES, 121 couples (R package dySEM); Raposo, Impett & Muise 2020", "computed")
_TWO_WEEKS = Reliability("total", "test_retest", 0.84, _AUTHORS, gap="2 weeks")
_THREE_MONTHS = Reliability("total", "test_retest", 0.78, _AUTHORS, gap="3 months")
_COMMUNITY_SD = "SD of a community sample, pooled over partners: no clinical group's SD is known"

MEASURE = Measure(
    code="gmsex",
    name="Global Measure of Sexual Satisfaction",
    version="1",
    kind="outcome",
    constructs=("sexual satisfaction",),
    domain="sexual",
    items=items(range(1, 6), 1, 7),
    scales=(Scale("total", 5, 35, items=(1, 2, 3, 4, 5)),),
    direction=1,
    recall_days=None,
    missing=PRORATE_FROM_80,
    applies_to="any gender and orientation, partnered",
    licence_tier="C_author_permission",
    licence_note="Copyright of the authors; ask them before showing the wording.",
    sources=(_AUTHORS, _DRES),
    confidence="medium",
    norms=(Norms("total", "community", "121 couples, DRES, both partners pooled", 30.05, 7.03, _DRES, n=235),),
    reliability=(
        _TWO_WEEKS,
        _THREE_MONTHS,
        Reliability("total", "alpha", 0.957, Source("Computed from DRES: .964 and .949 by partner", "computed")),
    ),
    reliable_change=(
        ReliableChange(
            "total",
            "derived",
            Source("1.96 * sqrt(2) * 7.03 * sqrt(1 - .84) = 7.8 points", "computed"),
            norm_set="dres_two_weeks",
            note="Over three months use dres_three_months: 9.1 points. Alpha would give 4.0, half the true threshold.",
        ),
    ),
    norm_sets=(
        NormSet("dres_two_weeks", "total", "community couples", 7.03, _TWO_WEEKS, _DRES, 235, _COMMUNITY_SD),
        NormSet("dres_three_months", "total", "community couples", 7.03, _THREE_MONTHS, _DRES, 235, _COMMUNITY_SD),
    ),
    limits=("No cut-off: nobody can be called recovered.", "Strong ceiling: the community median is 31 to 33 of 35."),
    examples=(
        Example("all highest", {1: 7, 2: 7, 3: 7, 4: 7, 5: 7}, {"total": 35}),
        Example("all lowest", {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}, {"total": 5}),
        Example("mixed", {1: 4, 2: 5, 3: 3, 4: 4, 5: 6}, {"total": 22}),
        Example(
            "four of five answered: the person's mean stands in",
            {1: 4, 2: 5, 3: 3, 4: 4, 5: None},
            {"total": 20},
            reasons={5: "skipped"},
            prorated=True,
        ),
        Example(
            "three of five answered: no total",
            {1: 4, 2: 5, 3: 3, 4: None, 5: None},
            {"total": None},
            reasons={4: "skipped", 5: "declined"},
            validity="incomplete",
        ),
    ),
)
