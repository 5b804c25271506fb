"""Whatever answers at --url, the command ends with one sentence that says what is wrong, and the exit code of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.exports.client.asked import Asked
from app.exports.client.calling import ANOTHER, NO_TLS, UNTRUSTED, client_for
from app.exports.client.ends import ExportEndedError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling
from tests.exports.client.conftest import lying_in, unhurried
from tests.exports.client.serving import Playing
from tests.peer import peer

HTML = b"<!doctype html><title>Welcome</title>"
DEEP = b"[" * 100_000
ASKED = httpx.Response(202, json={"id": "exp_1", "status": "queued"})
Answers = dict[str, httpx.Response]


def problem(status: int, **told: object) -> httpx.Response:
    """A problem document."""
    return httpx.Response(status, content=json.dumps(told), headers={"Content-Type": "application/problem+json"})


def ended(client: httpx.Client, out: Path) -> ExportEndedError:
    """How one run ends."""
    with pytest.raises(ExportEndedError) as told:
        Run(Service(client, unhurried(1)), Folder(out), Telling(), Asked())()
    assert lying_in(out) == {}
    return told.value


def page(status: int, **headers: str) -> httpx.Response:
    """A page for people."""
    return httpx.Response(status, content=HTML, headers={"Content-Type": "text/html", **headers})


def done(**more: object) -> httpx.Response:
    """A job that says it is done."""
    return httpx.Response(200, json={"id": "exp_1", "status": "done", **more})


FILE = {"name": "manifest.json", "bytes": 100, "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("asked", "looked", "fetched", "code", "sentence"),
    [
        (problem(404, code="not_found", detail="There is nothing here."), None, None, 3, ANOTHER),
        (problem(405, code="method_not_allowed", detail="Not this method."), None, None, 3, ANOTHER),
        (page(404), None, None, 3, ANOTHER),
        (page(200), None, None, 3, ANOTHER),
        (httpx.Response(200, content=DEEP), None, None, 3, ANOTHER),
        (
            httpx.Response(202, content=b"\xff", headers={"Content-Type": "application/json; charset=utf-99"}),
            None,
            None,
            3,
            ANOTHER,
        ),
        (httpx.Response(202, json={"id": "../../", "status": "queued"}), None, None, 3, ANOTHER),
        (httpx.Response(202, json={"id": ["exp"], "status": "queued"}), None, None, 3, ANOTHER),
        (page(302, Location="https://login.example.org/"), None, None, 3, "sends elsewhere (302)"),
        (page(502), None, None, 2, "The service is busy (502)."),
        (problem(422, code="x", detail="Not so.", errors=7), None, None, 3, "Not so."),
        (ASKED, page(200), None, 3, ANOTHER),
        (ASKED, page(303, Location="/login"), None, 3, "sends elsewhere (303)"),
        (ASKED, page(504), None, 2, "The service is busy (504)."),
        (ASKED, done(progress=7), None, 3, ANOTHER),
        (ASKED, httpx.Response(200, json={"id": "exp_1", "status": ["done"]}), None, 3, ANOTHER),
        (ASKED, done(), None, 2, "without its manifest.json"),
        (ASKED, done(files={"a": 1}), None, 3, ANOTHER),
        (ASKED, done(files=[FILE]), page(302, Location="/login"), 3, "sends elsewhere (302)"),
        (ASKED, done(files=[FILE]), page(503), 2, "The service is busy (503)."),
        (ASKED, done(files=[FILE]), page(200), 2, "less of a file than it said"),
    ],
)
def test_what_is_no_answer_of_this_service_is_told_in_a_sentence(  # noqa: PLR0917 - three answers, and what is told
    asked: httpx.Response, looked: httpx.Response | None, fetched: httpx.Response | None, code: int, sentence: str, out: Path
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        of_file = fetched if "/files/" in request.url.path else None
        found = asked if request.method == "POST" else of_file or looked or asked
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(found.content))

    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1") as client:
        told = ended(client, out)
    assert told.exit_code == code
    assert sentence in str(told)


class _Garbage(httpx.SyncByteStream):
    def __iter__(self) -> Iterator[bytes]:
        yield b"no gzip"


def test_what_cannot_be_unpacked_is_tried_again_and_then_told_of(out: Path) -> None:
    packed = httpx.MockTransport(lambda _request: httpx.Response(202, headers={"Content-Encoding": "gzip"}, stream=_Garbage()))
    with httpx.Client(transport=packed, base_url="http://127.0.0.1") as client:
        assert ended(client, out).exit_code == 2


def test_a_certificate_nobody_vouches_for_and_an_address_without_tls_are_refused_at_once(
    tmp_path: Path, service: Playing, out: Path
) -> None:
    with peer(tmp_path) as away, client_for(away.address, "rk_key") as client:
        told = ended(client, out)
        assert (told.exit_code, str(told), away.asked) == (3, UNTRUSTED, [])
    with client_for(service.address.replace("http:", "https:"), "rk_key") as client:
        told = ended(client, out)
    assert (told.exit_code, str(told), service.asked) == (3, NO_TLS, [])
