"""Over `POST /oauth/token` no forged, borrowed or used assertion gets a token, on however many processes it is shown."""

import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from app.access.models import AccessToken, Integration, OAuthClient, UsedProof
from app.access.token_requests import ASSERTION
from app.core.ids import decode
from tests.access.connected import PUBLISHED, Connected
from tests.access.forged import EC, OTHER, RSA, b64, public, put_together, signed
from tests.conftest import Clinic
from tests.served import Served

ADDRESS = "https://ehr.example.org/keys"
Forged = Callable[[Connected], str]


def shifted(**by: int) -> Forged:
    """An assertion whose times lie so many seconds from now."""

    def forge(software: Connected) -> str:
        now = int(software.clinic.clock().timestamp())
        return software.assertion(**{name: now + seconds for name, seconds in by.items()})

    return forge


def with_header(header: dict[str, Any], key: Any = RSA, alg: str = "RS384") -> Forged:
    """An assertion that is right but for its header or key."""
    return lambda software: signed(software.claims(), header, key, alg)


def said(**claims: Any) -> Forged:
    """An assertion that says something else."""
    return lambda software: software.assertion(**claims)


def unsigned(alg: str, signature: bytes) -> Forged:
    """An assertion that nobody signed."""
    return lambda software: put_together({"alg": alg, "kid": "rsa-1"}, software.claims(), signature)


def shared(secret: Callable[[], bytes]) -> Forged:
    """An assertion signed with a public key as if it were a shared secret."""

    def forge(software: Connected) -> str:
        parts = ({"alg": "HS256", "kid": "rsa-1"}, software.claims())
        body = ".".join(b64(json.dumps(part).encode()) for part in parts)
        return f"{body}.{b64(hmac.digest(secret(), body.encode(), 'sha256'))}"

    return forge


ATTACKS: dict[str, Forged] = {
    "to the FHIR base": lambda software: software.assertion(aud=software.claims()["aud"].replace("/oauth/token", "/fhir")),
    "to the service and not to its endpoint": lambda software: software.assertion(
        aud=software.claims()["aud"].removesuffix("/oauth/token")
    ),
    "to the endpoint with a slash": lambda software: software.assertion(aud=software.claims()["aud"] + "/"),
    "to us among others": lambda software: software.assertion(aud=[software.claims()["aud"], "https://other.example"]),
    "to nobody": said(aud=None),
    "nobody's signature": unsigned("none", b""),
    "nobody's signature that looks like one": unsigned("none", b"x" * 256),
    "our public key as a secret": shared(lambda: RSA.as_pem(private=False)),
    "our key set as a secret": shared(lambda: json.dumps(PUBLISHED).encode()),
    "signed RS256": with_header({}, alg="RS256"),
    "signed RS512": with_header({}, alg="RS512"),
    "signed ES384 under an RSA key's name": with_header({"kid": "rsa-1"}, EC, "ES384"),
    "another's key": with_header({"kid": "rsa-1"}, OTHER),
    "another's key, brought along": with_header({"kid": "rsa-1", "jwk": public(OTHER)}, OTHER),
    "another's key, by an address": with_header({"kid": "rsa-1", "jku": "https://evil.example/keys"}, OTHER),
    "our key, by an address that is not registered": with_header({"jku": ADDRESS}),
    "no key named": with_header({"kid": None}),
    "a key nobody has": with_header({"kid": "rsa-2"}),
    "expired": shifted(exp=-61),
    "to live for an hour": shifted(exp=3_600),
    "issued tomorrow": shifted(iat=86_400, exp=86_640),
    "begun tomorrow": shifted(nbf=86_400),
    "issued so long ago that it lived too long": shifted(iat=-120, exp=240),
    "in the name of somebody else": said(sub="rkc_" + "0" * 43),
    "by somebody else": said(iss="rkc_" + "0" * 43),
    "never to be told apart": said(jti=None),
    "with a name longer than any": said(jti="x" * 256),
    "longer than any": said(note="x" * 9_000),
}


@pytest.fixture
def software(clinic: Clinic) -> Connected:
    """A client of SMART Backend Services."""
    return smart(clinic)


def smart(clinic: Clinic, name: str = "ehr", *scopes: str) -> Connected:
    """A client that holds these scopes; unless told otherwise it may read everything and write answers."""
    made = Connected(clinic, name)
    held = list(scopes or ("system/*.rs", "system/QuestionnaireResponse.cu"))
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Integration).where(Integration.id == decode("int", made.integration_id)).values(scopes=held))
    return made


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_forged_assertion_gets_a_token_and_none_is_told_why(software: Connected) -> None:
    """Each is refused as each other is; the one they were made from is taken before and after."""
    assert software.ask().status_code == 200
    told = {}
    for name, forge in ATTACKS.items():
        answer = software.ask(forge(software), scope="system/*.rs")
        told[name] = (answer.status_code, answer.text)
    assert set(told.values()) == {next(iter(told.values()))}, told
    assert next(iter(told.values()))[0] == 401
    assert '"invalid_client"' in next(iter(told.values()))[1]
    assert software.ask().status_code == 200
    with software.clinic.at_desk() as (session, _vault):
        assert session.query(AccessToken).count() == session.query(UsedProof).count() == 2


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_name_that_two_keys_bear_proves_nothing(software: Connected) -> None:
    """However it came to be kept: which of the two was meant is not guessed."""
    both = {"keys": [*PUBLISHED["keys"], public(OTHER, kid="rsa-1")]}
    with software.clinic.at_desk() as (session, _vault):
        session.execute(update(OAuthClient).values(jwks=json.dumps(both)))
    assert software.ask().json()["error"] == "invalid_client"
    assert software.ask(signed(software.claims(), key=EC, alg="ES384")).status_code == 200


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_one_clients_assertion_is_not_anothers(software: Connected) -> None:
    """Neither by the form, nor with its own key under the other's name."""
    other = smart(software.clinic, "other")
    crossed = software.ask(software.assertion(), client_id=other.client_id)
    assert (crossed.status_code, crossed.json()["error"]) == (401, "invalid_client")
    with software.clinic.at_desk() as (session, _vault):
        own = update(OAuthClient).where(OAuthClient.id == other.row.id)
        session.execute(own.values(jwks=json.dumps({"keys": [public(OTHER, kid="rsa-1")]})))
    stolen = other.claims(iss=software.client_id, sub=software.client_id)
    assert software.ask(signed(stolen, {"kid": "rsa-1"}, OTHER)).json()["error"] == "invalid_client"


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_no_way_of_asking_gets_more_than_is_held(clinic: Clinic) -> None:
    """Whatever is asked for; and what was asked for too much leaves the assertion good."""
    software = smart(clinic, "ehr", "couples:read", "system/Patient.rs", "system/QuestionnaireResponse.rs")
    assertion = software.assertion()
    for scope in (
        *("system/QuestionnaireResponse.cu", "system/QuestionnaireResponse.c", "system/Patient.cud", "system/*.cud"),
        *("system/Task.rs", "system/Task.rs system/Goal.rs", "patient/Patient.rs", "user/*.cruds", "launch", "openid"),
        *("couples:write", "fhir", "safety:read", "offline_access", "system/Patient.rs\tsystem/Task.rs", "system/Patient.rs,s"),
    ):
        answer = software.ask(assertion, scope=scope)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope
    wide = software.ask(assertion, scope="system/*.cruds")
    assert wide.json()["scope"] == "system/Patient.rs system/QuestionnaireResponse.rs"
    caller = clinic.caller(wide.json()["access_token"], software.integration_id)
    assert caller.get("/fhir/Patient").status_code == 200
    assert caller.get("/fhir/Organization").status_code == 403
    assert caller.get("/v1/couples").status_code == 403
    with clinic.at_desk() as (session, _vault):
        session.execute(update(Integration).values(scopes=["system/Organization.rs"]))
    assert caller.get("/fhir/Patient").status_code == 403  # what is taken from an integration its tokens lose at once


@pytest.mark.served
@pytest.mark.timeout(120)
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_an_assertion_shown_to_two_worker_processes_at_once_is_taken_once(clinic: Clinic, tmp_path: Path) -> None:
    """Both share one record, in which it is kept that it was shown."""
    software = smart(clinic)
    with Served(clinic.settings, tmp_path / "one.log") as one, Served(clinic.settings, tmp_path / "two.log") as two:

        def shown(number: int, assertion: str) -> int:
            form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
            worker = (one, two)[number % 2]
            return httpx.post(f"{worker.address}/oauth/token", data=form | {"scope": "system/*.rs"}, timeout=20).status_code

        with ThreadPoolExecutor(8) as many:
            for _ in range(3):
                assert sorted(many.map(shown, range(8), [software.assertion()] * 8)) == [200] + [401] * 7
