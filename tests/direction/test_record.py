"""Over the clinic's own couples: from their weekly pulses to the planted direction, and no couple can be taken out of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.direction.records import ANALYSES, Json, ask, couples_of, pulses

IDS = re.compile(r"\b(cpl|prt|adm|epi)_")


def lagged(clinic: Clinic, caller: Caller, **body: Any) -> tuple[Json, Json]:
    """An analysis of the clinic's own data by the regressions alone, and what they say."""
    found = ask(clinic, caller, models=["within_lagged"], **body)
    return found, found["results"]["within_lagged"]


def restrict(clinic: Clinic, therapist: Caller, of: Json) -> None:
    """What the couple's record is kept for from now on is nothing but keeping it."""
    body = {"couple_id": of["id"], "ground": "partner_request", "asked_by": "both_partners"}
    erasure = therapist.post("/v1/erasures", json=body).json()["id"]
    done = clinic.sign_in_again(therapist.holder_id).post(f"/v1/erasures/{erasure}/restrictions")
    assert done.status_code == 200, done.text


def test_from_record_to_reading_and_no_couple_can_be_taken_out_again(clinic: Clinic, therapist: Caller) -> None:
    begun = clinic.clock.moment - timedelta(days=200)
    couples = couples_of(therapist, 51)
    pulses(therapist, couples, range(14), begun)
    analyst = clinic.member("ana", Role.ANALYST)
    told, first = lagged(clinic, analyst)
    assert (told["status"], told["source"], told["x"]["scale"]) == ("done", "clinic", "sexual_satisfaction")
    assert (first["usable"], first["n_units"], first["direction"]) == (True, 51, "x_leads")
    assert first["missing"].endswith("14 occasions in a row of 200 couples. There are at least 50 with 14 or more.")
    assert first["reading"].startswith("This way: sexual satisfaction first.")

    pulses(therapist, couples[:9], range(14, 15), begun)
    again, second = lagged(clinic, clinic.integration("figures", {"direction_analyses:read", "direction_analyses:write"}))
    assert (second, again["as_of"]) == (first, told["as_of"])
    turned, other = lagged(clinic, analyst, x=told["y"], y=told["x"])
    assert (other["direction"], turned["as_of"]) == ("y_leads", told["as_of"])

    pulses(therapist, couples[9:10], range(14, 15), begun)
    renewed, third = lagged(clinic, analyst)
    assert third["n_pairs"] == first["n_pairs"] + 2 * 10
    assert renewed["as_of"] > told["as_of"]

    restrict(clinic, therapist, couples[50])
    _told, refused = lagged(clinic, analyst)
    assert (refused["usable"], refused["code"], refused["n_units"], refused["paths"]) == (False, "too_little_new", None, [])
    pulses(therapist, couples[:10], range(15, 16), begun)
    assert lagged(clinic, analyst)[1]["n_units"] == 50

    answers = "".join(analyst.get(f"{ANALYSES}/{one['id']}").text for one in analyst.every(ANALYSES))
    assert IDS.search(answers) is None
    with clinic.at_desk() as (session, _vault):
        asked = select(LedgerEvent.couple_id).where(LedgerEvent.subject == "direction_analysis", LedgerEvent.kind == "read")
        assert set(session.scalars(asked)) == {None}


def test_how_few_couples_there_are_is_told_in_tens(clinic: Clinic, therapist: Caller) -> None:
    begun = clinic.clock.moment - timedelta(days=100)
    couples = couples_of(therapist, 12)
    pulses(therapist, couples[:3], range(3), begun)
    found = ask(clinic, therapist)
    assert set(found["results"]) == {"within_lagged", "ri_clpm_a", "ri_clpm_b"}
    for refused in found["results"].values():
        counts = [refused[name] for name in ("n_units", "n_persons", "n_occasions", "n_pairs")]
        assert (refused["code"], counts, refused["fit"]) == ("too_few_couples", [0, 0, 0, 0], None)
        assert "fewer than 10" in refused["missing"]
        assert not re.search(r"\b3\b", refused["missing"])
    before = found["results"]
    pulses(therapist, couples[3:9], range(3), begun)
    assert ask(clinic, therapist)["results"] == before
    pulses(therapist, couples[9:], range(3), begun)
    found = ask(clinic, therapist)
    assert {one["n_units"] for one in found["results"].values()} == {10}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_analysis_of_the_clinics_own_data_is_for_all_who_may_read_them_and_stays(clinic: Clinic, therapist: Caller) -> None:
    own = ask(clinic, therapist)
    analyst = clinic.member("ana", Role.ANALYST)
    assert analyst.get(f"{ANALYSES}/{own['id']}").json() == own
    refused = therapist.delete(f"{ANALYSES}/{own['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "own_figures_stay")


def test_other_clinics_have_none_of_it(new_clinic: Any, engine_name: str) -> None:
    if engine_name == "sqlite":
        return  # a SQLite file holds one clinic
    mine, theirs = new_clinic(), new_clinic()
    own = ask(mine, mine.member("thea"))
    stranger = theirs.member("theo")
    assert stranger.get(f"{ANALYSES}/{own['id']}").status_code == 404
    assert stranger.get(ANALYSES).json()["items"] == []
