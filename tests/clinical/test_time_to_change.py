"""The first reliable improvement of each side, in weeks and visits; which side was first is said only where it can be."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.domains import DOMAINS
from app.clinical.measures import MEASURES
from app.clinical.time_to_change import First, first_reliable_improvement, of_both, which_first
from app.clinical.track import Look, Track

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
VISITS = [START + timedelta(weeks=week, hours=8) for week in range(0, 30, 2)]


def week(number: float) -> datetime:
    """A moment of the story."""
    return START + timedelta(weeks=number)


def track(measure: str, looks: dict[float, float | None], partner: str = "a") -> Track:
    """Scores by week; None is a gap."""
    found = tuple(Look(week(at), value, None if value is not None else "skipped") for at, value in sorted(looks.items()))
    return Track(partner, MEASURES[measure], "total", found)


def first(domain: str, *tracks: Track) -> First:
    """The first improvement of one side."""
    return first_reliable_improvement(tracks, VISITS)[domain]  # type: ignore[index]  # a literal of the tests' own


def order(*tracks: Track) -> tuple[str | None, str | None]:
    """Which side was first, or why that cannot be said."""
    found = which_first(tracks, first_reliable_improvement(tracks, VISITS))
    return found.order, found.reason


# GMSEX: 7.79 points are a reliable change. RDAS: 11, as published. CSI-16 and FSDS-R: none that can be judged.


def test_the_first_reliably_better_score_is_told_in_weeks_and_in_visits_held_until_then() -> None:
    found = first("sexual", track("gmsex", {0: 15, 2: 22, 4: None, 6: 23, 8: 16, 10: 30}))
    assert (found.reason, found.since, found.at, found.weeks) == (None, week(0), week(6), 6)
    assert found.visits == 3  # in weeks 0, 2 and 4: that of week 6 came some hours after the score
    assert found.track is not None
    assert (found.track.measure.code, found.track.scale, found.track.partner) == ("gmsex", "total", "a")
    assert found.weeks_followed == 10


def test_what_was_lost_again_was_there_once() -> None:
    assert first("sexual", track("gmsex", {0: 15, 1: 24, 2: 10})).weeks == 1


@pytest.mark.parametrize(
    ("tracks", "reason"),
    [
        ((), "too_few_scores"),
        ((track("gmsex", {0: 15}),), "too_few_scores"),
        ((track("gmsex", {0: None, 1: None}),), "too_few_scores"),
        ((track("gmsex", {0: 15, 4: 22}),), "not_yet"),
        ((track("gmsex", {0: 30, 4: 15}),), "not_yet"),
        ((track("fsds_r", {0: 40, 4: 10}),), "cannot_be_judged"),
        ((track("fsds_r", {0: 40}),), "cannot_be_judged"),
        ((track("fsds_r", {0: 40, 4: 10}), track("gmsex", {0: 15})), "too_few_scores"),
        ((track("fsds_r", {0: 40, 4: 10}), track("gmsex", {0: 15, 4: 16})), "not_yet"),
        ((track("phq9", {0: 20, 4: 2}), track("rdas", {0: 30, 4: 50})), "too_few_scores"),
    ],
)
def test_without_one_the_reason_is_told(tracks: Sequence[Track], reason: str) -> None:
    found = first("sexual", *tracks)
    assert (found.reason, found.at, found.weeks, found.visits, found.track) == (reason, None, None, None, None)


def test_how_long_none_was_seen_is_told_up_to_the_last_score() -> None:
    found = first("sexual", track("gmsex", {1: 15, 4: 16}), track("fsfi", {2: 15, 9: 16}))
    assert (found.reason, found.since, found.weeks_followed) == ("not_yet", week(1), 8)


def test_a_side_is_counted_from_its_first_score_whichever_series_is_better_first() -> None:
    found = first("sexual", track("gmsex", {0: 15, 20: 16}), track("fsfi", {10: 10, 14: 30}))
    assert (found.weeks, found.at) == (14, week(14))
    assert found.track is not None
    assert found.track.measure.code == "fsfi"


def test_a_series_that_can_never_be_judged_does_not_begin_the_count() -> None:
    assert first("relational", track("csi16", {0: 10, 4: 80}), track("rdas", {6: 30, 8: 45})).weeks == 2


def test_a_couple_is_better_with_the_first_of_either_and_with_the_later_of_both() -> None:
    a, b = track("gmsex", {0: 15, 6: 24}), track("gmsex", {2: 15, 8: 16, 12: 25}, "b")
    assert first("sexual", a, b).weeks == 6
    found = of_both(first("sexual", a), first("sexual", b), VISITS)
    assert (found.reason, found.weeks, found.visits, found.track) == (None, 12, 6, b)


@pytest.mark.parametrize(
    ("other", "reason"),
    [({0: 15, 8: 16}, "not_yet"), ({0: 15}, "too_few_scores"), ({}, "too_few_scores")],
)
def test_both_are_not_better_while_one_is_not(other: dict[float, float | None], reason: str) -> None:
    a, b = first("sexual", track("gmsex", {0: 15, 6: 24})), first("sexual", track("gmsex", other, "b"))
    for found in (of_both(a, b, VISITS), of_both(b, a, VISITS)):
        assert (found.reason, found.at, found.weeks, found.visits) == (reason, None, None, None)


BETTER_AT_6: dict[float, float | None] = {0: 15, 2: 16, 4: 16, 6: 24, 8: 25}


def test_the_side_that_was_better_while_the_other_was_asked_and_was_not_is_first() -> None:
    sexual = track("gmsex", BETTER_AT_6)
    assert order(sexual, track("rdas", {0: 30, 6: 32, 8: 45})) == ("sexual_first", None)
    assert order(sexual, track("rdas", {0: 30, 8: 32})) == ("sexual_first", None)
    assert order(sexual, track("rdas", {0: 30, 4: 45})) == ("relational_first", None)
    assert order(sexual, track("rdas", {0: 30, 6 + 0.01: 45})) == ("same_time", None)
    assert order(track("gmsex", {0: 15, 6: 16}), track("rdas", {0: 30, 6: 31})) == ("neither_yet", None)


def test_a_side_is_not_first_because_the_other_was_not_asked() -> None:
    sexual = track("gmsex", BETTER_AT_6)
    assert order(sexual, track("rdas", {0: 30, 4: 32})) == (None, "other_side_not_asked_then")
    assert order(sexual, track("rdas", {0: 30, 4: 32, 8: 45})) == (None, "other_side_not_asked_then")
    assert order(sexual, track("csi16", {0: 30, 8: 60})) == (None, "cannot_be_judged")
    assert order(sexual) == (None, "too_few_scores")
    assert order() == (None, "too_few_scores")
    assert order(track("gmsex", {0: 15, 6: 16}), track("csi16", {0: 30, 8: 60})) == (None, "cannot_be_judged")


LOOKS = st.dictionaries(st.integers(0, 20).map(float), st.none() | st.integers(5, 35).map(float), max_size=6)
TRACKS = st.lists(
    st.builds(track, st.sampled_from(["gmsex", "rdas", "csi16"]), LOOKS.map(dict), st.sampled_from("ab")), max_size=4
)


@given(TRACKS)
def test_a_later_score_never_moves_a_first_improvement(tracks: list[Track]) -> None:
    before = first_reliable_improvement(tracks, VISITS)
    longer = [
        Track(one.partner, one.measure, one.scale, (*one.looks, Look(week(30), one.measure.scales[0].low))) for one in tracks
    ]
    after = first_reliable_improvement(longer, VISITS)
    for domain in DOMAINS:
        if before[domain].at is not None:
            assert (after[domain].at, after[domain].visits) == (before[domain].at, before[domain].visits)


@given(TRACKS)
def test_either_is_the_earlier_of_the_two_and_no_later_than_both(tracks: list[Track]) -> None:
    a, b = ([one for one in tracks if one.partner == which] for which in "ab")
    apart = [first_reliable_improvement(own, VISITS) for own in (a, b)]
    either = first_reliable_improvement(tracks, VISITS)
    for domain in DOMAINS:
        reached = [at for one in apart if (at := one[domain].at) is not None]
        assert either[domain].at == min(reached, default=None)
        both = of_both(apart[0][domain], apart[1][domain], VISITS)
        assert (both.at is not None) == (len(reached) == 2)
        assert both.at == (max(reached) if both.at else None)
        assert (both.reason is None) == (both.at is not None)


@given(TRACKS)
def test_it_does_not_matter_which_partner_is_a_nor_in_which_order_series_are_read(tracks: list[Track]) -> None:
    swapped = [Track("b" if one.partner == "a" else "a", one.measure, one.scale, one.looks) for one in reversed(tracks)]
    assert order(*tracks) == order(*swapped)
    for domain in DOMAINS:
        one, other = first(domain, *tracks), first(domain, *swapped)
        assert (one.reason, one.at, one.weeks, one.visits) == (other.reason, other.at, other.weeks, other.visits)
