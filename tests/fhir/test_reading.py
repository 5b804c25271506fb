"""Reading one resource and searching: versions, pages, and what is refused."""

import pytest

from tests.conftest import Clinic

COUPLE = {"partner_a": {"record_number": "A-1", "name": "Alex"}, "partner_b": {"record_number": "B-1", "name": "Robin"}}


def test_a_resource_that_was_found_is_read_alike_and_not_sent_twice(clinic: Clinic) -> None:
    """What a search shows is what a read shows, and whoever has that version is told so."""
    clinic.member("thea").post("/v1/couples", json=COUPLE)
    software = clinic.integration(scopes={"system/Patient.rs"})
    found = software.get("/fhir/Patient?identifier=A-1").json()["entry"][0]["resource"]
    read = software.get(f"/fhir/Patient/{found['id']}")
    assert read.json() == found
    again = software.get(f"/fhir/Patient/{found['id']}", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_pages_follow_one_another_and_hold_everybody_once(clinic: Clinic) -> None:
    """By links whose words say nothing."""
    thea = clinic.member("thea")
    for number in range(3):
        sent = {name: {**one, "record_number": f"{name}-{number}"} for name, one in COUPLE.items()}
        thea.post("/v1/couples", json=sent)
    software = clinic.integration(scopes={"system/Patient.rs"})
    seen, path = [], "/fhir/Patient?_count=2"
    while path:
        page = software.get(path).json()
        assert page["total"] == 6
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert len(seen) == len(set(seen)) == 6


def test_a_filter_that_is_not_known_is_refused_and_not_passed_over(clinic: Clinic) -> None:
    """It would answer more than was asked for; a parameter about the answer alone changes nothing."""
    software = clinic.integration(scopes={"system/*.rs"})
    refused = software.get("/fhir/Patient?birthdate=1980-01-01")
    assert (refused.status_code, refused.json()["resourceType"]) == (400, "OperationOutcome")
    assert software.get("/fhir/Patient?_totalMethod=count").json()["total"] == 0


MEANT = {
    **dict.fromkeys(("0001", "0400-05-01T00:00:00Z"), ("gt", "ne")),
    **dict.fromkeys(("9999", "9999-12-31"), ("le", "ne")),
}
OF_MOMENTS_AND_DAYS = ("Patient?_lastUpdated", "Questionnaire?_lastUpdated", "Goal?start-date")


def test_the_first_and_the_last_days_there_are_can_be_searched_by(clinic: Clinic) -> None:
    """Other systems say `for ever` with them, and what is about as long ago as they are reaches beyond any calendar."""
    thea = clinic.member("thea")
    couple = thea.post("/v1/couples", json=COUPLE).json()["id"]
    thea.post(f"/v1/couples/{couple}/episodes", json={"primary_concern": {"code": "female_orgasmic", "bearer": "partner_a"}})
    software = clinic.integration(scopes={"system/*.rs"})
    for searched in OF_MOMENTS_AND_DAYS:
        every = software.get(f"/fhir/{searched.partition('?')[0]}?_summary=count").json()["total"]
        assert every > 0
        for moment, prefixes in MEANT.items():
            for prefix in ("ap", "gt", "le", "ne"):
                found = software.get(f"/fhir/{searched}={prefix}{moment}&_summary=count").json()
                assert found.get("total") == (every if prefix in prefixes else 0), (searched, prefix, moment, found)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_who_prefers_to_be_strict_is_told_of_what_would_be_passed_over(clinic: Clinic) -> None:
    """A filter that is spelled in small letters would otherwise find everybody."""
    software = clinic.integration(scopes={"system/Patient.rs"})
    strict = {"Prefer": 'return=minimal, handling="strict"'}
    for asked, status in (("_lastupdated=gt2026-01-01", 400), ("_total=accurate&_pretty=true&_count=1", 200)):
        assert software.get(f"/fhir/Patient?{asked}").status_code == 200
        assert software.get(f"/fhir/Patient?{asked}", headers=strict).status_code == status
        form = {**strict, "Content-Type": "application/x-www-form-urlencoded"}
        assert software.post("/fhir/Patient/_search", content=asked, headers=form).status_code == status
