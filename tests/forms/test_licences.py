"""Licences: who attests them, when they hold, and who can see them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic
from tests.forms.records import attest, attested, faults, stored


def listed(caller: Caller) -> list[dict[str, Any]]:
    return list(caller.every("/v1/measures/gmsex/licence-attestations"))


def revoke(caller: Caller, attestation_id: str, **body: Any) -> Any:
    return caller.post(f"/v1/licence-attestations/{attestation_id}/revocations", json=body)


def test_an_attestation_says_who_when_and_on_what_it_rests(therapist: Caller) -> None:
    terms: dict[str, Any] = {
        "languages": ["EN-gb", "de"],
        "granted_on": "2026-01-01",
        "expires_on": "2027-01-01",
        "note": "Here only.",
    }
    made = attested(therapist, **terms)
    assert made["attested_by"] == therapist.holder_id
    assert (made["licence_reference"], made["holder"], made["note"]) == ("C-1", "A publisher", "Here only.")
    assert (made["languages"], made["holds"], made["revoked_at"]) == (["de", "en-GB"], True, None)
    assert made["attested_at"].startswith("2026-11-22")
    assert listed(therapist) == [made]


def test_the_office_and_therapists_attest_and_nobody_else(clinic: Clinic) -> None:
    for role, status in (
        (Role.ADMINISTRATOR, 201),
        (Role.THERAPIST, 201),
        (Role.SUPERVISOR, 403),
        (Role.ANALYST, 403),
    ):
        assert attest(clinic.member(role, role)).status_code == status, role


def test_a_machine_account_vouches_for_no_contract_whatever_its_scopes(clinic: Clinic, therapist: Caller) -> None:
    machine = clinic.integration()
    assert attest(machine).status_code == 403
    assert revoke(machine, attested(therapist)["id"]).status_code == 403
    assert len(listed(machine)) == 1


@pytest.mark.parametrize("end", ["2026-11-21", "2020-01-01"])
def test_a_licence_that_has_ended_vouches_for_nothing(therapist: Caller, end: str) -> None:
    refused = attest(therapist, expires_on=end)
    assert (refused.status_code, refused.json()["code"]) == (422, "attestation_period_invalid")
    assert faults(refused) == {("/expires_on", "attestation_period_invalid")}
    assert listed(therapist) == []


def test_a_licence_cannot_end_before_it_begins(therapist: Caller) -> None:
    refused = attest(therapist, granted_on="2027-06-01", expires_on="2027-05-31")
    assert refused.json()["code"] == "attestation_period_invalid"
    assert attest(therapist, granted_on="2027-06-01", expires_on="2027-06-01").status_code == 201


def test_the_end_of_a_licence_is_said_and_never_forgotten(therapist: Caller) -> None:
    refused = therapist.post("/v1/measures/gmsex/licence-attestations", json={"licence_reference": "C-1", "holder": "P"})
    assert faults(refused) == {("/expires_on", "required")}


def test_an_attestation_ends_with_the_day_it_names(therapist: Caller, clock: Any) -> None:
    attested(therapist, expires_on="2026-11-23")
    clock.turn(days=1, hours=14, minutes=59)
    assert listed(therapist)[0]["holds"] is True
    clock.turn(minutes=2)
    assert listed(therapist)[0]["holds"] is False


def test_a_revocation_is_kept_beside_the_attestation_and_happens_once(therapist: Caller, clinic: Clinic) -> None:
    made = attested(therapist)
    office = clinic.member("office", Role.ADMINISTRATOR)
    ended = revoke(office, made["id"], reason="The contract was ended.").json()
    assert (ended["holds"], ended["revoked_by"], ended["revocation_reason"]) == (
        False,
        office.holder_id,
        "The contract was ended.",
    )
    assert listed(therapist) == [ended]
    again = revoke(therapist, made["id"])
    assert (again.status_code, again.json()["code"]) == (409, "attestation_revoked")


def test_attestations_come_in_pages(therapist: Caller) -> None:
    made = [attested(therapist)["id"] for _ in range(3)]
    first = therapist.get("/v1/measures/gmsex/licence-attestations?limit=2").json()
    rest = therapist.get(f"/v1/measures/gmsex/licence-attestations?limit=2&cursor={first['next_cursor']}").json()
    assert [entry["id"] for entry in (*first["items"], *rest["items"])] == made
    other = therapist.get(f"/v1/measures/csi4/licence-attestations?cursor={first['next_cursor']}")
    assert other.json()["code"] == "cursor_invalid"


def test_what_is_unknown_is_not_there(therapist: Caller) -> None:
    assert attest(therapist, "nope").status_code == 404
    assert therapist.get("/v1/measures/nope/licence-attestations").status_code == 404
    assert revoke(therapist, "lic_00000000000000000000000000").status_code == 404


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_another_clinics_attestation_does_not_exist(therapist: Caller, new_clinic: Callable[[], Clinic]) -> None:
    made = attested(therapist)
    stranger = new_clinic().member("stranger")
    assert listed(stranger) == []
    assert revoke(stranger, made["id"]).status_code == 404
    assert listed(therapist)[0]["holds"] is True


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_terms_of_a_licence_are_sealed(therapist: Caller, clinic: Clinic) -> None:
    revoke(therapist, attested(therapist, licence_reference="zq-secret", note="zq-secret")["id"], reason="zq-secret")
    assert stored(clinic, b"gmsex")
    assert not stored(clinic, b"zq-secret")
