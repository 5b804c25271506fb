"""Key-encryption keys in the Transit engine of HashiCorp Vault or OpenBao: they never leave it.

`vault:https://host:8200/transit/rekindle` names the engine's mount and the key, which must have been made with
`derived=true`: Vault then derives a key of its own for each context, so a wrapped key opens in its own place alone.
"""

import base64
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hvac
import requests

from app.core.kms import KeyServiceUnavailableError, KeyUnavailableError
from app.core.settings import LOOPBACK, Settings


class Transit:
    """One derived key of one Transit engine."""

    def __init__(self, where: str, settings: Settings) -> None:
        """Connects to nothing yet; raises KeyUnavailableError for an address that cannot be meant."""
        parts = urlsplit(where)
        mount, _, self._key = parts.path.strip("/").rpartition("/")
        if not (mount and self._key and parts.hostname) or (parts.scheme, parts.hostname in LOOPBACK) not in {
            *(("https", near) for near in (True, False)),
            ("http", True),
        }:
            raise KeyUnavailableError("REKINDLE_KEY_SERVICE for Vault is `vault:https://host:8200/<mount>/<key>`, with TLS")
        self._client = hvac.Client(
            url=f"{parts.scheme}://{parts.netloc}",
            token="",
            namespace=os.environ.get("VAULT_NAMESPACE"),
            timeout=settings.key_service_seconds,
            allow_redirects=False,
        )
        self._token = _token_reader(settings.key_service_token_file)
        self._mount = mount
        self._is_derived = False

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Vault's ciphertext of the key, `vault:v<version>:...`."""
        self._insist_on_derivation()
        found = self._ask("encrypt_data", plaintext=_text(key), context=_text(context))
        return str(found["ciphertext"]).encode()

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError when Vault says that this is none of its ciphertexts for this context."""
        self._insist_on_derivation()
        found = self._ask("decrypt_data", ciphertext=wrapped.decode("ascii", "replace"), context=_text(context))
        return base64.b64decode(found["plaintext"])

    def rewrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The same key under the newest version; it stays inside Vault meanwhile."""
        self._insist_on_derivation()
        found = self._ask("rewrap_data", ciphertext=wrapped.decode("ascii", "replace"), context=_text(context))
        return str(found["ciphertext"]).encode()

    def current_key_id(self) -> str:
        """The key's name and newest version."""
        return f"vault:{self._mount}/{self._key}:v{self._ask('read_key')['latest_version']}"

    def health(self) -> bool:
        """Wraps and unwraps once."""
        probe = os.urandom(32)
        return self.unwrap(self.wrap(probe, b"health"), b"health") == probe

    def _insist_on_derivation(self) -> None:
        """Without derivation Vault ignores the context without a word, and a wrapped key could be moved."""
        if not self._is_derived and not self._ask("read_key")["derived"]:
            raise KeyUnavailableError("the Transit key must be made with derived=true: make another one")
        self._is_derived = True

    def _ask(self, what: str, **said: Any) -> dict[str, Any]:
        with _understood():
            self._client.token = self._token()
            found = getattr(self._client.secrets.transit, what)(name=self._key, mount_point=self._mount, **said)
            return dict(found["data"])


@contextmanager
def _understood() -> Iterator[None]:
    try:
        yield
    except hvac.exceptions.InvalidRequest:
        raise KeyUnavailableError("Vault does not take this for a key it wrapped here") from None
    except (hvac.exceptions.VaultError, requests.RequestException, KeyError, TypeError, ValueError, OSError):
        raise KeyServiceUnavailableError from None


def _token_reader(file: Path | None) -> Callable[[], str]:
    """The token as it stands now: Vault's agent renews it in its file."""
    if file is None:
        return lambda: os.environ.get("VAULT_TOKEN", "")
    if not file.exists() or stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise KeyUnavailableError("the token file is missing or can be read by others: set its mode to 0600")
    return lambda: file.read_text(encoding="ascii").strip()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


SERVICE = Transit
