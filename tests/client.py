"""A client that hands its requests to the application in this process, all of them on one event loop."""

import asyncio
import threading
from collections.abc import MutableMapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

import httpx2


class Loop:
    """An event loop in a thread of its own, started by the first request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Any) -> Any:
        """Runs a coroutine to its end, whichever thread asks."""
        with self._lock:
            if self._running is None:
                self._start()
        assert self._running is not None
        return asyncio.run_coroutine_threadsafe(work, self._running).result()

    def _start(self) -> None:
        begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def live() -> None:
            over = asyncio.Event()
            begun.set_result((asyncio.get_running_loop(), over))
            await over.wait()

        self._thread = threading.Thread(target=lambda: asyncio.run(live()), name="served", daemon=True)
        self._thread.start()
        self._running, self._over = begun.result()

    def stop(self) -> None:
        """Ends the loop, if any request started it."""
        if self._running is not None and self._over is not None and self._thread is not None:
            self._running.call_soon_threadsafe(self._over.set)
            self._thread.join()
        self._running = None


LOOP = Loop()


class Direct(httpx2.BaseTransport):
    """One hop to the application and back, where starlette's client makes seven, and a loop a request outside `with`."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The application's answer; an error that it answered and then raised again is the server's to report."""
        return _Exchange(request).response(LOOP.run, self._app)


class _Exchange:
    """One request as ASGI tells it, and what came back."""

    def __init__(self, request: httpx2.Request) -> None:
        self._request = request
        self._body: bytes | None = request.read()
        self._status: int | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._ended = asyncio.Event()

    def response(self, run: Any, app: Any) -> httpx2.Response:
        """What the application answers to the request."""
        run(self._through(app))
        assert self._status is not None, "the application did not answer"
        assert self._ended.is_set(), "the application did not end its answer"
        body = b"" if self._request.method == "HEAD" else b"".join(self._parts)
        return httpx2.Response(self._status, headers=self._headers, content=body, request=self._request)

    async def _through(self, app: Any) -> None:
        with suppress(Exception):
            await app(self._scope(), self._receive, self._send)

    def _scope(self) -> dict[str, Any]:
        url = self._request.url
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self._request.method,
            "path": unquote(url.path),
            "raw_path": url.raw_path.split(b"?", 1)[0],
            "root_path": "",
            "scheme": url.scheme,
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in self._request.headers.raw],
            "client": ("testclient", 50_000),
            "server": (url.host, url.port or 80),
            "state": {},
        }

    async def _receive(self) -> dict[str, Any]:
        if self._body is None:
            await self._ended.wait()  # a client that hears everything out
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        assert not self._ended.is_set(), "something was sent after the end"
        if message["type"] == "http.response.start":
            assert self._status is None, "an answer was started twice"
            self._status, self._headers = message["status"], list(message.get("headers", []))
        else:
            assert self._status is not None, "a body came before its answer"
            self._parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._ended.set()


class Client(httpx2.Client):
    """Calls an application in this process."""

    def __init__(self, app: Any, headers: dict[str, str] | None = None) -> None:
        super().__init__(
            transport=Direct(app),
            base_url="http://testserver",
            headers={"user-agent": "testclient"} | (headers or {}),
            follow_redirects=True,
            trust_env=False,
        )
        self.app = app
