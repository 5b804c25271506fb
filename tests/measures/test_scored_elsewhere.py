"""Scores computed elsewhere, over HTTP: GRISS and PROMIS with their standard errors, and change that rests on those."""

from typing import Any

import pytest

from tests.conftest import Caller, Clinic
from tests.measures.records import Json, administer, couple, item, path, scores, send

PROMIS, GRISS = "promis_sexfs_brief_v2", "griss"
ENGINE = "HealthMeasures scoring service 2.1"
MALE = {
    "total": 6,
    "infrequency": 4,
    "non_communication": 3,
    "erection": 8,
    "early_ejaculation": 2,
    "male_avoidance": 4,
    "male_non_sensuality": 3,
    "male_dissatisfaction": 5,
}


def t_score(caller: Caller, of: Json, day: int, value: float, error: float | None, **more: Any) -> Json:
    """Stores an erectile T-score of a day in October."""
    errors = None if error is None else {"erectile_function": error}
    when = f"2026-10-{day:02}T12:00:00Z"
    body = {"measure": PROMIS, "scores_elsewhere": {"erectile_function": value}, "standard_errors_elsewhere": errors}
    made = caller.post(f"{path(of)}/administrations", json={**body, "answered_at": when, "mode": "imported", **more})
    assert made.status_code == 201, made.text
    kept: Json = made.json()
    return kept


def change(caller: Caller, of: Json) -> Json:
    """Erectile function against intake."""
    found: Json = caller.get(f"{path(of)}/change?measure={PROMIS}&scale=erectile_function").json()
    return found


@pytest.mark.parametrize("measure", [GRISS, PROMIS])
def test_griss_and_promis_take_finished_scores_and_refuse_items(therapist: Caller, measure: str) -> None:
    of = couple(therapist)
    for answers in ({"1": 2, "2": 3}, {}):
        refused = administer(therapist, of, answers, measure=measure).json()
        fault = refused["errors"][0]
        assert (refused["code"], fault["pointer"], fault["code"]) == (
            "administration_invalid",
            "/answers",
            "scored_elsewhere_only",
        )
    alone = therapist.post(f"/v1/scoring/{measure}", json={"answers": {"1": 2}})
    assert (alone.status_code, alone.json()["errors"][0]["code"]) == (422, "scored_elsewhere_only")
    assert scores(therapist, of) == []


def test_a_report_of_one_griss_form_is_complete_and_marked(therapist: Caller) -> None:
    of = couple(therapist)
    body = {"measure": GRISS, "scores_elsewhere": MALE, "scored_by": "GRISS manual 1986, table 4", "mode": "imported"}
    made = therapist.post(f"{path(of)}/administrations", json=body)
    read = therapist.get(made.headers["Location"]).json()
    assert (read["validity"], read["scales"], read["withheld"]) == ("valid", MALE, {})
    assert (read["scored_elsewhere"], read["scored_by"]) == (True, "GRISS manual 1986, table 4")
    assert (read["scoring_version"], read["answers"], read["meanings"]) == (None, {}, ["problem"])
    met = {cut["scale"]: cut["met"] for cut in read["cutoffs"] if cut["met"] is not None}
    assert [scale for scale, is_met in met.items() if is_met] == ["total", "erection", "male_dissatisfaction"]
    assert {point["scale"] for point in scores(therapist, of)} == set(MALE)


def test_a_subscale_missing_from_a_griss_report_is_a_gap_with_its_reason(therapist: Caller) -> None:
    of = couple(therapist)
    lacking = {scale: score for scale, score in MALE.items() if scale != "erection"}
    body = {"measure": GRISS, "scores_elsewhere": lacking}
    made = therapist.post(f"{path(of)}/administrations", json=body).json()
    assert (made["validity"], made["withheld"]) == ("incomplete", {"erection": "not_reported"})


def test_a_t_score_is_read_back_with_its_standard_error(therapist: Caller) -> None:
    of = couple(therapist)
    made = t_score(therapist, of, 1, 38.4, 3.1, scored_by=ENGINE)
    assert (made["standard_errors"], made["scored_by"], made["validity"]) == ({"erectile_function": 3.1}, ENGINE, "valid")
    (point,) = scores(therapist, of)
    assert (point["scale"], point["value"], point["standard_error"]) == ("erectile_function", 38.4, 3.1)


def test_the_same_report_sent_again_is_one_and_another_error_under_its_id_is_refused(therapist: Caller) -> None:
    of = couple(therapist)
    entry = item(of, measure=PROMIS, scores_elsewhere={"interest": 50}, standard_errors_elsewhere={"interest": 3})
    entry |= {"answers": None, "external_id": "x", "answered_at": "2026-10-01T12:00:00Z"}
    first, again = send(therapist, entry).json()["items"][0], send(therapist, entry).json()["items"][0]
    assert (again["id"], again["existing"]) == (first["id"], True)
    for other in ({"standard_errors_elsewhere": {"interest": 2}}, {"scored_by": "another"}):
        assert send(therapist, entry | other).json()["errors"][0]["code"] == "administration_differs"


# Errors of 3 and 4 make 5 together, so the threshold is 9.8 points.
@pytest.mark.parametrize(("latest", "found"), [(48.0, "improved"), (47.0, "unchanged"), (28.0, "deteriorated")])
def test_change_of_t_scores_rests_on_their_own_errors(therapist: Caller, latest: float, found: str) -> None:
    of = couple(therapist)
    t_score(therapist, of, 1, 38.0, 3.0)
    t_score(therapist, of, 8, latest, 4.0)
    told = change(therapist, of)
    assert (told["class"], told["threshold_points"], told["cutoff"]) == (found, 9.8, None)
    basis = told["basis"]
    assert (basis["status"], basis["pre_error"], basis["post_error"]) == ("from_score_errors", 3, 4)
    assert (told["intake"]["standard_error"], told["latest"]["standard_error"]) == (3, 4)


def test_a_t_score_without_its_error_has_no_class_and_says_why(therapist: Caller) -> None:
    of = couple(therapist)
    t_score(therapist, of, 1, 38.0, 3.0)
    t_score(therapist, of, 8, 58.0, None)
    told = change(therapist, of)
    assert (told["class"], told["reason"], told["index"]) == ("not_classifiable", "standard_errors_missing", None)


def test_outcomes_class_t_scores_by_their_errors_too(therapist: Caller) -> None:
    of = couple(therapist)
    for day, value in enumerate((48.0, 36.0, 35.0), start=1):
        t_score(therapist, of, day, value, 3.0)
    told = therapist.get(f"/v1/couples/{of['id']}/outcomes").json()
    series = next(one for one in told["partners"][0]["series"] if one["scale"] == "erectile_function")
    assert (series["change"]["class"], round(series["change"]["threshold_points"], 2)) == ("deteriorated", 8.32)
    assert (series["change"]["basis"]["pre_error"], series["points"][0]["standard_error"]) == (3, 3)
    assert "deteriorated_twice" in [flag["code"] for flag in told["flags"]]


@pytest.mark.parametrize(
    ("errors", "found", "index"),
    [((3, 4), "improved", 2.0), ((3, None), "not_classifiable", None), ((None, None), "not_classifiable", None)],
)
def test_change_on_request_takes_the_errors_with_the_scores(
    clinic: Clinic, errors: tuple[float | None, float | None], found: str, index: float | None
) -> None:
    scorer = clinic.integration("scorer", {"scoring"})
    body = {"measure": PROMIS, "scale": "erectile_function", "pre": 38, "post": 48}
    told = scorer.post("/v1/change", json={**body, "pre_error": errors[0], "post_error": errors[1]}).json()
    assert (told["class"], told["index"]) == (found, index)


def test_errors_that_cannot_be_used_are_named(therapist: Caller) -> None:
    asked = {"measure": PROMIS, "scale": "interest", "pre": 38, "post": 48, "pre_error": 0, "post_error": -1}
    refused = therapist.post("/v1/change", json=asked).json()["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in refused] == [
        ("/pre_error", "not_positive"),
        ("/post_error", "not_positive"),
    ]
    other = therapist.post("/v1/change", json={"measure": "gmsex", "pre": 15, "post": 24, "pre_error": 2}).json()
    assert [(fault["pointer"], fault["code"]) for fault in other["errors"]] == [("/pre_error", "takes_no_standard_error")]
