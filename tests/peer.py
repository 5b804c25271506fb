"""Another machine that the service asks: https on this machine, with a certificate of its own authority."""

import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, dict[str, str], bytes]


class Peer:
    """Answers by path with what a test puts there; what was asked is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"https://localhost:{port}"
        self.answers: dict[str, Callable[[bytes], Answer]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    def says(self, path: str, value: Any) -> None:
        """Answers a path with JSON from now on."""
        self.answers[path] = lambda _body: (200, {"Content-Type": "application/json"}, json.dumps(value).encode())

    def count(self, path: str) -> int:
        """How often a path was asked."""
        return sum(asked == path for _method, asked, _headers, _body in self.asked)


def certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """A certificate that is its own authority, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.2")))
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / f"{name}.pem", folder / f"{name}.key"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, private


def nothing(_body: bytes) -> Answer:
    """What there is at a path where a test put nothing."""
    return 404, {}, b"{}"


@contextmanager
def peer(folder: Path, name: str = "localhost") -> Iterator[Peer]:
    """A peer that answers until the block ends; `name` is what its certificate says, whatever it is called."""
    chain, private = certificate(folder, name)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            running.asked.append((self.command, self.path, dict(self.headers), body))
            path = self.path.partition("?")[0]
            status, headers, sent = running.answers.get(path, nothing)(body)
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            for start in range(0, len(sent), 4096):
                self.wfile.write(sent[start : start + 4096])

        do_GET = do_POST = _answer  # noqa: N815 - the names that the server looks for

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what tests are about
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    running = Peer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def slowly(seconds: float) -> Callable[[bytes], Answer]:
    """An answer that takes its time."""

    def wait(_body: bytes) -> Answer:
        time.sleep(seconds)
        return 200, {}, b"{}"

    return wait
