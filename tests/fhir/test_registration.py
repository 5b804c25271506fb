"""Software that reads over FHIR is let in by the administrator; a mistyped scope is answered with what may have been meant."""

import pytest

from app.access.permissions import Role
from tests.access.connected import PUBLISHED, Connected
from tests.conftest import Caller, Clinic
from tests.fhir.test_reading import COUPLE

MEANT = {
    "system/Patiant.rs": "system/Patient.rs",
    "system/patient.read": "system/Patient.read",
    "system/*.cruds": "system/*.rs",
    "system/Observations.rs": "system/Observation.rs",
    "system/QuestionnaireResponse.cud": "system/QuestionnaireResponse.cu",
    "couples:raed": "couples:read",
}


@pytest.fixture
def administrator(clinic: Clinic) -> Caller:
    """Who keeps integrations, and has just proven who they are."""
    return clinic.signed_in("ada", Role.ADMINISTRATOR)


def test_over_http_software_is_let_in_that_reads_and_writes_back(administrator: Caller, clinic: Clinic) -> None:
    """From nothing to a first read: an integration, its public keys, a token, a patient."""
    clinic.member("thea").post("/v1/couples", json=COUPLE)
    scopes = ["system/*.rs", "system/Observation.rs?category=http://example.org/c|survey", "system/QuestionnaireResponse.cu"]
    made = administrator.post("/v1/integrations", json={"name": "chart", "scopes": scopes})
    assert (made.status_code, made.json()["scopes"]) == (201, sorted(scopes))
    client = administrator.post(f"/v1/integrations/{made.json()['id']}/clients", json={"jwks": PUBLISHED})
    assert client.status_code == 201, client.text
    software = Connected(clinic)
    software.client_id = client.json()["client_id"]
    token = software.ask(scope="system/Patient.read").json()["access_token"]
    assert clinic.caller(token, made.json()["id"]).get("/fhir/Patient").json()["total"] == 2
    narrowed = administrator.patch(
        f"/v1/integrations/{made.json()['id']}",
        json={"scopes": ["system/Group.rs"]},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert narrowed.status_code == 200, narrowed.text
    assert clinic.caller(token, made.json()["id"]).get("/fhir/Patient").status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_mistyped_scope_is_answered_with_what_may_have_been_meant(administrator: Caller) -> None:
    """Each that is wrong by itself, and nothing of what was sent is repeated."""
    told = {}
    for scope in MEANT:
        refused = administrator.post("/v1/integrations", json={"name": "chart", "scopes": ["system/Task.rs", scope]})
        assert (refused.status_code, refused.json()["code"]) == (422, "scope_not_grantable")
        (fault,) = refused.json()["errors"]
        told[scope] = fault["detail"].partition("Did you mean '")[2].rstrip("'?")
        assert scope not in refused.text
    assert told == MEANT
    both = administrator.post("/v1/integrations", json={"name": "chart", "scopes": ["fhir", "system/Everything.rs"]})
    assert [fault["pointer"] for fault in both.json()["errors"]] == ["/scopes", "/scopes"]
    assert administrator.get("/v1/integrations").json()["items"] == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_more_or_longer_scopes_than_any_has_are_refused(administrator: Caller) -> None:
    """As by every schema."""
    for scopes in (["system/Task.rs"] * 65, ["system/Observation.rs?category=" + "x" * 160], []):
        refused = administrator.post("/v1/integrations", json={"name": "chart", "scopes": scopes})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
