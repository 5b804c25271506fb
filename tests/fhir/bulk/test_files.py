"""What a bulk export holds and how it is followed, fetched, cut off, begun anew and ended."""

from typing import Any

from sqlalchemy import select

from app.access.models import Integration
from app.core.ids import decode
from app.exports import files
from app.exports.job import LEASE, _begin, _make, _Progress, make_waiting
from app.ledger.models import LedgerEvent
from tests.conftest import Caller, Clinic
from tests.fhir.bulk.records import ASKS, code, crawled, exported, held, kicked_off, local
from tests.safety.records import new_pair


def couples(clinic: Clinic, count: int) -> None:
    """So many couples."""
    therapist = clinic.member("thea")
    for number in range(count):
        new_pair(therapist, str(number))


def scoped(clinic: Clinic, client: Caller, *scopes: str) -> None:
    """Leaves an integration these scopes and no others."""
    with clinic.at_desk() as (session, _vault):
        found = session.scalars(select(Integration).where(Integration.id == decode("int", client.holder_id))).one()
        found.scopes = list(scopes)


def test_files_hold_to_the_byte_what_a_crawl_with_the_same_scopes_finds(clinic: Clinic) -> None:
    couples(clinic, 3)
    for name, scopes in (("all", {"system/*.rs"}), ("some", {"system/Patient.rs"}), ("v1", {"system/*.read"})):
        client = clinic.integration(name, scopes)
        found = crawled(client)
        assert (name == "some") is (len({type_ for type_, _id in found}) == 1)
        for path in ("/fhir/$export", "/fhir/Patient/$export"):
            assert held(clinic, client, exported(clinic, client, path)) == found


def test_a_type_is_cut_into_parts_and_one_without_resources_has_no_file(clinic: Clinic) -> None:
    couples(clinic, 3)
    client, runtime = clinic.integration("ehr", {"system/*.rs"}), clinic.app.state.runtime
    before = runtime.settings
    runtime.settings = before.model_copy(update={"export_part_rows": 4})
    try:
        manifest = exported(clinic, client)
    finally:
        runtime.settings = before
    assert [one["count"] for one in manifest["output"] if one["type"] == "Patient"] == [4, 2]
    assert held(clinic, client, manifest) == crawled(client)
    empty = exported(clinic, client, "/fhir/$export?_type=Patient&_typeFilter=Patient%3Fidentifier%3Dnobody")
    assert (empty["output"], empty["deleted"], empty["error"]) == ([], [], [])


def test_a_manifest_says_what_was_asked_and_until_when_it_is_kept(clinic: Clinic) -> None:
    client = clinic.integration("ehr", {"system/*.rs"})
    status = kicked_off(clinic, client, "/fhir/$export?_type=Patient,Organization")
    waiting = client.get(status)
    assert (waiting.status_code, waiting.content, waiting.headers["X-Progress"]) == (202, b"", "0 of 2 resource types")
    wait = int(waiting.headers["Retry-After"])
    fast = client.get(status)
    assert (code(fast), fast.headers["Retry-After"]) == ((429, "fhir_bulk_polled_too_fast"), str(wait))
    clinic.clock.turn(seconds=wait)
    assert client.get(status).status_code == 202
    make_waiting(clinic.app.state.runtime, clinic.id)
    done = client.get(status)
    assert (done.status_code, done.headers["Content-Type"]) == (200, "application/json")
    assert done.headers["Expires"].endswith(" GMT")
    manifest = done.json()
    assert manifest["request"].endswith("/fhir/$export?_type=Patient,Organization")
    assert manifest["requiresAccessToken"] is True
    assert manifest["transactionTime"] < clinic.clock().isoformat()
    assert {one["type"] for one in manifest["output"]} == {"Organization"}
    clinic.clock.turn(hours=25)
    assert code(client.get(status))[0] == 404


def test_a_file_is_gone_on_with_where_it_was_cut_off(clinic: Clinic) -> None:
    couples(clinic, 2)
    client = clinic.integration("ehr", {"system/*.rs"})
    path = local(clinic, exported(clinic, client, "/fhir/$export?_type=Patient")["output"][0]["url"])
    whole = client.get(path)
    tag, size = whole.headers["ETag"], len(whole.content)
    rest = client.get(path, headers={"Range": "bytes=10-", "If-Range": tag})
    assert (rest.status_code, rest.content, rest.headers["Content-Range"]) == (
        206,
        whole.content[10:],
        f"bytes 10-{size - 1}/{size}",
    )
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"Range": f"bytes={size}-"}).status_code == 416
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", str(size))
    assert code(client.get(path + "x")) == (404, "not_found")


def test_an_export_is_its_clients_alone_and_native_exports_are_another_thing(clinic: Clinic) -> None:
    both = {"system/*.rs", "exports:read", "exports:write", "couples:read"}
    client, other = clinic.integration("ehr", both), clinic.integration("other", both)
    manifest = exported(clinic, client)
    status = kicked_off(clinic, client)
    path, export_id = local(clinic, manifest["output"][0]["url"]), status.rpartition("/")[2]
    assert client.get("/v1/exports").json()["items"] == []
    assert client.get(f"/v1/exports/{export_id}").status_code == 404
    assert client.delete(f"/v1/exports/{export_id}").status_code == 404
    native = client.post("/v1/exports", json={"tables": ["couples"]}).json()["id"]
    for caller, paths in ((client, [f"/fhir/bulk/{native}"]), (other, [status, path])):
        for one in paths:
            assert code(caller.get(one)) == (404, "not_found")
            assert caller.delete(one).status_code in {404, 405}


def test_what_is_ended_is_not_there_any_more_and_leaves_no_file(clinic: Clinic) -> None:
    client, runtime = clinic.integration("ehr", {"system/*.rs"}), clinic.app.state.runtime
    done = kicked_off(clinic, client)
    make_waiting(runtime, clinic.id)
    waiting = kicked_off(clinic, client)
    for status in (done, waiting):
        ended = client.delete(status)
        assert (ended.status_code, ended.json()["resourceType"]) == (202, "OperationOutcome")
        assert code(client.get(status)) == (404, "not_found")
        assert code(client.delete(status)) == (404, "not_found")
    assert make_waiting(runtime, clinic.id) == 0
    folder = files.clinics_folder(runtime.settings, clinic.id)
    assert not folder.is_dir() or list(folder.iterdir()) == []


def test_one_that_was_cut_off_is_made_anew_with_the_same_manifest(clinic: Clinic) -> None:
    couples(clinic, 2)
    client, runtime = clinic.integration("ehr", {"system/*.rs"}), clinic.app.state.runtime
    status = kicked_off(clinic, client)
    begun = _begin(runtime, clinic.id)
    assert begun is not None
    sink = files.SealedFolder(files.folder_of(runtime.settings, clinic.id, begun.row.id, 1), begun.key)
    (sink.path / "Patient-0001.ndjson.sealed").write_bytes(b"{")  # and here its process ended
    clinic.clock.turn(seconds=LEASE.total_seconds() + 1)
    make_waiting(runtime, clinic.id)
    manifest = client.get(status).json()
    undisturbed = exported(clinic, client)

    def told(one: dict[str, Any]) -> list[tuple[str, int, str]]:
        return [(file["type"], file["count"], file["url"].rpartition("/")[2]) for file in one["output"]]

    assert told(manifest) == told(undisturbed)
    assert held(clinic, client, manifest) == held(clinic, client, undisturbed) == crawled(client)


def test_scopes_that_are_taken_stop_an_export_and_close_its_files(clinic: Clinic) -> None:
    couples(clinic, 1)
    client, runtime = clinic.integration("ehr", {"system/Patient.rs", "system/Organization.rs"}), clinic.app.state.runtime
    manifest = exported(clinic, client)
    waiting = kicked_off(clinic, client)
    scoped(clinic, client, "system/Organization.rs")
    paths = {one["type"]: local(clinic, one["url"]) for one in manifest["output"]}
    assert code(client.get(paths["Patient"])) == (403, "not_allowed")
    assert client.get(paths["Organization"]).status_code == 200
    make_waiting(runtime, clinic.id)
    failed = client.get(waiting)
    assert code(failed) == (500, "fhir_bulk_failed")
    assert "scopes" in failed.text


def test_an_export_drawn_for_who_knows_couples_opens_to_no_one_else(clinic: Clinic) -> None:
    couples(clinic, 1)
    client = clinic.integration("ehr", {"system/*.rs"})
    path = local(clinic, exported(clinic, client, "/fhir/$export?_type=Patient")["output"][0]["url"])
    assert "link" in client.get(path).text
    scoped(clinic, client, "system/Patient.rs")
    assert code(client.get(path)) == (403, "not_allowed")


def test_the_trail_names_each_couple_once_before_there_is_anything_to_fetch(clinic: Clinic) -> None:
    couples(clinic, 2)
    client = clinic.integration("ehr", {"system/*.rs"})
    kicked_off(clinic, client)
    runtime = clinic.app.state.runtime
    begun = _begin(runtime, clinic.id)
    assert begun is not None
    _make(runtime, begun, Silent(), _Progress(runtime, begun))  # type: ignore[arg-type]  # it takes the files and keeps none
    with clinic.at_desk() as (session, _vault):
        query = select(LedgerEvent).where(LedgerEvent.operation == "fhir_export", LedgerEvent.kind == "read")
        told = list(session.scalars(query))
    assert len({one.couple_id for one in told}) == len(told) == 2
    assert {one.purpose for one in told} == {"fhir"}
    empty = exported(clinic, client, "/fhir/$export?_type=Organization")
    assert empty["output"]
    with clinic.at_desk() as (session, _vault):
        assert len(list(session.scalars(query))) == 2, "of whom nothing was read nothing is told"


class Silent:
    """Takes files, and keeps none."""

    def open(self, _name: str) -> "Silent":
        """A file."""
        return self

    def write(self, piece: bytes) -> None:
        """Takes bytes."""

    def finish(self) -> None:
        """Ends a file."""

    def abort(self) -> None:
        """Drops a file."""

    def settle(self) -> None:
        """Ends the folder."""


def test_as_many_as_one_may_have_under_way_and_then_later(clinic: Clinic) -> None:
    client = clinic.integration("ehr", {"system/Organization.rs"})
    for _ in range(20):
        kicked_off(clinic, client)
    refused = client.get("/fhir/$export", headers=ASKS)
    assert (code(refused), refused.headers["Retry-After"]) == ((429, "fhir_bulk_waiting"), "60")
