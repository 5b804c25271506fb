"""A service on this machine that answers as `/v1/exports` does, and cuts off, is away or spoils bytes when told to."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

Files = dict[str, bytes]


def descriptor(tables: dict[str, list[str]]) -> dict[str, Any]:
    """What `datapackage.json` says of tables with columns."""
    fields = {name: [{"name": column, "type": "string"} for column in columns] for name, columns in tables.items()}
    return {"resources": [{"name": name, "schema": {"fields": found}} for name, found in fields.items()]}


def an_export(seed: int = 1, parts: int = 4, since: str = "t1", **tables: list[str]) -> Files:
    """The files of an export: some parts, and what describes them."""
    draw = Random(seed)  # noqa: S311 - content for a test
    made = {f"scores-{part:04}.csv": b"id\n" + draw.randbytes(draw.randrange(200_000)) for part in range(1, parts + 1)}
    made["couples-0001.csv"] = b""
    made["datapackage.json"] = json.dumps(descriptor(tables or {"scores": ["id"], "couples": ["couple_id"]})).encode()
    made["manifest.json"] = json.dumps({"token": since, "seed": seed}).encode()
    return made


@dataclass
class Playing:
    """What the service holds, and how it behaves; every request is kept as method, path and headers."""

    address: str = ""
    files: Callable[[dict[str, Any]], Files] = field(default=lambda _body: an_export())
    looks: int = 1  # looks at a job before it is done
    cut: Callable[[str, int], int | None] = field(default=lambda _name, _at: None)  # bytes before the connection breaks
    spoil: Callable[[str, bytes], bytes] = field(default=lambda _name, content: content)
    refuse: Callable[[str, str], tuple[int, str] | None] = field(default=lambda _method, _path: None)
    fails: bool = False
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    jobs: dict[str, tuple[Files, int]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    stop: Callable[[], None] = field(default=lambda: None)

    def count(self, method: str, path: str) -> int:
        """How many requests began like this."""
        return sum(each[0] == method and each[1].startswith(path) for each in self.asked)

    def create(self, key: str, body: dict[str, Any]) -> str:
        """A job, the same under the same key."""
        if key not in self.by_key:
            self.bodies.append(body)
            self.by_key[key] = f"exp_{len(self.jobs) + 1}"
            self.jobs[self.by_key[key]] = (self.files(body), self.looks)
        return self.by_key[key]

    def look(self, job: str) -> dict[str, Any]:
        """How far a job is."""
        files, looks = self.jobs[job]
        if self.fails:
            return {
                "id": job,
                "status": "failed",
                "failure": "storage_full",
                "progress": {"done": 1, "total": 2, "unit": "tables"},
                "files": [],
            }
        if looks:
            self.jobs[job] = (files, looks - 1)
            return {"id": job, "status": "running", "progress": {"done": 1, "total": 2, "unit": "tables"}, "files": []}
        told = [
            {"name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
            | ({"rows": content.count(b"\n"), "table": name.partition("-")[0]} if name.endswith(".csv") else {})
            for name, content in files.items()
        ]
        return {"id": job, "status": "done", "progress": {"done": 2, "total": 2, "unit": "tables"}, "files": told}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    playing: Playing

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """Asks for an export."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._refused():
            job = self.playing.create(self.headers["Idempotency-Key"], body)
            self._json(202, {"id": job, "status": "queued"})

    def do_GET(self) -> None:
        """A job, or one of its files."""
        if self._refused():
            return
        job, _, name = self.path.removeprefix("/v1/exports/").partition("/files/")
        if job not in self.playing.jobs or (name and name not in self.playing.jobs[job][0]):
            self._problem(404, "not_found")
        elif name:
            self._file(name, self.playing.jobs[job][0][name])
        else:
            self._json(200, self.playing.look(job))

    def _file(self, name: str, content: bytes) -> None:
        asked = self.headers.get("Range")
        at = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        etag = f'"{sha256(content).hexdigest()}"'
        if asked and self.headers.get("If-Range") != etag:
            at = 0
        body = self.playing.spoil(name, content)[at:]
        self.send_response(206 if at else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = self.playing.cut(name, at)
        self.wfile.write(body[:cut])
        if cut is not None and cut < len(body):
            self.close_connection = True
            self.connection.close()

    def _refused(self) -> bool:
        self.playing.asked.append((self.command, self.path, dict(self.headers)))
        found = self.playing.refuse(self.command, self.path)
        if found is not None:
            self._problem(*found)
        return found is not None

    def _problem(self, status: int, code: str) -> None:
        detail = f"The sentence of {code}."
        self._json(status, {"code": code, "detail": detail, "errors": []}, "application/problem+json")

    def _json(self, status: int, found: dict[str, Any], media_type: str = "application/json") -> None:
        body = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A connection that a test cut is no news."""


@contextmanager
def playing() -> Iterator[Playing]:
    """A service while the block runs."""
    play = Playing()
    handler = type("Handler", (_Handler,), {"playing": play})
    with _Server(("127.0.0.1", 0), handler) as server:
        play.address = f"http://127.0.0.1:{server.server_port}"

        def stop() -> None:
            server.shutdown()
            server.server_close()

        play.stop = stop
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield play
        finally:
            server.shutdown()
            thread.join()
