"""Where key-encryption keys live: five calls, and the provider that keeps them in a local file.

Other providers are modules of `app/core/key_services`, found by the first word of REKINDLE_KEY_SERVICE.
"""

import base64
import json
import os
import secrets
import stat
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.disk import settle_names
from app.core.logs import log
from app.core.settings import Settings
from app.errors import RekindleError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ID_BYTES: Final = 8
FEWEST_BYTES: Final = 12  # different ones among 32: chance gives fewer once in 10^25 keys, a placeholder nearly always
REST_SECONDS: Final = 1.0
HEALTHY_SECONDS: Final = 5.0

P = ParamSpec("P")
T = TypeVar("T")


class KeyUnavailableError(RuntimeError):
    """A key-encryption key is missing, refused or not the one a wrapped key was made with."""


class KeyServiceUnavailableError(RekindleError):
    """The key service did not answer in time, or refused; nothing was stored."""

    code = "key_service_unavailable"
    detail = (
        "The key service cannot be used now, so nothing can be read or written. Send it again with the same Idempotency-Key."
    )


class KeyService(Protocol):
    """Wraps data keys; `context` is bound to the wrapped key and must be given again to unwrap it."""

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key, encrypted under the current key-encryption key."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError when it is foreign or changed, KeyServiceUnavailableError without an answer."""
        ...

    def rewrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The same key under the current key-encryption key."""
        ...

    def current_key_id(self) -> str:
        """The id of the key-encryption key that wraps now."""
        ...

    def health(self) -> bool:
        """Whether keys can be wrapped and unwrapped now."""
        ...


class LocalKeyFile:
    """Key-encryption keys in a JSON file of mode 0600; the last one is current."""

    def __init__(self, file: Path) -> None:
        """Reads the file; raises KeyUnavailableError when it is missing, broken or readable by others."""
        self._file = file
        self._read()

    def _read(self) -> None:
        try:
            status = self._file.stat()
            held = json.loads(self._file.read_text(encoding="ascii"))["keys"]
            keys = {entry["id"]: base64.b64decode(entry["key"]) for entry in held}
            self._keys = {key_id: AESGCM(key) for key_id, key in keys.items()}
            self._current: str = held[-1]["id"]
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            raise KeyUnavailableError("the key file is missing or not a key file; `migrate` makes one") from None
        if any(len(set(key)) < FEWEST_BYTES for key in keys.values()):
            raise KeyUnavailableError("the key file holds a key that anyone could guess: let `migrate` make one")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise KeyUnavailableError("the key file can be read by others: set its mode to 0600")
        self._as_of = (status.st_ino, status.st_mtime_ns)

    def _look_again(self) -> None:
        """Another process may have added a key."""
        try:
            status = self._file.stat()
        except OSError:
            raise KeyServiceUnavailableError from None
        if (status.st_ino, status.st_mtime_ns) != self._as_of:
            self._read()

    @staticmethod
    def create(file: Path) -> None:
        """Makes a file with one fresh key; an existing file is left alone."""
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(file, [_fresh_key()])
            settle_names(file.parent)

    def add_key(self) -> str:
        """Puts a fresh key at the end of the file, where it wraps from now on; the earlier ones still unwrap. Gives its id."""
        self._look_again()
        held = json.loads(self._file.read_text(encoding="ascii"))["keys"]
        beside = self._file.with_name(f"{self._file.name}.new")
        beside.unlink(missing_ok=True)
        _write(beside, [*held, _fresh_key()])
        beside.replace(self._file)
        settle_names(self._file.parent)  # or a power cut brings back the file without the key that is wrapped under from now on
        self._read()
        return self._current

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Key id, nonce and AES-256-GCM ciphertext of the key, bound to its context."""
        self._look_again()
        nonce = secrets.token_bytes(NONCE_BYTES)
        return bytes.fromhex(self._current) + nonce + self._keys[self._current].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError for an unknown key id, another context or a changed byte."""
        self._look_again()
        key_id, nonce = wrapped[:ID_BYTES].hex(), wrapped[ID_BYTES : ID_BYTES + NONCE_BYTES]
        try:
            return self._keys[key_id].decrypt(nonce, wrapped[ID_BYTES + NONCE_BYTES :], context)
        except (KeyError, ValueError, InvalidTag):
            raise KeyUnavailableError("this key was not wrapped by a key in the key file") from None

    def rewrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The same key under the current key-encryption key."""
        return self.wrap(self.unwrap(wrapped, context), context)

    def current_key_id(self) -> str:
        """The id of the last key in the file."""
        self._look_again()
        return f"file:{self._current}"

    def health(self) -> bool:
        """Wraps and unwraps once."""
        probe = secrets.token_bytes(KEY_BYTES)
        return self.unwrap(self.wrap(probe, b"health"), b"health") == probe


def _fresh_key() -> dict[str, str]:
    return {"id": secrets.token_hex(ID_BYTES), "key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}


def _write(file: Path, keys: list[dict[str, str]]) -> None:
    """A new file, for its owner alone, durable before anything is wrapped under its keys."""
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(json.dumps({"format": "rekindle-keys-1", "keys": keys}))
        out.flush()
        os.fsync(out.fileno())


class RestingKeyService:
    """A key service on the network: after it failed it is left alone for a moment, so that not every request waits for it."""

    def __init__(self, service: KeyService) -> None:
        self._service = service
        self._rests_until = 0.0
        self._healthy_until = 0.0

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """The key, encrypted under the current key-encryption key."""
        return self._asked(self._service.wrap, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError, KeyServiceUnavailableError."""
        return self._asked(self._service.unwrap, wrapped, context)

    def rewrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The same key under the current key-encryption key."""
        return self._asked(self._service.rewrap, wrapped, context)

    def current_key_id(self) -> str:
        """The id of the key-encryption key that wraps now."""
        return self._asked(self._service.current_key_id)

    def health(self) -> bool:
        """Whether it works; what it said is remembered for a while, because strangers may ask for it through `/readyz`."""
        if time.monotonic() >= self._healthy_until:
            if not self._asked(self._service.health):
                return False
            self._healthy_until = time.monotonic() + HEALTHY_SECONDS
        return True

    def _asked(self, call: Callable[P, T], *said: P.args, **named: P.kwargs) -> T:
        if time.monotonic() < self._rests_until:
            raise KeyServiceUnavailableError
        try:
            return call(*said, **named)
        except KeyServiceUnavailableError:
            self._rests_until, self._healthy_until = time.monotonic() + REST_SECONDS, 0.0
            log.error("key_service_unavailable")
            raise


def key_service_of(settings: Settings) -> KeyService:
    """The key service these settings choose; its library is loaded only then. Raises KeyUnavailableError."""
    kind, _, where = settings.key_service.partition(":")
    if kind == "file":
        return LocalKeyFile(settings.key_file)
    try:
        service: Callable[[str, Settings], KeyService] = import_module(f"app.core.key_services.{kind}").SERVICE
    except ModuleNotFoundError:
        raise KeyUnavailableError(
            f"there is no key service `{kind}`, or its library is not installed: pip install 'rekindle[{kind}]'"
        ) from None
    return RestingKeyService(service(where, settings))
