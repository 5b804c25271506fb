"""An integration that proves itself with a private key of its own."""

from typing import Any

from app.access import clients, keys
from app.access.models import OAuthClient
from app.access.token_requests import ASSERTION
from app.core.ids import decode
from tests.access.forged import EC, RSA, Json, public, signed
from tests.conftest import Clinic

PUBLISHED = {"keys": [public(RSA), public(EC)]}


class Connected:
    """A client of an integration, and what it sends."""

    def __init__(self, clinic: Clinic, name: str = "ehr", jwks_url: str | None = None) -> None:
        self.clinic, self.asked = clinic, 0
        self.integration_id = clinic.integration(name, {"couples:read", "couples:write"}).holder_id
        with clinic.at_desk() as (session, _vault):
            self.row: OAuthClient = clients.register_client(
                session,
                decode("int", self.integration_id),
                jwks=None if jwks_url else PUBLISHED,
                jwks_url=jwks_url,
                outbound=clinic.app.state.runtime.outbound,
                now=clinic.clock(),
            )
        self.client_id = keys.client_id(clinic.id, self.row.id)

    def claims(self, **changed: Any) -> Json:
        """Claims of an assertion that is believed, but for what is changed; None takes one away."""
        self.asked += 1
        now = int(self.clinic.clock().timestamp())
        address = self.clinic.app.state.runtime.settings.address + "/oauth/token"
        good = {"iss": self.client_id, "sub": self.client_id, "aud": address, "exp": now + 240, "jti": f"jti-{self.asked}"}
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def assertion(self, **changed: Any) -> str:
        """A new assertion."""
        return signed(self.claims(**changed))

    def ask(self, assertion: str | None = None, **fields: str) -> Any:
        """What the token endpoint answers."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": self.assertion() if assertion is None else assertion,
        }
        sent = {name: value for name, value in {**form, **fields}.items() if value}
        return self.clinic.anonymous().post("/oauth/token", data=sent)

    def caller(self, **fields: str) -> Any:
        """A client of the API with a new token."""
        found = self.ask(**fields)
        assert found.status_code == 200, found.text
        return self.clinic.caller(found.json()["access_token"], self.integration_id)
