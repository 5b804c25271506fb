"""Proves itself with a private key of its own and reads couples: OAuth 2 client credentials with `private_key_jwt`.

    python docs/integrators/client_credentials.py keys                    # private.json stays here, public.json is registered
    rekindle integration add dashboard --scope couples:read --jwks public.json     # prints the client id, rkc_...
    python docs/integrators/client_credentials.py read --client-id rkc_... --base-url http://127.0.0.1:8000

Needs `joserfc` and `httpx`, as the service does.
"""

import argparse
import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

PRIVATE, PUBLIC = "private.json", "public.json"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EARLY = 30  # seconds before a token ends in which a new one is fetched


def make_keys(folder: Path) -> None:
    """A new key pair; the private half is readable by its owner alone."""
    key = ECKey.generate_key("P-384", {"kid": str(uuid4()), "use": "sig", "alg": "ES384"})
    with os.fdopen(os.open(folder / PRIVATE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)
    (folder / PUBLIC).write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")


class Tokens:
    """Access tokens, each used until shortly before it ends."""

    def __init__(self, http: Any, base_url: str, client_id: str, key: ECKey, scope: str) -> None:
        self.http, self.address = http, base_url.rstrip("/") + "/oauth/token"
        self.client_id, self.key, self.scope = client_id, key, scope
        self.token, self.ends = "", 0.0

    def current(self, now: float) -> str:
        """A token that is good at this moment, in seconds since 1970."""
        if now > self.ends - EARLY:
            answer = self.http.post("/oauth/token", data=self._form(now))
            if answer.status_code != 200:
                raise SystemExit(f"no token: {answer.json()['error']}")
            self.token, self.ends = answer.json()["access_token"], now + answer.json()["expires_in"]
        return self.token

    def _form(self, now: float) -> dict[str, str]:
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.address, "iat": int(now), "exp": int(now) + 240}
        header = {"alg": "ES384", "kid": self.key.kid, "typ": "JWT"}
        assertion = jwt.encode(header, claims | {"jti": str(uuid4())}, self.key, algorithms=["ES384"])
        told = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return told | {"scope": self.scope}


def read(http: Any, tokens: Tokens, now: Any = time.time) -> int:
    """Prints every couple's id; returns how many there are."""
    found, path = 0, "/v1/couples?limit=200"
    while path:
        answer = http.get(path, headers={"Authorization": f"Bearer {tokens.current(now())}"})
        answer.raise_for_status()
        for couple in answer.json()["items"]:
            print(couple["id"])
            found += 1
        path = answer.links["next"]["url"] if "next" in answer.links else ""
    print(f"{found} couples")
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["keys", "read"])
    parser.add_argument("--folder", type=Path, default=Path(), help="where the keys lie")
    parser.add_argument("--client-id", help="rkc_..., as it was printed when the integration was added")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000", help="the service's address, as the operator set it")
    given = parser.parse_args()
    if given.what == "keys":
        make_keys(given.folder)
        return
    key = ECKey.import_key(json.loads((given.folder / PRIVATE).read_text(encoding="utf-8")))
    with httpx.Client(base_url=given.base_url) as http:
        read(http, Tokens(http, given.base_url, given.client_id, key, "couples:read"))


if __name__ == "__main__":
    main()
