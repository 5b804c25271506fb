"""Seats on care teams: therapists give and end them, supervisors' end by themselves, and none is open to all."""

from datetime import timedelta
from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple


@pytest.fixture
def couple(therapist: Caller) -> str:
    """The path of the therapist's couple."""
    return f"/v1/couples/{therapist.post('/v1/couples', json=new_couple()).json()['id']}"


@pytest.fixture
def supervisor(clinic: Clinic) -> Caller:
    """A supervisor without any grant."""
    return clinic.member("sue", Role.SUPERVISOR)


def granted(therapist: Caller, couple: str, member: Caller, **more: Any) -> dict[str, Any]:
    """A seat that a therapist of the care team gave."""
    made = therapist.post(f"{couple}/care-team", json={"member_id": member.holder_id, **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def test_a_supervisors_grant_always_ends_at_the_latest_when_the_clinic_says(
    clinic: Clinic, therapist: Caller, couple: str, supervisor: Caller, clock: Wristwatch
) -> None:
    runtime = clinic.app.state.runtime
    runtime.settings = runtime.settings.model_copy(update={"supervision_days": 30})
    seat = granted(therapist, couple, supervisor)
    assert (seat["role"], seat["granted_by"], seat["ended_by"]) == ("supervisor", therapist.holder_id, None)
    assert seat["until"] is not None
    assert supervisor.get(couple).status_code == 200
    clock.turn(days=30, seconds=1)
    assert supervisor.get(couple).status_code == 404
    assert therapist.get(f"{couple}/care-team").json()["items"][0]["member_id"] == therapist.holder_id
    assert therapist.get(f"{couple}/care-team?ended=true").json()["items"][0]["id"] == seat["id"]


def test_a_grant_ends_when_it_says_and_neither_in_the_past_nor_too_late(
    therapist: Caller, couple: str, supervisor: Caller, clock: Wristwatch
) -> None:
    for days in (-1, 0, 91, 5_000):
        until = (clock.moment + timedelta(days=days)).isoformat()
        refused = therapist.post(f"{couple}/care-team", json={"member_id": supervisor.holder_id, "until": until})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/until"), days
    granted(therapist, couple, supervisor, until=(clock.moment + timedelta(hours=2)).isoformat())
    clock.turn(hours=1, minutes=59)
    assert supervisor.get(couple).status_code == 200
    clock.turn(minutes=2)
    assert supervisor.get(couple).status_code == 404


def test_a_grant_given_again_with_another_end_is_another_grant(
    therapist: Caller, couple: str, supervisor: Caller, clock: Wristwatch
) -> None:
    first = granted(therapist, couple, supervisor)
    assert granted(therapist, couple, supervisor)["id"] == first["id"]
    second = granted(therapist, couple, supervisor, until=(clock.moment + timedelta(days=1)).isoformat())
    assert second["id"] != first["id"]
    held = therapist.get(f"{couple}/care-team").json()["items"]
    assert [seat["id"] for seat in held if seat["role"] == "supervisor"] == [second["id"]]
    clock.turn(days=2)
    assert supervisor.get(couple).status_code == 404


def test_a_therapists_seat_has_no_end_of_its_own(therapist: Caller, couple: str, clinic: Clinic, clock: Wristwatch) -> None:
    until = (clock.moment + timedelta(days=1)).isoformat()
    other = clinic.member("other")
    refused = therapist.post(f"{couple}/care-team", json={"member_id": other.holder_id, "until": until})
    assert refused.json()["code"] == "grant_ends_wrongly"
    assert granted(therapist, couple, other)["until"] is None


def test_a_revoked_grant_and_an_ended_seat_open_nothing_at_the_next_request(
    therapist: Caller, couple: str, supervisor: Caller, clinic: Clinic
) -> None:
    other = clinic.member("other")
    for member in (supervisor, other):
        seat = granted(therapist, couple, member)
        assert member.get(couple).status_code == 200
        ended = therapist.post(f"{couple}/care-team/{seat['id']}/endings")
        assert (ended.status_code, ended.json()["ended_by"]) == (200, therapist.holder_id)
        assert member.get(couple).status_code == 404
        again = therapist.post(f"{couple}/care-team/{seat['id']}/endings")
        assert again.json() == ended.json()


def test_the_last_therapist_of_a_couple_stays(therapist: Caller, couple: str, supervisor: Caller, clinic: Clinic) -> None:
    granted(therapist, couple, supervisor)
    own = therapist.get(f"{couple}/care-team").json()["items"][0]
    refused = therapist.post(f"{couple}/care-team/{own['id']}/endings")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_therapist")
    granted(therapist, couple, clinic.member("other"))
    assert therapist.post(f"{couple}/care-team/{own['id']}/endings").status_code == 200
    assert therapist.get(couple).status_code == 404


def test_software_gives_no_grant_and_ends_no_seat_and_a_supervisor_gives_none(
    clinic: Clinic, therapist: Caller, couple: str, supervisor: Caller
) -> None:
    ehr = clinic.integration()
    body = {"member_id": supervisor.holder_id}
    refused = ehr.post(f"{couple}/care-team", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "member_unknown")
    seat = granted(therapist, couple, supervisor)
    assert ehr.post(f"{couple}/care-team/{seat['id']}/endings").status_code == 403
    assert supervisor.post(f"{couple}/care-team", json=body).status_code == 403
    assert supervisor.post(f"{couple}/care-team/{seat['id']}/endings").status_code == 403


def test_the_administrator_assigns_and_ends_seats_and_sees_nothing_of_the_couple(
    clinic: Clinic, therapist: Caller, couple: str, supervisor: Caller
) -> None:
    administrator = clinic.member("ada", Role.ADMINISTRATOR)
    seats = f"/v1/members/{supervisor.holder_id}/seats"
    named = {"couple_id": couple.rpartition("/")[2]}
    made = administrator.post(seats, json=named)
    assert (made.status_code, made.json()["granted_by"]) == (201, administrator.holder_id)
    assert made.json()["until"] is not None
    assert supervisor.get(couple).status_code == 200
    assert [seat["id"] for seat in administrator.get(seats).json()["items"]] == [made.json()["id"]]
    for path in (couple, f"{couple}/care-team", "/v1/couples", f"{couple}/notes"):
        assert administrator.get(path).status_code == 403
    unknown = administrator.post(seats, json={"couple_id": "cpl_00000000000000000000000000"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "couple_unknown")
    assert administrator.post(f"{seats}/{made.json()['id']}/endings").status_code == 200
    assert supervisor.get(couple).status_code == 404
    assert administrator.get(seats).json()["items"] == []
    last = administrator.get(f"/v1/members/{therapist.holder_id}/seats").json()["items"][0]
    refused = administrator.post(f"/v1/members/{therapist.holder_id}/seats/{last['id']}/endings")
    assert refused.json()["code"] == "last_therapist"
