"""The command and the service understand each other: jobs, spans, tokens and refusals as they truly are."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import httpx
import httpx2
import pytest

from app.exports.client.asked import Asked
from app.exports.client.calling import Patience
from app.exports.client.ends import RefusedError, SchemaChangedError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling
from app.exports.job import make_waiting
from tests.client import Direct
from tests.conftest import Caller, Clinic
from tests.exports.client.conftest import lying_in
from tests.measures.records import administer, couple

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


class _Cut(httpx.SyncByteStream):
    """A body whose connection breaks after so many bytes."""

    def __init__(self, body: bytes, after: int | None) -> None:
        self._body, self._after = body, after

    def __iter__(self) -> Iterator[bytes]:
        yield self._body[: self._after]
        if self._after is not None and self._after < len(self._body):
            raise httpx.ReadError("cut")


class Wire(httpx.BaseTransport):
    """The way to an application in this process; on it, answers with files break where `draw` says."""

    def __init__(self, app: Any, draw: Random | None = None) -> None:
        self._direct, self._draw = Direct(app), draw
        self.spans = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the application."""
        asked = httpx2.Request(request.method, str(request.url), headers=request.headers.raw, content=request.read())
        answer = self._direct.handle_request(asked)
        body = answer.read()
        self.spans += answer.status_code == 206
        after = self._draw.randrange(1, 20_000) if self._draw and "/files/" in request.url.path else None
        return httpx.Response(answer.status_code, headers=answer.headers.raw, stream=_Cut(body, after))


def run(clinic: Clinic, caller: Caller, out: Path, asked: Asked, wire: Wire, *, resume: bool = False) -> Path:
    """One run; while it waits, exports are made."""
    key = {"Authorization": f"Bearer {caller.key}", "Accept-Encoding": "identity"}
    with httpx.Client(transport=wire, base_url="http://127.0.0.1", headers=key) as client:
        patience = Patience(60, lambda _seconds: make_waiting(clinic.app.state.runtime, clinic.id))
        return Run(Service(client, patience), Folder(out), Telling(), asked, resume)()


def test_files_that_were_cut_off_are_gone_on_with_to_the_byte(clinic: Clinic, therapist: Caller, tmp_path: Path) -> None:
    administer(therapist, couple(therapist))
    machine, asked = clinic.integration(), Asked(formats=("csv", "jsonl"), tables=("couples", "scores"))
    wire = Wire(clinic.app, Random(3))  # noqa: S311 - where connections break
    found = lying_in(run(clinic, machine, tmp_path / "out", asked, wire))
    assert wire.spans > 3
    exported = machine.get("/v1/exports").json()["items"][0]["id"]
    assert found == {name: machine.get(f"/v1/exports/{exported}/files/{name}").content for name in found}
    assert len(machine.get("/v1/exports").json()["items"]) == 1


def test_run_after_run_holds_what_changed_and_a_lesser_key_begins_anew(
    clinic: Clinic, therapist: Caller, tmp_path: Path
) -> None:
    one, _other = couple(therapist, "1"), couple(therapist, "2")
    machine, asked, out = clinic.integration(), Asked(tables=("couples",), since="auto"), tmp_path / "out"
    run(clinic, machine, out, asked, Wire(clinic.app))
    administer(therapist, one)
    second = lying_in(run(clinic, machine, out, asked, Wire(clinic.app), resume=True))
    assert second["tombstones-0001.csv"].decode().splitlines()[1:] == [f"{one['id']},changed"]
    lesser = clinic.integration("lesser", {"couples:read", "exports:read", "exports:write"})
    with pytest.raises(SchemaChangedError, match=r"\.state\.json"):
        run(clinic, lesser, out, asked, Wire(clinic.app))


def test_what_is_refused_is_told_with_the_place_and_what_there_is(clinic: Clinic, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"/tables/0: Must be one of .*couples"):
        run(clinic, clinic.integration(), tmp_path / "out", Asked(tables=("couple",)), Wire(clinic.app))
