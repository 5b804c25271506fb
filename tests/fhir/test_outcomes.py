"""What bad input gets: an OperationOutcome that names what is wrong, repeats nothing, and tells a stranger nothing."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.access.token_requests import LONGEST_ASSERTION
from app.core.limits import Limiter
from app.core.problems import catalogue
from app.fhir.resources import resources
from tests.access.connected import Connected
from tests.conftest import Caller, Clinic, Wristwatch
from tests.fhir.test_reading import COUPLE

SECRET = "Robin-is-in-pain"


@dataclass(frozen=True)
class Bad:
    """A request that is wrong, and what it gets."""

    path: str
    status: int
    code: str
    """Of the issue, by R4's issue-type."""
    problem: str
    """The service's own code."""
    method: str = "GET"
    sent: dict[str, Any] = field(default_factory=dict)


LONG = b"x" * 300_000
RESPONSE, NOBODY = "/QuestionnaireResponse", "0" * 32
CHANGED = f'{{"resourceType": "QuestionnaireResponse", "id": "{NOBODY}", "status": "completed"}}'.encode()
ASYNC = {"headers": {"Accept": "application/fhir+json", "Prefer": "respond-async"}}
GZIPPED = {"Content-Type": "application/fhir+json", "Content-Encoding": "gzip"}
R5 = "application/fhir+json; fhirVersion=5.0"


def accepting(media_type: str) -> dict[str, Any]:
    """A request for an answer of this type."""
    return {"headers": {"Accept": media_type}}


def resource(body: bytes) -> dict[str, Any]:
    """A request with this resource, as FHIR sends it."""
    return {"content": body, "headers": {"Content-Type": "application/fhir+json"}}


def posted(form: bytes) -> dict[str, Any]:
    """A request with this form."""
    return {"content": form, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}


TABLE = {
    "a type there is not": Bad("/Unicorn", 404, "not-supported", "fhir_type_unknown"),
    "an id of a type there is not": Bad("/Unicorn/1", 404, "not-supported", "fhir_type_unknown"),
    "a type there is not, to be changed": Bad("/Unicorn/1", 404, "not-supported", "fhir_type_unknown", "PUT"),
    "an address there is not": Bad("/Patient/1/2/3", 404, "not-found", "fhir_address_unknown"),
    "an operation there is not": Bad("/Patient/1/$everything", 404, "not-found", "fhir_address_unknown"),
    "an operation of a type that there is not": Bad("/Patient/$match", 404, "not-found", "fhir_address_unknown"),
    "an operation of the whole that there is not": Bad("/$reindex", 404, "not-found", "fhir_address_unknown"),
    "an address with a slash too many": Bad("/Patient/", 404, "not-found", "fhir_address_unknown"),
    "a history, which is not kept": Bad("/Patient/1/_history", 404, "not-found", "fhir_address_unknown"),
    "an id that nobody has": Bad("/Patient/" + "0" * 32, 404, "not-found", "not_found"),
    "an id of another form": Bad("/Patient/1", 404, "not-found", "not_found"),
    "an id with a zero byte": Bad("/Patient/a%00b", 404, "not-found", "not_found"),
    "an id that is no UTF-8": Bad("/Patient/%ff", 404, "not-found", "not_found"),
    "an id with a slash in it": Bad("/Patient/a%2Fb", 404, "not-found", "fhir_address_unknown"),
    "a deletion": Bad("/Patient/1", 405, "not-supported", "fhir_interaction_unknown", "DELETE"),
    "a patch": Bad("/Patient/1", 405, "not-supported", "fhir_interaction_unknown", "PATCH"),
    "a change of what is not written": Bad("/Patient/1", 405, "not-supported", "fhir_interaction_unknown", "PUT"),
    "a new one of what is not written": Bad("/Patient", 405, "not-supported", "fhir_interaction_unknown", "POST"),
    "a search by a method that is none": Bad("/Patient/_search", 405, "not-supported", "fhir_interaction_unknown", "PUT"),
    "a search by the method of a read": Bad("/Patient/_search", 405, "not-supported", "fhir_interaction_unknown"),
    "a method that nobody knows": Bad("/Patient", 405, "not-supported", "method_not_allowed", "BREW"),
    "a filter there is not": Bad("/Patient?birthdate=1980", 400, "not-supported", "fhir_search_unknown"),
    "a chained filter": Bad("/Patient?organization.name=x", 400, "not-supported", "fhir_search_unknown"),
    "a filter turned round": Bad("/Patient?_has:Task:owner:status=x", 400, "not-supported", "fhir_search_unknown"),
    "a modifier there is not": Bad("/Patient?identifier:missing=true", 400, "not-supported", "fhir_search_unknown"),
    "a reference to follow that there is not": Bad("/Patient?_include=Patient:x", 400, "invalid", "fhir_search_unknown"),
    "an order there is not": Bad("/Patient?_sort=shoe-size", 400, "invalid", "fhir_search_unknown"),
    "an order turned round that there is not": Bad("/Patient?_sort=-_id", 400, "invalid", "fhir_search_unknown"),
    "a day that is none": Bad("/Patient?_lastUpdated=2026-02-30", 400, "invalid", "fhir_search_value_invalid"),
    "a moment that is none": Bad("/Patient?_lastUpdated=gtyesterday", 400, "invalid", "fhir_search_value_invalid"),
    "a number that is none": Bad("/Patient?_count=many", 400, "invalid", "fhir_search_value_invalid"),
    "a token that is none": Bad("/Patient?identifier=", 400, "invalid", "fhir_search_value_invalid"),
    "a page that is none": Bad("/Patient?_page=AAAA", 400, "invalid", "fhir_page_invalid"),
    "more ids than one search holds": Bad("/Patient?_id=" + ",".join(["a"] * 201), 400, "too-costly", "fhir_search_too_long"),
    "more parameters than one search holds": Bad(
        "/Patient?" + "&".join(["_x=1"] * 101), 400, "too-costly", "fhir_search_too_long"
    ),
    "a search longer than any": Bad("/Patient?identifier=" + "x" * 30_000, 400, "too-costly", "fhir_search_too_long"),
    "XML, by a header": Bad("/Patient", 406, "not-supported", "fhir_format_unknown", sent=accepting("application/fhir+xml")),
    "XML, by a parameter": Bad("/Patient?_format=xml", 406, "not-supported", "fhir_format_unknown"),
    "XML of one resource": Bad("/Patient/1?_format=xml", 406, "not-supported", "fhir_format_unknown"),
    "another version of FHIR": Bad("/Patient", 406, "not-supported", "fhir_format_unknown", sent=accepting(R5)),
    "another version of FHIR, by a parameter": Bad(f"/Patient?_format={R5}", 406, "not-supported", "fhir_format_unknown"),
    "a resource of another version of FHIR": Bad(
        RESPONSE, 415, "not-supported", "media_type_unsupported", "POST", {"content": b"{}", "headers": {"Content-Type": R5}}
    ),
    "a search of another media type": Bad(
        "/Patient/_search", 415, "not-supported", "media_type_unsupported", "POST", {"json": {"identifier": "A-1"}}
    ),
    "a search that is no UTF-8": Bad("/Patient/_search", 400, "invalid", "malformed", "POST", posted(b"a=\xff")),
    "a body larger than any": Bad("/Patient/_search", 413, "too-long", "body_too_large", "POST", posted(LONG)),
    "a resource that is no JSON": Bad(RESPONSE, 400, "invalid", "json_invalid", "POST", resource(b'{"resourceType":')),
    "a resource that could mean two things": Bad(
        RESPONSE, 400, "invalid", "json_ambiguous", "POST", resource(b'{"a":1,"a":2}')
    ),
    "a resource that is a list": Bad(RESPONSE, 400, "invalid", "malformed", "POST", resource(b"[]")),
    "a resource deeper than any": Bad(RESPONSE, 400, "invalid", "json_too_large", "POST", resource(b"[" * 99 + b"]" * 99)),
    "a resource that is compressed": Bad(
        RESPONSE, 415, "not-supported", "media_type_unsupported", "POST", {"content": b"", "headers": GZIPPED}
    ),
    "a resource as XML": Bad(RESPONSE, 415, "not-supported", "media_type_unsupported", "POST", {"content": b"<x/>"}),
    "a change of nobody's version": Bad(
        f"{RESPONSE}/{NOBODY}", 400, "required", "fhir_if_match_required", "PUT", resource(CHANGED)
    ),
    "an export of a type there is not": Bad(
        "/$export?_type=Unicorn", 400, "invalid", "fhir_bulk_parameter_invalid", sent=ASYNC
    ),
    "a search of what there is no scope for": Bad("/Organization", 403, "forbidden", "not_allowed"),
    "one of what there is no scope for": Bad("/Organization/1", 403, "forbidden", "not_allowed"),
    "a bad search of what there is no scope for": Bad("/Organization?x=1", 403, "forbidden", "not_allowed"),
}
ISSUE_TYPES = {
    *("invalid", "structure", "required", "value", "security", "login", "forbidden", "processing", "not-supported"),
    *("not-found", "too-long", "too-costly", "conflict", "transient", "exception", "throttled"),
}


@pytest.fixture
def software(clinic: Clinic) -> Caller:
    """A client that may read patients and write answers."""
    return clinic.integration(scopes={"system/Patient.rs", "system/QuestionnaireResponse.cu"})


def outcome(answer: Any) -> dict[str, Any]:
    """The first issue of a refusal, once the whole of it has the form it must have."""
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome", answer.text
    assert set(told) == {"resourceType", "issue"}
    for issue in told["issue"]:
        assert issue["severity"] in {"error", "fatal"}
        assert issue["code"] in ISSUE_TYPES
        assert issue["details"]["text"]
        assert issue["diagnostics"] == f"request {answer.headers['X-Request-Id']}"
        assert set(issue) <= {"severity", "code", "details", "diagnostics", "location", "expression"}
    first: dict[str, Any] = told["issue"][0]
    return first


def asked(caller: Any, bad: Bad) -> Any:
    """What a bad request gets."""
    return caller.request(bad.method, "/fhir" + bad.path, **bad.sent)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_is_wrong_is_named(software: Caller) -> None:
    """By status, by the issue's code, and by the service's own, which is in the catalogue of problems too."""
    told = {}
    for name, bad in TABLE.items():
        answer = asked(software, bad)
        issue = outcome(answer)
        told[name] = (answer.status_code, issue["code"], issue["details"]["coding"][0]["code"])
        assert answer.headers["Content-Type"] == "application/fhir+json", name
        assert ("Allow" in answer.headers) is (bad.status == 405), name
    assert told == {name: (bad.status, bad.code, bad.problem) for name, bad in TABLE.items()}
    assert {code for *_told, code in told.values()} <= set(catalogue())


@pytest.mark.parametrize("token", ["", "rk_demo_nobody", "expired"])
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_stranger_learns_nothing_of_any_address(clinic: Clinic, clock: Wristwatch, token: str) -> None:
    """Whatever is asked, however wrongly, who is not known is told just that; a token that is over is nobody's."""
    if token == "expired":
        token = Connected(clinic).ask().json()["access_token"]
        clock.turn(seconds=LONGEST_ASSERTION.total_seconds() + 1)
    stranger = clinic.caller(token, "") if token else clinic.anonymous()
    told = set()
    for bad in TABLE.values():
        if bad.status == 413 or bad.method == "BREW":
            continue  # both are refused alike wherever they are sent, before anything is looked at
        answer = asked(stranger, bad)
        assert outcome(answer)["code"] == "login"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="rekindle"' + (', error="invalid_token"' if token else "")
        told.add((answer.status_code, answer.text.replace(answer.headers["X-Request-Id"], "")))
    assert len(told) == 1
    assert next(iter(told))[0] == 401


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_was_sent_is_never_repeated(software: Caller) -> None:
    """Values of a search may be names, and ids may be those of another system."""
    for path in ("/Patient?_lastUpdated={0}", "/Patient/{0}", "/{0}", "/Patient?_sort={0}", "/Patient?{0}=1", "/${0}"):
        answer = software.get("/fhir" + path.format(SECRET))
        outcome(answer)
        assert SECRET not in answer.text + str(answer.headers)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_fault_says_where_it_is(software: Caller) -> None:
    """In a parameter by its name, as FHIR has it for HTTP, unless the name is one that only who asked knows."""
    for asked in ("_count=many", "_lastUpdated=soon", "_security=", "_sort=size", "identifier.value=x", "active:missing=true"):
        name = re.split(r"[.:=]", asked)[0]
        assert outcome(software.get(f"/fhir/Patient?{asked}"))["location"] == [f"http.{name}"], asked
    assert "location" not in outcome(software.get(f"/fhir/Patient?{SECRET}=1980"))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_too_many_requests_are_told_when_to_go_on(software: Caller) -> None:
    """With `Retry-After`; the documents that anybody may read are counted too."""
    runtime = software.app.state.runtime
    runtime.limiter = runtime.strangers = Limiter(2)
    for path in ("/fhir/Patient", "/fhir/metadata"):
        answers = [software.get(path) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert outcome(answers[2])["code"] == "throttled"
        assert int(answers[2].headers["Retry-After"]) > 0


def test_what_is_not_there_looks_like_what_may_not_be_seen(clinic: Clinic, therapist: Caller, software: Caller) -> None:
    """Absent, of another type, or gone: one body, byte for byte, but for the number of the request."""
    therapist.post("/v1/couples", json=COUPLE)
    found = software.get("/fhir/Patient?identifier=A-1").json()["entry"][0]["resource"]["id"]
    (clinic_id,) = (
        entry["resource"]["id"]
        for entry in clinic.integration("other", {"system/Organization.rs"}).get("/fhir/Organization").json()["entry"]
    )
    turned = found[::-1]
    bodies = set()
    for one in (clinic_id, turned, "0" * 32, "x", found.upper()):
        answer = software.get(f"/fhir/Patient/{one}", headers={"X-Request-Id": "same"})
        bodies.add((answer.status_code, answer.content, str(sorted(answer.headers.items()))))
    version = software.get(f"/fhir/Patient/{found}/_history/0", headers={"X-Request-Id": "same"})
    bodies.add((version.status_code, version.content, str(sorted(version.headers.items()))))
    assert len({body[:2] for body in bodies}) == 1
    assert next(iter(bodies))[0] == 404


ANSWERED = {
    "": "application/fhir+json",
    "*/*": "application/fhir+json",
    "application/fhir+json": "application/fhir+json",
    "application/fhir+json; fhirVersion=4.0": "application/fhir+json",
    "application/json": "application/json",
    "application/json, text/plain, */*": "application/json",
    "application/fhir+json;q=0.1, application/json": "application/json",
    "application/json;q=0, application/fhir+json": "application/fhir+json",
    "text/html, application/xml;q=0.9, */*;q=0.8": "application/fhir+json",
    "application/xml": "",
    "application/json;q=0": "",
    "nonsense": "",
}


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_answer_has_the_name_of_json_that_was_asked_for(software: Caller) -> None:
    """What cannot be had is refused in the format there is, and a parameter overrules the header."""
    for accept, answered in ANSWERED.items():
        answer = software.get("/fhir/Patient", headers={"Accept": accept})
        assert answer.status_code == (200 if answered else 406), accept
        assert answer.headers["Content-Type"] == (answered or "application/fhir+json"), accept
        overruled = software.get("/fhir/Patient?_format=json&_pretty=true", headers={"Accept": accept})
        assert (overruled.status_code, overruled.headers["Content-Type"]) == (200, "application/fhir+json"), accept


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_head_is_a_get_without_its_body(software: Caller, therapist: Caller) -> None:
    """With the same headers, of a resource, a search, and what is refused; and an id may be escaped."""
    therapist.post("/v1/couples", json=COUPLE)
    found = software.get("/fhir/Patient").json()["entry"][0]["resource"]["id"]
    for path in (f"/fhir/Patient/{found}", "/fhir/Patient?_summary=count", "/fhir/metadata", "/fhir/Patient/1"):
        whole, bare = software.get(path), software.head(path)
        kept = [{name: one.headers.get(name) for name in ("ETag", "Content-Type", "Last-Modified")} for one in (whole, bare)]
        assert (bare.status_code, bare.content, kept[1]) == (whole.status_code, b"", kept[0])
    begun = software.head("/fhir/$export", headers=ASYNC["headers"])  # a GET that makes something
    assert (begun.status_code, begun.headers["Allow"]) == (405, "GET, POST")
    escaped = "".join(f"%{ord(letter):02x}" for letter in found)
    assert software.get(f"/fhir/Patient/{escaped}").json()["id"] == found


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_as_many_ids_as_a_search_holds_are_searched_for(software: Caller) -> None:
    """On a database that would not take a condition for each."""
    ids = ",".join(f"{number:032x}" for number in range(110))
    assert software.get(f"/fhir/Patient?_id={ids}").json()["total"] == 0


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_methods_of_an_address_are_those_that_work(clinic: Clinic) -> None:
    """`Allow` names the methods that the type has, and none besides."""
    software = clinic.integration(scopes={"system/*.rs", "system/QuestionnaireResponse.cu"})
    kinds = {resource.interactions: resource for resource in resources().values()}
    for resource in kinds.values():  # one of each that can be done the same with
        for path in (f"/fhir/{resource.type}", f"/fhir/{resource.type}/x", f"/fhir/{resource.type}/x/_history/1"):
            allowed = set(software.request("PATCH", path).headers["Allow"].split(", "))
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
                answer = software.request(method, path, json={} if method in {"POST", "PUT"} else None)
                assert (answer.status_code != 405) is (method in allowed), (method, path)
