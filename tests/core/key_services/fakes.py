"""Vault's Transit engine and AWS KMS on loopback: they speak the wire protocol, encrypt, and can be slow, broken or strict."""

import base64
import hmac
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Answer = tuple[int, dict[str, Any]]


@dataclass
class Trouble:
    """What is wrong with the key service at the moment."""

    seconds: float = 0.0
    status: int | None = None
    garbage: bool = False
    hangs_up: bool = False
    redirects_to: str | None = None


@dataclass
class Fake:
    """A server on loopback that answers as a key service does."""

    trouble: Trouble = field(default_factory=Trouble)
    asked: list[str] = field(default_factory=list)
    masters: list[bytes] = field(default_factory=lambda: [secrets.token_bytes(32)])
    denied: bool = False

    def answer(self, path: str, headers: Any, said: dict[str, Any]) -> Answer:
        """What the service answers to one request."""
        raise NotImplementedError

    def rotate(self) -> None:
        """Makes a new key-encryption key the current one."""
        self.masters.append(secrets.token_bytes(32))

    def seal(self, plain: bytes, context: bytes) -> tuple[int, bytes]:
        """Encrypts under the current key, bound to the context."""
        nonce, version = secrets.token_bytes(12), len(self.masters)
        return version, nonce + self._cipher(version, context).encrypt(nonce, plain, context)

    def opened(self, version: int, sealed: bytes, context: bytes) -> bytes | None:
        """Decrypts, or None for what was not sealed here or not for this context."""
        try:
            return self._cipher(version, context).decrypt(sealed[:12], sealed[12:], context)
        except (InvalidTag, ValueError, IndexError):
            return None

    def _cipher(self, version: int, context: bytes) -> AESGCM:
        return AESGCM(hmac.digest(self.masters[version - 1], context, "sha256"))

    def __enter__(self) -> Self:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply()

            def do_POST(self) -> None:
                self._reply()

            def _reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                fake.asked.append(self.path + self.headers.get("x-amz-target", ""))
                trouble = fake.trouble
                time.sleep(trouble.seconds)
                if trouble.hangs_up:
                    self.close_connection = True
                    return
                if trouble.redirects_to:
                    self.send_response(307)
                    self.send_header("location", trouble.redirects_to)
                    self.end_headers()
                    return
                status, told = fake.answer(self.path, self.headers, json.loads(body or b"{}"))
                sent = b"\x00<html>" if trouble.garbage else json.dumps(told).encode()
                self.send_response(trouble.status or status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_said: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_said: object) -> None:
                pass  # a client that lost its patience

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()


@dataclass
class FakeTransit(Fake):
    """Vault's Transit engine at `transit` with the one key `rekindle`."""

    token: str = "hvs.synthetic"
    derived: bool = True

    def answer(self, path: str, headers: Any, said: dict[str, Any]) -> Answer:
        """As developer.hashicorp.com/vault/api-docs/secret/transit says."""
        if self.denied or headers.get("x-vault-token") != self.token:
            return 403, {"errors": ["permission denied"]}
        match path.removeprefix("/v1/transit/").split("/"):
            case ["keys", "rekindle"]:
                return 200, {"data": {"name": "rekindle", "latest_version": len(self.masters), "derived": self.derived}}
            case ["encrypt", "rekindle"]:
                return self._encrypted(_bytes(said["plaintext"]), said)
            case ["decrypt", "rekindle"]:
                plain = self._plain(said)
                return self._refused() if plain is None else (200, {"data": {"plaintext": _text(plain)}})
            case ["rewrap", "rekindle"]:
                plain = self._plain(said)
                return self._refused() if plain is None else self._encrypted(plain, said)
            case _:
                return 404, {"errors": []}

    def _encrypted(self, plain: bytes, said: dict[str, Any]) -> Answer:
        version, sealed = self.seal(plain, _bytes(said["context"]) if self.derived else b"")
        return 200, {"data": {"ciphertext": f"vault:v{version}:{_text(sealed)}", "key_version": version}}

    def _plain(self, said: dict[str, Any]) -> bytes | None:
        try:
            _vault, version, sealed = said["ciphertext"].split(":")
            return self.opened(int(version[1:]), base64.b64decode(sealed, validate=True), _bytes(said["context"]))
        except ValueError:
            return None

    @staticmethod
    def _refused() -> Answer:
        return 400, {"errors": ["cipher: message authentication failed"]}


@dataclass
class FakeKms(Fake):
    """AWS KMS with one symmetric key behind `alias/rekindle`; a rotation points the alias at another key."""

    def answer(self, path: str, headers: Any, said: dict[str, Any]) -> Answer:
        """As docs.aws.amazon.com/kms/latest/APIReference says: JSON 1.1 with the operation in a header."""
        assert path == "/"
        if self.denied or not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 Credential="):
            return 400, {"__type": "AccessDeniedException", "message": "not authorized to perform this"}
        match headers["x-amz-target"]:
            case "TrentService.DescribeKey":
                return 200, {"KeyMetadata": {"KeyId": str(len(self.masters)), "Arn": self._arn, "KeyState": "Enabled"}}
            case "TrentService.Encrypt":
                return self._encrypted(_bytes(said["Plaintext"]), said["EncryptionContext"])
            case "TrentService.Decrypt":
                plain = self._plain(said["CiphertextBlob"], said["EncryptionContext"])
                return self._refused() if plain is None else (200, {"Plaintext": _text(plain), "KeyId": self._arn})
            case "TrentService.ReEncrypt":
                plain = self._plain(said["CiphertextBlob"], said["SourceEncryptionContext"])
                return self._refused() if plain is None else self._encrypted(plain, said["DestinationEncryptionContext"])
            case _:
                return 400, {"__type": "UnknownOperationException"}

    @property
    def _arn(self) -> str:
        return f"arn:aws:kms:eu-central-1:111122223333:key/{len(self.masters)}"

    def _encrypted(self, plain: bytes, context: dict[str, str]) -> Answer:
        version, sealed = self.seal(plain, json.dumps(context, sort_keys=True).encode())
        return 200, {"CiphertextBlob": _text(bytes([version]) + sealed), "KeyId": self._arn}

    def _plain(self, blob: str, context: dict[str, str]) -> bytes | None:
        sealed = _bytes(blob)
        return self.opened(sealed[0], sealed[1:], json.dumps(context, sort_keys=True).encode()) if sealed else None

    @staticmethod
    def _refused() -> Answer:
        return 400, {"__type": "InvalidCiphertextException"}
