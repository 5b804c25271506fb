"""httpx, for what no library does for its readers: exports of three levels by hand, one called off, a download resumed."""

import json
import time
from collections.abc import Generator
from typing import Any

import httpx
from saying import TASK, crawled, ids_in, token, trying


class Bearer(httpx.Auth):
    """A token that is good by now, in every request."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with the token."""
        request.headers["Authorization"] = f"Bearer {token()}"
        yield request


http = httpx.Client(auth=Bearer(), timeout=60)
found = crawled()
patients = {f"Patient/{one['id']}" for one in found["Patient"]}


def kick_off(level: str, **parameters: str) -> str:
    """Asks for an export; where to look for it."""
    headers = {"Accept": "application/fhir+json", "Prefer": "respond-async"}
    answer = http.get(f"{TASK['fhir']}/{level}$export", params=parameters, headers=headers)
    assert answer.status_code == 202, f"{answer.status_code} {answer.text[:300]}"
    return answer.headers["content-location"]


def manifest_of(status: str) -> dict[str, Any]:
    """The manifest, once it is done."""
    while True:
        answer = http.get(status, headers={"Accept": "application/json"})
        if answer.status_code == 200:
            told: dict[str, Any] = answer.json()
            return told
        assert answer.status_code in {202, 429}, f"{answer.status_code} {answer.text[:300]}"
        time.sleep(float(answer.headers["retry-after"]))


def lines_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Every resource of an export, of the types and as many as the manifest says."""
    everything = []
    for one in manifest["output"]:
        answer = http.get(one["url"], headers={"Accept": "application/fhir+ndjson"}).raise_for_status()
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert {line["resourceType"] for line in lines} <= {one["type"]}
        assert len(lines) == one.get("count", len(lines))
        everything += lines
    return everything


with trying("export of the system: the ids of the crawl") as tried:
    began = time.monotonic()
    manifest = manifest_of(kick_off(""))
    exported = lines_of(manifest)
    seconds = time.monotonic() - began
    crawl = {name for lines in found.values() for name in ids_in(lines)}
    missing, more = crawl - ids_in(exported), ids_in(exported) - crawl
    new = {one for one in more if one.startswith(("QuestionnaireResponse/", "Observation/"))}  # written by clients since
    assert not missing, f"{len(missing)} are missing, as {sorted(missing)[:3]}"
    assert more <= new, f"{len(more - new)} more, as {sorted(more - new)[:3]}"
    assert manifest["error"] == []
    tried.figures = f"{len(exported)} resources in {len(manifest['output'])} files, {seconds:.1f} s"

with trying("what is exported is what is read, byte for byte") as tried:
    by_name = {f"{one['resourceType']}/{one['id']}": one for one in exported}
    other = [name for lines in found.values() for one in lines if by_name[name := f"{one['resourceType']}/{one['id']}"] != one]
    assert not other, f"{len(other)} differ, as {other[:3]}"
    tried.figures = f"{sum(map(len, found.values()))} alike"

with trying("export of all patients") as tried:
    exported = lines_of(manifest_of(kick_off("Patient/")))
    assert {name for name in ids_in(exported) if name.startswith("Patient/")} == patients
    tried.figures = f"{len(exported)} resources of {len(patients)} patients"

with trying("export of a group: both partners and nobody else") as tried:
    group = found["Group"][0]
    members = {one["entity"]["reference"] for one in group["member"]}
    exported = lines_of(manifest_of(kick_off(f"Group/{group['id']}/")))
    assert {name for name in ids_in(exported) if name.startswith("Patient/")} == members
    subjects = {(one.get("subject") or one.get("patient") or one.get("for") or {}).get("reference") for one in exported}
    assert subjects - {None} <= members
    tried.figures = f"{len(exported)} resources of {len(members)} patients"

with trying("an export that is called off is gone") as tried:
    status = kick_off("")
    answers = [http.delete(status), http.get(status)]
    assert [one.status_code for one in answers] == [202, 404], [one.text for one in answers]
    assert answers[1].json()["resourceType"] == "OperationOutcome"
    tried.figures = "202, then 404"

with trying("a download that broke off goes on where it ended (Range)") as tried:
    url = max(manifest["output"], key=lambda one: one.get("count", 0))["url"]
    plain = {"Accept-Encoding": "identity"}
    whole = http.get(url, headers=plain)
    half = len(whole.content) // 2
    head = http.get(url, headers=plain | {"Range": f"bytes=0-{half - 1}"})
    rest = http.get(
        url, headers=plain | {"Range": f"bytes={half}-", **({"If-Range": tag} if (tag := whole.headers.get("etag")) else {})}
    )
    assert (head.status_code, rest.status_code) == (206, 206)
    assert head.content + rest.content == whole.content
    beyond = http.get(url, headers=plain | {"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    tried.figures = f"{len(whole.content)} bytes in two parts"
