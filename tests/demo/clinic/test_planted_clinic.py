"""The clinic's figures are those that were planted, with intervals that hold the planted shares, and tell nothing of a few."""

from collections import Counter
from collections.abc import Callable

import pytest

from app.demo.clinic.cast import Pair
from app.demo.clinic.truths import BETTER, RARE
from tests.demo.clinic.conftest import PLANTED, Json, Told

pytestmark = PLANTED

FEWEST = 10
NO_PROTOCOL = "no_protocol"


@pytest.fixture(scope="session")
def figures(told: Told) -> Json:
    """The clinic's figures as clinic software reads them."""
    told.catch_up()
    found = told.ask("/v1/clinic/outcomes", told.software)
    assert found["up_to_date"]
    assert found["minimum"] == FEWEST
    return found


def begun(told: Told, pair: Pair) -> str:
    """The protocol of a couple's plan, as figures name it."""
    homework = told.year.homework[pair.number]
    return pair.protocol if pair.protocol and homework and homework.windows else NO_PROTOCOL


def of_group(told: Told, figure: Json) -> list[Pair]:
    """The couples a figure is about: of all, those of the rare concern are no part where they would be given away."""
    return [
        pair
        for pair in told.year.pairs
        if figure["concern"] in {None, pair.concern}
        and figure["protocol"] in {None, begun(told, pair)}
        and not (figure["covers"] == "told_concerns" and pair.concern == RARE)
    ]


def partners(told: Told, figure: Json, counts: Callable[[Pair, int], bool]) -> tuple[int, int]:
    """Of the partners of a figure's couples whose change can be judged, how many count, and how many they are."""
    judged = [
        (pair, partner)
        for pair in of_group(told, figure)
        for partner in (0, 1)
        if len(told.year.totals(pair, partner, figure["measure"])) > 1
    ]
    return sum(counts(*one) for one in judged), len(judged)


def about(figures: Json, measure: str) -> list[Json]:
    """The figures of a measure's total."""
    return [one for one in figures["measures"] if (one["measure"], one["scale"]) == (measure, "total")]


def test_reliable_improvement_is_what_was_planted_in_every_group_that_is_told_of(told: Told, figures: Json) -> None:
    found = about(figures, "gmsex")
    assert {one["concern"] for one in found} == {None, *BETTER} - {RARE}
    assert sum(one["protocol"] is not None for one in found) >= 2
    for one in found:
        n, of = partners(told, one, lambda pair, partner: pair.improves_in[partner] is not None)
        assert (one["improved"]["n"], one["improved"]["of"]) == (n, of)
        assert one["improved"]["low"] <= n / of <= one["improved"]["high"]
        worse, _ = partners(told, one, lambda pair, partner: pair.role == "worsening" and partner == 1)
        assert one["deteriorated"]["n"] == worse
        assert one["recovered"] is None  # the measure has no line between the clinical and the functional range


def test_the_intervals_hold_the_shares_that_were_planted_by_concern(figures: Json) -> None:
    for one in about(figures, "gmsex"):
        if one["concern"] is not None and one["protocol"] is None:
            # The planted share is of couples with a partner who becomes better. Of all partners fewer are, where one is ahead,
            # and of those who can be judged more, where couples left before their second answer.
            assert one["improved"]["low"] <= BETTER[one["concern"]] <= one["improved"]["high"]


def test_relationships_recover_in_the_planted_numbers_and_mood_does_not_change(told: Told, figures: Json) -> None:
    judged = [one for one in about(figures, "rdas") if one["judged_couples"] is not None]
    assert len(judged) >= 3
    for one in judged:
        n, of = partners(told, one, lambda pair, partner: pair.follows_in[partner] is not None)
        assert (one["recovered"]["n"], one["recovered"]["of"]) == (n, of)
    for one in about(figures, "phq9"):
        assert one["judged_couples"] is None or (one["improved"]["n"], one["deteriorated"]["n"]) == (0, 0)


def test_the_time_to_first_improvement_is_the_planted_one(told: Told, figures: Json) -> None:
    (one,) = (
        found
        for found in figures["time_to_first_improvement"]
        if (found["domain"], found["unit"], found["concern"], found["protocol"]) == ("sexual", "weeks", None, None)
    )
    pairs = of_group(told, one)
    first = Counter(pair.first_better_in for pair in pairs if pair.first_better_in is not None)
    assert {step["at"]: step["improved"] for step in one["curve"]} == dict(first)
    assert one["improved"] == sum(first.values())
    planted = shares(told, pairs)
    assert [step["share"] for step in one["curve"]] == pytest.approx(planted, abs=0.001)
    halfway = next((week for week, share in zip(sorted(first), planted, strict=True) if share >= 0.5), None)
    assert one["median"]["at"] == halfway


def shares(told: Told, pairs: list[Pair]) -> list[float]:
    """Who is better by each week, as if all had been followed: of those still followed and not better, week by week."""
    left, found = 1.0, []
    until = {pair.number: last_asked(told, pair) for pair in pairs}
    followed = [pair for pair in pairs if until[pair.number] > 0]
    for week in sorted({pair.first_better_in for pair in followed if pair.first_better_in is not None}):
        at_risk = [
            pair
            for pair in followed
            if (pair.first_better_in is None or pair.first_better_in >= week) and until[pair.number] >= week
        ]
        left *= 1 - sum(pair.first_better_in == week for pair in at_risk) / len(at_risk)
        found.append(1 - left)
    return found


def last_asked(told: Told, pair: Pair) -> int:
    """The week of the last answer of either partner by which sexual satisfaction can be judged."""
    weeks = (week for partner in (0, 1) for measure in ("gmsex", "fsfi") for week in told.year.totals(pair, partner, measure))
    return max(weeks, default=0)


def test_drop_out_is_what_was_planted(told: Told, figures: Json) -> None:
    (one,) = (found for found in figures["drop_out"] if found["concern"] is None and found["protocol"] is None)
    pairs = of_group(told, one)
    left = [pair for pair in pairs if pair.leaves_in is not None]
    lost = [pair for pair in left if pair.leaves_as == "lost_contact"]
    assert (one["dropped_out"]["n"], one["dropped_out"]["of"], one["couples"]) == (len(lost), len(pairs), len(pairs))
    assert one["closed"] in {None, len(left)}
    assert one["dropped_out_of_closed"] is None or one["dropped_out_of_closed"]["of"] == len(left)
    assert one["silent"] is None or one["silent"]["n"] == 0


def test_homework_is_kept_as_was_planted(told: Told, figures: Json) -> None:
    assert sum(one["protocol"] is not None for one in figures["adherence"]) >= 2
    for one in figures["adherence"]:
        tried = [
            tried
            for pair in of_group(told, one)
            if (homework := told.year.homework[pair.number]) is not None
            for both in homework.tried
            for tried in both
        ]
        within = sum(tried.done == "within_rules" for tried in tried)
        expected = sum(tried.done != "declined" for tried in tried)
        assert (one["within_rules"], one["expected"]) == (within, expected)


def test_the_rare_concern_is_told_nowhere_and_cannot_be_worked_out(figures: Json) -> None:
    assert RARE not in str(figures)
    totals = {
        one["measure"]: one
        for one in figures["measures"]
        if one["scale"] == "total" and not one["concern"] and not one["protocol"]
    }
    for measure in ("gmsex", "rdas", "phq9"):
        rows = [one for one in about(figures, measure) if one["concern"] is not None and one["protocol"] is None]
        beyond = totals[measure]["couples"] - sum(one["couples"] for one in rows)
        assert beyond == 0 or beyond >= FEWEST
    assert {one["reason"] for one in figures["withheld"]} <= {"fewer_than_minimum", "would_give_another_away"}
    assert "fewer_than_minimum" in {one["reason"] for one in figures["withheld"]}


def test_nobody_is_ranked(told: Told, figures: Json) -> None:
    assert told.therapist.holder_id not in str(figures)
    assert "therapist" not in str(sorted(figures))
