"""The cycle says what followed what in each partner's weeks, both ways, and nothing where there are too few."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from app.core.settings import Settings
from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import running
from tests.outcomes.pulses import OTHERWISE, UP_AND_DOWN, answers, cycle, partner, stamp, tell, told, without_ids
from tests.outcomes.records import Care, Json, begun, practising
from tests.outcomes.statements import statements
from tests.safety.records import done, new_pair

# What the database has no part in is tried on one.
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
THRESHOLDS = {
    "weeks_to_draw": 8, "weeks_to_correlate": 20, "weeks_to_test": 80, "block_weeks": 4, "momentum_weeks": 8,
    "momentum_fewest": 4, "hours": [24, 48, 72, 168], "bin_fewest": 3,
}  # fmt: skip


@ON_SQLITE
def test_a_couple_that_has_told_nothing_is_told_so_both_alike(care: Care) -> None:
    found = cycle(care)
    assert (found["view"], found["withheld"], _numbers(found)) == ("therapist", None, THRESHOLDS)
    assert (found["thresholds"]["grade"], "our proposal" in found["thresholds"]["source"]) == ("proposal", True)
    assert found["label"].startswith("This describes the past")
    assert "does not show cause: a third factor may be behind both" in found["label"]
    a, b = found["partners"]
    assert without_ids(a) == without_ids(b)
    followed = a["what_followed"]
    assert (followed["paired_weeks"], followed["needed"], followed["reason"]) == (0, 8, "too_few_weeks")
    assert (followed["sexual_first"], followed["relational_first"], followed["sexual_median"]) == (None, None, None)
    assert a["momentum"]["sexual"] == {"n": 0, "above": None, "share": None, "median": None, "reason": "too_few_weeks"}
    assert a["turn_around"]["all"]["n"] == 0
    assert (a["since_intimacy"]["closeness"]["n"], len(a["since_intimacy"]["closeness"]["bins"])) == (0, 5)


def _numbers(found: Json) -> Json:
    return {name: value for name, value in found["thresholds"].items() if name not in {"source", "grade"}}


def test_counts_and_points_stand_side_by_side_at_one_scale(care: Care) -> None:
    sexual, relational = [8, 4, 7, 5, 9, 3, 8, 4, 7], [6, 7, 5, 8, 4, 7, 6, 8, 5]
    tell(care, "a", told(sexual, relational))
    found = partner(cycle(care), "a")["what_followed"]
    assert (found["paired_weeks"], found["reason"], found["low"], found["high"]) == (8, None, 0, 10)
    assert (found["sexual_median"], found["relational_median"]) == (7, 6)
    forth, back = found["sexual_first"], found["relational_first"]
    assert (forth["x"], forth["y"], forth["n"]) == ("sexual_satisfaction", "relationship_satisfaction", 8)
    assert (back["x"], back["y"], back["n"]) == ("relationship_satisfaction", "sexual_satisfaction", 8)
    assert [(point["x"], point["y"]) for point in forth["points"]] == list(zip(sexual, relational[1:], strict=False))
    assert [(point["x"], point["y"]) for point in back["points"]] == list(zip(relational, sexual[1:], strict=False))
    # above 7: weeks 1 5 7, next relational 7 7 8, all above 6; the others 4 7 5 3 4 with next 5 8 4 6 5: one above
    assert (forth["after_above"], forth["after_not_above"]) == ({"n": 3, "above": 3}, {"n": 5, "above": 1})
    # above 6: weeks 2 4 6 8, next sexual 7 9 8 7: two above 7; the others 6 5 4 6 with next 4 5 3 4: none
    assert (back["after_above"], back["after_not_above"]) == ({"n": 4, "above": 2}, {"n": 4, "above": 0})
    assert (forth["x_at_median"], forth["y_at_median"]) == (1, 1)
    assert (back["x_at_median"], back["y_at_median"]) == (2, 2)
    assert forth["sentence"] == (
        "Relationship satisfaction was above its own median in the week after 3 of 3 weeks above the own median of "
        "sexual satisfaction, and after 1 of the 5 other weeks."
    )
    assert (forth["correlation"], forth["correlation_reason"]) == (None, "too_few_weeks")
    weeks = [point["week"] for point in forth["points"]]
    assert (weeks[-1], len(weeks), weeks == sorted(weeks)) == ("2026-11-09", 8, True)


@ON_SQLITE
@pytest.mark.parametrize(("weeks", "is_drawn", "is_correlated", "has_p"), [
    (8, False, False, False), (9, True, False, False), (20, True, False, False), (21, True, True, False),
    (80, True, True, False), (81, True, True, True),
])  # fmt: skip
def test_each_figure_begins_with_exactly_the_weeks_it_takes(
    care: Care, weeks: int, is_drawn: bool, is_correlated: bool, has_p: bool
) -> None:
    tell(care, "b", told(UP_AND_DOWN[:weeks], OTHERWISE[:weeks]))
    found = partner(cycle(care), "b")["what_followed"]
    assert (found["paired_weeks"], found["reason"]) == (weeks - 1, None if is_drawn else "too_few_weeks")
    for way in (found["sexual_first"], found["relational_first"]):
        assert (way is not None) == is_drawn
        if way is not None:
            correlation = way["correlation"]
            assert (correlation is not None, len(way["points"])) == (is_correlated, weeks - 1)
            assert (correlation is not None and correlation["p"] is not None) == has_p
            assert correlation is None or correlation["low"] <= 0 <= correlation["high"]
            assert correlation is None or correlation["sentence"].startswith("Rank correlation ")


def test_a_missing_week_is_a_gap_that_nothing_bridges(care: Care) -> None:
    weeks: list[Any] = told(UP_AND_DOWN[:16], OTHERWISE[:16])
    tell(care, "a", [None if place in {3, 9} else week for place, week in enumerate(weeks)])
    found = partner(cycle(care), "a")["what_followed"]
    assert found["paired_weeks"] == 15 - 4
    x = [point["x"] for point in found["sexual_first"]["points"]]
    assert x == [UP_AND_DOWN[place] for place in range(15) if not {place, place + 1} & {3, 9}]


@ON_SQLITE
def test_of_two_pulses_in_a_week_the_last_counts_and_a_week_is_the_couples_own(care: Care) -> None:
    tell(care, "a", told(UP_AND_DOWN[:9], OTHERWISE[:9]), ends=1)
    # in Berlin it is Sunday, 23:59, and Monday, 00:01
    for at, rating in (("2026-11-15T12:00:00Z", 1), ("2026-11-15T22:59:00Z", 9), ("2026-11-15T23:01:00Z", 2)):
        body = {"measure": "rekindle_pulse", "answers": answers(sexual_satisfaction=rating), "answered_at": at}
        done(care.therapist.post(care.pair.partner("a") + "/administrations", json=body))
    points = partner(cycle(care), "a")["what_followed"]["sexual_first"]["points"]
    assert (points[-1]["week"], points[-1]["x"], points[-1]["y"]) == ("2026-11-09", 9, 5)
    assert len(points) == 9


def test_what_was_corrected_or_not_answered_is_no_week(care: Care) -> None:
    tell(care, "a", told(UP_AND_DOWN[:9], OTHERWISE[:9]), ends=1)
    path = care.pair.partner("a") + "/administrations"
    body: Json = {"measure": "rekindle_pulse", "answers": answers(), "answered_at": stamp(care.today)}
    first = done(care.therapist.post(path, json=body))
    assert partner(cycle(care), "a")["what_followed"]["paired_weeks"] == 9
    nothing = {str(number): None for number in range(1, 7)}
    reasons = dict.fromkeys(nothing, "skipped")
    corrected = body | {"answers": nothing, "reasons": reasons, "supersedes": first["id"]}
    done(care.therapist.post(path, json=corrected))
    assert partner(cycle(care), "a")["what_followed"]["paired_weeks"] == 8


@ON_SQLITE
def test_swapping_the_partners_swaps_the_answer(therapist: Caller, clock: Wristwatch) -> None:
    one, other = (Care(new_pair(therapist, number), clock.moment) for number in ("1", "2"))
    for care, (first, second) in ((one, "ab"), (other, "ba")):
        tell(care, first, told(UP_AND_DOWN[:30], OTHERWISE[:30]))
        tell(care, second, [{"hours": place, "closeness": place % 10} for place in range(12)])
    found, turned = cycle(one), cycle(other)
    assert without_ids(partner(found, "a")) == without_ids(partner(turned, "b"))
    assert without_ids(partner(found, "b")) == without_ids(partner(turned, "a"))


@ON_SQLITE
def test_momentum_looks_at_the_last_eight_weeks_in_both_domains(care: Care) -> None:
    tell(care, "a", told([2] * 8 + [4, 4, 4, 4], [6] * 6 + [3, 3, 3, 3, 9, 9]), ends=1)
    sexual, relational = partner(cycle(care), "a")["momentum"].values()
    # eight calendar weeks end with this one, of which nothing is told: 2 2 2 4 4 4 4 with a median of 2
    assert sexual == {"n": 7, "above": 4, "share": 0.571, "median": 2, "reason": None}
    assert relational == {"n": 7, "above": 2, "share": 0.286, "median": 6, "reason": None}


@ON_SQLITE
def test_irritation_and_closeness_stand_against_hours_in_bins(care: Care) -> None:
    rated = [(10, 8), (20, 6), (24, 7), (30, 5), (60, 4), (100, 3), (200, 2), (None, 9)]
    tell(care, "b", [{"hours": hours, "irritability_tolerance": rating, "closeness": 5} for hours, rating in rated])
    found = partner(cycle(care), "b")["since_intimacy"]
    assert "hypothesis" in found["label"]
    assert "no aim" in found["label"]
    tolerance = found["irritability_tolerance"]
    assert (tolerance["n"], [one["n"] for one in tolerance["bins"]]) == (7, [3, 1, 1, 1, 1])
    none = {"lower_quartile": None, "median": None, "upper_quartile": None}
    assert tolerance["bins"][0] == {"over": 0, "to": 24, "n": 3, "lower_quartile": 6.5, "median": 7, "upper_quartile": 7.5}
    assert tolerance["bins"][4] == {"over": 168, "to": None, "n": 1} | none
    assert [(one["hours"], one["value"]) for one in tolerance["points"]] == rated[:7]
    assert found["closeness"]["bins"][0]["median"] == 5


@ON_SQLITE
def test_evenings_that_turned_are_told_by_the_mood_they_were_begun_in(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    for before, after in ((4, 7), (3, 6), (4, 5), (4, 4), (3, 2), (5, 7), (5, 5)):
        done(course.check_in(given, "a", mood_before=before, mood_after=after))
    done(course.check_in(given, "a", pressure=2))
    evenings = partner(cycle(care), "a")["turn_around"]
    told = evenings["all"]
    assert (told["n"], told["better"], told["rate"], told["pressured_excluded"]) == (7, 4, pytest.approx(4 / 7), 1)
    assert evenings["slightly_negative"] == {
        "mood_from": 3, "mood_to": 4, "n": 5, "better": 3, "rate": 0.6, "reason": None
    }  # fmt: skip
    assert evenings["neutral"] == {"mood_from": 5, "mood_to": 5, "n": 2, "better": None, "rate": None, "reason": "too_few"}


def test_downstream_concerns_are_told_since_the_plan_began(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment)
    downstream = care.pair.episode["concerns"][1]["id"]
    for which, severity in (("b", 6), ("a", 9), ("a", 8)):
        care.rate(which, severity, downstream)
    found = cycle(care)["downstream"]
    assert (found["began_at"], [one["code"] for one in found["concerns"]]) == (None, ["relationship_distress"])
    assert {one["reason"] for one in found["concerns"][0]["ratings"]} == {"no_plan_begun"}
    course = running(care.therapist, pair=care.pair)
    care.rate("a", 5, downstream)
    found = cycle(care)["downstream"]
    assert found["began_at"] == course.read()["since"]
    a, b = found["concerns"][0]["ratings"]
    assert (a["partner_id"], b["partner_id"]) == (care.pair.a, care.pair.b)
    assert (a["first"], a["at_plan_start"], a["latest"], a["eased"], a["reason"], a["ratings"]) == (9, 8, 5, 3, None, 3)
    assert (b["first"], b["at_plan_start"], b["latest"], b["eased"], b["reason"]) == (6, 6, 6, None, "not_rated_since")
    assert "cannot be said" in found["label"]


@ON_SQLITE
def test_a_service_set_up_with_other_numbers_shows_them_and_goes_by_them(care: Care, app: Any) -> None:
    runtime = app.state.runtime
    changed = {"cycle_weeks_to_draw": 10, "cycle_hours": (12.0,), "cycle_bin_fewest": 4, "cycle_momentum_fewest": 8}
    runtime.settings = runtime.settings.model_copy(update=changed)
    tell(care, "a", [{**week, "hours": 5} for week in told(UP_AND_DOWN[:10], OTHERWISE[:10])], ends=1)
    found = cycle(care)
    told_of = {"weeks_to_draw": 10, "hours": [12], "bin_fewest": 4, "momentum_fewest": 8}
    assert _numbers(found) == THRESHOLDS | told_of
    a = partner(found, "a")
    assert (a["what_followed"]["paired_weeks"], a["what_followed"]["needed"]) == (9, 10)
    assert (a["what_followed"]["reason"], a["momentum"]["sexual"]["reason"]) == ("too_few_weeks", "too_few_weeks")
    assert [(one["to"], one["n"]) for one in a["since_intimacy"]["closeness"]["bins"]] == [(12, 10), (None, 0)]


def test_the_same_weeks_give_the_same_answer_and_cost_the_same_however_many_there_are(
    care: Care, app: Any, clock: Wristwatch
) -> None:
    costs = []
    cycle(care)  # fetches keys, which are kept for a while
    for weeks in (9, 60):
        tell(care, "a", told(UP_AND_DOWN[:weeks], OTHERWISE[:weeks]), ends=90 - weeks)
        with statements(app.state.runtime) as sent:
            first = cycle(care)
        costs.append(len(sent))
        clock.turn(minutes=5)
        assert cycle(care)["partners"] == first["partners"]
    assert costs[0] == costs[1]


def test_nothing_is_reckoned_while_a_plan_is_paused(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    tell(care, "a", told(UP_AND_DOWN[:30], OTHERWISE[:30]))
    ehr = clinic.integration()
    before = cycle(care, caller=ehr)
    assert partner(before, "a")["what_followed"]["sexual_first"] is not None
    care.pair.withdraw("b", course.consents["b"])
    found = cycle(care)
    assert (found["withheld"], found["partners"], found["downstream"]) == ("paused", [], None)
    same = cycle(care, caller=ehr)
    assert {name: one for name, one in same.items() if name != "as_of"} == {
        name: one for name, one in before.items() if name != "as_of"
    }
    clock.turn(hours=61)
    for query in ("", "?as=partner_a", "?as=partner_b"):
        shown = cycle(care, query, ehr)
        assert (shown["withheld"], shown["partners"], shown["downstream"]) == ("paused", [], None)
    done(course.move("stops"), 200)
    assert cycle(care)["withheld"] is None


def test_a_past_day_is_told_as_it_ended(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment)
    tell(care, "a", told(UP_AND_DOWN[:30], OTHERWISE[:30]))
    clock.turn(days=40)
    running(therapist, pair=care.pair)
    now = cycle(care)
    assert (now["day"], partner(now, "a")["what_followed"]["paired_weeks"]) == ("2027-01-01", 29)
    assert partner(now, "a")["momentum"]["sexual"]["n"] == 2
    then = cycle(care, "?as_of=2026-08-30")
    assert (then["day"], then["as_of"], then["downstream"]["began_at"]) == ("2026-08-30", "2026-08-30T21:59:59.999Z", None)
    followed = partner(then, "a")["what_followed"]
    assert (followed["paired_weeks"], followed["sexual_first"]["points"][-1]["week"]) == (17, "2026-08-17")
    assert partner(then, "a")["momentum"]["sexual"]["n"] == 8
    refused = therapist.get(f"{care.pair.path}/outcomes/cycle?as_of=2027-01-02")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/query/as_of")


def test_a_past_day_does_not_lead_around_a_pause(therapist: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    tell(care, "a", told(UP_AND_DOWN[:30], OTHERWISE[:30]))
    clock.turn(days=7)
    care.pair.withdraw("b", course.consents["b"])
    ehr = clinic.integration()
    assert cycle(care, "?as_of=2026-11-22")["withheld"] == "paused"
    assert cycle(care, "?as_of=2026-11-22", ehr)["withheld"] is None
    clock.turn(hours=61)
    assert cycle(care, "?as_of=2026-11-22", ehr)["withheld"] == "paused"
    for which in "ab":
        care.pair.consent(which)
    done(course.move("resumptions"), 200)
    clock.turn(days=1)
    # of a day that ended in the pause nothing is reckoned
    days = ("2026-11-22", "2026-11-29", "2026-11-30", "2026-12-01")
    assert [cycle(care, f"?as_of={day}")["withheld"] for day in days] == [None, "paused", "paused", None]
    assert [cycle(care, f"?as_of={day}", ehr)["withheld"] for day in ("2026-11-22", "2026-12-02")] == [None, None]


@ON_SQLITE
def test_a_pause_of_an_episode_that_is_over_withholds_nothing_of_the_next(therapist: Caller, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    done(course.move("pauses"), 200)
    care.close()
    assert cycle(care)["withheld"] == "paused"
    done(therapist.post(care.pair.path + "/episodes", json={"primary_concern": {"code": "low_sex_relationship"}}))
    found = cycle(care)
    assert (found["withheld"], found["downstream"]["began_at"], found["downstream"]["concerns"]) == (None, None, [])


def test_each_partners_view_holds_their_own_weeks_and_the_others_once_these_are_shared(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    for which in "ab":
        tell(care, which, [{**week, "hours": 5} for week in told(UP_AND_DOWN[:30], OTHERWISE[:30])])
        done(course.check_in(given, which))
        care.rate(which, 7, care.pair.episode["concerns"][1]["id"])
    for view, which in (("partner_a", "a"), ("partner_b", "b")):
        found = cycle(care, f"?as={view}")
        assert (found["view"], [one["slot"] for one in found["partners"]]) == (view, [which])
        own = partner(found, which)
        assert own["what_followed"]["sexual_first"]["correlation"] is not None
        assert own["turn_around"] is None
        assert own["since_intimacy"]["closeness"]["points"] is None
        assert own["since_intimacy"]["closeness"]["bins"][0]["n"] == 30
        ratings = found["downstream"]["concerns"][0]["ratings"]
        assert [one["partner_id"] for one in ratings] == [getattr(care.pair, which)]
    choice = {"kind": "scores", "level": "summary", "told": "in_person"}
    done(therapist.post(care.pair.partner("b") + "/sharing-choices", json=choice))
    assert [one["slot"] for one in cycle(care, "?as=partner_a")["partners"]] == ["a", "b"]
    assert [one["slot"] for one in cycle(care, "?as=partner_b")["partners"]] == ["b"]
    machine = cycle(care, caller=clinic.integration())
    assert [one["turn_around"] for one in machine["partners"]] == [None, None]
    assert len(partner(machine, "a")["since_intimacy"]["closeness"]["points"]) == 30


def test_who_may_not_see_the_couple_finds_no_cycle(care: Care, clinic: Clinic) -> None:
    path = f"{care.pair.path}/outcomes/cycle"
    assert clinic.member("other").get(path).status_code == 404
    assert clinic.integration("narrow", {"couples:read"}).get(path).status_code == 403
    assert care.therapist.get(path.replace(care.pair.path[-4:], "0000")).status_code == 404


@ON_SQLITE
def test_a_week_that_has_ended_counts_by_the_clock_of_the_couple(care: Care, clock: Wristwatch) -> None:
    tell(care, "a", told([2] * 4 + [9] * 4, [5] * 8))
    assert partner(cycle(care), "a")["momentum"]["sexual"]["n"] == 8
    clock.turn(days=1)  # from Sunday to Monday
    assert partner(cycle(care), "a")["momentum"]["sexual"]["n"] == 7
    assert clock.moment - care.today > timedelta(days=1)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"cycle_weeks_to_draw": 7}, "greater than or equal to 8"),
        ({"cycle_weeks_to_correlate": 19}, "greater than or equal to 20"),
        ({"cycle_weeks_to_test": 79}, "greater than or equal to 80"),
        ({"cycle_bin_fewest": 2}, "greater than or equal to 3"),
        ({"cycle_hours": (48, 24)}, "REKINDLE_CYCLE_HOURS needs hours that rise"),
        ({"cycle_hours": (0, 24)}, "REKINDLE_CYCLE_HOURS needs hours that rise"),
        ({"cycle_hours": ()}, "at least 1 item"),
        ({"cycle_momentum_fewest": 9}, "REKINDLE_CYCLE_MOMENTUM_FEWEST"),
    ],
)
def test_a_clinic_cannot_set_less_than_what_may_be_shown(told: Json, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Settings(**told)
