"""Whatever is sent gets its problem document, is never repeated, and leaves nothing behind."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import text

from app.core.database import Reach
from app.core.problems import did_you_mean
from tests.conftest import Caller, Clinic
from tests.couples.test_couples import new_couple

COUPLES = "/v1/couples"
JSON = {"Content-Type": "application/json"}
MARK = "zaunkoenig-51c7"  # in everything that is sent; no answer may repeat it


@dataclass(frozen=True)
class Bad:
    """One request that cannot be accepted, and what it must be answered with."""

    status: int
    code: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: JSON)


def couple_with(name: str) -> bytes:
    """A couple whose partner A has this name, as it stands in JSON."""
    return json.dumps(new_couple()).encode().replace(b'"Alex"', name.encode("utf-8", "surrogatepass"))


GOOD = json.dumps(new_couple()).encode()
BODIES = {
    "NaN": Bad(400, "json_ambiguous", couple_with("NaN")),
    "an infinity": Bad(400, "json_ambiguous", couple_with("-Infinity")),
    "a number beyond doubles": Bad(400, "json_ambiguous", couple_with("1e999")),
    "an integer beyond 2^53": Bad(400, "json_ambiguous", couple_with("9007199254740993")),
    "five thousand digits": Bad(400, "json_ambiguous", couple_with("9" * 5_000)),
    "a lone surrogate": Bad(400, "json_ambiguous", couple_with(f'"{MARK}\\ud800"')),
    "a lone surrogate as a key": Bad(400, "json_ambiguous", couple_with(f'"x", "{MARK}\\udc00": 1')),
    "NUL": Bad(400, "json_ambiguous", couple_with(f'"{MARK}\\u0000"')),
    "a control character": Bad(400, "json_ambiguous", couple_with(f'"{MARK}\\u001b[31m"')),
    "a raw control character": Bad(400, "json_invalid", couple_with(f'"{MARK}\x01"')),
    "a key twice": Bad(400, "json_ambiguous", couple_with(f'"Alex", "name": "{MARK}"')),
    "100,000 nested arrays": Bad(400, "json_too_large", b"[" * 100_000 + b"]" * 100_000),
    "21 levels": Bad(400, "json_too_large", couple_with("[" * 20 + "]" * 20)),
    "1,001 members": Bad(400, "json_too_large", couple_with(json.dumps({f"{MARK}{n}": n for n in range(1_001)}))),
    "1,001 elements": Bad(400, "json_too_large", couple_with(json.dumps([0] * 1_001))),
    "a byte order mark": Bad(400, "json_invalid", b"\xef\xbb\xbf" + GOOD),
    "UTF-16": Bad(400, "json_invalid", GOOD.decode().encode("utf-16")),
    "bytes that are not UTF-8": Bad(400, "json_invalid", GOOD.replace(b"Alex", b"\xff\xfe" + MARK.encode())),
    "half a document": Bad(400, "json_invalid", GOOD[:-7]),
    "two documents": Bad(400, "json_invalid", GOOD + GOOD),
    "a form": Bad(415, "media_type_unsupported", b"name=" + MARK.encode(), {"Content-Type": "text/plain"}),
    "a content type like JSON's": Bad(415, "media_type_unsupported", GOOD, {"Content-Type": "text/json"}),
    "no content type": Bad(415, "media_type_unsupported", GOOD, {}),
    "no body": Bad(415, "media_type_unsupported", b"", {}),
    "an empty body": Bad(400, "json_invalid"),
    "a body that is too large": Bad(413, "body_too_large", couple_with('"' + MARK * 30_000 + '"')),
    "a list instead of an object": Bad(422, "invalid", b"[1]"),
    "null instead of an object": Bad(422, "invalid", b"null"),
    "a number instead of text": Bad(422, "invalid", couple_with("47114711")),
    "an empty name": Bad(422, "invalid", couple_with('""')),
    "a name that is too long": Bad(422, "invalid", couple_with(f'"{MARK * 20}"')),
    "an unknown field": Bad(422, "invalid", couple_with(f'"Alex", "{MARK}": 1')),
    "an unknown time zone": Bad(422, "invalid", GOOD.replace(b"Europe/Berlin", MARK.encode())),
    "an id of another kind": Bad(422, "invalid", GOOD[:-1] + b', "care_team": ["cpl_01jeenwv00e008000000000001"]}'),
    "an id that is none": Bad(422, "invalid", GOOD[:-1] + b', "care_team": ["' + MARK.encode() + b'"]}'),
    "a member that does not exist": Bad(
        422, "member_unknown", GOOD[:-1] + b', "care_team": ["mem_01jeenwv00e008000000000001"]}'
    ),
}


def is_problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The problem document, complete and without a word of what was sent."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["status"]) == (code, status), answer.text
    assert document["type"] == "/problems/" + code.replace("_", "-")
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["instance"] == f"urn:request:{document['request_id']}"
    assert MARK not in answer.text
    assert "47114711" not in answer.text
    return document


def stored(clinic: Clinic) -> tuple[int, ...]:
    """How many rows of a couple there are, whoever may see them."""
    tables = ("couple", "partner", "ledger_event", "stored_answer")
    with clinic.app.state.runtime.database.transaction(Reach(clinic.id)) as session:
        connection = session.connection()
        return tuple(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables)  # noqa: S608 - a list of our own


def test_every_bad_body_gets_its_problem_and_nothing_is_stored(clinic: Clinic, therapist: Caller) -> None:
    before = stored(clinic)
    for what, bad in BODIES.items():
        headers = {**bad.headers, "Idempotency-Key": what.replace(" ", "-")}
        problem = is_problem(therapist.post(COUPLES, content=bad.body, headers=headers), bad.status, bad.code)
        assert bool(problem["errors"]) == (bad.status == 422), what
    assert stored(clinic) == before
    assert therapist.post(COUPLES, content=GOOD, headers=JSON).status_code == 201  # the control
    assert stored(clinic) != before


def test_a_bad_body_without_a_key_is_401_and_without_a_permission_403(clinic: Clinic) -> None:
    reader, nobody = clinic.integration(scopes={"couples:read"}), clinic.anonymous()
    for what, bad in BODIES.items():
        if bad.status == 413:  # refused before anybody is asked who they are
            continue
        refused = nobody.post(COUPLES, content=bad.body, headers=bad.headers)
        is_problem(refused, 401, "unauthenticated")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer"), what
        is_problem(reader.post(COUPLES, content=bad.body, headers=bad.headers), 403, "not_allowed")


def test_a_body_that_grows_while_it_is_sent_is_refused_as_too_large(clinic: Clinic, therapist: Caller) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(70):
            yield MARK.encode() * 300

    before = stored(clinic)
    is_problem(therapist.post(COUPLES, content=pieces(), headers=JSON), 413, "body_too_large")
    assert stored(clinic) == before


def test_a_body_that_would_take_long_takes_no_time(therapist: Caller) -> None:
    quotes = b"[" * 21 + b'"\\' * 120_000
    keys = b"{" + b",".join(b'"%d":0' % number for number in range(25_000)) + b"}"
    for body in (quotes, keys, b'{"a":' * 40_000, b"[" * 21 + b"\\\n" * 120_000):
        began = time.process_time()  # of this process, whatever else the machine does
        assert therapist.post(COUPLES, content=body, headers=JSON).status_code == 400
        assert time.process_time() - began < 1


def test_an_unknown_query_parameter_is_refused_with_the_one_that_was_meant(therapist: Caller) -> None:
    meant = is_problem(therapist.get(f"{COUPLES}?limti=3"), 422, "invalid")
    assert meant["errors"] == [
        {"pointer": "/query", "code": "unknown_parameter", "detail": "Unknown parameter. Did you mean 'limit'?"}
    ]
    unmeant = is_problem(therapist.get(f"{COUPLES}?{MARK}=1"), 422, "invalid")
    assert unmeant["errors"][0]["detail"] == "Unknown parameter."


def test_an_unknown_field_is_refused_with_the_one_that_was_meant_and_its_place(therapist: Caller) -> None:
    body = new_couple()
    body["partner_a"]["pronuons"] = MARK
    assert is_problem(therapist.post(COUPLES, json=body), 422, "invalid")["errors"] == [
        {"pointer": "/partner_a", "code": "unknown_field", "detail": "Unknown field. Did you mean 'pronouns'?"}
    ]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("number", ["A 1", "Müller-1", "A\u00a01"])
def test_what_a_number_may_be_made_of_is_told_in_words(therapist: Caller, number: str) -> None:
    faults = therapist.post(COUPLES, json=new_couple(number)).json()["errors"]
    said = ("wrong_form", "Must be of unaccented letters, digits and signs, without spaces.")
    told = {(fault["pointer"], fault["code"], fault["detail"]) for fault in faults}
    assert told == {(f"/partner_{slot}/record_number", *said) for slot in "ab"}


def test_at_most_ten_faults_are_told(therapist: Caller) -> None:
    body: dict[str, Any] = {f"{MARK}-{number}": 0 for number in range(900)}
    assert len(is_problem(therapist.post(COUPLES, json=body), 422, "invalid")["errors"]) == 10


QUERIES = (
    "limit=0",
    "limit=201",
    f"limit={MARK}",
    "limit=1.5",
    "limit=",
    "archived=perhaps",
    "external_id=%00",
    "external_id=",
)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_parameter_out_of_its_range_is_refused_with_its_name(therapist: Caller, query: str) -> None:
    problem = is_problem(therapist.get(f"{COUPLES}?{query}"), 422, "invalid")
    assert problem["errors"][0]["pointer"] == "/query/" + query.partition("=")[0]


ODD_IDS = (
    "x",
    MARK,
    "prt_01jeenwv00e008000000000001",
    "cpl_01jeenwv00e00800000000000",
    "cpl_81jeenwv00e008000000000001",
    "%00",
)


@pytest.mark.parametrize("odd", ODD_IDS)
def test_what_is_no_id_of_a_couple_does_not_exist(therapist: Caller, odd: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        body: dict[str, Any] | None = {} if method == "PATCH" else None
        is_problem(therapist.request(method, f"{COUPLES}/{odd}", json=body, headers={"If-Match": '"1"'}), 404, "not_found")


@pytest.mark.parametrize("path", ["/nowhere", f"/v1/{MARK}", "/v1/couples/", "/v2/couples", "/problems/none", "/static/none"])
def test_a_path_that_does_not_exist_is_a_problem_too(therapist: Caller, path: str) -> None:
    is_problem(therapist.get(path), 404, "not_found")


ALLOWED = {
    COUPLES: "GET, HEAD, POST",
    f"{COUPLES}/cpl_01jeenwv00e008000000000001": "DELETE, GET, HEAD, PATCH",
    f"{COUPLES}/cpl_01jeenwv00e008000000000001/restorations": "POST",
    "/livez": "GET, HEAD",
}


@pytest.mark.parametrize("path", ALLOWED)
@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "TRACE", "BREW"])
def test_a_method_that_a_path_does_not_take_names_all_that_it_takes(therapist: Caller, path: str, method: str) -> None:
    refused = therapist.request(method, path)
    is_problem(refused, 405, "method_not_allowed")
    assert ", ".join(sorted(refused.headers["Allow"].split(", "))) == ALLOWED[path]


def test_head_answers_what_get_answers_without_the_body(therapist: Caller) -> None:
    made = therapist.post(COUPLES, json=new_couple()).headers["Location"]
    for path in (COUPLES, made, "/livez", "/v1/couples/none"):
        head, get = therapist.head(path), therapist.get(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        same = ("content-type", "content-length", "etag", "cache-control")
        assert [head.headers.get(name) for name in same] == [get.headers.get(name) for name in same]


HEADERS = {
    "a key with a space": ({"Idempotency-Key": "a b"}, 400, "idempotency_key_invalid"),
    "a key that is too long": ({"Idempotency-Key": "k" * 256}, 400, "idempotency_key_invalid"),
    "an empty key": ({"Idempotency-Key": ""}, 400, "idempotency_key_invalid"),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_broken_idempotency_key_is_refused_and_nothing_is_stored(clinic: Clinic, therapist: Caller, what: str) -> None:
    headers, status, code = HEADERS[what]
    before = stored(clinic)
    is_problem(therapist.post(COUPLES, json=new_couple(), headers=headers), status, code)
    assert stored(clinic) == before


@pytest.mark.parametrize("given", ["x", '"x"', 'W/"1"', '"', '"-1"', "1", '"' + "9" * 60 + '"', "*"])
def test_an_if_match_that_is_no_version_is_stale(therapist: Caller, given: str) -> None:
    path = therapist.post(COUPLES, json=new_couple()).headers["Location"]
    is_problem(therapist.patch(path, json={}, headers={"If-Match": given}), 412, "version_stale")


def test_a_request_id_is_kept_when_it_is_one_and_replaced_when_not(therapist: Caller) -> None:
    assert therapist.get("/v1/me", headers={"X-Request-ID": "trace-1.a_B"}).headers["X-Request-ID"] == "trace-1.a_B"
    for odd in (f"{MARK} {MARK}", "x" * 65, "<b>", ""):
        assert therapist.get("/v1/me", headers={"X-Request-ID": odd}).headers["X-Request-ID"].startswith("req_")


def test_a_field_that_another_body_takes_is_never_suggested_in_its_own_place() -> None:
    assert "'problem'" not in did_you_mean("problem", {"problem", "limit"})
    assert "'limit'" in did_you_mean("limits", {"problem", "limit"})
