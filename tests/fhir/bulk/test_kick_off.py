"""How a bulk export is asked for: at three levels, in two ways, and what is refused before anything is looked up."""

from typing import Any

import pytest

from app.core.ids import decode
from app.fhir.bulk.rules import queries_in
from app.fhir.ids import Ids
from tests.conftest import Caller, Clinic
from tests.fhir.bulk.records import ASKS, LENIENT, code, crawled, exported, held, kicked_off, lines
from tests.safety.records import new_pair


@pytest.fixture
def ehr(clinic: Clinic) -> Caller:
    """Software that may read everything."""
    return clinic.integration("ehr", {"system/*.rs"})


def patients(client: Caller) -> dict[str, str]:
    """Ids of Patients by record number."""
    found = crawled(client)
    return {one["identifier"][0]["value"]: one["id"] for (type_, _id), one in found.items() if type_ == "Patient"}


def test_a_kick_off_answers_at_once_with_where_to_look(clinic: Clinic, ehr: Caller) -> None:
    for path in ("/fhir/$export", "/fhir/Patient/$export"):
        spelled = ASKS | {"Accept": "Application/FHIR+JSON"}
        for answer in (ehr.get(path, headers=ASKS), ehr.post(path, headers=ASKS), ehr.get(path, headers=spelled)):
            assert answer.status_code == 202
            assert answer.headers["Content-Location"].startswith(clinic.app.state.runtime.settings.address + "/fhir/bulk/exp_")


@pytest.mark.parametrize(
    ("path", "headers", "told"),
    [
        ("/fhir/$export", {"Accept": "*/*", "Prefer": "respond-async"}, (400, "fhir_bulk_headers_missing")),
        ("/fhir/$export", {"Accept": "application/fhir+json"}, (400, "fhir_bulk_headers_missing")),
        ("/fhir/$export?_outputFormat=text/csv", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_since=2026-01-01", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_since=2026-13-01T00:00:00Z", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_since=2099-01-01T00:00:00Z", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_type=Patient,Medication", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_type=Medication", LENIENT, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_elements=Patient.name.text", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_typeFilter=Patient%3Fbirthdate%3D1980", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_typeFilter=Patient%3Factive%3Dtrue%26_include%3D*", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?_type=Patient&_typeFilter=Organization%3Fname%3Da", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?patient=Patient/1", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/$export?includeAssociatedData=LatestProvenanceResources", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/Patient/$export?patient=Patient/1", ASKS, (400, "fhir_bulk_parameter_invalid")),
        ("/fhir/Group/1/$export", ASKS, (404, "not_found")),
        ("/fhir/Observation/$export", ASKS, None),
    ],
)
def test_what_means_nothing_here_is_refused_with_an_outcome(ehr: Caller, path: str, headers: Any, told: Any) -> None:
    refused = ehr.get(path, headers=headers)
    assert code(refused) == told if told else refused.status_code >= 400


def test_scopes_come_before_everything_else(clinic: Clinic) -> None:
    none = clinic.integration("native", {"exports:read", "exports:write", "couples:read"})
    assert code(none.get("/fhir/$export?_since=nonsense")) == (403, "not_allowed")
    some = clinic.integration("some", {"system/Patient.rs"})
    assert code(some.get("/fhir/$export?_type=Organization", headers=ASKS)) == (403, "not_allowed")
    assert code(some.get("/fhir/$export?_type=Organization", headers=LENIENT)) == (403, "not_allowed")
    assert code(some.get("/fhir/Group/whatever/$export?_since=nonsense")) == (403, "not_allowed"), "nothing is told of a couple"
    reads = clinic.integration("reads", {"system/Patient.r"})
    assert code(reads.get("/fhir/$export", headers=ASKS)) == (403, "not_allowed"), "reading one is not having all"


def test_what_is_passed_over_on_request_is_told_in_the_error_file(clinic: Clinic) -> None:
    new_pair(clinic.member("thea"))
    some = clinic.integration("some", {"system/Patient.rs"})
    path = "/fhir/$export?_type=Patient,Organization,Medication&allowPartialManifests=true"
    status = some.get(path, headers=LENIENT).headers["Content-Location"]
    kicked_off(clinic, some)
    manifest = exported(clinic, some)
    assert manifest["error"] == []
    found = some.get(status.removeprefix(clinic.app.state.runtime.settings.address)).json()
    assert {one["type"] for one in found["output"]} == {"Patient"}
    outcomes = lines(clinic, some, found["error"])
    assert len(outcomes) == 2
    assert {one["issue"][0]["severity"] for one in outcomes} == {"warning"}


def test_some_patients_are_asked_for_by_address_or_in_a_body_and_nobody_elses_comes(clinic: Clinic, ehr: Caller) -> None:
    therapist = clinic.member("thea")
    for number in "12":
        new_pair(therapist, number)
    known = patients(ehr)
    wanted = [known["A-1"], known["B-2"]]
    expected = {("Patient", one) for one in wanted}
    body: dict[str, Any] = {
        "parameter": [{"name": "patient", "valueReference": {"reference": f"Patient/{one}"}} for one in wanted]
    }
    body |= {"resourceType": "Parameters"}
    listed = exported(clinic, ehr, f"/fhir/Patient/$export?patient=Patient/{wanted[0]},Patient/{wanted[1]}")
    posted = exported(clinic, ehr, "/fhir/Patient/$export", json=body)
    for manifest in (listed, posted):
        assert {one for one in held(clinic, ehr, manifest) if one[0] == "Patient"} == expected
    assert posted["request"].endswith("/fhir/Patient/$export"), "what stood in a body stands in no address"


def test_a_couples_group_exports_both_partners_and_only_them(clinic: Clinic, ehr: Caller) -> None:
    therapist = clinic.member("thea")
    pairs = [new_pair(therapist, number) for number in "12"]
    with clinic.at_desk() as (_session, vault):
        group = Ids(vault).of("Group", decode("cpl", pairs[0].path.rpartition("/")[2]))
    known = patients(ehr)
    found = held(clinic, ehr, exported(clinic, ehr, f"/fhir/Group/{group}/$export"))
    assert {one[1] for one in found if one[0] == "Patient"} == {known["A-1"], known["B-1"]}
    one = exported(clinic, ehr, f"/fhir/Group/{group}/$export?patient={known['B-1']}")
    assert {fhir_id for type_, fhir_id in held(clinic, ehr, one) if type_ == "Patient"} == {known["B-1"]}
    other = ehr.get(f"/fhir/Group/{group}/$export?patient={known['B-2']}", headers=ASKS)
    assert code(other) == (400, "fhir_bulk_parameter_invalid")
    alone = clinic.integration("alone", {"system/Patient.rs", "system/Group.rs"})
    assert code(alone.get(f"/fhir/Group/{group}/$export", headers=ASKS)) == (403, "not_allowed")


def test_filters_of_a_type_are_alternatives_however_often_their_commas_were_encoded(clinic: Clinic, ehr: Caller) -> None:
    therapist = clinic.member("thea")
    for number in "123":
        new_pair(therapist, number)
    known = patients(ehr)
    once = "Patient%3Fidentifier%3DA-1%2CB-2,Patient%3Fidentifier%3DA-1"
    twice = "Patient%3Fidentifier%3DA-1%252CB-2,Patient%3Fidentifier%3DA-1"
    for query in (once, twice):
        found = held(clinic, ehr, exported(clinic, ehr, f"/fhir/$export?_type=Patient&_typeFilter={query}"))
        assert {one[1] for one in found} == {known["A-1"], known["B-2"]}
    assert queries_in("Goal?a=b,c,Task?d=e") == [("Goal", "a=b,c"), ("Task", "d=e")]


def test_only_some_elements_are_marked_as_not_the_whole(clinic: Clinic, ehr: Caller) -> None:
    new_pair(clinic.member("thea"))
    found = held(clinic, ehr, exported(clinic, ehr, "/fhir/$export?_type=Patient,Organization&_elements=Patient.active,name"))
    for (type_, _id), one in found.items():
        assert set(one) == {"resourceType", "id", "meta", "name"} | ({"active"} if type_ == "Patient" else set())
        assert one["meta"]["tag"][0]["code"] == "SUBSETTED"
