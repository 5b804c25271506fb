"""Norm sets a clinic brings: kept with their citation, chosen by name and never silently, retired and never edited."""

from collections.abc import Callable
from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic
from tests.measures.records import Json, administer, couple, path, totals
from tests.raw_files import bytes_of

NORMS: Json = {
    "measure": "gmsex",
    "population": "couples before sex therapy",
    "n": 131,
    "sd": 10.0,
    "clinical_mean": 19.0,
    "functional_mean": 29.0,
    "functional_sd": 5.0,
    "reliability": {"value": 0.75, "kind": "test_retest", "gap": "4 weeks", "citation": "Poe 2023"},
    "citation": "Doe & Roe 2024",
}


def add(caller: Caller, **more: Any) -> Json:
    """A norm set that has to be taken."""
    made = caller.post("/v1/norm-sets", json={**NORMS, **more})
    assert made.status_code == 201, made.text
    found: Json = made.json()
    return found


def retire(caller: Caller, norms: Json) -> Any:
    """Takes a norm set back."""
    return caller.post(f"/v1/norm-sets/{norms['id']}/retirements", json={"reason": "The SD was the controls'."})


def asked(caller: Caller, of: Json, query: str) -> Any:
    """Partner A's change."""
    return caller.get(f"{path(of)}/change?measure=gmsex{query}")


@pytest.fixture
def of(therapist: Caller) -> Json:
    """A couple of whom A went from 15 to 24 on GMSEX."""
    made = couple(therapist)
    administer(therapist, made, totals(15), answered_at="2026-10-01T12:00:00Z")
    administer(therapist, made, totals(24), answered_at="2026-10-08T12:00:00Z")
    return made


def test_a_norm_set_is_read_back_as_it_was_brought(therapist: Caller) -> None:
    made = therapist.post("/v1/norm-sets", json=NORMS)
    read = therapist.get(made.headers["Location"])
    assert read.json() == made.json()
    found = read.json()
    assert {name: found[name] for name in NORMS} == NORMS
    assert (found["origin"], found["scale"], found["status"], found["added_by_kind"]) == ("cited", "total", "derived", "member")
    assert found["threshold_points"] == 13.859  # 1.96 * sqrt(2) * 10 * sqrt(1 - .75)
    assert (found["retired_at"], read.headers["ETag"]) == (None, '"1"')


def test_alpha_alone_gives_a_threshold_and_no_class(therapist: Caller, of: Json) -> None:
    norms = add(therapist, reliability={"value": 0.94, "kind": "alpha", "citation": "Poe 2023"})
    assert (norms["status"], norms["reliability"]["gap"]) == ("lower_bound_from_alpha", None)
    told = asked(therapist, of, f"&norms={norms['id']}").json()
    assert (told["class"], told["reason"], told["index"]) == ("not_classifiable", "indicative_only", None)


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"measure": "nope"}, "measure_unknown", "/measure"),
        ({"measure": "ehits"}, "safety_screen_apart", "/measure"),
        ({"scale": "desire"}, "norm_set_invalid", "/scale"),
        ({"sd": -1.0}, "norm_set_invalid", "/sd"),
        ({"clinical_mean": 99.0}, "norm_set_invalid", "/clinical_mean"),
        ({"reliability": {"value": 1.2, "kind": "icc", "citation": "x"}}, "norm_set_invalid", "/reliability/value"),
        ({"reliability": {"value": 0.8, "kind": "guess", "citation": "x"}}, "invalid", "/reliability/kind"),
        ({"citation": ""}, "invalid", "/citation"),
        ({"n": 1}, "invalid", "/n"),
    ],
)
def test_what_cannot_be_true_is_refused_with_its_place_and_nothing_is_stored(
    therapist: Caller, more: Json, code: str, pointer: str
) -> None:
    refused = therapist.post("/v1/norm-sets", json={**NORMS, **more})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert therapist.get("/v1/norm-sets").json()["items"] == []


def test_norm_sets_are_listed_page_by_page_and_by_measure(therapist: Caller) -> None:
    made = [add(therapist)["id"] for _ in range(5)]
    other = add(therapist, measure="phq9", clinical_mean=14.0, functional_mean=4.0, sd=6.0)["id"]
    assert [one["id"] for one in therapist.every("/v1/norm-sets?limit=2")] == [*made, other]
    assert [one["id"] for one in therapist.every("/v1/norm-sets?limit=2&measure=gmsex")] == made
    cursor = therapist.get("/v1/norm-sets?limit=1").json()["next_cursor"]
    assert therapist.get(f"/v1/norm-sets?measure=gmsex&cursor={cursor}").json()["code"] == "cursor_invalid"


def test_a_class_is_given_by_the_norms_that_were_chosen_and_names_them(therapist: Caller, of: Json) -> None:
    norms = add(therapist)
    told = asked(therapist, of, f"&norms={norms['id']}").json()
    assert (told["class"], told["threshold_points"]) == ("unchanged", 13.859)
    assert told["cutoff"]["value"] == round((5 * 19 + 10 * 29) / 15, 3)
    basis = told["basis"]
    assert (basis["norm_set"], basis["population"], basis["n"]) == (norms["id"], NORMS["population"], 131)
    assert (basis["norms_source"], basis["local"]) == ({"text": "Doe & Roe 2024", "grade": "as_given"}, False)
    assert basis["reliability_source"]["text"] == "Poe 2023"


def test_norms_of_the_catalogue_are_chosen_by_their_code(therapist: Caller, of: Json) -> None:
    told = asked(therapist, of, "&norms=dres_three_months").json()
    assert (told["class"], told["basis"]["norm_set"]) == ("unchanged", "dres_three_months")
    assert told["basis"]["norms_source"]["grade"] == "computed"


def test_what_a_clinic_adds_changes_nothing_that_did_not_ask_for_it(therapist: Caller, of: Json) -> None:
    before = asked(therapist, of, "").json(), therapist.get(f"/v1/couples/{of['id']}/outcomes").json()["partners"]
    add(therapist)
    after = asked(therapist, of, "").json(), therapist.get(f"/v1/couples/{of['id']}/outcomes").json()["partners"]
    assert before == after
    basis = after[1][0]["series"][0]["change"]["basis"]
    assert (basis["norm_set"], basis["population"], basis["n"]) == ("dres_two_weeks", "community couples", 235)
    assert (basis["local"], basis["norms_citation"][:18]) == (False, "Computed from DRES")


def test_a_retired_norm_set_is_read_and_no_longer_chosen(therapist: Caller, of: Json) -> None:
    norms = add(therapist)
    retired = retire(therapist, norms)
    assert (retired.status_code, retired.json()["version"]) == (200, 2)
    assert retired.json()["retired_because"] == "The SD was the controls'."
    assert retire(therapist, norms).json() == retired.json() == therapist.get(f"/v1/norm-sets/{norms['id']}").json()
    refused = asked(therapist, of, f"&norms={norms['id']}")
    assert (refused.status_code, refused.json()["code"]) == (422, "norm_set_retired")
    assert refused.json()["errors"][0]["pointer"] == "/query/norms"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nope", "norm_set_unknown"),
        ("nrm_short", "norm_set_unknown"),
        ("nrm_00000000000000000000000000", "norm_set_unknown"),
        ("online_alpha", "norm_set_of_another_scale"),
        ("own", "norm_set_unknown"),
    ],
)
def test_norms_that_are_not_there_or_of_another_scale_are_refused_by_name(
    therapist: Caller, of: Json, name: str, code: str
) -> None:
    refused = asked(therapist, of, f"&norms={name}")
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    body = {"measure": "gmsex", "pre": 15, "post": 24, "norm_set": name}
    refused = therapist.post("/v1/change", json=body)
    assert (refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (code, "/norm_set")


def test_norms_of_another_measure_are_not_taken_for_this_one(therapist: Caller, of: Json) -> None:
    other = add(therapist, measure="phq9", clinical_mean=14.0, functional_mean=4.0, sd=6.0)
    assert asked(therapist, of, f"&norms={other['id']}").json()["code"] == "norm_set_of_another_scale"


def test_a_stateless_change_takes_a_norm_set_or_own_norms_and_not_both(clinic: Clinic, therapist: Caller) -> None:
    norms = add(therapist)
    scorer = clinic.integration("scorer", {"scoring"})
    body = {"measure": "gmsex", "pre": 15, "post": 29, "norm_set": norms["id"]}
    told = scorer.post("/v1/change", json=body).json()
    assert (told["class"], told["basis"]["norm_set"]) == ("recovered", norms["id"])
    refused = scorer.post("/v1/change", json=body | {"norms": {"sd": 6, "reliability": 0.8}})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not_with_norms")
    own = scorer.post("/v1/change", json={"measure": "gmsex", "pre": 15, "post": 29, "norms": {"sd": 6, "reliability": 0.8}})
    assert (own.json()["basis"]["norm_set"], own.json()["basis"]["norms_source"]["grade"]) == ("own", "as_given")


def test_who_may_add_norms_and_who_may_read_them(clinic: Clinic, therapist: Caller) -> None:
    norms = add(therapist)
    writers = [clinic.member(role, role) for role in (Role.SUPERVISOR, Role.ADMINISTRATOR)]
    writers.append(clinic.integration("writer", {"norm_sets:write"}))
    assert all(caller.post("/v1/norm-sets", json=NORMS).status_code == 201 for caller in writers)
    readers = [clinic.member("ana", Role.ANALYST), clinic.integration("scorer", {"scoring"})]
    for caller in readers:
        assert caller.get(f"/v1/norm-sets/{norms['id']}").status_code == 200
        assert caller.post("/v1/norm-sets", json=NORMS).status_code == 403
        assert retire(caller, norms).status_code == 403


def test_another_clinics_norm_set_does_not_exist(new_clinic: Callable[[], Clinic], engine_name: str) -> None:
    if engine_name == "sqlite":
        return  # a SQLite file holds one clinic
    mine, theirs = new_clinic().member("thea"), new_clinic().member("theo")
    norms = add(theirs)
    assert mine.get(f"/v1/norm-sets/{norms['id']}").status_code == 404
    assert mine.get("/v1/norm-sets").json()["items"] == []
    body = {"measure": "gmsex", "pre": 15, "post": 24, "norm_set": norms["id"]}
    assert mine.post("/v1/change", json=body).json()["code"] == "norm_set_unknown"


def test_what_was_written_about_norms_is_sealed(clinic: Clinic, therapist: Caller) -> None:
    add(therapist, citation="marked-citation")
    if clinic.settings.sqlite_file is not None:
        clinic.app.state.runtime.database.close()
        folder = clinic.settings.sqlite_file.parent
        assert b"marked-citation" not in bytes_of(folder.glob("record.db*"))
