"""Outcomes say what the record holds: series with their gaps, change with its basis, and why to look, in a sentence."""

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import Course
from tests.outcomes.records import Care, begun, codes, flag, practising, series
from tests.safety.records import done

TURN_AROUND = {"willing_at_least": 5, "pressure_at_most": 1, "mood_from": 3, "mood_to": 5, "better_by": 1, "fewest": 5}


def test_a_couple_with_nothing_yet_is_told_so_and_not_called_well(care: Care) -> None:
    for view in ("therapist", "partner_a", "partner_b"):
        found = care.read(view)
        assert all(partner["series"] == [] for partner in found["partners"])
        assert (found["pairs"], found["plans"], found["flags"]) == ([], [], [])
    found = care.read()
    assert [partner["adherence"]["rate"] for partner in found["partners"]] == [None, None]
    assert found["on_track"]["sentence"] == "Nothing asks for a closer look, and no change can be judged yet."
    assert found["visits"] == 0


def test_a_series_keeps_its_gaps_with_their_reasons_and_is_judged_by_its_scores(care: Care) -> None:
    care.measure("gmsex", a=[15, None, 24])
    found = series(care.read(), "a", "gmsex")
    assert [point["value"] for point in found["points"]] == [15, None, 24]
    assert [point["missing"] for point in found["points"]] == [None, "skipped", None]
    assert (found["low"], found["high"], found["flipped"]) == (5, 35, False)
    assert [point["shown"] for point in found["points"]] == [15, None, 24]
    change = found["change"]
    assert (change["intake"], change["latest"], change["gained"], change["class"]) == (15, 24, 9, "improved")
    assert change["index"] == pytest.approx(2.263, abs=0.001)
    assert change["threshold_points"] == pytest.approx(7.794, abs=0.001)
    basis = change["basis"]
    assert (basis["method"], basis["status"], basis["norm_set"]) == ("jacobson_truax", "derived", "dres_two_weeks")
    assert (basis["sd"], basis["reliability"], change["cutoff"], change["reason"]) == (7.03, 0.84, None, None)
    assert "7.8 points" in basis["source"]


def test_one_score_is_an_intake_and_no_change(care: Care) -> None:
    care.measure("gmsex", a=[None, 20])
    assert series(care.read(), "a", "gmsex")["change"] is None


def test_a_distress_scale_is_turned_so_that_up_is_better_and_says_so(care: Care) -> None:
    care.measure("fsds_r", a=[40, 30])
    found = series(care.read(), "a", "fsds_r")
    assert found["flipped"]
    assert [(point["value"], point["shown"]) for point in found["points"]] == [(40, 12), (30, 22)]
    change = found["change"]
    assert (change["gained"], change["class"], change["reason"]) == (10, "not_classifiable", "insufficient_norms")
    assert (change["index"], change["threshold_points"]) == (None, None)


def test_a_change_without_firm_ground_gets_no_class_and_says_why(care: Care) -> None:
    care.measure("csi16", a=[30, 60], b=[60, 30])
    found = care.read()
    change = series(found, "a", "csi16")["change"]
    assert (change["class"], change["reason"], change["index"]) == ("not_classifiable", "indicative_only", None)
    assert change["basis"]["status"] == "lower_bound_from_alpha"
    assert [(pair["label"], pair["divergence_z"], pair["diverging"]) for pair in found["pairs"]] == [
        ("not_classifiable", None, False)
    ]
    assert care.colour() == ("green", "Nothing asks for a closer look, and no change can be judged yet.")


def test_both_partners_stand_side_by_side_and_are_never_averaged(care: Care) -> None:
    care.measure("gmsex", a=[15, 24], b=[16, 25])
    found = care.read()
    assert [pair["label"] for pair in found["pairs"]] == ["both_reliably_improved"]
    assert (found["pairs"][0]["divergence_z"], found["pairs"][0]["diverging"]) == (0, False)
    assert care.colour() == ("green", "Nothing asks for a closer look.")


def test_partners_who_part_are_flagged_with_how_far(care: Care) -> None:
    care.measure("gmsex", a=[15, 27], b=[20, 19])
    found = care.read()
    raised = flag(found, "partners_diverge")
    sentence = "The partners' changes on Global Measure of Sexual Satisfaction differ by more than measurement error."
    assert (raised["colour"], raised["sentence"]) == ("amber", sentence)
    assert raised["numbers"]["z"] == pytest.approx(13 / (7.794 / 1.96 * 2**0.5), abs=0.001)
    assert found["pairs"][0]["label"] == "one_improved_one_unchanged"
    assert care.colour() == ("amber", sentence)


def test_twice_reliably_worse_is_red_and_comes_before_what_is_less_urgent(care: Care) -> None:
    care.measure("gmsex", a=[25, 22, 22], b=[25, 16, 15])
    found = care.read()
    assert codes(found)[:2] == ["deteriorated_twice", "slipping"]
    red, amber = found["flags"][:2]
    name = "Global Measure of Sexual Satisfaction"
    assert red["sentence"] == f"Partner B: {name} was reliably worse than at intake on the last 2 occasions."
    assert (red["colour"], red["numbers"]) == ("red", {"intake": 25, "latest": 15})
    slipped = "was worse than at intake by a standard error or more on 2 of the last 2 occasions."
    assert (amber["colour"], amber["sentence"]) == ("amber", f"Partner A: {name} {slipped}")
    assert care.colour() == ("red", red["sentence"])


def test_six_signed_conjoint_hours_without_reliable_improvement_ask_why(care: Care) -> None:
    care.measure("gmsex", a=[20, 21], b=[20, 20])
    care.visits(5)
    care.visits(1, about="partner_a")
    assert (care.read()["visits"], codes(care.read())) == (5, [])
    care.visits(1)
    raised = flag(care.read(), "no_reliable_improvement")
    sentence = "After 6 visits no measure that can be judged has reliably improved for either partner."
    assert (raised["colour"], raised["sentence"], raised["numbers"]) == ("amber", sentence, {"visits": 6})
    care.measure("phq9", b=[15, 5])
    assert codes(care.read()) == []


def test_functional_twice_on_every_primary_measure_is_white(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment, "body_image")  # measured with the FSDS-R
    care.measure("fsds_r", a=[25, 9, 8])
    care.measure("phq9", a=[15, 6, 4])
    found = care.read()
    change = series(found, "a", "phq9")["change"]
    assert (change["class"], change["gained"], change["threshold_points"]) == ("recovered", 11, 6)
    assert (change["cutoff"]["operator"], change["cutoff"]["value"], change["cutoff"]["kind"]) == (">=", 10, "published")
    assert (codes(found), found["flags"][0]["colour"]) == (["functional_twice"], "white")
    assert (found["on_track"]["colour"], found["on_track"]["rule"]) == ("white", "functional_twice")
    assert "the last 2 occasions" in found["on_track"]["sentence"]
    told = [(one["measure"], one["primary"]) for one in found["on_track"]["basis"]["series"]]
    assert told == [("fsds_r", True), ("phq9", False)]
    care.measure("fsds_r", b=[18, 10])
    assert care.colour()[0] == "green"


def test_a_relationship_that_is_well_does_not_make_a_sexual_concern_white(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment, "low_sex_relationship")  # measured with GMSEX, which has no line, and CSI-16
    care.measure("csi16", a=[60, 60, 62], b=[58, 60, 61])
    care.measure("phq9", a=[2, 2, 2])
    assert care.read()["on_track"]["colour"] == "green"


def test_a_colour_says_by_which_rule_with_which_numbers_and_on_what(care: Care) -> None:
    care.measure("gmsex", a=[25, 16, 15])
    found = care.read()["on_track"]
    assert (found["colour"], found["rule"]) == ("red", "deteriorated_twice")
    basis = found["basis"]
    assert basis["grade"] == "proposal"
    assert basis["thresholds"] == {
        "in_a_row": 2, "sems_worse": 1, "slips": 2, "look_back": 3, "by_visit": 6, "by_plan_share": 0.5, "missed_in_a_row": 2
    }  # fmt: skip
    told = {"slot": "a", "measure": "gmsex", "scale": "total", "status": "derived", "norm_set": "dres_two_weeks"}
    assert basis["series"] == [told | {"primary": False}]


def test_a_service_set_up_with_other_numbers_judges_by_them(care: Care, app: Any) -> None:
    runtime = app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"on_track_in_a_row": 3, "on_track_by_visit": 1})
    care.measure("gmsex", a=[25, 16, 15])
    found = care.read()
    assert codes(found) == ["slipping"]
    assert found["on_track"]["basis"]["thresholds"]["in_a_row"] == 3
    care.visits(1)
    assert codes(care.read()) == ["slipping", "no_reliable_improvement"]


def advance(course: Course, stage: int) -> None:
    """The couple goes on to a stage because the therapist says so."""
    for which in "ab":
        course.pair.consent(which, stage)
    done(course.decide("advance", override_reason="They are ready."))


def test_half_of_the_plan_behind_without_improvement_asks_why(therapist: Caller, clock: Wristwatch) -> None:
    care, course, _given = practising(therapist, clock.moment)
    care.measure("gmsex", a=[20, 20], b=[20, 21])
    for stage in (2, 3):
        advance(course, stage)
    assert codes(care.read()) == []
    advance(course, 4)
    raised = flag(care.read(), "no_reliable_improvement")
    assert raised["numbers"] == {"stages_behind": 3, "stages": 5}


def test_a_corrected_administration_counts_once(care: Care) -> None:
    path = care.pair.partner("a") + "/administrations"
    first = done(care.therapist.post(path, json={"measure": "gmsex", "scores_elsewhere": {"total": 11}}))
    body = {"measure": "gmsex", "scores_elsewhere": {"total": 21}, "supersedes": first["id"]}
    done(care.therapist.post(path, json=body))
    assert [point["value"] for point in series(care.read(), "a", "gmsex")["points"]] == [21]


def test_homework_tells_adherence_turn_around_and_plans(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    for mood_after in (7, 6, 4, 5, 4):  # begun willing at mood 4: three of five ended better
        done(course.check_in(given, "a", mood_after=mood_after))
    done(course.check_in(given, "a", pressure=2))
    done(course.check_in(given, "a", mood_before=8, mood_after=9))
    done(course.check_in(given, "a", done="declined", log={}))
    done(course.check_in(given, "b"))
    clock.turn(days=20)
    a, b = care.read()["partners"]
    assert a["adherence"] == {"within_rules": 7, "offered": 8, "declined": 1, "rate": 1.0}
    rate = {"rate": pytest.approx(4 / 6), "reason": None, "thresholds": TURN_AROUND}
    assert a["turn_around"] == {"n": 6, "better": 4, "pressured_excluded": 1, **rate}
    assert b["adherence"] == {"within_rules": 1, "offered": 4, "declined": 0, "rate": 0.25}
    none = {"rate": None, "reason": "too_few", "thresholds": TURN_AROUND}
    assert b["turn_around"] == {"n": 1, "better": None, "pressured_excluded": 0, **none}
    body = {"concern_id": care.pair.concern_id, "protocol": "affection_ritual"}
    done(therapist.post(care.pair.path + "/plans", json=body))
    shown = [(plan["protocol"], plan["concern"], plan["status"], plan["stage"]) for plan in care.read()["plans"]]
    assert shown == [
        ("affection_ritual", "desire_discrepancy", "draft", 1),
        ("sensate_focus", "desire_discrepancy", "active", 1),
    ]


def test_a_clinic_sets_what_counts_as_an_evening_that_turned(therapist: Caller, clock: Wristwatch, app: Any) -> None:
    runtime = app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"turn_around_better_by": 3.0, "turn_around_willing": 6.0})
    care, course, given = practising(therapist, clock.moment)
    for willingness in (5, 6, 6, 6, 6, 6):
        done(course.check_in(given, "a", willingness=willingness, mood_after=6 if willingness == 5 else 7))
    told = care.read()["partners"][0]["turn_around"]
    assert (told["n"], told["better"], told["rate"]) == (5, 5, 1.0)
    assert told["thresholds"] == TURN_AROUND | {"better_by": 3, "willing_at_least": 6}


def test_what_got_in_the_way_is_counted_once_a_check_in_for_each_partner(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    for told in (["tired", "tired", "work"], ["tired"], []):
        done(course.check_in(given, "a", done="not_done", log={}, obstacles=told))
    a, b = care.read()["partners"]
    assert a["got_in_the_way"] == [{"obstacle": "tired", "n": 2}, {"obstacle": "work", "n": 1}]
    assert b["got_in_the_way"] == []


def test_two_tasks_left_out_in_a_row_ask_what_gets_in_the_way(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    done(course.check_in(given, "b"))
    done(course.check_in(given, "b", done="declined", log={}))
    assert codes(care.read()) == []
    done(course.check_in(given, "b", done="not_done", log={}))
    raised = flag(care.read(), "tasks_missed")
    sentence = "Partner B did not do the last 2 tasks: ask what gets in the way."
    assert (raised["colour"], raised["sentence"], raised["numbers"]) == ("amber", sentence, {"in_a_row": 2})
    done(course.check_in(given, "b"))
    assert codes(care.read()) == []


def test_an_open_safety_signal_is_red_for_the_care_team_until_it_is_reviewed(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    ehr = clinic.integration()
    done(course.check_in(given, "b", ehr, pressure=4))
    raised = flag(care.read(), "safety_signal_open")
    assert (raised["colour"], raised["numbers"]) == ("red", {"open": 1})
    assert raised["sentence"].startswith("An answer asks for your attention in private;")
    seen = care.read(caller=ehr)
    assert (seen["flags"], seen["on_track"]["colour"]) == ([], "green")
    assert [partner["turn_around"] for partner in seen["partners"]] == [None, None]
    assert seen["partners"][1]["adherence"]["within_rules"] == 1
    signal = therapist.get(care.pair.path + "/safety-signals").json()["items"][0]
    done(therapist.post(f"{care.pair.path}/safety-signals/{signal['id']}/reviews", json={}), 200)
    assert codes(care.read()) == []


def test_concerns_tell_each_partners_first_and_latest_rating(care: Care) -> None:
    for which, severity in (("b", 6), ("a", 8), ("a", 7), ("a", 3)):
        care.rate(which, severity)
    primary, downstream = care.read()["concerns"]
    assert (primary["code"], primary["place"]) == ("desire_discrepancy", "primary")
    told = {rating.pop("partner_id"): rating for rating in primary["ratings"]}
    assert told[care.pair.a] == {"first": 8, "at_plan_start": None, "latest": 3, "ratings": 3}
    assert told[care.pair.b] == {"first": 6, "at_plan_start": None, "latest": 6, "ratings": 1}
    assert (downstream["code"], downstream["place"], downstream["ratings"]) == ("relationship_distress", "downstream", [])


def test_a_closed_episode_leaves_its_series_and_no_open_concern(care: Care) -> None:
    care.measure("gmsex", a=[15, 24])
    care.rate("a", 8)
    care.close()
    found = care.read()
    assert found["concerns"] == []
    assert series(found, "a", "gmsex")["change"]["class"] == "improved"


def test_a_partners_view_holds_that_partner_and_what_belongs_to_both(therapist: Caller, clock: Wristwatch) -> None:
    care, course, given = practising(therapist, clock.moment)
    care.measure("gmsex", a=[25, 15, 14], b=[15, 25])
    care.rate("a", 8)
    care.rate("b", 2)
    course.practise(given, 1)
    care.visits(1)
    for view, own in (("partner_a", care.pair.a), ("partner_b", care.pair.b)):
        found = care.read(view)
        assert [partner["partner_id"] for partner in found["partners"]] == [own]
        assert [rating["partner_id"] for rating in found["concerns"][0]["ratings"]] == [own]
        assert [plan["status"] for plan in found["plans"]] == ["active"]
        hidden = (found["flags"], found["pairs"], found["visits"], found["on_track"])
        assert hidden == ([], [], None, None)
        assert [found["partners"][0][name] for name in ("adherence", "turn_around", "got_in_the_way")] == [None, None, None]


def test_a_suspicion_of_violence_stays_with_the_care_team(care: Care, clinic: Clinic) -> None:
    ehr = clinic.integration()
    concerns = f"{care.pair.path}/episodes/{care.pair.episode['id']}/concerns"
    done(care.therapist.post(concerns, json={"code": "ipv_suspected_or_confirmed"}))
    assert [one["code"] for one in care.read()["concerns"]][-1] == "ipv_suspected_or_confirmed"
    seen = [care.read("partner_a"), care.read("partner_b"), care.read(caller=ehr), ehr.get(care.pair.path + "/episodes").json()]
    assert all("ipv" not in str(one) for one in seen)


def test_an_unknown_view_is_refused(care: Care) -> None:
    assert care.therapist.get(f"{care.pair.path}/outcomes?as=partner_c").status_code == 422


def test_the_smallest_gain_that_is_noticed_stands_beside_reliable_change(care: Care) -> None:
    path = f"{care.pair.path}/partners/{care.pair.a}/administrations"
    for days, score in ((28, 10), (0, 18)):
        told = {
            "ef": score,
            "orgasmic": 6,
            "desire": 6,
            "intercourse_satisfaction": 9,
            "overall_satisfaction": 6,
            "total": 27 + score,
        }
        answered_at = (care.today - timedelta(days=days)).isoformat()
        done(care.therapist.post(path, json={"measure": "iief15", "scores_elsewhere": told, "answered_at": answered_at}))
    (series,) = [one for one in care.read()["partners"][0]["series"] if one["scale"] == "ef"]
    assert series["change"]["class"] == "improved"
    assert {name: series["change"]["minimal_important"][name] for name in ("points", "baseline", "reached")} == {
        "points": 7,
        "baseline": "severe",
        "reached": True,
    }
