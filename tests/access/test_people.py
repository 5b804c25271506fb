"""Members and integrations, as the administrator keeps them over HTTP."""

from typing import Any

import pytest

from app.access.permissions import Role
from tests.conftest import Caller, Clinic, Wristwatch
from tests.couples.test_couples import new_couple


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    """Who keeps members and integrations."""
    return clinic.member("ada", Role.ADMINISTRATOR)


def added(administrator: Caller, login: str = "new", **more: Any) -> dict[str, Any]:
    """A member whom the administrator added."""
    made = administrator.post("/v1/members", json={"login": login, "role": "therapist", **more})
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def test_a_member_is_added_with_a_competence_that_the_administrator_attests(administrator: Caller, clock: Wristwatch) -> None:
    before = clock.moment
    made = added(administrator, competence="SS")
    assert administrator.get(f"/v1/members/{made['id']}").json() == made
    assert (made["role"], made["competence"], made["ended_at"]) == ("therapist", "SS", None)
    assert made["competence_attested_by"] == administrator.holder_id
    assert made["competence_attested_at"] >= before.isoformat()[:23]
    taken = administrator.post("/v1/members", json={"login": "new", "role": "analyst"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")


def test_another_competence_is_a_new_attestation_and_another_role_alone_is_none(administrator: Caller) -> None:
    made = added(administrator)
    path = f"/v1/members/{made['id']}"
    changed = administrator.patch(path, json={"role": "analyst"}, headers={"If-Match": '"1"'}).json()
    assert (changed["role"], changed["competence_attested_at"]) == ("analyst", made["competence_attested_at"])
    changed = administrator.patch(path, json={"competence": "IT"}, headers={"If-Match": '"2"'}).json()
    assert (changed["competence"], changed["role"]) == ("IT", "analyst")
    assert changed["competence_attested_at"] > made["competence_attested_at"]
    stale = administrator.patch(path, json={"competence": "P"}, headers={"If-Match": '"2"'})
    assert stale.status_code == 412


def test_nobody_decides_their_own_role_competence_or_departure(administrator: Caller) -> None:
    path = f"/v1/members/{administrator.holder_id}"
    changed = administrator.patch(path, json={"role": "therapist"}, headers={"If-Match": '"1"'})
    left = administrator.post(f"{path}/departures", json={})
    for refused in (changed, left):
        assert (refused.status_code, refused.json()["code"]) == (409, "own_standing")
    assert administrator.get("/v1/me").json()["role"] == "administrator"


def test_a_member_who_sees_couples_becomes_nothing_else_until_somebody_else_does(
    administrator: Caller, therapist: Caller, clinic: Clinic
) -> None:
    couple = therapist.post("/v1/couples", json=new_couple()).json()["id"]
    path = f"/v1/members/{therapist.holder_id}"
    refused = administrator.patch(path, json={"role": "supervisor"}, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "caseload_held")
    other = clinic.member("other")
    administrator.post(f"/v1/members/{other.holder_id}/seats", json={"couple_id": couple})
    seat = administrator.get(f"{path}/seats").json()["items"][0]
    assert administrator.post(f"{path}/seats/{seat['id']}/endings").status_code == 200
    assert administrator.patch(path, json={"role": "supervisor"}, headers={"If-Match": '"1"'}).status_code == 200


def test_everybody_reads_their_own_record_and_only_the_administrator_anothers(administrator: Caller, clinic: Clinic) -> None:
    for role in Role:
        member = clinic.member(role, role)
        own = member.get("/v1/me/member")
        assert (own.status_code, own.json()["id"], own.json()["role"]) == (200, member.holder_id, role)
        assert own.json()["competence_attested_by"] is None
        if role is not Role.ADMINISTRATOR:
            assert member.get(f"/v1/members/{administrator.holder_id}").status_code == 403
            assert member.get("/v1/members").status_code == 403
    assert clinic.integration().get("/v1/me/member").status_code == 404


def test_members_are_listed_page_by_page_and_those_who_left_apart(administrator: Caller) -> None:
    ids = [added(administrator, f"m{number}")["id"] for number in range(4)]
    assert administrator.post(f"/v1/members/{ids[0]}/departures", json={}).status_code == 200
    listed = [member["id"] for member in administrator.every("/v1/members?limit=2")]
    assert listed == [administrator.holder_id, *ids[1:]]
    assert [member["id"] for member in administrator.every("/v1/members?ended=true")] == ids[:1]


def test_an_integration_gets_scopes_loses_them_and_ends(administrator: Caller, clinic: Clinic) -> None:
    caller = clinic.integration("ehr", {"couples:read", "scoring"})
    path = f"/v1/integrations/{caller.holder_id}"
    assert administrator.get(path).json()["scopes"] == ["couples:read", "scoring"]
    assert caller.get("/v1/couples").status_code == 200
    narrowed = administrator.patch(path, json={"scopes": ["scoring"]}, headers={"If-Match": '"1"'})
    assert narrowed.json()["scopes"] == ["scoring"]
    assert caller.get("/v1/couples").status_code == 403
    emptied = administrator.patch(path, json={"scopes": []}, headers={"If-Match": '"2"'})
    assert emptied.json()["scopes"] == []
    assert caller.get("/v1/me").json()["permissions"] == ["catalogue:read"]
    ended = administrator.post(f"{path}/endings")
    assert (ended.status_code, ended.json()["ended_at"] is None) == (200, False)
    assert caller.get("/v1/me").status_code == 401
    assert administrator.post(f"{path}/endings").json()["ended_at"] == ended.json()["ended_at"]
    refused = administrator.patch(path, json={"scopes": ["scoring"]}, headers={"If-Match": '"4"'})
    assert refused.json()["code"] == "integration_ended"
    assert administrator.get("/v1/integrations").json()["items"] == []
    assert len(administrator.get("/v1/integrations?ended=true").json()["items"]) == 1


@pytest.mark.parametrize("scope", ["safety:read", "notes:read", "members:write", "break_glass:open", "everything"])
def test_an_integration_gets_nothing_that_none_may_have(administrator: Caller, scope: str) -> None:
    body = {"name": "ehr", "scopes": ["couples:read", scope]}
    refused = administrator.post("/v1/integrations", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "scope_not_grantable")
    made = administrator.post("/v1/integrations", json=body | {"scopes": ["couples:read"]}).json()
    path = f"/v1/integrations/{made['id']}"
    assert administrator.patch(path, json={"scopes": [scope]}, headers={"If-Match": '"1"'}).status_code == 422
    assert administrator.get(path).json()["scopes"] == ["couples:read"]


def test_those_who_treat_couples_decide_neither_who_works_here_nor_what_software_may_do(therapist: Caller) -> None:
    assert therapist.post("/v1/members", json={"login": "x", "role": "therapist"}).status_code == 403
    assert therapist.post("/v1/integrations", json={"name": "x", "scopes": ["scoring"]}).status_code == 403
    assert therapist.post(f"/v1/members/{therapist.holder_id}/departures", json={}).status_code == 403
