"""What software reads over FHIR, page by page."""

from collections.abc import Iterator
from typing import Any

from tests.conftest import Caller, Clinic
from tests.safety.records import done

Json = dict[str, Any]
ALL = "system/*.rs"
JSON = "application/fhir+json"


def software(clinic: Clinic, *scopes: str) -> Caller:
    """A client of its own name; with every scope to read unless told otherwise."""
    return clinic.integration(f"ehr-{len(clinic.callers)}", set(scopes) or {ALL})


def pages(client: Caller, search: str) -> Iterator[Json]:
    """Every page of a search, as its links lead."""
    path = f"/fhir/{search}"
    while path:
        page: Json = done(client.get(path), 200)
        yield page
        path = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")


def found(client: Caller, search: str) -> list[Json]:
    """Every resource that a search finds."""
    return [entry["resource"] for page in pages(client, search) for entry in page.get("entry", ())]


def one(client: Caller, search: str) -> Json:
    """The one resource that a search finds."""
    (resource,) = found(client, search)
    return resource


def patient_of(client: Caller, record_number: str) -> str:
    """The reference to a patient."""
    return "Patient/" + str(one(client, f"Patient?identifier={record_number}")["id"])


def references(value: Any) -> Iterator[str]:
    """Every reference in a resource."""
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value in a resource, with where it stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    else:
        yield path, str(value)
