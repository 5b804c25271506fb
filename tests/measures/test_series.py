"""Scores over time and change since intake, over HTTP and for outcomes."""

from collections.abc import Callable
from typing import Any

import pytest

from app.access.permissions import Permission
from app.access.work import Asked, Work
from app.core.database import Compartment
from app.core.ids import decode
from app.couples.models import Slot
from app.errors import NotFoundError
from app.measures import service
from app.measures.series import Series, read_series
from tests.conftest import Caller, Clinic
from tests.measures.records import PHQ9, Json, administer, couple, path, scores


def total(points: int) -> Json:
    """GMSEX answers with this total."""
    low, extra = divmod(points, 5)
    return {str(number): low + (number <= extra) for number in range(1, 6)}


def on(day: int) -> Json:
    """Answered on a day of October."""
    return {"answered_at": f"2026-10-{day:02}T12:00:00Z"}


@pytest.fixture
def working(clinic: Clinic) -> Callable[..., Any]:
    """What a caller's unit of work gives to a function, reading no more than these compartments."""

    def run(caller: Caller, what: Callable[[Work], Any], *compartments: Compartment) -> Any:
        asked = Asked("test", Permission.ADMINISTRATIONS_READ, caller.key, "req_test", writes=False)
        with clinic.app.state.runtime.work(asked) as work:
            return what(work.seeing(frozenset(compartments or Compartment)))

    return run


def test_a_series_is_in_the_order_of_the_answers_and_keeps_its_gaps(therapist: Caller) -> None:
    of = couple(therapist)
    administer(therapist, of, total(20), **on(9))
    administer(therapist, of, {"1": 4}, reasons=dict.fromkeys("2345", "no_activity"), **on(5))
    administer(therapist, of, total(15), **on(1))
    found = [(point["answered_at"][8:10], point["value"], point["reason"]) for point in scores(therapist, of)]
    assert found == [("01", 15, None), ("05", None, "no_activity"), ("09", 20, None)]


def test_scores_are_chosen_by_measure_and_scale(therapist: Caller) -> None:
    of = couple(therapist)
    administer(therapist, of, {str(number): 5 for number in range(1, 7)}, measure="rekindle_pulse")
    administer(therapist, of, total(15))
    assert [point["value"] for point in scores(therapist, of, query="?measure=gmsex")] == [15]
    chosen = scores(therapist, of, query="?measure=rekindle_pulse&scale=closeness")
    assert [(point["scale"], point["value"]) for point in chosen] == [("closeness", 5)]
    assert len(scores(therapist, of, query="?limit=200")) == 8


def test_pages_of_scores_follow_the_answers_though_they_came_in_any_order(therapist: Caller) -> None:
    of = couple(therapist)
    for day in (9, 3, 7, 1, 5, 3):
        administer(therapist, of, total(5 + day), **on(day))
    seen = [point["value"] for point in therapist.every(f"{path(of)}/scores?limit=2&measure=gmsex")]
    assert seen == [6, 8, 8, 10, 12, 14]


def test_the_cursor_of_another_series_is_refused(therapist: Caller) -> None:
    of = couple(therapist)
    for day in (1, 2):
        administer(therapist, of, **on(day))
    cursor = therapist.get(f"{path(of)}/scores?limit=1").json()["next_cursor"]
    for query in (f"?measure=gmsex&cursor={cursor}", f"?cursor={cursor.swapcase()}"):
        assert therapist.get(f"{path(of)}/scores{query}").json()["code"] == "cursor_invalid"
    assert therapist.get(f"{path(of, 1)}/scores?cursor={cursor}").json()["code"] == "cursor_invalid"


def test_change_runs_from_the_first_score_to_the_last_past_the_gaps(therapist: Caller) -> None:
    of = couple(therapist)
    silent: dict[str, Any] = {"reasons": dict.fromkeys("12345", "declined")}
    administer(therapist, of, {}, **silent, **on(1))
    administer(therapist, of, total(15), **on(2))
    administer(therapist, of, total(30), **on(3))
    administer(therapist, of, total(24), **on(4))
    administer(therapist, of, {}, **silent, **on(5))
    found = therapist.get(f"{path(of)}/change?measure=gmsex").json()
    assert (found["intake"]["value"], found["latest"]["value"]) == (15, 24)
    assert (found["class"], found["index"], found["threshold_points"]) == ("improved", 2.263, 7.794)
    assert (found["cutoff"], found["basis"]["norm_set"]) == (None, "dres_two_weeks")


def test_each_class_of_change_is_told_with_the_line_it_was_given_with(therapist: Caller) -> None:
    classes = {"recovered": (14, 8), "improved": (20, 14), "unchanged": (12, 10), "deteriorated": (8, 14)}
    for found, totals in classes.items():
        of = couple(therapist, found)
        for day, points in enumerate(totals, start=1):
            answers = PHQ9 | {str(number): min(3, max(0, points - 3 * (number - 1))) for number in range(1, 9)}
            administer(therapist, of, answers, measure="phq9", **on(day))
        told = therapist.get(f"{path(of)}/change?measure=phq9").json()
        assert (told["class"], told["cutoff"]["operator"], told["cutoff"]["value"]) == (found, ">=", 10)
        assert (told["basis"]["published_points"], told["basis"]["status"]) == (6, "published")


def test_where_nothing_can_be_said_there_is_a_reason_and_no_class(therapist: Caller) -> None:
    of = couple(therapist)
    for measure, items, scale, reason in (
        ("fsds_r", range(1, 14), "total", "insufficient_norms"),
        ("csi16", range(1, 17), "total", "indicative_only"),
        ("rekindle_pulse", range(1, 7), "closeness", "not_an_outcome"),
    ):
        for answer in (1, 4):
            administer(therapist, of, {str(number): answer for number in items}, measure=measure)
        told = therapist.get(f"{path(of)}/change?measure={measure}&scale={scale}").json()
        assert (told["class"], told["reason"], told["index"]) == ("not_classifiable", reason, None)


def test_one_score_is_no_change(therapist: Caller) -> None:
    of = couple(therapist)
    address = f"{path(of)}/change?measure=gmsex"
    before = therapist.get(address).json()
    administer(therapist, of, total(15))
    after = therapist.get(address).json()
    assert (before["intake"], after["intake"]["value"]) == (None, 15)
    for told in (before, after):
        assert (told["class"], told["reason"], told["latest"]) == ("not_classifiable", "too_few_scores", None)


def test_another_method_can_be_asked_for_and_an_unknown_one_is_refused(therapist: Caller) -> None:
    of = couple(therapist)
    for points in (15, 24):
        administer(therapist, of, total(points))
    address = f"{path(of)}/change?measure=gmsex"
    told = therapist.get(f"{address}&method=edwards_nunnally").json()
    assert (told["class"], told["reason"]) == ("not_classifiable", "insufficient_norms")
    for query, pointer in (("method=guess", "/query/method"), ("scale=desire", "/query/scale")):
        refused = therapist.get(f"{address}&{query}")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    unknown = therapist.get(f"{path(of)}/change?measure=nope").json()
    assert (unknown["code"], unknown["errors"][0]["pointer"]) == ("measure_unknown", "/query/measure")


def test_outcomes_read_every_series_of_both_partners(therapist: Caller, working: Callable[..., Any]) -> None:
    of = couple(therapist)
    administer(therapist, of, total(20), **on(2))
    corrected = administer(therapist, of, total(9), **on(1)).json()["id"]
    administer(therapist, of, total(10), supersedes=corrected, **on(1))
    administer(therapist, of, PHQ9, slot=1, measure="phq9")
    found: list[Series] = working(therapist, lambda work: read_series(work, decode("cpl", of["id"])))
    told = [(series.slot, series.measure, series.scale, [point.value for point in series.points]) for series in found]
    assert told == [(Slot.A, "gmsex", "total", [10, 20]), (Slot.B, "phq9", "total", [0])]


def test_who_sees_only_a_sees_nothing_of_b(therapist: Caller, working: Callable[..., Any]) -> None:
    of = couple(therapist)
    couple_id, other = decode("cpl", of["id"]), decode("prt", of["partners"][1]["id"])
    administer(therapist, of)
    theirs = decode("adm", administer(therapist, of, slot=1).json()["id"])
    a_only = (Compartment.CONJOINT, Compartment.INDIVIDUAL_A)
    seen: list[Series] = working(therapist, lambda work: read_series(work, couple_id), *a_only)
    assert [series.slot for series in seen] == [Slot.A]
    with pytest.raises(NotFoundError):
        working(therapist, lambda work: service.read_administration(work, couple_id, other, theirs), *a_only)
    listed = working(therapist, lambda work: service.list_administrations(work, couple_id, other, (50, None), None), *a_only)
    assert listed.items == []


def test_a_partners_administration_is_not_found_under_the_other(therapist: Caller) -> None:
    of = couple(therapist)
    theirs = administer(therapist, of, slot=1).json()["id"]
    assert therapist.get(f"{path(of, 1)}/administrations/{theirs}").status_code == 200
    assert therapist.get(f"{path(of, 0)}/administrations/{theirs}").status_code == 404
    assert scores(therapist, of) == []


def test_another_therapist_and_an_analyst_read_nothing(clinic: Clinic, therapist: Caller) -> None:
    of = couple(therapist)
    made = administer(therapist, of).headers["Location"]
    stranger = clinic.member("stranger")
    for address in (made, f"{path(of)}/administrations", f"{path(of)}/scores", f"{path(of)}/change?measure=gmsex"):
        assert stranger.get(address).status_code == 404
    writer = clinic.integration("writer", {"administrations:write"})
    assert writer.get(made).status_code == 403
