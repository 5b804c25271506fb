"""An export fetched from a service is whole or not there, whatever happens on the way."""

import json
import os
import stat
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.exports.client.asked import Asked
from app.exports.client.calling import Patience, client_for
from app.exports.client.ends import ExportEndedError, PartialError, RefusedError
from app.exports.client.folder import Folder
from app.exports.client.remote import Service
from app.exports.client.running import Run
from app.exports.client.telling import Telling
from tests.exports.client.conftest import Exported, lying_in, unhurried
from tests.exports.client.power import stopped_at
from tests.exports.client.serving import Playing, an_export, playing


def test_every_file_arrives_as_it_was_sent_and_for_its_owner_alone(export: Exported, out: Path) -> None:
    assert export() == out
    assert lying_in(out) == an_export()
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_connections_that_break_are_gone_on_with_where_they_broke(service: Playing, export: Exported, out: Path) -> None:
    draw, sent = Random(7), list[tuple[str, int]]()  # noqa: S311 - where a connection breaks

    def cut(name: str, at: int) -> int:
        sent.append((name, at))
        return draw.randrange(1, 60_000)

    service.cut = cut
    export()
    assert lying_in(out) == an_export()
    assert any(at for _name, at in sent), "nothing was cut, so nothing was shown"
    assert len({*sent}) == len(sent), "some bytes were fetched twice"


@settings(max_examples=int(os.environ.get("REKINDLE_STOPPED_EXPORTS", "12")))
@given(stops=st.lists(st.integers(0, 45), max_size=4))
def test_a_run_that_is_stopped_anywhere_and_resumed_leaves_the_same_bytes(
    stops: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out, whole = tmp_path_factory.mktemp("export") / "out", an_export(parts=2)
    with playing() as service, client_for(service.address, "rk_key") as client:
        service.files = lambda _body: an_export(parts=2)
        run = Run(Service(client, unhurried()), Folder(out), Telling(), Asked(), resume=True)
        for stop in stops:
            with stopped_at(stop, out):
                run()
            found = lying_in(out) if out.exists() else {}
            assert "manifest.json" not in found or found == whole
        assert run() == out
        assert lying_in(out) == whole
        assert len(service.jobs) == 1


def test_what_lies_there_is_fetched_again_only_where_it_is_not_whole(service: Playing, export: Exported, out: Path) -> None:
    export()
    (out / "scores-0002.csv").write_bytes(b"tampered")
    (out / "scores-0003.csv").unlink()
    before = len(service.asked)
    export(resume=True)
    assert lying_in(out) == an_export()
    fetched = [path.rpartition("/")[2] for _method, path, _headers in service.asked[before:] if "/files/" in path]
    assert fetched == ["scores-0002.csv", "scores-0003.csv"]


def test_a_partial_file_that_was_tampered_with_is_fetched_from_its_start(service: Playing, export: Exported, out: Path) -> None:
    service.cut = lambda name, _at: 1_000 if name == "scores-0004.csv" else None
    with pytest.raises(PartialError):
        export(patience=0)
    partial = out / ".incoming" / "scores-0004.csv.partial"
    partial.write_bytes(b"X" * partial.stat().st_size)
    service.cut = lambda _name, _at: None
    export(resume=True)
    assert lying_in(out) == an_export()


def test_bytes_that_are_spoilt_on_the_way_never_get_their_name(service: Playing, export: Exported, out: Path) -> None:
    service.spoil = lambda name, content: content[:-1] + b"?" if name == "scores-0001.csv" else content
    with pytest.raises(PartialError, match=r"scores-0001\.csv arrived damaged twice"):
        export()
    assert lying_in(out) == {}
    assert not (out / ".incoming" / "scores-0001.csv").exists()


def test_a_failed_run_leaves_the_export_before_it_untouched(service: Playing, export: Exported, out: Path) -> None:
    export()
    service.files = lambda _body: an_export(seed=2, parts=2)
    service.cut = lambda name, _at: 10 if name == "scores-0002.csv" else None
    with pytest.raises(PartialError):
        export(patience=0)
    assert lying_in(out) == an_export()
    service.cut = lambda _name, _at: None
    export(resume=True)
    assert lying_in(out) == an_export(seed=2, parts=2)  # and of the longer one before it nothing is left


def test_a_service_that_is_away_is_waited_for_and_then_told_of(service: Playing, export: Exported) -> None:
    tries = iter(range(3))
    service.refuse = lambda method, _path: (503, "unavailable") if method == "POST" and next(tries, None) is not None else None
    export()
    service.stop()
    with pytest.raises(PartialError, match="does not answer") as told:
        export(patience=1)
    assert "--resume" in str(told.value)


def test_an_export_the_service_keeps_no_more_begins_anew(service: Playing, export: Exported, out: Path) -> None:
    service.cut = lambda name, _at: 10 if name == "scores-0002.csv" else None
    with pytest.raises(PartialError):
        export(patience=0)
    service.jobs.clear()
    service.files, service.cut = lambda _body: an_export(seed=3), lambda _name, _at: None
    export(resume=True)
    assert lying_in(out) == an_export(seed=3)


def test_an_export_that_is_in_place_is_checked_without_asking_anybody(service: Playing, export: Exported, out: Path) -> None:
    export()
    service.stop()
    assert export(resume=True, patience=0) == out


def test_a_job_that_failed_is_asked_for_anew(service: Playing, export: Exported, out: Path) -> None:
    service.fails = True
    with pytest.raises(PartialError, match="no room left to make"):
        export()
    service.fails = False
    export(resume=True)
    assert lying_in(out) == an_export()
    assert len(service.jobs) == 2


@pytest.mark.parametrize(("status", "code"), [(401, "unauthenticated"), (403, "not_allowed"), (422, "invalid")])
def test_a_refusal_is_told_in_the_words_of_the_service(service: Playing, export: Exported, status: int, code: str) -> None:
    service.refuse = lambda _method, _path: (status, code)
    with pytest.raises(RefusedError, match=f"The sentence of {code}.") as told:
        export()
    assert told.value.exit_code == 3


@pytest.mark.parametrize("name", ["../manifest.json", "/etc/passwd", ".export.json", "a/b.csv", "a\n.csv", "scores", "x" * 200])
def test_a_name_that_would_lead_elsewhere_is_refused(service: Playing, export: Exported, out: Path, name: str) -> None:
    service.files = lambda _body: an_export() | {name: b"x"}
    with pytest.raises(RefusedError):
        export()
    assert lying_in(out) == {}


@pytest.mark.parametrize("answer", [b"[]", b"<html>", b'{"id": "exp_1"}', b'{"id": 1, "status": "done", "files": [{}]}'])
def test_what_is_not_this_service_is_told_as_that(answer: bytes, out: Path) -> None:
    import httpx  # noqa: PLC0415 - this test alone plays with the wire

    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=answer))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1") as client, pytest.raises(ExportEndedError) as told:
        Run(Service(client, Patience(0)), Folder(out), Telling(), Asked())()
    assert told.value.exit_code in {2, 3}


def test_a_key_never_crosses_a_network_in_the_clear() -> None:
    for url in ("http://rekindle.example.org", "ftp://127.0.0.1", "https://user:word@rekindle.example.org", "rekindle"):
        with pytest.raises(RefusedError):
            client_for(url, "rk_key")


def test_what_is_no_address_and_what_is_no_key_is_refused_in_a_sentence_without_the_key() -> None:
    for url in ("http://[::1", "https://rekindle.example.org:99999", "https://"):
        with pytest.raises(RefusedError, match="--url takes"):
            client_for(url, "rk_key")
    for key in ("rk_k\u00e9y", "rk_one\nrk_two"):
        with pytest.raises(RefusedError, match="Copy it again") as told:
            client_for("http://127.0.0.1:1", key)
        assert key not in str(told.value)


def test_the_key_is_written_nowhere(export: Exported, out: Path) -> None:
    export()
    assert all(b"rk_key" not in path.read_bytes() for path in out.iterdir())
    assert json.loads((out / ".export.json").read_text())["is_done"]
