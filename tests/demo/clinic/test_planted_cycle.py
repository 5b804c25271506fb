"""The cycles of the invented couples, taken together, show the lead, the afterglow and what eased: what was planted."""

from math import sqrt
from statistics import fmean, variance

import numpy as np
import pytest

from app.demo.clinic.truths import AFTERGLOW, AFTERGLOW_HOURS
from app.demo.clinic.writing import HEAVY, LIGHT, RATED_IN
from tests.demo.clinic.conftest import PLANTED, Json, Told

ROUNDED_OFF = 0.1
"""What rounding, and the end of the scale, may take of a point."""

pytestmark = PLANTED


def partners(told: Told) -> list[Json]:
    """Every partner's cycle."""
    return [partner for cycle in told.cycles.values() for partner in cycle["partners"]]


def gained(told: Told, way: str) -> tuple[float, float]:
    """How much more often the next week was above the median after weeks above it than after others, and its error."""
    ways = [found for one in partners(told) if (found := one["what_followed"][way]) is not None]
    shares, spread = [], 0.0
    for after in ("after_above", "after_not_above"):
        n, above = (sum(found[after][name] for found in ways) for name in ("n", "above"))
        assert n > 500
        shares.append(above / n)
        spread += shares[-1] * (1 - shares[-1]) / n
    return shares[0] - shares[1], sqrt(spread)


def test_good_weeks_of_sexual_satisfaction_are_followed_more_than_they_follow(told: Told) -> None:
    leads, error = gained(told, "sexual_first")
    reverse, reverse_error = gained(told, "relational_first")
    assert leads - 1.96 * error > 0.1
    assert leads - reverse > 1.96 * sqrt(error**2 + reverse_error**2)


@pytest.mark.parametrize("rating", ["closeness", "irritability_tolerance"])
def test_ratings_are_higher_soon_after_satisfying_intimacy_by_what_was_planted(told: Told, rating: str) -> None:
    points = [point for one in partners(told) for point in one["since_intimacy"][rating]["points"]]
    soon = [point["value"] for point in points if point["hours"] <= AFTERGLOW_HOURS]
    later = [point["value"] for point in points if point["hours"] > AFTERGLOW_HOURS]
    error = sqrt(variance(soon) / len(soon) + variance(later) / len(later))
    assert error < 0.2
    assert abs(fmean(soon) - fmean(later) - AFTERGLOW) < 1.96 * error + ROUNDED_OFF


def test_momentum_is_what_any_eight_weeks_would_give_because_no_week_has_a_trend(told: Told) -> None:
    ratings = np.where(told.year.pulses.answered[..., np.newaxis], told.year.pulses.answers, np.nan)
    for item, domain in enumerate(("sexual", "relational")):
        medians = np.nanmedian(ratings[..., item], axis=2, keepdims=True)
        ever = float(np.nanmean(np.where(np.isnan(ratings[..., item]), np.nan, ratings[..., item] > medians)))
        lately = [one["momentum"][domain] for one in partners(told) if one["momentum"][domain]["share"] is not None]
        n = sum(one["n"] for one in lately)  # weeks of a person, and partners, are alike: half as many more would be needed
        assert n > 500
        assert sum(one["above"] for one in lately) / n == pytest.approx(ever, abs=1.96 * 1.5 * sqrt(ever * (1 - ever) / n))


def test_the_cycle_is_withheld_where_pressure_paused_the_plan_and_nowhere_else(told: Told) -> None:
    assert {label for label, cycle in told.cycles.items() if cycle["withheld"]} == told.with_role("pressed")


def test_downstream_concerns_ease_where_the_relationship_follows_and_nowhere_else(told: Told) -> None:
    seen, weeks = set(), told.year.setting.weeks
    for pair in told.year.pairs:
        downstream = told.cycles[pair.label]["downstream"]
        if downstream is None or downstream["began_at"] is None:
            continue
        (concern,) = downstream["concerns"]
        assert concern["code"] == "relationship_distress"
        for number, rating in enumerate(concern["ratings"]):
            follows = pair.follows_in[number]
            rated = [week % weeks for week in RATED_IN if told.year.is_there(pair, week % weeks)]
            planted = HEAVY - LIGHT if follows is not None and rated and follows <= max(rated) else 0
            assert (rating["eased"] or 0) == planted, pair
            seen.add(planted)
    assert seen == {0, HEAVY - LIGHT}
