"""The catalogue, and scoring and change that store nothing, over HTTP."""

from typing import Any

import pytest

from app.clinical.measures import MEASURES
from app.measures.rules import SIGNAL_KINDS
from tests.conftest import Caller, Clinic


@pytest.fixture
def scorer(clinic: Clinic) -> Caller:
    """Software that may score, and nothing else."""
    return clinic.integration("scorer", {"scoring"})


def test_the_catalogue_lists_every_measure(therapist: Caller) -> None:
    listed = therapist.get("/v1/measures").json()
    assert [entry["code"] for entry in listed["items"]] == list(MEASURES)
    assert listed["next_cursor"] is None


def test_a_measure_tells_all_that_is_known_of_it(therapist: Caller) -> None:
    for code, known in MEASURES.items():
        told = therapist.get(f"/v1/measures/{code}").json()
        assert [(item["number"], item["low"], item["high"], item["wording"]) for item in told["items"]] == [
            (item.number, item.low, item.high, item.wording) for item in known.items
        ]
        assert [(cut["operator"], cut["value"], cut["source"]["text"]) for cut in told["cutoffs"]] == [
            (cut.operator, cut.value, cut.source.text) for cut in known.cutoffs
        ]
        assert [scale["code"] for scale in told["scales"]] == [scale.code for scale in known.scales]
        assert (told["licence_tier"], told["confidence"]) == (known.licence_tier, known.confidence)
        assert len(told["examples"]) == len(known.examples)


def test_an_unknown_measure_is_not_there(therapist: Caller) -> None:
    assert therapist.get("/v1/measures/nope").status_code == 404
    assert therapist.post("/v1/scoring/nope", json={"answers": {"1": 1}}).status_code == 404


def test_every_worked_example_holds_over_http(scorer: Caller) -> None:
    for code, shown in [(code, shown) for code, measure in MEASURES.items() for shown in measure.examples]:
        if shown.reported:  # nothing is scored here
            continue
        answers = {str(number): answer for number, answer in shown.answers.items()}
        reasons = {str(number): reason for number, reason in shown.reasons.items()}
        told = scorer.post(f"/v1/scoring/{code}", json={"answers": answers, "reasons": reasons})
        assert told.status_code == 200, told.text
        sheet = told.json()
        assert sheet["scales"] == dict(shown.scales), shown.note
        assert (sheet["validity"], sheet["prorated"]) == (shown.validity, shown.prorated), shown.note
        assert sheet["meanings"] == list(shown.meanings), shown.note
        assert [alert["code"] for alert in sheet["alerts"]] == list(shown.alerts), shown.note


def test_scoring_has_the_shape_that_integrators_were_promised(scorer: Caller) -> None:
    answers = {str(number): 2 for number in range(1, 10)}
    told = scorer.post("/v1/scoring/phq9", json={"answers": answers}).json()
    assert {"scales", "validity", "prorated", "cutoffs", "alerts"} <= set(told)
    cutoff = told["cutoffs"][0]
    assert {"scale", "operator", "value", "meaning", "met", "source"} <= set(cutoff)
    assert (cutoff["met"], told["alerts"][0]["audience"]) == (True, "care_team")


def test_answers_that_cannot_be_scored_are_refused_one_by_one(scorer: Caller) -> None:
    refused = scorer.post("/v1/scoring/gmsex", json={"answers": {"1": 0, "2": 8, "9": 1}, "reasons": {"3": "skipped"}})
    assert refused.status_code == 422
    pointers = {fault["pointer"] for fault in refused.json()["errors"]}
    assert pointers == {"/answers/1", "/answers/2", "/answers/9", "/answers/4", "/answers/5"}


NORMS = {"mean": 19.2, "sd": 6.63, "reliability": 0.88, "functional_mean": 30.5, "functional_sd": 5.29}


def test_change_is_classified_with_norms_of_ones_own(scorer: Caller) -> None:
    for pre, post, index, found in (
        (18.4, 27.1, 2.679, "recovered"),
        (18.4, 25.2, 2.094, "improved"),
        (18.4, 22, 1.108, "unchanged"),
        (24, 16.5, -2.309, "deteriorated"),
        (27.5, 34.2, 2.063, "improved"),
    ):
        body = {"measure": "gmsex", "scale": "total", "pre": pre, "post": post, "norms": NORMS}
        told = scorer.post("/v1/change", json=body).json()
        assert (told["index"], told["threshold_points"], told["class"]) == (index, 6.366, found)
        assert (told["cutoff"]["kind"], told["cutoff"]["value"], told["flags"]) == ("c", 25.485, [])
        assert (told["basis"]["norm_set"], told["basis"]["reliability"]) == ("own", 0.88)


def test_a_crossing_within_the_noise_is_flagged_and_no_class(scorer: Caller) -> None:
    told = scorer.post("/v1/change", json={"measure": "gmsex", "pre": 24.8, "post": 27, "norms": NORMS}).json()
    assert (told["class"], told["flags"]) == ("unchanged", ["crossed_without_reliable_change"])


def test_norms_from_alpha_give_a_threshold_and_no_class(scorer: Caller) -> None:
    body = {"measure": "gmsex", "pre": 18, "post": 30, "norms": NORMS | {"reliability_kind": "alpha"}}
    told = scorer.post("/v1/change", json=body).json()
    assert (told["class"], told["reason"], told["index"]) == ("not_classifiable", "indicative_only", None)


CHANGES_REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"post": 36}, "/post"),
    ({"pre": 4}, "/pre"),
    ({"scale": "desire"}, "/scale"),
    ({"measure": "nope"}, "/measure"),
    ({"method": "guess"}, "/method"),
    ({"norms": {"sd": 0, "reliability": 0.9}}, "/norms/sd"),
    ({"norms": {"sd": 7, "reliability": 1}}, "/norms/reliability"),
    ({"norms": {"sd": 7, "reliability": 0.9, "mean": 30, "functional_mean": 20}}, "/norms"),
    ({"pre": "15"}, "/pre"),
]


def test_a_change_that_cannot_be_computed_is_refused_with_its_place(scorer: Caller) -> None:
    for part, pointer in CHANGES_REFUSED:
        refused = scorer.post("/v1/change", json={"measure": "gmsex", "pre": 15, "post": 24} | part)
        assert (refused.status_code, [fault["pointer"] for fault in refused.json()["errors"]]) == (422, [pointer])


def test_a_withheld_score_and_a_safety_screen_have_no_class(scorer: Caller) -> None:
    withheld = scorer.post("/v1/change", json={"measure": "gmsex", "pre": 15, "post": None}).json()
    screen = scorer.post("/v1/change", json={"measure": "ehits", "pre": 5, "post": 20}).json()
    assert [told["reason"] for told in (withheld, screen)] == ["score_withheld", "safety_screen_no_change_scores"]
    assert {told["class"] for told in (withheld, screen)} == {"not_classifiable"}


def test_a_scorer_reads_the_catalogue_and_nothing_of_the_record(scorer: Caller) -> None:
    assert scorer.get("/v1/measures").status_code == 200
    assert scorer.get("/v1/couples").status_code == 403
    assert scorer.get("/v1/couples/cpl_00000000000000000000000000/outcomes").status_code == 403


def test_every_alert_of_an_administered_measure_has_its_signal() -> None:
    raised = {alert.code for measure in MEASURES.values() if measure.kind != "safety_screen" for alert in measure.alerts}
    assert raised | {"safety_item_unanswered"} <= set(SIGNAL_KINDS)
