"""Authlib: the token endpoint, by either algorithm, and an assertion that is shown twice."""

import json
from pathlib import Path
from typing import Any

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from saying import TASK, trying

URL = TASK["token_url"]


def key_of(algorithm: str) -> dict[str, Any]:
    """The private key."""
    (key,) = json.loads(Path(TASK["clients"][algorithm]["key"]).read_text(encoding="utf-8"))["keys"]
    return dict(key)


with trying("discovery document") as tried:
    told = httpx.get(TASK["fhir"] + "/.well-known/smart-configuration").raise_for_status().json()
    assert told["token_endpoint"] == URL
    assert {"RS384", "ES384"} <= set(told["token_endpoint_auth_signing_alg_values_supported"])
    tried.figures = f"{len(told['scopes_supported'])} scopes"

for algorithm in ("RS384", "ES384"):
    with trying(f"token with private_key_jwt {algorithm}") as tried:
        key, client_id = key_of(algorithm), TASK["clients"][algorithm]["id"]
        client = OAuth2Client(client_id, key, token_endpoint_auth_method="private_key_jwt", scope=TASK["scope"])
        client.register_client_auth_method(PrivateKeyJWT(URL, headers={"kid": key["kid"]}, alg=algorithm))
        token = client.fetch_token(URL, grant_type="client_credentials")
        assert token["token_type"].lower() == "bearer"
        assert token["expires_in"] == 300
        answer = client.get(TASK["fhir"] + "/Patient?_count=1")
        assert answer.status_code == 200, answer.text
        tried.figures = f"{token['expires_in']} s, scope {token['scope']}"

with trying("an assertion is taken once, and one signed otherwise never") as tried:
    key, client_id = key_of("ES384"), TASK["clients"]["ES384"]["id"]
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "scope": TASK["scope"],
    }
    good = private_key_jwt_sign(key, client_id, URL, alg="ES384", header={"kid": key["kid"]})
    other = private_key_jwt_sign(key_of("RS384"), client_id, URL, alg="RS384", header={"kid": key["kid"]})
    answers = [httpx.post(URL, data=form | {"client_assertion": one}) for one in (good, good, other)]
    assert [one.status_code for one in answers] == [200, 401, 401], [one.text for one in answers]
    assert {one.json()["error"] for one in answers[1:]} == {"invalid_client"}
    tried.figures = "200, 401, 401"
