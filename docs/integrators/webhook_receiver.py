"""Receives webhooks: checks each signature, answers at once, and reads in the change feed what has changed.

    export REKINDLE_KEY=rk_... REKINDLE_WEBHOOK_SECRET=whsec_...
    python docs/integrators/webhook_receiver.py --port 8080 --base-url http://127.0.0.1:8000

Needs `standardwebhooks` and `httpx`. The key needs the scope `changes:read` and those of what it wants to hear of.
"""

import argparse
import os
import queue
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

LARGEST = 20_000  # bytes of a delivery; they have about a hundred


class Bell:
    """Takes deliveries. Each may come more than once, and in any order, so it is known by its `webhook-id`."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self._seen: set[str] = set()  # software that is restarted keeps this where it keeps its other data
        self.rung: queue.Queue[dict[str, Any]] = queue.Queue()

    def answer(self, headers: Mapping[str, str], body: bytes) -> int:
        """The status to answer with: at once, before anything is done about it."""
        try:
            told = self._webhook.verify(body, dict(headers))
        except WebhookVerificationError:
            return 401
        delivery = headers["webhook-id"]
        if delivery not in self._seen:
            self._seen.add(delivery)
            self.rung.put(told)
        return 204


def serve(bell: Bell, port: int) -> ThreadingHTTPServer:
    """A server for deliveries on this machine; put it behind whatever ends TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length) if length <= LARGEST else b""
            self.send_response(bell.answer({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Nothing: an access log would say when something changed."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


def now(http: Any) -> str:
    """The token to begin with."""
    token: str = http.get("/v1/changes", params={"since": "latest"}).raise_for_status().json()["delta"]
    return token


def changes(http: Any, since: str) -> Iterator[tuple[dict[str, Any], str]]:
    """What has changed after a token, each with the token to go on from. A delivery only says that it is time to look."""
    while True:
        page = http.get("/v1/changes", params={"since": since}).raise_for_status().json()
        since = page["next"] or page["delta"]
        for item in page["items"]:
            yield item, since
        if page["next"] is None:
            return


def main() -> None:
    """Prints what changes, from now on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    given = parser.parse_args()
    bell = Bell(os.environ["REKINDLE_WEBHOOK_SECRET"])
    headers = {"Authorization": f"Bearer {os.environ['REKINDLE_KEY']}"}
    with httpx.Client(base_url=given.base_url, headers=headers) as http:
        since = now(http)  # software that is restarted goes on from the token it kept
        serve(bell, given.port)
        while True:
            told = bell.rung.get()
            print(told["type"], told["data"]["id"], flush=True)
            for item, reached in changes(http, since):
                print(" ", item["op"], item["type"], item["href"] or item["id"], flush=True)
                since = reached


if __name__ == "__main__":
    main()
