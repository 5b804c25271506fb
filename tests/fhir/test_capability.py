"""What the service says of itself over FHIR is what it does, all of it and nothing besides: found out by asking."""

from typing import Any

import pytest

from app.access.smart import TYPES, is_grantable
from app.access.token_requests import granted
from app.fhir.capability import COMMON
from app.fhir.resources import resources
from tests.conftest import Caller, Clinic
from tests.fhir.test_reading import COUPLE

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)

NOBODY = "0" * 32
UNKNOWN = {"fhir_type_unknown", "fhir_interaction_unknown", "fhir_address_unknown"}
INTERACTIONS = {
    "read": ("GET", f"/{NOBODY}"),
    "vread": ("GET", f"/{NOBODY}/_history/1"),
    "search-type": ("GET", ""),
    "create": ("POST", ""),
    "update": ("PUT", f"/{NOBODY}"),
    "patch": ("PATCH", f"/{NOBODY}"),
    "delete": ("DELETE", f"/{NOBODY}"),
    "history-instance": ("GET", f"/{NOBODY}/_history"),
    "history-type": ("GET", "/_history"),
}
# Of R4, and not here.
OTHERS = ("Device", "AuditEvent", "Subscription")
PARAMETERS = ("birthdate", "gender", "address", "organization", "value-quantity", "phone")
VALUES = {"token": "a|b", "reference": NOBODY, "date": "2026-01-01", "string": "x", "uri": "http://example.org/x"}
OPERATIONS = ("$everything", "$export", "$validate")
APART = 6  # of what a type does not have, every so many are tried of it, beginning with another for each type


@pytest.fixture
def software(clinic: Clinic) -> Caller:
    """A client that may do whatever can be done."""
    clinic.member("thea").post("/v1/couples", json=COUPLE)
    return clinic.integration(scopes={"system/*.rs", "system/QuestionnaireResponse.cu"})


@pytest.fixture
def rest(software: Caller) -> dict[str, Any]:
    """What the statement says can be done."""
    answer = software.get("/fhir/metadata", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["resourceType"], answer.json()["fhirVersion"]) == (
        200,
        "CapabilityStatement",
        "4.0.1",
    )
    (rest,) = answer.json()["rest"]
    return dict(rest)


def problem(answer: Any) -> str:
    """The code of a refusal; nothing where there is none."""
    return "" if answer.status_code < 300 else str(answer.json()["issue"][0]["details"]["coding"][0]["code"])


def said(rest: dict[str, Any], type_: str) -> dict[str, Any]:
    """What the statement says of a type."""
    return next((one for one in rest["resource"] if one["type"] == type_), {})


def test_every_interaction_that_is_told_of_is_there_and_no_other(software: Caller, rest: dict[str, Any]) -> None:
    """For each type there is, and for some of R4 that there are not."""
    assert [one["type"] for one in rest["resource"]] == sorted(resources())
    for type_ in {*TYPES, *OTHERS}:
        found = set()
        for code, (method, path) in INTERACTIONS.items():
            sent = {"resourceType": type_} if method in {"POST", "PUT"} else None
            if problem(software.request(method, f"/fhir/{type_}{path}", json=sent)) not in UNKNOWN:
                found.add(code)
        assert found == {one["code"] for one in said(rest, type_).get("interaction", [])}, type_
        is_searched = problem(software.post(f"/fhir/{type_}/_search")) not in UNKNOWN
        assert is_searched is ("search-type" in found)


def test_every_parameter_that_is_told_of_is_searched_by_and_no_other_is_taken(software: Caller, rest: dict[str, Any]) -> None:
    """A filter that was passed over would answer more than was asked for."""
    every = {param.name for resource in resources().values() for param in resource.params} | set(PARAMETERS)
    for number, resource in enumerate(resources().values()):
        told = {one["name"]: one["type"] for one in said(rest, resource.type)["searchParam"]}
        assert {name for name, _kind, _says in COMMON} <= set(told)
        for name in (*told, *sorted(every - set(told))[number % APART :: APART]):
            answer = software.get(f"/fhir/{resource.type}?{name}={VALUES[told.get(name, 'token')]}&_count=1")
            assert (problem(answer) == "fhir_search_unknown") is (name not in told), (resource.type, name, answer.text)
            assert name not in told or answer.status_code == 200, (resource.type, name, answer.text)


def test_every_reference_that_is_told_of_is_followed_and_no_other(software: Caller, rest: dict[str, Any]) -> None:
    """There and back."""
    every = {f"{one.type}:{param.name}" for one in resources().values() for param in one.params if param.type == "reference"}
    for number, resource in enumerate(resources().values()):
        back, there = (said(rest, resource.type).get(name, []) for name in ("searchRevInclude", "searchInclude"))
        for name in (*back, *sorted(every - set(back))[number % APART :: APART]):
            answer = software.get(f"/fhir/{resource.type}?_revinclude={name}:{resource.type}&_count=1")
            assert (answer.status_code == 200) is (name in back), (resource.type, name)
        own = [f"{resource.type}:{param.name}" for param in resource.params]
        for name in (*own, *sorted(every - set(own))[number % APART :: APART]):
            answer = software.get(f"/fhir/{resource.type}?_include={name}&_count=1")
            assert (answer.status_code == 200) is (name in there), (resource.type, name)


def test_every_operation_and_interaction_of_the_whole_that_is_told_of_is_there_and_no_other(
    software: Caller, rest: dict[str, Any]
) -> None:
    """At each level, and batches as they are told of."""
    levels = {"": rest} | {f"{type_}/": said(rest, type_) for type_ in resources()}
    for level, told in levels.items():
        names = {f"${one['name']}" for one in told.get("operation", [])}
        for name in {*OPERATIONS, *names}:
            answers = [software.get(f"/fhir/{path}{name}") for path in (level, f"{level}{NOBODY}/" if level else level)]
            found = any(problem(answer) not in UNKNOWN for answer in answers)
            assert found is (name in names), (level, name)
    told_of = {one["code"] for one in rest.get("interaction", [])}
    for code in ("transaction", "batch"):
        answer = software.post("/fhir", json={"resourceType": "Bundle", "type": code, "entry": []})
        assert (problem(answer) not in UNKNOWN) is (code in told_of), (code, answer.text)
    assert told_of <= {"transaction", "batch"}
    assert problem(software.get("/fhir/_history")) in UNKNOWN


def test_what_is_read_under_a_condition_is_what_is_told_of(software: Caller, rest: dict[str, Any]) -> None:
    """`full-support`: by its version, and by when it changed."""
    for type_ in resources():
        assert said(rest, type_)["conditionalRead"] == "full-support"
        for entry in software.get(f"/fhir/{type_}?_count=1").json().get("entry", []):
            path = f"/fhir/{type_}/{entry['resource']['id']}"
            read = software.get(path)
            for name, value in (("If-None-Match", read.headers["ETag"]), ("If-Modified-Since", read.headers["Last-Modified"])):
                assert software.get(path, headers={name: value}).status_code == 304, (type_, name)
            assert software.get(path, headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_the_discovery_document_says_how_a_client_gets_in(software: Caller) -> None:
    """To anybody, as plain JSON whatever is asked for; every scope in it can be held and asked for as it stands."""
    answer = software.get("/fhir/.well-known/smart-configuration", headers={"Authorization": "", "Accept": "text/html"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    told = answer.json()
    address = software.app.state.runtime.settings.address
    scopes = told.pop("scopes_supported")
    assert told == {
        "token_endpoint": f"{address}/oauth/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
    }
    assert {f"system/{type_}.rs" for type_ in resources()} < set(scopes)
    for scope in scopes:
        assert is_grantable(scope)
        assert granted(frozenset({scope}), scopes) == [scope]
