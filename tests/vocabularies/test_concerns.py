"""The catalogue of concerns over HTTP."""

import pytest

from app.clinical.concerns import CONCERNS
from tests.conftest import Caller, Clinic
from tests.safety.records import done


def test_the_catalogue_lists_every_concern_with_its_codes_and_how_sure_they_are(therapist: Caller) -> None:
    listed = list(therapist.every("/v1/concerns"))
    assert [one["code"] for one in listed] == list(CONCERNS)
    arousal = next(one for one in listed if one["code"] == "female_interest_arousal")
    assert arousal["dsm5tr"] == {"name": "Female sexual interest/arousal disorder", "codes": ["F52.22"]}
    assert arousal["icd10cm"] == [{"code": "F52.22", "status": "verified", "billable": True}]
    assert arousal["icd11"] == [{"code": "HA00", "status": "verified"}, {"code": "HA01.0", "status": "verified"}]


def test_the_catalogue_can_be_narrowed_to_a_domain(therapist: Caller) -> None:
    relational = done(therapist.get("/v1/concerns?domain=relational"), 200)["items"]
    assert [one["code"] for one in relational] == ["relationship_distress"]
    assert therapist.get("/v1/concerns?domain=moral").status_code == 422


def test_a_concern_shows_which_of_its_billing_codes_exclude_each_other(therapist: Caller) -> None:
    shown = done(therapist.get("/v1/concerns/desire_discrepancy"), 200)
    pair = {"first": "Z70.3", "second": "Z63.0", "rule": "Z63.0 excludes Z70.-", "disputed": False}
    assert shown["not_together"] == [pair]
    (disputed,) = done(therapist.get("/v1/concerns/painful_sex_couple"), 200)["not_together"]
    assert disputed["disputed"]


def test_a_family_of_codes_is_no_billable_code(therapist: Caller) -> None:
    (family,) = done(therapist.get("/v1/concerns/pregnancy_fertility"), 200)["icd10cm"]
    assert family == {"code": "Z31.-", "status": "recalled_high", "billable": False}


@pytest.mark.parametrize(
    ("code", "starts"),
    [("sexual_communication", "sexual_communication"), ("relationship_distress", "desire_discrepancy")],
)
def test_a_concern_tells_where_a_plan_could_start(therapist: Caller, code: str, starts: str) -> None:
    assert starts in done(therapist.get(f"/v1/concerns/{code}"), 200)["starting_points"]


def test_violence_starts_nothing_and_an_unknown_concern_is_not_there(therapist: Caller) -> None:
    assert done(therapist.get("/v1/concerns/ipv_suspected_or_confirmed"), 200)["starting_points"] == []
    assert therapist.get("/v1/concerns/unheard_of").status_code == 404


def test_every_integration_reads_the_catalogue_and_the_vocabularies_of_diagnoses(clinic: Clinic) -> None:
    machine = clinic.integration("narrow", {"scoring"})
    assert len(done(machine.get("/v1/concerns"), 200)["items"]) == len(CONCERNS)
    for name, count in (("contributing_factors", 6), ("coding_systems", 4)):
        assert len(done(machine.get(f"/v1/vocabularies/{name}"), 200)["terms"]) == count
