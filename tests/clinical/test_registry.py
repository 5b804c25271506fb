"""Desire, distress, satisfaction, mood and screens, row by row as the registry of facts has them."""

import pytest

from app.clinical.measures import MEASURES

# Items, ranges of the items (in order of number), scales with their ends, direction, recall in days, licence tier.
REGISTRY: dict[str, tuple[int, set[tuple[float, float]], dict[str, tuple[float, float]], int, int | None, str]] = {
    "fsds_dao": (15, {(0, 4)}, {"total": (0, 60)}, -1, 30, "C"),
    "sdi2": (14, {(0, 7), (0, 8)}, {"dyadic": (0, 62), "solitary": (0, 23)}, 1, 30, "C"),
    "nsss": (20, {(1, 5)}, {"total": (20, 100), "ego": (10, 50), "partner_activity": (10, 50)}, 1, 183, "C"),
    "nsss_s": (12, {(1, 5)}, {"total": (12, 60)}, 1, 183, "C"),
    "gmrel": (5, {(1, 7)}, {"total": (5, 35)}, 1, None, "C"),
    "iss": (25, {(1, 7)}, {"total": (0, 100)}, -1, None, "D"),
    "csi32": (32, {(0, 6), (0, 5)}, {"total": (0, 161)}, 1, None, "B"),
    "rdas": (
        14,
        {(0, 5), (0, 4)},
        {"total": (0, 69), "consensus": (0, 30), "satisfaction": (0, 20), "cohesion": (0, 19)},
        1,
        None,
        "C",
    ),
    "kmss": (3, {(1, 7)}, {"total": (3, 21)}, 1, None, "B"),
    "gad7": (7, {(0, 3)}, {"total": (0, 21)}, -1, 14, "A"),
    "who5": (5, {(0, 5)}, {"total": (0, 100)}, 1, 14, "B"),
    "ors": (4, {(0, 10)}, {"total": (0, 40)}, 1, 7, "D"),
    "srs": (4, {(0, 10)}, {"total": (0, 40)}, 1, 0, "D"),
    "wast": (8, {(1, 3)}, {"total": (8, 24)}, -1, None, "C"),
    "hits": (4, {(1, 5)}, {"total": (4, 20)}, -1, 365, "C"),
}
STATUSES = {
    "fsds_dao": "insufficient_norms",
    "sdi2": "insufficient_norms",
    "nsss": "insufficient_norms",
    "nsss_s": "insufficient_norms",
    "gmrel": "insufficient_norms",
    "iss": "derived",
    "sss_w": "insufficient_norms",
    "csi32": "lower_bound_from_alpha",
    "rdas": "published",
    "kmss": "insufficient_norms",
    "mmq": "insufficient_norms",
    "gad7": "published",
    "who5": "published",
    "ors": "published",
    "srs": "not_an_outcome",
    "wast": "safety_screen_no_change_scores",
    "hits": "safety_screen_no_change_scores",
}


@pytest.mark.parametrize("code", REGISTRY)
def test_a_definition_agrees_with_the_registry(code: str) -> None:
    count, ranges, scales, direction, recall, tier = REGISTRY[code]
    measure = MEASURES[code]
    assert len(measure.items) == count
    assert {(item.low, item.high) for item in measure.items} == ranges
    assert {scale.code: (scale.low, scale.high) for scale in measure.scales} == scales
    assert (measure.direction, measure.recall_days) == (direction, recall)
    assert measure.licence_tier.startswith(tier)


@pytest.mark.parametrize("code", STATUSES)
def test_what_is_known_of_change_agrees_with_the_registry(code: str) -> None:
    assert MEASURES[code].reliable_change[0].status == STATUSES[code]


CUTOFFS = [
    ("iss", "total", ">", 30),
    ("csi32", "total", "<", 104.5),
    ("rdas", "total", "<", 47.31),
    ("kmss", "total", "<=", 16),
    ("mmq", "marital", ">=", 20),
    ("gad7", "total", ">=", 10),
    ("who5", "total", "<", 50),
    ("ors", "total", "<=", 25),
]


@pytest.mark.parametrize(("code", "scale", "operator", "value"), CUTOFFS)
def test_the_line_between_the_ranges_has_its_published_operator(code: str, scale: str, operator: str, value: float) -> None:
    line = MEASURES[code].functional_cutoff(scale)
    assert line is not None
    assert (line.operator, line.value) == (operator, value)


@pytest.mark.parametrize("code", ["fsds_dao", "sdi2", "nsss", "nsss_s", "gmrel", "sss_w"])
def test_where_no_cutoff_was_published_none_is_made_up(code: str) -> None:
    assert not MEASURES[code].cutoffs
