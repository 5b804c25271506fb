"""The Dockerfile: judged by hadolint, and by what the image promises."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def findings(dockerfile: Path) -> list[str]:
    """What hadolint says about a Dockerfile."""
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, "--format", "json", dockerfile], capture_output=True, check=False)
    return [finding["code"] for finding in json.loads(done.stdout)]


def instructions(keyword: str) -> list[str]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(rf"^{keyword} (.*)$", text, re.MULTILINE)


def test_the_dockerfile_has_no_findings() -> None:
    assert findings(ROOT / "Dockerfile") == []


def test_a_bad_dockerfile_has_findings(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN cd /srv && apt-get install python3 && pip install fastapi\nCMD python3 -m app\n")
    assert {"DL3006", "DL3008", "DL3013", "DL3025"} <= set(findings(bad))


def test_the_image_holds_the_locked_bytes_and_no_root() -> None:
    (locked, _project) = [line for line in instructions("RUN") if "pip install" in line]
    assert "--require-hashes" in locked
    assert "--only-binary :all:" in locked
    assert instructions("USER") == ["10001:10001"]
    assert instructions("VOLUME") == ["/data"]


def test_the_image_has_no_folder_in_which_a_key_could_be_lost() -> None:
    (settings,) = [line for line in instructions("ENV") if "REKINDLE_" in line]
    assert "REKINDLE_KEY_FILE=/keys/" in settings
    assert not [line for line in [*instructions("RUN"), *instructions("VOLUME"), *instructions("COPY")] if "/keys" in line]


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    sources = {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert sources == let_through
    assert [source for source in sorted(sources) if not (ROOT / source).exists()] == []


@pytest.fixture
def ready_port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server that answers `/readyz` with the given status and everything else with 404."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_told: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(("ready_port", "healthy"), [(200, True), (503, False)], indirect=["ready_port"])
def test_the_health_check_follows_readiness_past_any_proxy(ready_port: int, healthy: bool) -> None:
    (check,) = instructions("HEALTHCHECK")
    command = json.loads(check[check.index("[") :])
    env = os.environ | {"REKINDLE_PORT": str(ready_port), "http_proxy": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, *command[1:]], env=env, capture_output=True, check=False)
    assert (done.returncode == 0) == healthy
