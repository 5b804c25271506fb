"""Bulk exports as a client asks for, follows and fetches them, and the same resources as a crawl finds them."""

import json
from collections.abc import Iterable
from typing import Any

from app.exports.job import make_waiting
from app.fhir.resources import resources
from tests.conftest import Caller, Clinic

ASKS = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
LENIENT = ASKS | {"Prefer": "respond-async, handling=lenient"}
Resources = dict[tuple[str, str], dict[str, Any]]


def local(clinic: Clinic, address: str) -> str:
    """The path of an absolute address of the service."""
    base = clinic.app.state.runtime.settings.address
    assert address.startswith(base + "/fhir/"), address
    return address.removeprefix(base)


def kicked_off(clinic: Clinic, client: Caller, path: str = "/fhir/$export", **more: Any) -> str:
    """The path at which an export that was asked for is followed."""
    answer = client.request("POST" if more else "GET", path, headers=ASKS, **more)
    assert answer.status_code == 202, answer.text
    return local(clinic, answer.headers["Content-Location"])


def exported(clinic: Clinic, client: Caller, path: str = "/fhir/$export", **more: Any) -> dict[str, Any]:
    """The manifest of an export that is done."""
    status = kicked_off(clinic, client, path, **more)
    make_waiting(clinic.app.state.runtime, clinic.id)
    answer = client.get(status)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def lines(clinic: Clinic, client: Caller, files: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What files hold, each of as many lines as is told."""
    found: list[dict[str, Any]] = []
    for file in files:
        answer = client.get(local(clinic, file["url"]))
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/fhir+ndjson"), answer.text
        rows = [json.loads(line) for line in answer.text.splitlines()]
        assert len(rows) == file["count"]
        assert {row["resourceType"] for row in rows} == {file["type"]}
        found += rows
    return found


def held(clinic: Clinic, client: Caller, manifest: dict[str, Any]) -> Resources:
    """The resources of an export; none of them stands in it twice."""
    rows = lines(clinic, client, manifest["output"])
    found = {(row["resourceType"], row["id"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def deleted(clinic: Clinic, client: Caller, manifest: dict[str, Any]) -> set[tuple[str, str]]:
    """What an export says is gone."""
    bundles = lines(clinic, client, manifest["deleted"])
    assert {bundle["type"] for bundle in bundles} <= {"transaction"}
    asked = [entry["request"] for bundle in bundles for entry in bundle["entry"]]
    assert {one["method"] for one in asked} <= {"DELETE"}
    return {(type_, fhir_id) for type_, _, fhir_id in (one["url"].partition("/") for one in asked)}


def crawled(client: Caller, query: str = "") -> Resources:
    """Every resource of every type, page by page, as far as the client may search it."""
    found: Resources = {}
    for type_ in resources():
        path = f"/fhir/{type_}?_count=200{query}"
        while path:
            page = client.get(path)
            if page.status_code == 403:
                break
            found |= {(type_, one["resource"]["id"]): one["resource"] for one in page.json().get("entry", ())}
            path = next((link["url"] for link in page.json()["link"] if link["relation"] == "next"), "")
    return found


def code(answer: Any) -> tuple[int, str]:
    """The status of an answer that refuses, and why."""
    told = answer.json()
    assert told["resourceType"] == "OperationOutcome", told
    return answer.status_code, str(told["issue"][0]["details"]["coding"][0]["code"])
