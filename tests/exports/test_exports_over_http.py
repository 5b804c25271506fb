"""Exports over HTTP: asked for, made beside the requests, fetched in parts, and gone when they have to be."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import decode
from app.exports import files
from app.exports.job import LEASE, OvertakenError, _begin, _finish, make_waiting
from app.exports.keeping import end_exports
from app.exports.making import Order, make
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.releases.records import ask_to_erase, ended, ready
from tests.safety.records import Pair, done, new_pair


@pytest.fixture
def therapist(clinic: Clinic) -> Caller:
    """A therapist who has just signed in."""
    return clinic.signed_in("therapist")


def asked(caller: Caller, **more: Any) -> str:
    """The path of an export that was asked for."""
    answer = caller.post("/v1/exports", json=more)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Retry-After"] == "1"
    return str(answer.headers["Location"])


def made(clinic: Clinic, caller: Caller, **more: Any) -> tuple[str, dict[str, Any]]:
    """The path of an export that is done, and what is told of it."""
    path = asked(caller, **more)
    make_waiting(clinic.app.state.runtime, clinic.id)
    found = caller.get(path).json()
    assert found["status"] == "done", found
    return path, found


def lines(caller: Caller, path: str, table: str) -> list[str]:
    """The rows of a table in CSV."""
    return list(caller.get(f"{path}/files/{table}-0001.csv").text.splitlines()[1:])


def folders(clinic: Clinic) -> list[str]:
    """The folders of files on the disk."""
    path = files.clinics_folder(clinic.app.state.runtime.settings, clinic.id)
    return sorted(one.name for one in path.iterdir()) if path.is_dir() else []


def test_every_file_is_what_the_export_says_and_the_manifest_names_them_all(clinic: Clinic, therapist: Caller) -> None:
    for number in "12":
        new_pair(therapist, number)
    path, found = made(clinic, therapist, formats=["csv", "jsonl"])
    assert found["files"][-1]["name"] == "manifest.json"
    contents = {}
    for file in found["files"]:
        sent = therapist.get(f"{path}/files/{file['name']}")
        assert (len(sent.content), sha256(sent.content).hexdigest()) == (file["bytes"], file["sha256"]), file["name"]
        assert sent.headers["ETag"] == f'"{file["sha256"]}"'
        assert sent.headers["Content-Disposition"] == f'attachment; filename="{file["name"]}"'
        contents[file["name"]] = sent.content
    manifest = json.loads(contents["manifest.json"])
    parts = [part for table in manifest["tables"] for part in table["parts"]]
    assert {part["name"] for part in parts} <= set(contents)
    assert manifest["token"] == found["token"]
    assert len(lines(therapist, path, "couples")) == 2
    assert therapist.get(f"{path}/files/nothing.csv").status_code == 404


def test_a_file_is_gone_on_with_where_it_was_cut_off(clinic: Clinic, therapist: Caller) -> None:
    new_pair(therapist)
    path, found = made(clinic, therapist)
    name = f"{path}/files/manifest.json"
    whole, tag = therapist.get(name), f'"{found["files"][-1]["sha256"]}"'
    size = len(whole.content)
    rest = therapist.get(name, headers={"Range": "bytes=10-", "If-Range": tag})
    assert (rest.status_code, rest.content, rest.headers["Content-Range"]) == (
        206,
        whole.content[10:],
        f"bytes 10-{size - 1}/{size}",
    )
    assert therapist.get(name, headers={"Range": "bytes=-5"}).content == whole.content[-5:]
    other = therapist.get(name, headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (other.status_code, other.content) == (200, whole.content)
    behind = therapist.get(name, headers={"Range": f"bytes={size}-"})
    assert (behind.status_code, behind.headers["Content-Range"], behind.json()["code"]) == (
        416,
        f"bytes */{size}",
        "range_not_satisfiable",
    )
    assert therapist.get(name, headers={"If-None-Match": tag}).status_code == 304
    head = therapist.head(name)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(size))


def test_what_is_not_known_or_not_allowed_is_said_clearly(clinic: Clinic, therapist: Caller) -> None:
    def code(caller: Caller, **body: Any) -> tuple[int, str]:
        answer = caller.post("/v1/exports", json=body)
        return answer.status_code, answer.json()["code"]

    assert code(therapist, formats=["cvs"]) == (422, "export_format_unknown")
    assert "Did you mean 'csv'?" in therapist.post("/v1/exports", json={"formats": ["cvs"]}).text
    assert code(therapist, tables=["couple"]) == (422, "export_table_unknown")
    assert code(therapist, since="x") == (400, "cursor_invalid")
    assert code(therapist, destination="recipient") == (422, "export_recipient_invalid")
    machine = clinic.integration("script", {"exports:write", "exports:read", "couples:read"})
    assert code(machine, tables=["couples", "scores"]) == (403, "export_table_not_allowed")
    assert "It takes `administrations:read` as well." in machine.get("/v1/tables/scores").json()["detail"]
    assert (
        "It takes any of `administrations:read`, `couples:read`, "
        in clinic.integration("none", {"exports:write"}).post("/v1/exports", json={}).json()["detail"]
    )
    refused = clinic.integration("nothing", {"couples:read"}).post("/v1/exports", json={}).json()
    assert (refused["code"], refused["detail"][-25:]) == ("not_allowed", "It takes `exports:write`.")
    assert "sent as `since`" in therapist.post("/v1/exports", json={"since": "x"}).json()["detail"]
    assert code(clinic.signed_in("analyst", "analyst"), formats=["csv"]) == (403, "export_no_table")  # type: ignore[arg-type]
    assert code(clinic.member("by key"), formats=["csv"]) == (403, "step_up_required")
    assert therapist.get("/v1/tables/couple").json()["code"] == "export_table_absent"
    assert machine.get("/v1/tables/scores").status_code == 403
    assert therapist.get("/v1/tables/couples?format=parquet").json()["code"] == "export_format_unknown"


def test_an_export_is_the_askers_alone_and_as_they_stand_when_they_fetch(clinic: Clinic, therapist: Caller) -> None:
    pair = new_pair(therapist)
    path, _ = made(clinic, therapist)
    other = clinic.signed_in("other")
    for caller in (other, clinic.integration()):
        assert caller.get(path).status_code == 404
        assert caller.get(f"{path}/files/manifest.json").status_code == 404
        assert caller.delete(path).status_code == 404
        assert caller.get("/v1/exports").json()["items"] == []
    clinic.clock.turn(minutes=6)
    assert therapist.get(f"{path}/files/manifest.json").status_code == 200, "with the sign-in it was asked with"
    again = clinic.sign_in_again(therapist.holder_id)
    assert again.get(f"{path}/files/manifest.json").status_code == 200, "with a fresh one"
    clinic.clock.turn(minutes=6)
    assert again.get(f"{path}/files/manifest.json").json()["code"] == "step_up_required"
    done(therapist.post(f"{pair.path}/care-team", json={"member_id": other.holder_id}))
    seats = therapist.get(f"{pair.path}/care-team").json()["items"]
    own = next(seat["id"] for seat in seats if seat["member_id"] == therapist.holder_id)
    done(therapist.post(f"{pair.path}/care-team/{own}/endings", json={}), 200)
    gone = therapist.get(f"{path}/files/manifest.json")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")


def test_what_changed_since_a_token_comes_with_what_is_stale(clinic: Clinic) -> None:
    therapist, machine = clinic.member("therapist"), clinic.integration()
    first, second = new_pair(therapist, "1"), new_pair(therapist, "2")
    _, whole = made(clinic, machine)
    done(
        therapist.post(
            f"{second.path}/concerns/{second.concern_id}/ratings",
            json={"partner_id": second.a, "severity": 4, "distressed": True},
        )
    )
    path, _ = made(clinic, machine, since=whole["token"])
    (line,) = lines(machine, path, "couples")
    (stale,) = lines(machine, path, "tombstones")
    couple = second.path.rpartition("/")[2]
    assert line.startswith(couple)
    assert stale == f"{couple},changed"
    assert first.path.rpartition("/")[2] not in stale
    streamed = [
        json.loads(one) for one in machine.get(f"/v1/tables/couples?format=jsonl&since={whole['token']}").text.splitlines()
    ]
    assert [one["couple_id"] for one in streamed[:-1]] == [couple]
    assert streamed[-1]["tombstones"] == [{"couple_id": couple, "reason": "changed"}]


def test_one_table_at_once_says_when_it_is_whole(clinic: Clinic) -> None:
    therapist, machine = clinic.member("therapist"), clinic.integration()
    for number in "123":
        new_pair(therapist, number)
    body = machine.get("/v1/tables/couples?format=jsonl").content
    rows, end = body[: body.rindex(b'{"_end"')], json.loads(body.splitlines()[-1])
    assert (end["rows"], end["sha256"]) == (3, sha256(rows).hexdigest())
    path, _ = made(clinic, machine, formats=["jsonl", "csv"])
    assert machine.get(f"{path}/files/couples-0001.jsonl").content == rows
    assert machine.get("/v1/tables/couples").content == machine.get(f"{path}/files/couples-0001.csv").content
    runtime = clinic.app.state.runtime
    for _ in range(runtime.settings.exports_streamed):
        assert runtime.streams.acquire(blocking=False), "every stream before gave its place back"
    try:
        busy = machine.get("/v1/tables/couples")
        assert (busy.status_code, busy.json()["code"], "Retry-After" in busy.headers) == (503, "streams_busy", True)
        assert machine.head("/v1/tables/couples").status_code == 200, "nothing is opened for a body nobody wants"
    finally:
        for _ in range(runtime.settings.exports_streamed):
            runtime.streams.release()


def test_whoever_reads_is_told_in_the_trail_before_there_is_anything_to_fetch(clinic: Clinic) -> None:
    therapist, machine = clinic.member("therapist"), clinic.integration()
    pair = new_pair(therapist)
    made(clinic, machine)
    machine.get("/v1/tables/couples")
    couple = decode("cpl", pair.path.rpartition("/")[2])
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent.operation, LedgerEvent.actor_id).where(LedgerEvent.subject == "export")
        told = list(session.execute(query.where(LedgerEvent.couple_id == couple, LedgerEvent.kind == "read")))
    holder = decode("int", machine.holder_id)
    assert [tuple(one) for one in told] == [("ask_for_export", holder), ("read_table", holder)]


def test_one_that_was_cut_off_is_made_anew_and_the_first_can_end_nothing(clinic: Clinic) -> None:
    new_pair(clinic.member("therapist"))
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    path = asked(machine)
    begun = _begin(runtime, clinic.id)
    assert begun is not None
    sink = files.SealedFolder(files.folder_of(runtime.settings, clinic.id, begun.row.id, 1), begun.key)
    question = begun.row.question
    order = Order(tuple(question["tables"]), ("csv",), None, "own")
    with make(runtime, begun.actor, order, sink, lambda _couples: None) as making:
        list(making.steps())
        result, epoch = making.finish(), making.epoch
    assert _begin(runtime, clinic.id) is None, "somebody works on it"
    assert machine.get(path).json()["status"] == "running"
    clinic.clock.turn(seconds=LEASE.total_seconds() + 1)
    make_waiting(runtime, clinic.id)
    found = machine.get(path).json()
    assert found["status"] == "done"
    with pytest.raises(OvertakenError):
        _finish(runtime, begun, result, epoch)
    assert machine.get(path).json() == found
    end_exports(runtime, clinic.id)
    assert folders(clinic) == [f"{begun.row.id.hex}-2"], "nobody keeps what was cut off"
    assert machine.get(f"{path}/files/manifest.json").status_code == 200


def test_a_dropped_export_and_one_whose_time_is_over_leave_no_file(clinic: Clinic) -> None:
    new_pair(clinic.member("therapist"))
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    dropped, _ = made(clinic, machine)
    waiting = asked(machine)
    for path in (dropped, waiting):
        assert machine.delete(path).status_code == 204
        assert machine.get(path).status_code == 404
    assert folders(clinic) == []
    assert make_waiting(runtime, clinic.id) == 0
    kept, _ = made(clinic, machine)
    clinic.clock.turn(hours=25)
    gone = machine.get(f"{kept}/files/manifest.json")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
    assert machine.get(kept).json()["status"] == "expired"
    end_exports(runtime, clinic.id)
    assert folders(clinic) == []
    assert machine.get(kept).json()["status"] == "expired"
    clinic.clock.turn(days=31)
    end_exports(runtime, clinic.id)
    assert clinic.integration("later").get(kept).status_code == 404


def test_one_that_is_dropped_while_it_is_made_leaves_no_file_and_no_alarm(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    new_pair(clinic.member("therapist"))
    machine, begin = clinic.integration(), files.SealedFolder.open
    path = asked(machine)

    def dropping(folder: files.SealedFolder, name: str) -> files.SealedFile:
        machine.delete(path)
        return begin(folder, name)

    monkeypatch.setattr(files.SealedFolder, "open", dropping)
    assert make_waiting(clinic.app.state.runtime, clinic.id) == 1
    assert machine.get(path).status_code == 404
    assert folders(clinic) == []
    assert "export_failed" not in "".join(capsys.readouterr())


def test_an_erasure_takes_every_kept_file_with_it_and_what_is_under_way_begins_anew(clinic: Clinic, therapist: Caller) -> None:
    pair = ended(clinic, new_pair(therapist))
    new_pair(pair.therapist, "2")
    erasure = ask_to_erase(pair)
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    done(pair.therapist.post(erasure + "/confirmations"), 200)
    clinic.clock.turn(hours=25)
    pair.therapist = clinic.sign_in_again(pair.therapist.holder_id)
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    kept, _ = made(clinic, machine)
    running = asked(machine)
    begun = _begin(runtime, clinic.id)
    assert begun is not None
    sink = files.SealedFolder(files.folder_of(runtime.settings, clinic.id, begun.row.id, 1), begun.key)
    order = Order(("couples",), ("csv",), None, "own")
    with make(runtime, begun.actor, order, sink, lambda _couples: None) as making:
        list(making.steps())
        result, epoch = making.finish(), making.epoch
    done(pair.therapist.post(erasure + "/shreddings"), 200)
    gone = machine.get(f"{kept}/files/couples-0001.csv")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")
    with pytest.raises(OvertakenError):
        _finish(runtime, begun, result, epoch)
    make_waiting(runtime, clinic.id)
    assert machine.get(running).json()["status"] == "done"
    assert len(lines(machine, running, "couples")) == 1
    end_exports(runtime, clinic.id)
    assert folders(clinic) == [f"{begun.row.id.hex}-2"]


def test_what_was_read_before_an_erasure_is_never_listed_after_it(clinic: Clinic) -> None:
    new_pair(clinic.member("therapist"))
    machine, runtime = clinic.integration(), clinic.app.state.runtime
    path = asked(machine)
    begun = _begin(runtime, clinic.id)
    assert begun is not None
    sink = files.SealedFolder(files.folder_of(runtime.settings, clinic.id, begun.row.id, 1), begun.key)
    with make(runtime, begun.actor, Order(("couples",), ("csv",), None, "own"), sink, lambda _couples: None) as making:
        list(making.steps())
        result, epoch = making.finish(), making.epoch
    with pytest.raises(OvertakenError):
        _finish(runtime, begun, result, epoch - 1)  # as if a key had been destroyed since
    assert machine.get(path).json()["status"] == "queued"


RECIPIENT = {"kind": "health_professional", "name": "Dr. Example", "purpose": "A study."}


def test_a_recipient_gets_what_both_partners_cover_and_it_stands_in_their_account(clinic: Clinic, therapist: Caller) -> None:
    covered, other = new_pair(therapist, "1"), new_pair(therapist, "2")
    authorisation = ready(covered, kinds=["concerns"])
    path, found = made(clinic, therapist, destination="recipient", recipient=RECIPIENT)
    (line,) = lines(therapist, path, "couples")
    assert line.startswith(covered.path.rpartition("/")[2])
    assert {one["count"] for one in found["left_out"]} == {"fewer than 11"}
    account = therapist.get(f"{covered.path}/disclosures").json()["items"]
    assert [one["recipient"] for one in account] == ["Dr. Example"]
    assert account[0]["kinds"]["concerns"] >= 1
    assert therapist.get(f"{other.path}/disclosures").json()["items"] == []
    own = lines(therapist, path, "concern_ratings")
    assert own == [], "neither partner signed for what is their own"
    done(therapist.post(f"{covered.path}/authorisations/{authorisation}/endings", json={}), 200)
    gone = therapist.get(f"{path}/files/couples-0001.csv")
    assert (gone.status_code, gone.json()["code"]) == (404, "export_gone")


def test_a_flag_looks_like_no_authorisation(clinic: Clinic, therapist: Caller) -> None:
    def export_of(prepare: Callable[[Pair], Any]) -> tuple[Any, ...]:
        pair = new_pair(therapist, prepare.__name__)
        prepare(pair)
        path, found = made(clinic, therapist, destination="recipient", recipient=RECIPIENT)
        sizes = [(file["name"], file["rows"]) for file in found["files"]]
        return sizes, found["left_out"], lines(therapist, path, "couples")

    def flagged(pair: Pair) -> None:
        ready(pair, kinds=["concerns"])
        done(therapist.post(f"{pair.path}/release-flags", json={"against": "everyone", "reason": "R"}))

    def unsigned(_pair: Pair) -> None:
        """Nothing is signed."""

    assert export_of(flagged) == export_of(unsigned)
