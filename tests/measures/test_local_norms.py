"""Norms from the clinic's own baselines: enough of them, each partner once, and no single one to be taken out again."""

from statistics import fmean, stdev
from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.measures.records import Json, administer, baselines, couple, in_care, send, totals

LOCAL = "/v1/measures/gmsex/local-norms"
STABLE = {"reliability": {"value": 0.75, "kind": "test_retest", "gap": "4 weeks", "citation": "Our retest, 2025"}}
TWENTY = tuple(range(10, 30))


@pytest.fixture
def of_twenty(app: Any) -> None:
    """A service that was set up to ask for twenty baselines."""
    runtime = app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"local_norms_from": 20})


def figures(caller: Caller) -> tuple[int, float, float]:
    """Number, mean and spread."""
    found = caller.get(LOCAL)
    assert found.status_code == 200, found.text
    return found.json()["n"], found.json()["mean"], found.json()["sd"]


def test_a_hundred_baselines_give_norms_and_fewer_only_how_many_it_takes(therapist: Caller) -> None:
    points = [5 + (7 * place) % 31 for place in range(100)]
    baselines(therapist, *points[:98])
    refused = therapist.get(LOCAL)
    assert (refused.status_code, refused.json()["code"]) == (409, "too_few_baselines")
    assert refused.json()["detail"] == "Norms of this clinic's own take at least 100 baselines, in whole tens."
    assert "98" not in refused.json()["detail"]
    assert therapist.post(LOCAL, json=STABLE).json()["code"] == "too_few_baselines"
    baselines(therapist, *points[98:], start=49)
    found = therapist.get(LOCAL).json()
    assert (found["measure"], found["scale"], found["n"]) == ("gmsex", "total", 100)
    assert (found["mean"], found["sd"]) == (round(fmean(points), 2), round(stdev(points), 2))
    assert found["label"] == "local, own baselines, n=100, as of 2026-11-22"


@pytest.mark.usefixtures("of_twenty")
def test_nothing_changes_until_ten_more_have_come(therapist: Caller) -> None:
    baselines(therapist, *TWENTY)
    before = figures(therapist)
    assert before == (20, round(fmean(TWENTY), 2), round(stdev(TWENTY), 2))
    for number, total in enumerate((5, 35, 5)):
        baselines(therapist, total, total, total, start=100 + 10 * number)
        assert figures(therapist) == before
    baselines(therapist, 35, start=200)
    more = (*TWENTY, 5, 5, 5, 35, 35, 35, 5, 5, 5, 35)
    assert figures(therapist) == (30, round(fmean(more), 2), round(stdev(more), 2))


@pytest.mark.usefixtures("of_twenty")
def test_a_baseline_said_to_be_older_pushes_nobody_in_or_out(therapist: Caller) -> None:
    baselines(therapist, *TWENTY)
    before = figures(therapist)
    administer(therapist, in_care(therapist, "late"), totals(35), answered_at="2026-11-22T00:00:00Z")
    assert figures(therapist) == before


@pytest.mark.usefixtures("of_twenty")
def test_only_the_first_standing_valid_score_within_an_episode_counts(therapist: Caller) -> None:
    first = baselines(therapist, *TWENTY)[0]
    before = figures(therapist)
    administer(therapist, first, totals(35))  # a later score is no baseline
    fresh = in_care(therapist, "fresh")
    administer(therapist, fresh, {"1": 7, "2": 7, "3": 7, "4": 7}, reasons={"5": "skipped"})  # prorated
    administer(therapist, fresh, {"1": 7}, reasons=dict.fromkeys("2345", "skipped"), slot=1)  # withheld
    outside = couple(therapist, "outside")
    for slot in (0, 1):
        administer(therapist, outside, totals(35), slot=slot)  # in no episode
    baselines(therapist, *[20] * 9, start=100)
    assert figures(therapist) == before
    baselines(therapist, 20, start=200)
    assert figures(therapist)[0] == 30


@pytest.mark.usefixtures("of_twenty")
def test_a_total_from_elsewhere_that_only_inactivity_can_give_is_no_baseline(therapist: Caller) -> None:
    domains = ("desire", "arousal", "lubrication", "orgasm", "satisfaction", "pain")
    couples = [in_care(therapist, f"fsfi-{number}") for number in range(11)]

    def reported(place: int, total: float) -> Json:
        scores = dict.fromkeys(domains, 3.0) | {"total": total}
        ids = {"couple_id": couples[place // 2]["id"], "partner_id": couples[place // 2]["partners"][place % 2]["id"]}
        return ids | {"measure": "fsfi", "scores_elsewhere": scores}

    send(therapist, *[reported(place, 20.0 if place else 2.0) for place in range(20)])
    local = "/v1/measures/fsfi/local-norms"
    assert therapist.get(local).json()["code"] == "too_few_baselines"
    send(therapist, reported(20, 30.0))
    assert (therapist.get(local).json()["n"], therapist.get(local).json()["mean"]) == (20, 20.5)


@pytest.mark.usefixtures("of_twenty")
def test_a_corrected_baseline_counts_as_corrected_in_its_place(therapist: Caller) -> None:
    of = in_care(therapist, "wrong")
    wrong = administer(therapist, of, totals(35)).json()["id"]
    baselines(therapist, *TWENTY[:19])
    administer(therapist, of, totals(5), supersedes=wrong)
    points = (5, *TWENTY[:19])
    assert figures(therapist) == (20, round(fmean(points), 2), round(stdev(points), 2))


@pytest.mark.usefixtures("of_twenty")
def test_with_one_that_no_longer_stands_its_whole_ten_goes(therapist: Caller) -> None:
    of = in_care(therapist, "gone")
    wrong = administer(therapist, of, totals(35)).json()["id"]
    points = (*TWENTY, *TWENTY[:9])
    baselines(therapist, *points)
    assert figures(therapist)[0] == 30
    administer(therapist, of, {"1": 7}, reasons=dict.fromkeys("2345", "skipped"), supersedes=wrong)
    assert figures(therapist) == (20, round(fmean(points[9:]), 2), round(stdev(points[9:]), 2))


@pytest.mark.usefixtures("of_twenty")
def test_adopted_they_are_a_norm_set_that_says_it_is_local(clinic: Clinic, therapist: Caller) -> None:
    baselines(therapist, *TWENTY)
    made = therapist.post(LOCAL, json=STABLE)
    assert made.status_code == 201, made.text
    norms = made.json()
    assert (norms["origin"], norms["n"], norms["clinical_mean"], norms["sd"]) == ("local", 20, 19.5, round(stdev(TWENTY), 2))
    assert norms["citation"] == "local, own baselines, n=20, as of 2026-11-22"
    assert norms["reliability"] == STABLE["reliability"]
    body = {"measure": "gmsex", "pre": 12, "post": 34, "norm_set": norms["id"]}
    told = clinic.integration("scorer", {"scoring"}).post("/v1/change", json=body).json()
    assert (told["class"], told["cutoff"]["kind"]) == ("recovered", "a")
    basis = told["basis"]
    assert (basis["local"], basis["norm_set"], basis["n"]) == (True, norms["id"], 20)
    assert basis["norms_source"] == {"text": norms["citation"], "grade": "computed"}


@pytest.mark.usefixtures("of_twenty")
def test_without_a_spread_there_is_nothing_to_adopt(therapist: Caller) -> None:
    baselines(therapist, *[20] * 20)
    assert figures(therapist) == (20, 20.0, 0.0)
    refused = therapist.post(LOCAL, json=STABLE)
    assert (refused.json()["code"], refused.json()["errors"][0]["pointer"]) == ("norm_set_invalid", "/scale")


@pytest.mark.usefixtures("of_twenty")
def test_an_analyst_reads_the_figures_of_couples_they_cannot_see_and_it_leaves_a_trace(
    clinic: Clinic, therapist: Caller
) -> None:
    baselines(therapist, *TWENTY)
    analyst = clinic.member("ana", Role.ANALYST)
    assert analyst.get("/v1/couples").status_code == 403
    assert figures(analyst) == figures(therapist)
    assert analyst.post(LOCAL, json=STABLE).status_code == 403
    assert clinic.integration("scorer", {"scoring"}).get(LOCAL).status_code == 403
    assert figures(clinic.integration("figures", {"local_norms:read"})) == figures(therapist)
    with clinic.at_desk() as (session, _vault):
        asked = select(LedgerEvent.operation, LedgerEvent.couple_id).where(LedgerEvent.subject == "local_norms")
        assert session.execute(asked).all() == [("read_local_norms", None)] * 4


def test_what_has_no_such_scale_is_refused(therapist: Caller) -> None:
    assert therapist.get("/v1/measures/nope/local-norms").status_code == 404
    refused = therapist.get(f"{LOCAL}?scale=desire").json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("invalid", "/query/scale")
    refused = therapist.post(LOCAL, json=STABLE | {"scale": "desire"}).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("invalid", "/scale")


@pytest.mark.usefixtures("of_twenty")
def test_other_clinics_count_for_nothing(new_clinic: Any, engine_name: str) -> None:
    if engine_name == "sqlite":
        return  # a SQLite file holds one clinic
    mine, theirs = new_clinic().member("thea"), new_clinic().member("theo")
    baselines(theirs, *TWENTY)
    baselines(mine, *TWENTY[:19])
    assert mine.get(LOCAL).json()["code"] == "too_few_baselines"
    assert figures(theirs)[0] == 20


@pytest.mark.usefixtures("of_twenty")
def test_the_answer_holds_nothing_but_figures(therapist: Caller) -> None:
    baselines(therapist, *TWENTY)
    assert set(therapist.get(LOCAL).json()) == {"measure", "scale", "n", "mean", "sd", "as_of", "label"}
