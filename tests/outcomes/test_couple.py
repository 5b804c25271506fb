"""What a dashboard finds in one couple's outcomes beside series and flags: lines, methods, desire, adherence, concerns."""

import pytest

from tests.conftest import Caller, Clinic, Wristwatch
from tests.homework.records import draft
from tests.outcomes.records import Care, begun, practising, series
from tests.outcomes.statements import statements
from tests.safety.records import done


def test_the_published_line_is_there_from_the_first_score_and_turned_like_the_points(care: Care) -> None:
    care.measure("csi16", a=[40])
    care.measure("phq9", a=[15])
    care.measure("gmsex", a=[20])
    found = care.read()
    line = series(found, "a", "csi16")["line"]
    assert (line["operator"], line["value"], line["shown"]) == ("<", 51.5, 51.5)
    turned = series(found, "a", "phq9")
    assert (turned["flipped"], turned["line"]["value"], turned["line"]["shown"]) == (True, 10, 17)
    assert turned["points"][0]["shown"] == 12
    assert series(found, "a", "gmsex")["line"] is None


@pytest.mark.parametrize("method", ["edwards_nunnally", "maassen", "gulliksen_lord_novick"])
def test_another_method_classes_series_and_pairs_and_leaves_flags_and_colour_alone(care: Care, method: str) -> None:
    care.measure("gmsex", a=[25, 16, 15], b=[15, 24])
    default, asked = care.read(), care.read(more=f"method={method}")
    assert (default["method"], asked["method"]) == ("jacobson_truax", method)
    change = series(asked, "a", "gmsex")["change"]
    single = f"{care.pair.partner('a')}/change?measure=gmsex&method={method}"
    alone = done(care.therapist.get(single), 200)
    assert (change["class"], change["reason"], change["basis"]["method"]) == (alone["class"], alone["reason"], method)
    assert change["index"] == pytest.approx(alone["index"], abs=0.001)
    assert (asked["flags"], asked["on_track"]) == (default["flags"], default["on_track"])
    assert asked["on_track"]["basis"]["method"] == "jacobson_truax"
    dyad = done(care.therapist.get(f"{care.pair.path}/dyad?measure=gmsex&method={method}"), 200)
    assert [pair["label"] for pair in asked["pairs"]] == [dyad["label"]]


def test_desire_is_told_side_by_side_with_its_error_as_the_dyad_tells_it(care: Care) -> None:
    for which, dyadic in (("a", 40), ("b", 20)):
        body = {"measure": "sdi2", "scores_elsewhere": {"dyadic": dyadic, "solitary": 5}}
        done(care.therapist.post(care.pair.partner(which) + "/administrations", json=body))
    (desire,) = care.read()["desire"]
    assert (desire["measure"], desire["scale"], desire["signed"], desire["absolute"]) == ("sdi2", "dyadic", 20, 20)
    dyad = done(care.therapist.get(f"{care.pair.path}/dyad?measure=sdi2&scale=dyadic"), 200)["desire"]
    assert {name: desire[name] for name in dyad} == dyad
    assert [care.read(view)["desire"] for view in ("partner_a", "partner_b")] == [[], []]


def test_desire_of_one_partner_alone_says_what_is_missing(care: Care) -> None:
    body = {"measure": "rekindle_pulse", "answers": {str(number): 5 for number in range(1, 7)}}
    done(care.therapist.post(care.pair.partner("a") + "/administrations", json=body))
    (desire,) = care.read()["desire"]
    assert (desire["scale"], desire["signed"], desire["reason"], desire["b"]) == ("desire", None, "too_few_scores", None)


def test_adherence_of_the_couple_is_both_partners_sessions_and_in_no_partners_view(
    therapist: Caller, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    done(course.check_in(given, "a"))
    done(course.check_in(given, "a", done="declined", log={}))
    done(course.check_in(given, "b", done="partly"))
    clock.turn(days=20)
    assert care.read()["adherence"] == {"within_rules": 1, "offered": 8, "declined": 1, "rate": pytest.approx(1 / 7)}
    assert [care.read(view)["adherence"] for view in ("partner_a", "partner_b")] == [None, None]


def test_a_concern_is_seen_from_the_rating_that_its_plan_began_with(therapist: Caller, clock: Wristwatch) -> None:
    care = begun(therapist, clock.moment)
    downstream = care.pair.episode["concerns"][1]["id"]
    for severity in (9, 7):
        care.rate("a", severity, downstream)
        clock.turn(days=1)
    course = draft(care.pair)
    care.rate("b", 5, downstream)
    assert [one["at_plan_start"] for one in care.read()["concerns"][1]["ratings"]] == [None, None]
    care.pair.ready()
    for noun in ("offers", "activations"):
        done(course.move(noun), 200)
    clock.turn(days=1)
    care.rate("a", 3, downstream)
    told = {one.pop("partner_id"): one for one in care.read()["concerns"][1]["ratings"]}
    assert told[care.pair.a] == {"first": 9, "at_plan_start": 7, "latest": 3, "ratings": 3}
    assert told[care.pair.b] == {"first": 5, "at_plan_start": 5, "latest": 5, "ratings": 1}
    (plan,) = care.read("partner_a")["plans"]
    assert (plan["stage"], plan["stages"], plan["began_at"] is None) == (1, 5, False)


def test_a_flag_names_the_series_it_is_about_with_the_numbers_of_its_sentence(care: Care) -> None:
    care.measure("gmsex", a=[25, 22, 22], b=[25, 16, 35])
    found = {one["code"]: one for one in care.read()["flags"]}
    slipping, apart = found["slipping"], found["partners_diverge"]
    assert (slipping["slot"], slipping["measure"], slipping["scale"]) == ("a", "gmsex", "total")
    assert slipping["numbers"] == {"intake": 25, "latest": 22, "worse": 2, "looks": 2}
    assert (apart["slot"], apart["measure"], apart["scale"]) == (None, "gmsex", "total")


def test_what_followed_what_has_its_address(care: Care) -> None:
    assert care.read()["cycle"] == care.pair.path + "/outcomes/cycle"


def test_a_longer_history_costs_no_more_statements_in_any_view_and_on_any_day(
    therapist: Caller, clinic: Clinic, clock: Wristwatch
) -> None:
    care, course, given = practising(therapist, clock.moment)
    looks = [(view, more) for view in ("therapist", "partner_a", "partner_b") for more in ("", "as_of=2026-11-22")]
    ehr, spent = clinic.integration(), []
    for _ in range(2):
        done(course.check_in(given, "a"))
        care.measure("gmsex", a=[15, 24, 25], b=[15, 25])
        care.rate("a", 5)
        care.visits(2)
        clock.turn(days=3)
        for caller in (therapist, ehr):
            for view, more in looks:
                with statements(therapist.app.state.runtime) as found:
                    care.read(view, caller, more)
                spent.append(len(found))
    half = len(spent) // 2
    assert spent[:half] == spent[half:]
    assert max(spent) <= 30
