"""Reads a clinic over FHIR, as SMART Backend Services has it: a token, a search page by page, a bulk export.

    python fhir_client.py keys                                   # private.json stays here, public.json is registered
    python fhir_client.py read Patient --client-id rkc_... --base-url http://127.0.0.1:8000/fhir
    python fhir_client.py export FOLDER --client-id rkc_... --base-url http://127.0.0.1:8000/fhir

Needs `joserfc` and `httpx`.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

Json = dict[str, Any]
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EARLY = 30  # seconds before a token ends in which a new one is fetched


def make_keys(folder: Path) -> None:
    """A new key pair; the private half is readable by its owner alone."""
    key = ECKey.generate_key("P-384", {"kid": str(uuid4()), "use": "sig", "alg": "ES384"})
    with os.fdopen(os.open(folder / "private.json", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        json.dump(key.as_dict(private=True), file)
    (folder / "public.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")


class Clinic:
    """A clinic's FHIR, with tokens that are each used until shortly before they end."""

    def __init__(self, http: Any, base: str, client_id: str, key: ECKey, scope: str) -> None:
        self.http, self.base, self.client_id, self.key, self.scope = http, base, client_id, key, scope
        self.now: Any = time.time
        self.token, self.ends = "", 0.0
        self.address = http.get(f"{base}/.well-known/smart-configuration").raise_for_status().json()["token_endpoint"]

    def headers(self) -> dict[str, str]:
        """What every request carries."""
        if self.now() > self.ends - EARLY:
            answer = self.http.post(self.address, data=self._form(int(self.now())))
            if answer.status_code != 200:
                raise SystemExit(f"no token: {answer.json()['error_description']}")
            self.token, self.ends = answer.json()["access_token"], self.now() + answer.json()["expires_in"]
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/fhir+json"}

    def _form(self, now: int) -> dict[str, str]:
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.address, "exp": now + 240, "jti": str(uuid4())}
        assertion = jwt.encode({"alg": "ES384", "kid": self.key.kid, "typ": "JWT"}, claims, self.key, algorithms=["ES384"])
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return form | {"scope": self.scope}

    def get(self, url: str, **more: str) -> Any:
        """What stands at an address; of a refusal, the sentence in it."""
        answer = self.http.get(url, headers=self.headers() | more)
        if answer.status_code == 429:
            time.sleep(int(answer.headers["Retry-After"]))
            return self.get(url, **more)
        if answer.status_code >= 400:
            raise SystemExit(answer.json()["issue"][0]["details"]["text"])
        return answer

    def search(self, asked: str) -> Iterator[Json]:
        """Every resource that a search finds, page by page as its links lead."""
        url = f"{self.base}/{asked}"
        while url:
            bundle = self.get(url).json()
            yield from (entry["resource"] for entry in bundle.get("entry", []))
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), "")

    def export(self, folder: Path) -> Json:
        """Everything the scopes allow, one file or more a type; what has gone since is in files of its own."""
        begun = self.get(f"{self.base}/$export", Prefer="respond-async").headers["Content-Location"]
        while (answer := self.get(begun)).status_code == 202:
            time.sleep(float(answer.headers["Retry-After"]))
        manifest: Json = answer.json()
        for number, one in enumerate(manifest["output"]):
            body = self.get(one["url"], Accept="application/fhir+ndjson").content
            (folder / f"{one['type']}-{number}.ndjson").write_bytes(body)
        self.http.delete(begun, headers=self.headers())
        return manifest


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["keys", "read", "export"])
    parser.add_argument(
        "asked", nargs="?", default="Patient", help="a search, such as Patient?_count=10; or the folder to export to"
    )
    parser.add_argument("--client-id", help="rkc_..., as it was printed when the integration was added")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000/fhir")
    parser.add_argument("--scope", default="system/*.rs", help="what to ask for; as much is granted as the integration has")
    given = parser.parse_args()
    if given.what == "keys":
        make_keys(Path())
        return
    key = ECKey.import_key(json.loads(Path("private.json").read_text(encoding="utf-8")))
    with httpx.Client(timeout=30) as http:
        clinic = Clinic(http, given.base_url, given.client_id, key, given.scope)
        if given.what == "read":
            found = list(clinic.search(given.asked))
            print(json.dumps(found[:1], indent=2))
            print(f"{len(found)} resources")
        else:
            Path(given.asked).mkdir(exist_ok=True)
            files = clinic.export(Path(given.asked))["output"]
            print(f"{sum(one['count'] for one in files)} resources in {len(files)} files")


if __name__ == "__main__":
    main()
