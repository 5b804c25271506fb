"""The measures of sexual function over HTTP: zeros that are no scores, and the gain that is noticed beside the class."""

import pytest

from tests.conftest import Caller, Clinic
from tests.measures.records import Json, administer, couple, path

FSFI = dict.fromkeys([str(number) for number in range(1, 20)], 4)


@pytest.fixture
def scorer(clinic: Clinic) -> Caller:
    """Software that may score, and nothing else."""
    return clinic.integration("scorer", {"scoring"})


def changed(scorer: Caller, measure: str, scale: str, pre: float, post: float) -> Json:
    told: Json = scorer.post("/v1/change", json={"measure": measure, "scale": scale, "pre": pre, "post": post}).json()
    return told


def test_the_promised_change_of_the_fsfi_comes_from_its_own_norms(scorer: Caller) -> None:
    told = changed(scorer, "fsfi", "total", 18.4, 27.1)
    assert (told["index"], told["threshold_points"], told["class"]) == (2.679, 6.366, "recovered")
    assert (told["cutoff"]["kind"], told["cutoff"]["operator"], told["cutoff"]["value"]) == ("published", "<=", 26.55)
    assert (told["basis"]["norm_set"], told["basis"]["status"], told["minimal_important"]) == ("rosen_2000", "derived", None)


def test_the_gain_men_notice_stands_beside_the_class(scorer: Caller) -> None:
    told = changed(scorer, "iief15", "ef", 14, 20)
    assert (told["class"], told["threshold_points"]) == ("unchanged", 7.207)
    noticed = told["minimal_important"]
    assert (noticed["points"], noticed["baseline"], noticed["reached"]) == (5.0, "moderate", True)
    assert "Rosen et al. 2011" in noticed["source"]["text"]


def test_the_catalogue_tells_which_gains_are_noticed(therapist: Caller) -> None:
    told = therapist.get("/v1/measures/iief15").json()["minimal_important"]
    points = {tuple(known["baseline"]): known["points"] for known in told}
    assert points == {("mild",): 2, ("mild_to_moderate",): 4, ("moderate",): 5, ("severe",): 7}


def test_an_answer_of_no_activity_is_kept_and_the_total_is_not_made(therapist: Caller) -> None:
    made = administer(therapist, couple(therapist), {**FSFI, "17": 0}, measure="fsfi").json()
    assert (made["validity"], made["withheld"]) == ("inactive_or_partial", {"total": "no_activity", "pain": "no_activity"})
    assert (made["answers"]["17"], made["scales"]["total"], made["scales"]["desire"]) == (0, None, 4.8)
    assert {cutoff["scale"]: cutoff["met"] for cutoff in made["cutoffs"]} == {"total": None, "desire": False}


def test_a_total_from_elsewhere_that_only_inactivity_gives_is_kept_and_not_read(therapist: Caller) -> None:
    of = couple(therapist)
    body = {"measure": "iief15", "scores_elsewhere": {"ef": 3}, "mode": "imported"}
    made = therapist.post(f"{path(of)}/administrations", json=body).json()
    assert (made["scales"]["ef"], made["meanings"], made["bands"]) == (3, [], [])
    assert [cutoff["met"] for cutoff in made["cutoffs"]] == [None]
