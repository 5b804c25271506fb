"""Each key service keeps its promise, and says so in time when it cannot."""

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.core.key_cache import KeyCache
from app.core.kms import (
    KeyService,
    KeyServiceUnavailableError,
    KeyUnavailableError,
    LocalKeyFile,
    RestingKeyService,
    key_service_of,
)
from app.core.rotation import move_clinic_keys
from app.core.settings import Settings
from tests.conftest import Caller, Clinic
from tests.core.key_services.fakes import Fake, FakeKms, FakeTransit, Trouble
from tests.core.test_bad_input import stored
from tests.couples.test_couples import new_couple

PATIENCE = 0.3  # seconds, where a key service keeps one waiting; where none does, a busy machine may
REMOTE = {"vault": FakeTransit, "aws": FakeKms}


@pytest.fixture
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """The key service's other end, and the environment its library looks at."""
    with REMOTE[request.param]() as running:
        monkeypatch.setenv("VAULT_TOKEN", "hvs.synthetic")
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", running.address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "synthetic")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "synthetic")
        yield running


def setting(fake: Fake) -> str:
    """How REKINDLE_KEY_SERVICE names it."""
    return f"vault:{fake.address}/transit/rekindle" if isinstance(fake, FakeTransit) else "aws:eu-central-1/alias/rekindle"


def remote(fake: Fake, **more: Any) -> KeyService:
    """The key service as the settings choose it."""
    return key_service_of(Settings.model_validate({"key_service": setting(fake)} | more))


@contextmanager
def chosen(kind: str, tmp_path: Path, fake: Fake) -> Iterator[tuple[KeyService, Callable[[], object]]]:
    """A key service of each kind, and what gives it a new key."""
    if kind == "file":
        LocalKeyFile.create(tmp_path / "rekindle.key")
        yield LocalKeyFile(tmp_path / "rekindle.key"), LocalKeyFile(tmp_path / "rekindle.key").add_key
    else:
        yield remote(fake), fake.rotate


KINDS = pytest.mark.parametrize(("kind", "fake"), [("file", "vault"), ("vault", "vault"), ("aws", "aws")], indirect=["fake"])
REMOTES = pytest.mark.parametrize("fake", list(REMOTE), indirect=True)


@KINDS
def test_a_wrapped_key_opens_in_its_context_alone(kind: str, tmp_path: Path, fake: Fake) -> None:
    with chosen(kind, tmp_path, fake) as (service, _rotate):
        key = secrets.token_bytes(32)
        wrapped = service.wrap(key, b"couple a")
        assert service.unwrap(wrapped, b"couple a") == key
        assert key not in wrapped
        for broken, context in [(wrapped, b"couple b"), (wrapped[:-8] + b"AAAAAAA=", b"couple a"), (b"", b"couple a")]:
            with pytest.raises((KeyUnavailableError, KeyServiceUnavailableError)):
                service.unwrap(broken, context)
        assert service.health()


@KINDS
def test_after_a_renewal_old_keys_unwrap_and_rewrapped_ones_are_under_the_new(kind: str, tmp_path: Path, fake: Fake) -> None:
    with chosen(kind, tmp_path, fake) as (service, rotate):
        key, before = secrets.token_bytes(32), service.current_key_id()
        old = service.wrap(key, b"here")
        rotate()
        assert service.current_key_id() != before
        new = service.rewrap(old, b"here")
        assert [service.unwrap(one, b"here") for one in (old, new)] == [key, key]
        start = {"file": 8, "vault": 9, "aws": 1}[kind]
        assert old[:start] != new[:start]  # each wrapped key says which key-encryption key it is under
        with pytest.raises(KeyUnavailableError):
            service.rewrap(new, b"elsewhere")


TROUBLES = {
    "slow": Trouble(seconds=PATIENCE * 20),
    "an error": Trouble(status=500),
    "sealed or overloaded": Trouble(status=503),
    "throttled": Trouble(status=429),
    "garbage": Trouble(garbage=True),
    "hangs up": Trouble(hangs_up=True),
}


@REMOTES
@pytest.mark.parametrize("what", TROUBLES)
def test_trouble_is_told_as_unavailable_within_the_patience(fake: Fake, what: str) -> None:
    wrapped = remote(fake).wrap(b"k" * 32, b"here")
    service, fake.trouble = remote(fake, key_service_seconds=PATIENCE), TROUBLES[what]
    began = time.monotonic()
    with pytest.raises(KeyServiceUnavailableError):
        service.unwrap(wrapped, b"here")
    assert time.monotonic() - began < PATIENCE * 10
    fake.trouble = Trouble()
    assert remote(fake).unwrap(wrapped, b"here") == b"k" * 32  # the control


@REMOTES
def test_a_denied_service_is_unavailable_and_a_failed_one_is_left_alone_for_a_moment(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = remote(fake)
    wrapped = service.wrap(b"k" * 32, b"here")
    fake.denied = True
    for _ in range(5):
        with pytest.raises(KeyServiceUnavailableError):
            service.unwrap(wrapped, b"here")
    asked, fake.denied = len(fake.asked), False
    with pytest.raises(KeyServiceUnavailableError):
        service.health()
    assert len(fake.asked) == asked
    monkeypatch.setattr(service, "_rests_until", 0.0)  # a moment later
    assert service.unwrap(wrapped, b"here") == b"k" * 32


@REMOTES
def test_no_request_follows_a_redirect_with_the_credentials(fake: Fake) -> None:
    with type(fake)() as thief:
        service, fake.trouble = remote(fake), Trouble(redirects_to=f"{thief.address}/v1/transit/keys/rekindle")
        with pytest.raises(KeyServiceUnavailableError):
            service.wrap(b"k" * 32, b"here")
        assert thief.asked == []


@pytest.mark.parametrize("fake", ["vault"], indirect=True)
def test_a_transit_key_without_derivation_is_refused_because_it_would_bind_nothing(fake: FakeTransit) -> None:
    fake.derived = False
    with pytest.raises(KeyUnavailableError, match="derived=true"):
        remote(fake).wrap(b"k" * 32, b"here")


@pytest.mark.parametrize("fake", ["vault"], indirect=True)
def test_the_token_file_is_read_again_and_must_be_its_owners_alone(
    fake: FakeTransit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAULT_TOKEN")
    token = tmp_path / "token"
    token.write_text("hvs.synthetic\n")
    token.chmod(0o640)
    with pytest.raises(KeyUnavailableError, match="0600"):
        remote(fake, key_service_token_file=token)
    token.chmod(0o600)
    service = remote(fake, key_service_token_file=token)
    wrapped = service.wrap(b"k" * 32, b"here")
    fake.token = "hvs.renewed"
    token.write_text(fake.token)
    assert service.unwrap(wrapped, b"here") == b"k" * 32


REFUSED = ["vault:http://vault.example:8200/transit/rekindle", "vault:https://vault.example", "aws:eu-central-1", "azure:x"]


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_cannot_be_meant_is_refused(address: str) -> None:
    with pytest.raises(KeyUnavailableError):
        key_service_of(Settings.model_validate({"key_service": address}))


def test_the_libraries_of_key_services_are_loaded_only_when_chosen() -> None:
    program = "import sys, app.core.crypto; print(sorted({'hvac', 'boto3', 'botocore'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("fake", ["vault"], indirect=True)
def test_without_the_key_service_nothing_is_read_nor_half_written_until_it_is_back(
    clinic: Clinic, therapist: Caller, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = clinic.app.state.runtime
    before_it = runtime.cache.key_service
    runtime.cache = KeyCache(remote(fake), runtime.cache.store)
    assert move_clinic_keys(runtime.cache, before_it, [clinic.id]) == 1  # as an operator who leaves the key file behind would
    couple = therapist.post("/v1/couples", json=new_couple()).json()
    path = f"/v1/couples/{couple['id']}/partners/{couple['partners'][0]['id']}"
    fake.trouble = Trouble(hangs_up=True)
    assert therapist.get(path).status_code == 200  # keys that are at hand still open
    runtime.cache = KeyCache(remote(fake), runtime.cache.store)
    before = stored(clinic)
    for refused in (therapist.get(path), therapist.post("/v1/couples", json=new_couple("two", external_id="two"))):
        assert (refused.status_code, refused.json()["code"]) == (503, "key_service_unavailable")
        assert refused.headers["retry-after"] == "1"
    assert stored(clinic) == before
    assert clinic.anonymous().get("/readyz").status_code == 503
    fake.trouble = Trouble()
    assert isinstance(runtime.cache.key_service, RestingKeyService)
    monkeypatch.setattr(runtime.cache.key_service, "_rests_until", 0.0)
    assert clinic.anonymous().get("/readyz").status_code == 200
    assert therapist.get(path).json()["name"] == "Alex"
