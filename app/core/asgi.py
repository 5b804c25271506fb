"""Plain ASGI around the application: request id, HEAD, body size, headers and the access line."""

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.ids import encode, new_id
from app.core.logs import log
from app.core.problems import TooLargeError
from app.errors import RekindleError

GIVEN_ID: Final = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
HEADERS: Final = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
DEFAULT_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"
Explain = Callable[[Request, RekindleError, dict[str, str]], Response]


class Envelope:
    """What every request gets, whatever it asks for."""

    def __init__(
        self, app: ASGIApp, *, body_bytes: int, larger_bodies: Mapping[str, int], explain: Explain, demo: bool
    ) -> None:
        """`larger_bodies` names paths that take more than `body_bytes`; `explain` makes the answer of an error."""
        self.app = app
        self.explain = explain
        self.body_bytes = body_bytes
        self.larger_bodies = larger_bodies
        self.headers = [*HEADERS, (b"x-data", b"synthetic")] if demo else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; other protocols pass through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(self, scope, receive, send)
        try:
            await exchange.run()
        finally:
            exchange.write_line()


class _Exchange:
    """One request and its answer."""

    def __init__(self, envelope: Envelope, scope: Scope, receive: Receive, send: Send) -> None:
        self._envelope, self._scope, self._receive, self._send = envelope, scope, receive, send
        self._began = time.perf_counter()
        self._method = scope["method"]
        self._status = 0
        self._read = 0
        self._most = max(envelope.body_bytes, envelope.larger_bodies.get(scope["path"], 0))
        given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
        scope["rekindle.request_id"] = given if GIVEN_ID.match(given) else encode("req", new_id())
        if self._method == "HEAD":  # a scope of its own: the server must go on knowing that no body is to follow
            self._scope = {**scope, "method": "GET", "rekindle.is_head": True}

    async def run(self) -> None:
        """Passes the request on, unless its declared body is already too large."""
        length = next((value for name, value in self._scope["headers"] if name == b"content-length"), b"0")
        if length.isdigit() and int(length) > self._most:
            await self._refuse()
            return
        try:
            await self._envelope.app(self._scope, self._count, self._sent)
        except TooLargeError:  # a body that some page read without answering for itself
            await self._refuse()

    async def _refuse(self) -> None:
        response = self._envelope.explain(Request(self._scope), TooLargeError(), {"Connection": "close"})
        await response(self._scope, self._receive, self._sent)

    async def _count(self) -> Message:
        message = await self._receive()
        self._read += len(message.get("body", b""))
        if self._read > self._most:
            raise TooLargeError
        return message

    async def _sent(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            message["headers"] = self._with_headers(list(message.get("headers", [])))
        elif self._method == "HEAD" and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _with_headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        present = {name.lower() for name, _value in headers}
        headers.extend((name, value) for name, value in self._envelope.headers if name not in present)
        if b"content-security-policy" not in present:
            headers.append((b"content-security-policy", DEFAULT_POLICY))
        headers.append((b"x-request-id", self._scope["rekindle.request_id"].encode()))
        return headers

    def write_line(self) -> None:
        """One line about the exchange: the route's template, never the path or the query."""
        told: dict[str, Any] = self._scope.get("rekindle.told", {})
        log.info(
            "request",
            method=self._method if self._method.isalpha() and len(self._method) < 10 else "OTHER",
            status=self._status,
            milliseconds=round((time.perf_counter() - self._began) * 1000, 2),
            request_id=self._scope["rekindle.request_id"],
            **told,
        )
