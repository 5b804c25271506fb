"""A provider that signs members in, as far as the service sees it: its keys, its code exchange, its tokens."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.access import identities
from app.access.work import Runtime
from app.core.ids import decode, encode
from app.core.settings import Provider
from tests.access.forged import OTHER, RSA, Json, public, signed
from tests.conftest import Clinic
from tests.peer import Answer, Peer

CALLBACK = "https://dashboard.example.org/callback"


class Identified:
    """The provider, and a clinic that it signs members in to."""

    def __init__(self, away: Peer, clinic: Clinic, **changed: Any) -> None:
        self.away, self.clinic = away, clinic
        self.issuer = away.address + "/realms/care"
        told = {"name": "hospital", "issuer": self.issuer, "client_id": "rekindle", "redirect_uris": (CALLBACK,)}
        self.provider = Provider(**{**told, **changed})
        runtime: Runtime = clinic.app.state.runtime
        settings = runtime.settings.model_copy(update={"providers": (self.provider,), "private_hosts": ("localhost",)})
        made = Runtime(settings, runtime.database, runtime.cache, runtime.clock)
        clinic.app.state.runtime = self.runtime = made
        self.tokens: dict[str, str] = {}
        self.verifiers: list[str] = []
        self._publish()

    def _publish(self) -> None:
        endpoints = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        told = {name: f"{self.issuer}/{path}" for name, path in endpoints.items()}
        self.away.says("/realms/care/.well-known/openid-configuration", {"issuer": self.issuer, **told})
        self.away.says("/realms/care/keys", {"keys": [public(RSA)]})
        self.away.answers["/realms/care/token"] = self._exchange

    def _exchange(self, body: bytes) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        self.verifiers.append(form["code_verifier"])
        token = self.tokens.pop(form["code"], None)
        told = {"error": "invalid_grant"} if token is None else {"id_token": token, "token_type": "Bearer", "access_token": "x"}
        return (400 if token is None else 200), {}, json.dumps(told).encode()

    def post(self, path: str, **body: Any) -> Any:
        """What a stranger gets in this clinic."""
        return self.clinic.anonymous().post(path, json={"clinic_id": encode("cln", self.clinic.id), **body})

    def begin(self, **more: Any) -> Json:
        """A sign-in that was begun, with what stands in the address that the member is sent to."""
        found = self.post("/v1/sign-in-redirects", provider="hospital", **more)
        assert found.status_code == 201, found.text
        made: Json = found.json()
        asked = {name: values[0] for name, values in parse_qs(urlsplit(made["authorization_url"]).query).items()}
        return {**made, "asked": asked}

    def claims(self, begun: Json, **changed: Any) -> Json:
        """Claims of an ID token that fits a sign-in, but for what is changed; None takes one away."""
        now = int(self.clinic.clock().timestamp())
        good = {"iss": self.issuer, "aud": "rekindle", "sub": "subject-7", "exp": now + 300, "iat": now, "auth_time": now - 3}
        good |= {"nonce": begun["nonce"], "amr": ["pwd", "mfa"]}
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def come_back(self, begun: Json, token: str | None = None, **changed: Any) -> Any:
        """What the service answers to the code that the member brings back."""
        code = f"code-{len(self.verifiers)}-{len(self.tokens)}"
        self.tokens[code] = self.token(begun) if token is None else token
        proof = {"provider": "hospital", "ticket": begun["ticket"], "code": code, "state": begun["asked"]["state"]}
        return self.post("/v1/sign-ins", provider={**proof, **changed})

    def token(self, begun: Json, **changed: Any) -> str:
        """An ID token for a sign-in."""
        return signed(self.claims(begun, **changed), alg="RS256")

    def bind(self, member_id: str, subject: str = "subject-7", issuer: str | None = None) -> None:
        """The administrator says whom the provider means."""
        with self.clinic.at_desk() as (session, _vault):
            identities.bind(session, decode("mem", member_id), issuer or self.issuer, subject, self.clinic.clock())


def by_another_key(claims: Json) -> str:
    """A token that names the provider's key and is not signed with it."""
    return signed(claims, {"kid": "rsa-1"}, OTHER, "RS256")
