"""fhirpy: reads all there is to the last page and writes it down, resolves every reference, and creates once what it sends twice."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from fhirpy import SyncFHIRClient
from saying import TASK, trying

client = SyncFHIRClient(TASK["fhir"], authorization=f"Bearer {TASK['token']}")
crawl = Path(TASK["crawl"])
types: list[str] = []
found: dict[str, dict[str, Any]] = {}


def references(value: Any) -> Iterator[str]:
    """Every reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


with trying("statement") as tried:
    statement = client.execute("metadata", method="get")
    types = [one["type"] for one in statement["rest"][0]["resource"]]
    tried.figures = f"{len(types)} types"

for file in crawl.glob("*.ndjson"):
    file.unlink()
with trying("every type read to its last page, as many as counted") as tried:
    began = time.monotonic()
    for type_ in types:
        resources = client.resources(type_).limit(100)
        everything = [one.serialize() for one in resources.fetch_all()]
        ids = {one["id"] for one in everything}
        assert len(ids) == len(everything) == client.resources(type_).count(), type_
        (crawl / f"{type_}.ndjson").write_text("".join(json.dumps(one) + "\n" for one in everything), encoding="utf-8")
        found |= {f"{type_}/{one['id']}": one for one in everything}
    seconds = time.monotonic() - began
    tried.figures = f"{len(found)} resources in {seconds:.1f} s, {len(found) / seconds:.0f} a second"
    assert all((crawl / f"{type_}.ndjson").stat().st_size for type_ in types), "a type of which there is nothing"

with trying("every reference of the crawl leads to what was crawled") as tried:
    pairs = {(name.partition("/")[0], to) for name, one in found.items() for to in references(one)}
    lost = sorted({to for _, to in pairs} - set(found))
    assert not lost, f"{len(lost)} lead nowhere, as {lost[:3]}"
    kinds = {(type_, to.partition("/")[0]): to for type_, to in pairs}
    for to in kinds.values():
        assert client.reference(reference=to).to_resource().serialize() == found[to]
    tried.figures = f"{len({to for _, to in pairs})} places, {len(kinds)} kinds followed"

with trying("what is sent twice is created once (If-None-Exist)") as tried:
    old = next(one for one in found.values() if one["resourceType"] == "QuestionnaireResponse" and "item" in one)
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}
    body = {name: value for name, value in old.items() if name not in {"id", "meta", "identifier", "author", "source", "basedOn"}}
    body |= {"identifier": identifier, "authored": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    known = client.resources("QuestionnaireResponse").search(identifier=f"{identifier['system']}|{identifier['value']}")
    first, is_new = known.get_or_create(client.resource("QuestionnaireResponse", **body))
    again, is_newer = known.get_or_create(client.resource("QuestionnaireResponse", **body))
    assert (is_new, is_newer, first["id"] == again["id"]) == (True, False, True)
    scores = client.resources("Observation").search(**{"derived-from": f"QuestionnaireResponse/{first['id']}"}).fetch_all()
    tried.figures = f"{first['id']}, {len(scores)} scores of it"
    assert scores
