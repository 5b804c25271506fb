"""A process that is killed while it sends loses nothing: what it had not finished arrives later, under the same ids."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.core.clock import now
from app.core.ids import decode
from app.webhooks.sending import LEASE, carry
from tests.conftest import Clinic
from tests.safety.records import done
from tests.served import Served
from tests.webhooks.records import DELIVERIES, ENDPOINTS

COUPLES = 20
SLOW = 0.15  # seconds it takes for a delivery, until it is let go
pytestmark = pytest.mark.served


@contextmanager
def receiver(let_go: threading.Event) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Software that takes its time for each delivery, and which ids it was told of under which `webhook-id`."""
    seen: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((self.headers["webhook-id"], body["data"]["id"]))
            let_go.wait(SLOW)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a process that is killed hangs up
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}/hook", seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.timeout(180)
def test_a_process_that_is_killed_while_it_sends_loses_nothing(clinic: Clinic, tmp_path: Path) -> None:
    settings = clinic.settings.model_copy(update={"webhook_hosts": ("localhost",)})
    runtime = clinic.app.state.runtime
    runtime.settings = settings
    ehr, therapist = clinic.integration(), clinic.member("thea")
    let_go = threading.Event()
    with receiver(let_go) as (url, seen):
        endpoint = done(ehr.post(ENDPOINTS, json={"url": url, "event_types": ["couple.changed"]}))
        bodies = [{f"partner_{slot}": {"record_number": f"{number}-{slot}"} for slot in "ab"} for number in range(COUPLES)]
        couples = [done(therapist.post("/v1/couples", json=body))["id"] for body in bodies]
        with Served(settings, tmp_path / "server.log") as served:  # which does the chores, too
            until = time.monotonic() + 40
            while len(seen) < 4 and time.monotonic() < until:
                time.sleep(0.01)
            served.kill()
        assert 4 <= len(seen) < COUPLES
        let_go.set()
        runtime.clock = lambda: now() + LEASE + timedelta(seconds=1)
        carry(runtime, clinic.id, decode("whe", endpoint["id"]))
    assert {told for _id, told in seen} == set(couples)
    assert len({delivery for delivery, _told in seen}) == COUPLES  # what came twice came under the same id
    twice = [told for told, times in Counter(seen).items() if times > 1]
    assert len(twice) <= 1  # what was under way, and nothing else
    deliveries = done(ehr.get(f"{DELIVERIES}?limit=200"), 200)["items"]
    assert Counter(one["status"] for one in deliveries) == {"delivered": COUPLES}
