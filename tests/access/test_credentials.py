"""The administrator gives and takes what opens the door: proven, told once, and seen where it is somebody else's."""

from typing import Any

import pytest
from sqlalchemy import select

from app.access.permissions import Role
from app.core.ids import decode
from app.ledger.models import Alarm, LedgerEvent
from tests.access.connected import PUBLISHED, Connected
from tests.access.forged import EC, RSA, pair, public
from tests.conftest import Caller, Clinic, Wristwatch
from tests.safety.records import done


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    """An administrator who has just proved who they are."""
    return clinic.signed_in("adam", Role.ADMINISTRATOR)


def alarms(clinic: Clinic) -> list[tuple[str, Any]]:
    """What somebody has to look at."""
    with clinic.at_desk() as (session, _vault):
        return [(alarm.code, alarm.member_id) for alarm in session.scalars(select(Alarm))]


def test_a_key_is_told_once_and_opens_the_door_until_it_is_revoked(administrator: Caller, clinic: Clinic) -> None:
    ehr = clinic.integration()
    made = done(administrator.post(f"/v1/integrations/{ehr.holder_id}/keys", json={"days": 30}))
    caller = clinic.caller(made["key"], ehr.holder_id)
    assert done(caller.get("/v1/me"), 200)["kind"] == "integration"
    listed = done(administrator.get(f"/v1/credentials?integration_id={ehr.holder_id}"), 200)
    assert len(listed["items"]) == 2
    assert made["key"] not in str(listed)
    revoked = done(administrator.post(f"/v1/credentials/{made['id']}/revocations"), 200)
    assert revoked["revoked_at"] is not None
    assert done(administrator.post(f"/v1/credentials/{made['id']}/revocations"), 200) == revoked
    assert (caller.get("/v1/me").status_code, ehr.get("/v1/me").status_code) == (401, 200)
    assert alarms(clinic) == []


def test_a_key_lives_ninety_days_at_most(administrator: Caller, clinic: Clinic, clock: Wristwatch) -> None:
    path = f"/v1/integrations/{clinic.integration().holder_id}/keys"
    assert administrator.post(path, json={"days": 91}).status_code == 422
    key = clinic.caller(done(administrator.post(path, json={"days": 1}))["key"], "int")
    clock.turn(hours=25)
    assert key.get("/v1/me").status_code == 401


def test_a_key_for_another_member_raises_an_alarm_and_one_for_oneself_does_not(
    administrator: Caller, clinic: Clinic, therapist: Caller
) -> None:
    done(administrator.post(f"/v1/members/{administrator.holder_id}/keys", json={}))
    assert alarms(clinic) == []
    done(administrator.post(f"/v1/members/{therapist.holder_id}/keys", json={}))
    assert alarms(clinic) == [("key_issued_for_another", decode("mem", therapist.holder_id))]
    with clinic.at_desk() as (session, _vault):
        told = session.scalars(select(LedgerEvent).where(LedgerEvent.operation == "issue_member_key")).all()
    assert {event.actor_id for event in told} == {decode("mem", administrator.holder_id)}


GIVEN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/members/{member}/keys", {}),
    ("/v1/integrations/{integration}/keys", {}),
    ("/v1/members/{member}/identities", {"issuer": "https://id.example.org", "subject": "7"}),
    ("/v1/integrations/{integration}/clients", {"jwks": PUBLISHED}),
)


@pytest.mark.parametrize(("path", "body"), GIVEN)
def test_nothing_is_given_without_a_recent_proof(
    administrator: Caller, clinic: Clinic, clock: Wristwatch, path: str, body: Any
) -> None:
    named = path.format(member=clinic.member("thea").holder_id, integration=clinic.integration().holder_id)
    key = done(administrator.post(f"/v1/members/{administrator.holder_id}/keys", json={}))["key"]
    clock.turn(minutes=6)
    for caller in (administrator, clinic.caller(key, administrator.holder_id)):
        refused = caller.post(named, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
    assert alarms(clinic) == []
    done(clinic.sign_in_again(administrator.holder_id).post(named, json=body))


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.SUPERVISOR, Role.ANALYST])
def test_nobody_else_gives_or_sees_keys(clinic: Clinic, therapist: Caller, role: Role) -> None:
    caller = clinic.signed_in("other", role)
    for path, body in GIVEN:
        named = path.format(member=therapist.holder_id, integration=clinic.integration(path).holder_id)
        assert caller.post(named, json=body).json()["code"] == "not_allowed"
    assert caller.get("/v1/credentials").json()["code"] == "not_allowed"


def test_a_members_name_at_a_provider_is_bound_listed_and_unbound(administrator: Caller, clinic: Clinic) -> None:
    bert = clinic.signed_in("bert")
    path, body = f"/v1/members/{bert.holder_id}/identities", {"issuer": "https://id.example.org", "subject": "7"}
    made = done(administrator.post(path, json=body))
    assert administrator.post(path, json=body).json()["code"] == "identity_taken"
    assert done(administrator.get(path), 200)["items"] == [made]
    assert alarms(clinic) == [("identity_bound_for_another", decode("mem", bert.holder_id))]
    assert bert.get("/v1/me").status_code == 200
    assert administrator.delete(f"{path}/{made['id']}").status_code == 204
    assert done(administrator.get(path), 200)["items"] == []
    assert bert.get("/v1/me").status_code == 401


def test_a_member_is_signed_out_everywhere(administrator: Caller, clinic: Clinic) -> None:
    here = clinic.signed_in("bert")
    there, key = clinic.sign_in_again(here.holder_id), clinic.member("carl")
    assert administrator.delete(f"/v1/members/{here.holder_id}/sign-ins").status_code == 204
    assert [caller.get("/v1/me").status_code for caller in (here, there, key, administrator)] == [401, 401, 200, 200]


def test_a_client_is_registered_listed_and_revoked_with_its_tokens(administrator: Caller, clinic: Clinic) -> None:
    software = Connected(clinic)
    path = f"/v1/integrations/{software.integration_id}/clients"
    made = done(administrator.post(path, json={"jwks": PUBLISHED}))
    software.client_id = made["client_id"]
    caller = software.caller()
    assert caller.get("/v1/couples").status_code == 200
    assert len(done(administrator.get(path), 200)["items"]) == 2
    done(administrator.post(f"{path}/{made['id']}/revocations"), 200)
    assert caller.get("/v1/couples").status_code == 401
    assert software.ask().json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"jwks": {"keys": []}}, "key_set_invalid"),
        ({"jwks": {"keys": [RSA.as_dict(private=True)]}}, "key_set_invalid"),
        ({"jwks": {"keys": [public(RSA), public(EC, kid=RSA.kid)]}}, "key_set_invalid"),
        ({"jwks": {"keys": [public(RSA, alg="RS256")]}}, "key_set_invalid"),
        ({"jwks": {"keys": [public(pair("p-256", "EC", "P-256"))]}}, "key_set_invalid"),
        ({"jwks_url": "http://ehr.example.org/keys"}, "invalid"),
        ({"jwks_url": "https://ehr.example.org:22/keys"}, "key_address_invalid"),
        ({"jwks_url": "https://user@ehr.example.org/keys"}, "key_address_invalid"),
        ({}, "invalid"),
        ({"jwks": PUBLISHED, "jwks_url": "https://ehr.example.org/keys"}, "invalid"),
    ],
)
def test_a_client_with_no_keys_or_with_a_secret_is_refused(administrator: Caller, clinic: Clinic, body: Any, code: str) -> None:
    found = administrator.post(f"/v1/integrations/{clinic.integration().holder_id}/clients", json=body)
    assert (found.status_code, found.json()["code"]) == (422, code)


def test_a_client_whose_keys_lie_inside_the_network_gets_no_token(administrator: Caller, clinic: Clinic) -> None:
    software = Connected(clinic)
    path = f"/v1/integrations/{software.integration_id}/clients"
    for address in (
        "https://127.0.0.1/keys",
        "https://169.254.169.254/keys",
        "https://[::1]/keys",
        "https://ehr.example.org:22/",
    ):
        refused = administrator.post(path, json={"jwks_url": address})
        assert (refused.status_code, refused.json()["code"]) == (422, "key_address_invalid"), address
    for address in ("https://localhost/keys", "https://2130706433/keys"):  # names, of which it is seen later where they lead
        software.client_id = done(administrator.post(path, json={"jwks_url": address}))["client_id"]
        assert software.ask().json()["error"] == "temporarily_unavailable"
