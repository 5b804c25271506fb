"""A clinic's figures over HTTP: counted rightly, honest about partners, and silent about few."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date
from math import ceil
from statistics import fmean, stdev
from typing import Any

import pytest
from sqlalchemy import select
from statsmodels.stats.proportion import proportion_confint

from app.access.permissions import Role
from app.clinical.suppression import Shown, large_enough
from app.ledger.models import LedgerEvent
from tests.caseload.kept import Course, Kept, keep
from tests.clinic_outcomes.clinics import BETTER, SAME, WORSE, Json, close, line, of_both, read, treated
from tests.clinical.test_suppression import fewest_told
from tests.conftest import Caller, Clinic, Wristwatch

AXES = ("measure", "concern", "protocol", "concern_and_protocol")
UP = Course(12, 30, "improved")
DOWN = Course(30, 12, "deteriorated")
STILL = Course(20, 21, "unchanged")
NOT_JUDGED = Course(20, 21, reason="no_activity")
ONCE = Course(18)


def test_what_became_of_twelve_couples_is_counted_from_what_they_answered(therapist: Caller, clock: Wristwatch) -> None:
    today = clock()
    courses = [of_both(BETTER, BETTER)] * 7 + [of_both(SAME, BETTER)] * 3 + [of_both(WORSE, SAME)] * 2
    couples = treated(therapist, today, "desire_discrepancy", courses)
    treated(therapist, today, "gpppd", [of_both(WORSE, WORSE)])  # one of another concern, of whom nothing may be told
    for of, reason in zip(couples, ("lost_contact", "declined", "completed"), strict=False):
        close(therapist, of, reason)
    answer = read(therapist)
    assert (answer["up_to_date"], answer["couples"], answer["minimum"]) == (True, 12, 10)
    found, of_all = (line(answer, measure="gmsex", concern=concern) for concern in ("desire_discrepancy", None))
    assert found is not None
    assert of_all == found | {"concern": None, "covers": "told_concerns"}  # with all thirteen it would tell of one
    assert (found["couples"], found["partners"], found["judged_couples"], found["unchanged"]) == (12, 24, 12, 5)
    shares = {name: (found[name]["n"], found[name]["of"]) for name in ("improved", "deteriorated")}
    assert shares == {"improved": (17, 24), "deteriorated": (2, 24)}
    assert found["recovered"] is None  # nothing parts the ranges of this scale
    for name, n in (("both_improved", 7), ("any_deteriorated", 2)):
        told = found[name]
        assert (told["n"], told["of"]) == (n, 12)
        assert (told["low"], told["high"]) == pytest.approx(proportion_confint(n, 12, method="wilson"), abs=1e-3)
    assert found["improved"]["high"] - found["improved"]["low"] > proportion_interval(17, 24)
    first = [12] * 17 + [20] * 5 + [30] * 2
    latest = [30] * 17 + [21] * 5 + [12] * 2
    effect = found["effect"]
    assert (effect["mean_intake"], effect["sd_intake"]) == (round(fmean(first), 3), round(stdev(first), 3))
    assert effect["gain"] == round(fmean(latest) - fmean(first), 3)
    time = line(answer, "time_to_first_improvement", domain="sexual", unit="weeks")
    assert time is not None
    assert (time["couples"], time["improved"], time["median"]["at"], time["curve"][0]["at_risk"]) == (12, 10, 8, 12)
    ended = line(answer, "drop_out")
    assert ended is not None
    assert (ended["dropped_out"]["n"], ended["dropped_out"]["of"], ended["closed"]) == (2, 12, None)


def proportion_interval(n: int, of: int) -> float:
    """How wide it were if partners were strangers."""
    low, high = proportion_confint(n, of, method="wilson")
    return float(high - low)


def test_nine_couples_tell_nothing_and_the_tenth_does(clinic: Clinic, therapist: Caller) -> None:
    keep(clinic, [Kept(courses=(UP, UP))] * 9)
    answer = read(therapist)
    assert answer["couples"] is None
    parts = ("measures", "time_to_first_improvement", "drop_out", "adherence")
    assert [answer[part] for part in parts] == [[], [], [], []]
    assert {(one["figure"], one["reason"]) for one in answer["withheld"]} == {
        (figure, "fewer_than_minimum") for figure in parts
    }
    keep(clinic, [Kept(courses=(UP, UP))], start=9)
    found = line(read(therapist), measure="gmsex")
    assert found is not None
    assert (found["improved"]["n"], found["improved"]["effective_n"]) == (20, 10)  # all alike: worth a couple each


def of_random_couples(seed: int) -> list[Kept]:
    """Couples of three concerns and three protocols, some cells full and some nearly empty."""
    drawn = random.Random(seed)  # noqa: S311 - no secret
    couples = []
    for concern in ("desire_discrepancy", "gpppd", "erectile"):
        for protocol in ("sensate_focus", "desire_menu", None):
            for _ in range(drawn.choice((0, 1, 2, 5, 9, 11, 14))):
                courses = drawn.choices((UP, DOWN, STILL, NOT_JUDGED, ONCE, None), k=2)
                couples.append(Kept(concern, protocol, courses))
    return couples


def told(answers: list[Json], has: Callable[[Json], Any]) -> Shown:
    """Which groups of any answer have this figure."""
    found = [one for answer in answers for one in answer["measures"] if has(one)]
    cells = [(one["concern"], one["protocol"]) for one in found]
    return Shown(
        total=any(one["covers"] == "every_couple" and not one["concern"] and not one["protocol"] for one in found),
        rows=frozenset(concern for concern, protocol in cells if concern and not protocol),
        columns=frozenset(protocol for concern, protocol in cells if protocol and not concern),
        cells=frozenset((concern, protocol) for concern, protocol in cells if concern and protocol),
    )


def judged(couple: Kept) -> int:
    return sum(course is not None and course.change_class != "not_classifiable" for course in couple.courses)


FIGURES: dict[str, tuple[Callable[[Json], Any], Callable[[Kept], bool]]] = {
    "asked": (lambda one: one, lambda couple: any(couple.courses)),
    "classes": (lambda one: one["improved"], lambda couple: judged(couple) > 0),
    "pairs": (lambda one: one["both_improved"], lambda couple: judged(couple) == 2),
    "likeness": (
        lambda one: one["improved"] and one["improved"]["effective_n"] != one["judged_couples"],
        lambda couple: judged(couple) == 2,
    ),
    "effects": (lambda one: one["effect"], lambda couple: any(course and course.latest for course in couple.courses)),
}


@pytest.mark.parametrize("seed", range(2))
def test_whoever_lays_every_answer_side_by_side_works_nothing_out_about_fewer_than_ten(
    clinic: Clinic, therapist: Caller, seed: int
) -> None:
    couples = of_random_couples(seed)
    keep(clinic, couples)
    answers = [read(therapist), *(read(therapist, f"?by={axis}") for axis in AXES)]
    for has, belongs in FIGURES.values():
        cells = Counter((one.concern, one.protocol or "no_protocol") for one in couples if belongs(one))
        shown = told(answers, has)
        fewest = fewest_told(dict(cells), shown)
        assert fewest is None or fewest >= 10
        assert shown.rows == large_enough(cells, 10).rows
    asked = Counter((one.concern, one.protocol or "no_protocol") for one in couples if any(one.courses))
    assert (fewest_told(dict(asked), large_enough(asked, 10)) or 10) < 10  # the attack works where small ones alone are hidden


def test_a_single_pair_among_ten_couples_shows_in_no_interval(clinic: Clinic, therapist: Caller) -> None:
    keep(clinic, [Kept(courses=(UP, None))] * 4 + [Kept(courses=(None, STILL))] * 5 + [Kept(courses=(UP, UP))])
    found = line(read(therapist), measure="gmsex")
    assert found is not None
    assert (found["improved"]["n"], found["improved"]["of"], found["both_improved"]) == (6, 11, None)
    assert (found["improved"]["effective_n"], found["effect"]["effective_n"]) == (10, 10)


def test_who_was_asked_once_or_cannot_be_judged_is_counted_apart_and_in_no_share(clinic: Clinic, therapist: Caller) -> None:
    keep(clinic, [Kept(courses=(UP, ONCE))] * 6 + [Kept(courses=(STILL, NOT_JUDGED))] * 5 + [Kept(courses=(ONCE, ONCE))] * 2)
    found = line(read(therapist), measure="gmsex")
    assert found is not None
    assert (found["couples"], found["partners"], found["judged_couples"]) == (13, 26, 11)
    assert (found["improved"]["n"], found["improved"]["of"]) == (6, 11)
    assert found["not_classifiable"] == [{"reason": "too_few_scores", "n": 10}, {"reason": "no_activity", "n": 5}]
    assert (found["effect"]["couples"], found["effect"]["partners"]) == (11, 16)


def test_recovery_is_told_where_a_line_parts_the_ranges_and_a_fall_of_distress_is_a_gain(
    clinic: Clinic, therapist: Caller
) -> None:
    courses = (Course(30, 5, "recovered"), Course(30, 14, "improved"))
    keep(clinic, [Kept(courses=courses, measures=(("fsds_r", "total", "sexual"),))] * 11)
    found = line(read(therapist), measure="fsds_r")
    assert found is not None
    assert (found["recovered"]["n"], found["improved"]["n"], found["effect"]["gain"]) == (11, 22, 20.5)


def test_a_scale_on_which_neither_end_is_better_is_in_no_figure(clinic: Clinic, therapist: Caller) -> None:
    pulse = [("rekindle_pulse", scale, "sexual") for scale in ("desire", "hours_since_satisfying_intimacy", "closeness")]
    keep(clinic, [Kept(courses=(Course(3, 5, reason="not_an_outcome"),) * 2, measures=pulse)] * 12)
    answer = read(therapist)
    assert {one["scale"] for one in answer["measures"]} == {"closeness"}
    found = line(answer, scale="closeness")
    assert found is not None
    assert (found["improved"], found["effect"]["gain"], found["effect"]["standardized"]) == (None, 2.0, None)


def test_time_to_improvement_counts_those_who_are_not_there_yet(clinic: Clinic, therapist: Caller) -> None:
    weeks = [(2.1, 9.0), (2.9, 9.0), (4.0, 9.0), (6.5, 9.0), (None, 1.2), (None, 3.9), *[(None, 8.4)] * 6]
    standing = [
        {"sexual_weeks": better, "sexual_weeks_followed": until, "visits": 7, "sexual_visits": better and ceil(better)}
        for better, until in weeks
    ]
    keep(clinic, [Kept(standing=one) for one in standing])
    found = line(read(therapist), "time_to_first_improvement", domain="sexual", unit="weeks")
    assert found is not None
    assert (found["couples"], found["improved"], found["median"]["at"]) == (12, 4, None)
    assert [(one["at"], one["at_risk"], one["improved"], one["share"]) for one in found["curve"]] == [
        (3, 11, 2, 0.182),
        (4, 9, 1, 0.273),  # who was last seen within the week was still at risk in it
        (7, 7, 1, 0.377),
    ]
    visits = line(read(therapist), "time_to_first_improvement", domain="sexual", unit="visits")
    assert visits is not None
    assert [(one["at"], one["at_risk"]) for one in visits["curve"]] == [(3, 12), (4, 10), (7, 9)]
    assert line(read(therapist), "time_to_first_improvement", domain="relational", unit="weeks") is None


def test_care_that_ended_early_and_care_that_fell_silent_are_told_apart(clinic: Clinic, therapist: Caller) -> None:
    closed = {"closed_on": date(2026, 6, 1), "in_care": False}
    standing: list[Json] = [closed | {"close_reason": reason} for reason in ("lost_contact",) * 3 + ("completed",) * 8]
    standing += [{"last_visit_on": date(2026, 7, 1)}] * 4 + [{"last_visit_on": date(2026, 11, 1)}] * 7 + [{}] * 2
    keep(clinic, [Kept(standing=one) for one in standing])
    found = line(read(therapist), "drop_out")
    assert found is not None
    assert (found["dropped_out"]["n"], found["dropped_out"]["of"]) == (3, 24)
    assert (found["dropped_out_of_closed"]["n"], found["dropped_out_of_closed"]["of"]) == (3, 11)
    assert found["close_reasons"] == [{"reason": "completed", "n": 8}, {"reason": "lost_contact", "n": 3}]
    assert (found["silent"]["n"], found["silent"]["of"]) == (4, 11)


def test_homework_kept_is_a_spread_over_couples(clinic: Clinic, therapist: Caller) -> None:
    kept = [(9, 10, 0), (10, 10, 0), (5, 10, 0), (1, 12, 2), *[(7, 10, 0)] * 8, (0, 4, 4)]
    names = ("within_rules", "offered", "declined")
    keep(clinic, [Kept(standing=dict(zip(names, one, strict=True))) for one in kept])
    found = line(read(therapist), "adherence")
    assert found is not None
    assert (found["couples"], found["within_rules"], found["expected"]) == (12, 81, 120)  # what was declined counts for nothing
    assert [one["couples"] for one in found["tenths"]] == [0, 1, 0, 0, 0, 1, 0, 8, 0, 2]
    assert (found["lower_quartile"], found["median"], found["upper_quartile"]) == (0.713, 0.75, 0.788)


def test_who_may_ask_and_that_it_leaves_a_trace(clinic: Clinic, therapist: Caller) -> None:
    keep(clinic, [Kept(courses=(UP, UP))] * 12)
    allowed = [therapist, clinic.member("sue", Role.SUPERVISOR), clinic.member("ana", Role.ANALYST)]
    allowed.append(clinic.integration("dashboard", {"clinic_outcomes:read"}))
    assert {str(read(caller)["measures"]) for caller in allowed} == {str(read(therapist)["measures"])}
    for caller in (clinic.member("adam", Role.ADMINISTRATOR), clinic.integration("ehr", {"outcomes:read", "couples:read"})):
        assert caller.get("/v1/clinic/outcomes").status_code == 403
    with clinic.at_desk() as (session, _vault):
        asked = select(LedgerEvent.operation, LedgerEvent.couple_id).where(LedgerEvent.subject == "clinic_outcomes")
        assert session.execute(asked).all() == [("read_clinic_outcomes", None)] * 5


def test_there_is_no_window_to_slide_over_couples_and_nobody_in_the_answer(clinic: Clinic, therapist: Caller) -> None:
    keep(clinic, [Kept(courses=(UP, UP))] * 12)
    for query in ("therapist=mem_1", "from=2026-01-01", "as_of=2026-11-01", "couple_id=cpl_1", "by=therapist"):
        assert therapist.get(f"/v1/clinic/outcomes?{query}").status_code == 422
    shown = therapist.get("/v1/clinic/outcomes").text
    assert not [mark for mark in ("cpl_", "prt_", "mem_", "epi_", "therapist", "thea") if mark in shown]


def test_other_clinics_count_for_nothing(new_clinic: Callable[[], Clinic], engine_name: str) -> None:
    if engine_name == "sqlite":
        return  # a SQLite file holds one clinic
    mine, theirs = new_clinic(), new_clinic()
    keep(theirs, [Kept(courses=(UP, UP))] * 12)
    keep(mine, [Kept(courses=(UP, UP))] * 9)
    assert read(mine.member("thea"))["measures"] == []
    assert read(theirs.member("theo"))["couples"] == 12
