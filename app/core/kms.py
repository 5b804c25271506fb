"""Where key-encryption keys live: five calls, and the provider that keeps them in a local file.

Other providers are modules of `app/core/key_services`, found by the first word of REKINDLE_KEY_SERVICE.
"""

import base64
import json
import os
import secrets
import stat
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.settings import Settings
from app.errors import RekindleError

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
ID_BYTES: Final = 8


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
        try:
            mode = file.stat().st_mode
            held = json.loads(file.read_text(encoding="ascii"))["keys"]
            self._keys = {entry["id"]: AESGCM(base64.b64decode(entry["key"])) for entry in held}
            self._current: str = held[-1]["id"]
        except (OSError, ValueError, KeyError, IndexError, TypeError):
            raise KeyUnavailableError("the key file is missing or not a key file; `migrate` makes one") from None
        if stat.S_IMODE(mode) & 0o077:
            raise KeyUnavailableError("the key file can be read by others: set its mode to 0600")

    @staticmethod
    def create(file: Path) -> None:
        """Makes a file with one fresh key; an existing file is left alone."""
        if file.exists():
            return
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        entry = {"id": secrets.token_hex(ID_BYTES), "key": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(json.dumps({"format": "rekindle-keys-1", "keys": [entry]}))
            out.flush()
            os.fsync(out.fileno())

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Key id, nonce and AES-256-GCM ciphertext of the key, bound to its context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return bytes.fromhex(self._current) + nonce + self._keys[self._current].encrypt(nonce, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key; raises KeyUnavailableError for an unknown key id, another context or a changed byte."""
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
        return self._current

    def health(self) -> bool:
        """Wraps and unwraps once."""
        probe = secrets.token_bytes(KEY_BYTES)
        return self.unwrap(self.wrap(probe, b"health"), b"health") == probe


def key_service_of(settings: Settings) -> KeyService:
    """The key service these settings choose; its library is loaded only then. Raises KeyUnavailableError."""
    return LocalKeyFile(settings.key_file)
