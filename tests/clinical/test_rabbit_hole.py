"""Hours that go past the sexual concern are flagged while it is no better and nothing is under way, and only then."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clinical.measures import MEASURES
from app.clinical.on_track import Seen, flags, on_track
from app.clinical.rabbit_hole import PROPOSED, Hour, Lost, RabbitHoleRules, latest_run, lost, watched
from app.clinical.topics import LEADING_PAST, TOPICS
from app.clinical.track import Look, Track

FIRST = date(2026, 1, 6)
TALK = {"communication": 30, "sexual_concern": 20}
WORK = {"sexual_concern": 30, "communication": 20}
DESIRE = ("sdi2", "gmsex")


def hour(week: int, minutes: Mapping[str, int], at: int = 17) -> Hour:
    """An hour of fifty minutes in that week."""
    on = FIRST + timedelta(weeks=week)
    return Hour(on, datetime(on.year, on.month, on.day, at, tzinfo=UTC), minutes, 50)


def hours(*spent: Mapping[str, int]) -> list[Hour]:
    """One a week."""
    return [hour(week, minutes) for week, minutes in enumerate(spent)]


def track(*values: float, measure: str = "gmsex", scale: str = "total", partner: str = "a") -> Track:
    """A weekly series."""
    start = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return Track(
        partner, MEASURES[measure], scale, tuple(Look(start + timedelta(weeks=n), one) for n, one in enumerate(values))
    )


def found(spent: list[Hour], *tracks: Track, plans: tuple[str, ...] = (), rules: RabbitHoleRules = PROPOSED) -> Lost | None:
    """What is made of it, for a couple whose primary concern is a difference in desire."""
    return lost(latest_run(spent, rules), tracks, DESIRE, plans, rules)


STILL = track(20, 21)
PAIRS = RabbitHoleRules(visits=2)  # so that what is drawn raises it often
MINUTES = st.sampled_from([TALK, TALK, TALK, WORK, {}]) | st.dictionaries(st.sampled_from(tuple(TOPICS)), st.integers(0, 90))
HOUR = st.builds(hour, st.integers(0, 30), MINUTES, st.sampled_from([9, 17]))
HOURS = st.lists(HOUR, max_size=12, unique_by=lambda one: one.began)
TRACKS = st.lists(
    st.builds(
        lambda pair, partner: track(*pair, partner=partner),
        st.lists(st.integers(5, 35), min_size=1, max_size=4),
        st.sampled_from(["a", "b"]),
    ),
    max_size=3,
)
PLANS = st.lists(st.sampled_from(["draft", "offered", "active", "held", "paused", "completed", "stopped"]), max_size=2).map(
    tuple
)


def test_the_fourth_visit_in_a_row_raises_it_and_the_third_does_not() -> None:
    assert found(hours(*[TALK] * 3), STILL) is None
    assert found(hours(*[TALK] * 4), STILL) is not None
    assert found(hours(*[TALK] * 2), STILL, rules=RabbitHoleRules(visits=2)) is not None


@pytest.mark.parametrize(
    ("minutes", "raised"),
    [
        ({"communication": 25, "sexual_concern": 25}, False),
        ({"communication": 26, "sexual_concern": 24}, True),
        ({"communication": 13, "logistics": 13, "homework": 24}, True),
        ({"communication": 13, "logistics": 12, "homework": 25}, False),
        ({"relationship": 40, "individual": 10}, False),
        ({"communication": 6, "homework": 5}, True),
    ],
)
def test_mostly_is_more_than_half_of_the_minutes_that_were_told(minutes: dict[str, int], raised: bool) -> None:
    assert (found(hours(*[minutes] * 4), STILL) is not None) is raised


def test_a_clinic_sets_the_share_and_the_topics() -> None:
    seven_of_ten = [{"communication": 7, "homework": 3}] * 4
    assert found(hours(*seven_of_ten), STILL, rules=RabbitHoleRules(share=0.7)) is None
    assert found(hours(*seven_of_ten), STILL, rules=RabbitHoleRules(share=0.69)) is not None
    rules = RabbitHoleRules(topics=("relationship",))
    assert found(hours(*seven_of_ten), STILL, rules=rules) is None
    assert found(hours(*[{"relationship": 40}] * 4), STILL, rules=rules) is not None


def test_a_visit_that_tells_no_minutes_neither_counts_nor_ends_the_row() -> None:
    assert found(hours(TALK, {}, TALK, {}, TALK), STILL) is None
    raised = found(hours(TALK, {}, TALK, {"communication": 0}, TALK, TALK, {}), STILL)
    assert raised is not None
    assert raised.numbers["visits"] == 4


def test_it_says_what_the_hours_went_to_what_was_asked_and_where_the_plans_stand() -> None:
    spent = hours(WORK, *[{"communication": 30, "logistics": 5, "sexual_concern": 15}] * 5)
    raised = found(spent, STILL, track(22, 20, partner="b"), plans=("stopped", "paused"))
    assert raised is not None
    assert raised.sentence == (
        "The last 5 visits that say how they were spent, since 2026-01-13, went mostly to communication or logistics "
        "(175 of 250 minutes), the primary concern shows no reliable change by Global Measure of Sexual Satisfaction "
        "(A and B), and no homework plan is active: the latest is paused."
    )
    assert raised.numbers == {
        "visits": 5, "minutes_told": 250, "minutes_communication": 150, "minutes_logistics": 25, "series": 2
    }  # fmt: skip


def test_it_is_amber_and_comes_after_what_is_red() -> None:
    raised = found(hours(*[TALK] * 4), track(25, 15, 15))
    assert raised is not None
    assert [flag.code for flag in flags(Seen(tracks=raised.asked, lost=raised))] == ["deteriorated_twice", "rabbit_hole"]
    assert (on_track(flags(Seen(lost=raised))).code, on_track(flags(Seen(lost=raised))).colour) == ("rabbit_hole", "amber")


def test_of_two_hours_that_began_together_one_spent_on_the_concern_ends_the_row_whichever_was_entered_first() -> None:
    both = [hour(4, TALK), hour(4, WORK)]
    for entered in (both, both[::-1]):
        assert latest_run([*hours(*[TALK] * 4), *entered]).hours == ()


@pytest.mark.parametrize(("plan", "raised"), [("active", False), ("held", True), ("offered", True), ("completed", True)])
def test_a_plan_under_way_answers_it_whatever_the_hours_went_to(plan: str, raised: bool) -> None:
    assert (found(hours(*[TALK] * 4), STILL, plans=("stopped", plan)) is not None) is raised
    assert (found(hours(*[TALK] * 4), STILL, plans=(plan, "stopped")) is not None) is raised


def test_a_reliable_improvement_of_either_partner_answers_it_until_it_is_lost_again() -> None:
    talking = hours(*[TALK] * 6)
    assert found(talking, STILL, track(15, 24, partner="b")) is None
    assert found(talking, track(15, 24, 17)) is not None


def test_a_concern_that_became_worse_raises_it_as_well_and_is_not_said_to_stand_still() -> None:
    raised = found(hours(*[TALK] * 4), track(25, 15))
    assert raised is not None
    assert "the primary concern has reliably worsened by" in raised.sentence


def test_where_nothing_can_be_judged_it_is_raised_and_says_so() -> None:
    for tracks in ((), (track(20),), (track(40, 10, measure="fsds_r"),), (track(10, 20, measure="phq9"),)):
        raised = found(hours(*[TALK] * 4), *tracks)
        assert raised is not None
        assert "no change of the primary concern can be judged" in raised.sentence
        assert raised.numbers["series"] == 0


def test_the_concern_is_judged_by_the_sexual_scales_of_its_own_measures_before_any_other() -> None:
    own, other, relational = track(20, 21), track(20, 30, measure="fsfi"), track(40, 60, measure="rdas")
    assert watched([own, other, relational], DESIRE) == (own,)
    assert watched([other, relational], DESIRE) == (other,)
    assert watched([own, relational], ("gmsex", "rdas")) == (own,)
    unjudged = track(60, 20, measure="sdi2", scale="dyadic")
    assert watched([unjudged, other], DESIRE) == (other,)


def test_a_couple_without_visits_or_notes_is_in_none() -> None:
    assert found([], STILL) is None
    assert found(hours(*[{}] * 9), STILL) is None


@given(HOURS, TRACKS, PLANS)
def test_an_hour_on_the_sexual_concern_ends_the_row_whenever_its_note_was_entered(
    spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]
) -> None:
    last = hour(31, WORK)
    for entered in ([*spent, last], [last, *spent]):
        assert latest_run(entered).hours == ()
        assert found(entered, *tracks, plans=plans) is None


@given(st.data(), HOURS, TRACKS, PLANS)
def test_the_order_in_which_notes_were_entered_does_not_matter(
    data: st.DataObject, spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]
) -> None:
    again = data.draw(st.permutations(spent))
    first, second = (found(one, *tracks, plans=plans, rules=PAIRS) for one in (spent, again))
    assert (first and (first.sentence, first.numbers)) == (second and (second.sentence, second.numbers))


@given(HOURS, TRACKS, PLANS)
def test_it_does_not_matter_which_partner_is_a(spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]) -> None:
    swapped = [Track("b" if one.partner == "a" else "a", one.measure, one.scale, one.looks) for one in tracks]
    here, there = (found(spent, *one, plans=plans, rules=PAIRS) for one in (tracks, swapped))
    assert (here and here.numbers) == (there and there.numbers)


@given(HOURS, TRACKS, PLANS)
def test_one_more_hour_past_the_concern_never_takes_the_flag_away(
    spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]
) -> None:
    before = found(spent, *tracks, plans=plans, rules=PAIRS)
    after = found([*spent, hour(31, TALK)], *tracks, plans=plans, rules=PAIRS)
    if before is not None:
        assert after is not None
        assert after.numbers["visits"] == before.numbers["visits"] + 1


def in_one(spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]) -> bool:
    """The rule in other words, for two visits: on GMSEX, where 7.79 points are a reliable change."""
    told = sorted((one for one in spent if sum(one.minutes.values())), key=lambda one: one.began)
    past = [sum(one.minutes.get(topic, 0) for topic in LEADING_PAST) * 2 > sum(one.minutes.values()) for one in told]
    scores = [[look.value or 0 for look in one.looks] for one in tracks]
    better = any(len(values) > 1 and values[-1] - values[0] > 7.79 for values in scores)
    return past[-2:] == [True, True] and "active" not in plans and not better


@given(HOURS, TRACKS, PLANS)
def test_it_is_raised_when_all_of_its_reasons_hold_and_only_then(
    spent: list[Hour], tracks: list[Track], plans: tuple[str, ...]
) -> None:
    assert (found(spent, *tracks, plans=plans, rules=PAIRS) is not None) is in_one(spent, tracks, plans)
