"""The cycles of the invented couples, taken together, show the lead, the afterglow and what eased: what was planted."""

from math import sqrt
from statistics import median

import pytest

from app.demo.clinic.truths import AFTERGLOW, AFTERGLOW_HOURS
from app.demo.clinic.writing import HEAVY, LIGHT
from tests.demo.clinic.conftest import Json, Told

pytestmark = pytest.mark.xdist_group("planted")


def partners(told: Told) -> list[Json]:
    """Every partner's cycle."""
    return [partner for cycle in told.cycles.values() for partner in cycle["partners"]]


def gained(told: Told, way: str) -> tuple[float, float]:
    """How much more often the next week was above the median after weeks above it than after others, and its error."""
    ways = [found for one in partners(told) if (found := one["what_followed"][way]) is not None]
    shares, variance = [], 0.0
    for after in ("after_above", "after_not_above"):
        n, above = (sum(found[after][name] for found in ways) for name in ("n", "above"))
        assert n > 500
        shares.append(above / n)
        variance += shares[-1] * (1 - shares[-1]) / n
    return shares[0] - shares[1], sqrt(variance)


def test_good_weeks_of_sexual_satisfaction_are_followed_more_than_they_follow(told: Told) -> None:
    leads, error = gained(told, "sexual_first")
    reverse, reverse_error = gained(told, "relational_first")
    assert leads - 1.96 * error > 0.1
    assert leads - reverse > 1.96 * sqrt(error**2 + reverse_error**2)


@pytest.mark.parametrize("rating", ["closeness", "irritability_tolerance"])
def test_ratings_are_higher_soon_after_satisfying_intimacy_by_what_was_planted(told: Told, rating: str) -> None:
    soon, later = [], []
    for one in partners(told):
        for found in one["since_intimacy"][rating]["bins"]:
            if found["median"] is not None:
                is_soon = found["to"] is not None and found["to"] <= AFTERGLOW_HOURS
                (soon if is_soon else later).append(found["median"])
    assert min(len(soon), len(later)) > 50
    assert sum(soon) / len(soon) - sum(later) / len(later) == pytest.approx(AFTERGLOW, abs=0.35)


def test_momentum_is_even_because_no_week_has_a_trend(told: Told) -> None:
    for domain in ("sexual", "relational"):
        shares = [one["momentum"][domain]["share"] for one in partners(told)]
        assert median(share for share in shares if share is not None) == pytest.approx(0.45, abs=0.1)


def test_the_cycle_is_withheld_where_pressure_paused_the_plan_and_nowhere_else(told: Told) -> None:
    assert {label for label, cycle in told.cycles.items() if cycle["withheld"]} == told.with_role("pressed")


def test_downstream_concerns_ease_where_the_relationship_follows_and_nowhere_else(told: Told) -> None:
    seen = set()
    for pair in told.year.pairs:
        downstream = told.cycles[pair.label]["downstream"]
        if downstream is None or downstream["began_at"] is None:
            continue
        (concern,) = downstream["concerns"]
        assert concern["code"] == "relationship_distress"
        for number, rating in enumerate(concern["ratings"]):
            follows = pair.follows_in[number]
            last = (pair.leaves_in or told.year.setting.weeks) - 3
            if follows is None or follows <= last:
                planted = 0 if follows is None else HEAVY - LIGHT
                assert (rating["eased"] or 0) == planted, pair
                seen.add(planted)
    assert seen == {0, HEAVY - LIGHT}
