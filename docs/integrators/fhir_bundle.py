"""Fetches a token as SMART Backend Services ask for it, and one page of a search over FHIR; prints the Bundle.

    python docs/integrators/fhir_bundle.py --client-id rkc_... --key private.json 'Patient?_count=2'

The demo prints this line with a client of its own filled in. Keys of yours: `client_credentials.py keys` beside this file.
Needs `joserfc` and `httpx`, as the service does.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def token(http: httpx.Client, client_id: str, key: ECKey, scope: str) -> str:
    """A token, good for five minutes: asked for where the discovery document says, with an assertion that is used once."""
    endpoint = http.get("/fhir/.well-known/smart-configuration").raise_for_status().json()["token_endpoint"]
    claims = {"iss": client_id, "sub": client_id, "aud": endpoint, "exp": int(time.time()) + 240, "jti": str(uuid4())}
    header = {"alg": "ES384", "kid": key.kid, "typ": "JWT"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": jwt.encode(header, claims, key, algorithms=["ES384"]),
        "scope": scope,
    }
    answer = http.post(endpoint, data=form)
    if answer.status_code != 200:
        raise SystemExit(f"no token: {answer.text}")
    found: str = answer.json()["access_token"]
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("search", help="what to ask for, as Patient?_count=2")
    parser.add_argument("--client-id", required=True, help="rkc_..., as it was printed when the client was registered")
    parser.add_argument("--key", type=Path, required=True, help="file with the private key, as a JWK")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="the service's address, as the operator set it")
    parser.add_argument("--scope", default="system/*.rs", help="what the token may do")
    given = parser.parse_args()
    key = ECKey.import_key(json.loads(given.key.read_text(encoding="utf-8")))
    with httpx.Client(base_url=given.base_url, headers={"Accept": "application/fhir+json"}, timeout=60) as http:
        bearer = token(http, given.client_id, key, given.scope)
        answer = http.get(f"/fhir/{given.search}", headers={"Authorization": f"Bearer {bearer}"})
    bundle: Any = answer.json()
    print(json.dumps(bundle, indent=2, ensure_ascii=False))
    if answer.status_code != 200:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
