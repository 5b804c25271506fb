"""The clinic that clients are run against: the demo, served for them or already there, and a client registered in it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

ROOT: Final = Path(__file__).parents[1]
SCOPES: Final = ("system/*.rs", "system/QuestionnaireResponse.cu")
ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RENEWED_SECONDS: Final = 120  # a token lives 300
ALGORITHMS: Final = ("RS384", "ES384")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The demo clinic, served while the block runs; its first start takes some minutes."""
    words = [sys.executable, "-m", "app", "demo", "--clinic", "--port", "0", "--folder", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, env=_environment(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("READY"):
                    break
            yield line.removeprefix("READY ").strip()
        finally:
            process.terminate()  # an interrupt may be ignored, where this was started in the background
            process.communicate(timeout=30)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("REKINDLE_")}


@contextmanager
def tokens(clinic: "Registered", file: Path) -> Iterator[None]:
    """A file that holds a good token while the block runs, for clients that fetch none themselves."""
    over = Event()

    def renew() -> None:
        while True:
            new = file.with_suffix(".new")
            new.write_text(clinic.token(), encoding="ascii")
            new.replace(file)
            if over.wait(RENEWED_SECONDS):
                return

    file.unlink(missing_ok=True)
    file.touch(0o600)
    file.write_text(clinic.token(), encoding="ascii")
    thread = Thread(target=renew, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Registered:
    """A SMART client with a key of either algorithm, and where the clinic is."""

    base: str
    folder: Path
    ids: dict[str, str]

    def key_file(self, algorithm: str) -> Path:
        """Where the private key lies, as a JWKS."""
        return self.folder / f"{algorithm}.jwks"

    def token(self, algorithm: str = "ES384") -> str:
        """A token for all that it may do."""
        endpoint = self.base + "/oauth/token"
        (held,) = json.loads(self.key_file(algorithm).read_text(encoding="utf-8"))["keys"]
        key = (RSAKey if held["kty"] == "RSA" else ECKey).import_key(held)
        client_id = self.ids[algorithm]
        claims = {"iss": client_id, "sub": client_id, "aud": endpoint, "exp": int(time.time()) + 240, "jti": str(uuid4())}
        assertion = jwt.encode({"alg": algorithm, "kid": held["kid"], "typ": "JWT"}, claims, key, algorithms=[algorithm])
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION, "client_assertion": assertion}
        answer = httpx.post(endpoint, data=form | {"scope": " ".join(SCOPES)}, timeout=60).raise_for_status()
        found: str = answer.json()["access_token"]
        return found

    def task(self, scratch: Path, crawl: Path) -> dict[str, Any]:
        """What a script is told."""
        return {
            "base": self.base,
            "fhir": self.base + "/fhir",
            "token_url": self.base + "/oauth/token",
            "token": str(scratch / "token"),
            "scope": " ".join(SCOPES),
            "clients": {name: {"id": self.ids[name], "key": str(self.key_file(name))} for name in ALGORITHMS},
            "scratch": str(scratch),
            "crawl": str(crawl),
        }


def register(base: str, record: Path, folder: Path) -> Registered:
    """Two clients in the demo's record, one an algorithm, registered as the operator would: by the command."""
    told = {
        "REKINDLE_ENVIRONMENT": "demo",
        "REKINDLE_DATABASE_URL": f"sqlite:///{record / 'record' / 'rekindle.db'}",
        "REKINDLE_KEY_FILE": str(record / "keys" / "rekindle.key"),
    }
    ids = {}
    for algorithm in ALGORITHMS:
        about: Any = {"kid": str(uuid4()), "use": "sig", "alg": algorithm}
        key = RSAKey.generate_key(3072, about) if algorithm == "RS384" else ECKey.generate_key("P-384", about)
        private, public = folder / f"{algorithm}.jwks", folder / f"{algorithm}-public.jwks"
        with os.fdopen(os.open(private, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            json.dump({"keys": [key.as_dict(private=True) | {"key_ops": ["sign"]}]}, file)  # smart-fetch looks for it
        public.write_text(json.dumps({"keys": [key.as_dict(private=False)]}), encoding="utf-8")
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        words = [sys.executable, "-m", "app", "integration", "add", f"interop-{uuid4()}", *scopes, "--jwks", str(public)]
        done = subprocess.run(words, cwd=ROOT, env=_environment() | told, capture_output=True, text=True, check=True)
        ids[algorithm] = done.stdout.split()[-1]
    return Registered(base, folder, ids)
